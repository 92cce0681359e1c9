use std::io::Read as _;

use flate2::read::GzDecoder;
use libdd_profiling_protobuf::prost_impls;
use proptest::prelude::*;
use prost::Message as _;

use super::{any_profile, encoded, full, sample, sampled, self_times};
use crate::Profile;

/// Read with the messages that another profiler has.
struct Read {
    profile: prost_impls::Profile,
}

impl Read {
    fn of(profile: &Profile) -> Self {
        let compressed = encoded(profile, "p.pb.gz");
        let mut message = Vec::new();
        GzDecoder::new(compressed.as_slice())
            .read_to_end(&mut message)
            .unwrap();
        let profile = prost_impls::Profile::decode(message.as_slice()).unwrap();
        // What the definition of the format asks of every file.
        assert_eq!(profile.string_table[0], "");
        assert!(
            profile
                .samples
                .iter()
                .all(|sample| sample.values.len() == profile.sample_types.len())
        );
        assert!(
            profile
                .locations
                .iter()
                .all(|place| place.id > 0 && place.mapping_id == 1)
        );
        assert_eq!(profile.mappings[0].id, 1);
        Self { profile }
    }

    fn text(&self, index: i64) -> &str {
        &self.profile.string_table[index as usize]
    }

    fn types(&self) -> Vec<(&str, &str)> {
        let types = self.profile.sample_types.iter();
        types
            .map(|it| (self.text(it.r#type), self.text(it.unit)))
            .collect()
    }

    /// The stacks as they are in the file, the innermost function first, with the values.
    fn stacks(&self) -> Vec<(String, Vec<i64>)> {
        let name = |id: &u64| {
            let place = self
                .profile
                .locations
                .iter()
                .find(|place| place.id == *id)
                .unwrap();
            let function = self
                .profile
                .functions
                .iter()
                .find(|it| it.id == place.lines[0].function_id);
            self.text(function.unwrap().name)
        };
        let samples = self.profile.samples.iter();
        samples
            .map(|sample| {
                let names: Vec<&str> = sample.location_ids.iter().map(name).collect();
                (names.join(" < "), sample.values.clone())
            })
            .collect()
    }
}

#[test]
fn stacks_begin_with_the_innermost_function() {
    let read = Read::of(&sample());
    assert_eq!(read.types(), [("calls", "count"), ("time", "nanoseconds")]);
    assert_eq!(
        read.stacks(),
        [
            ("(root)".to_owned(), vec![0, 7]),
            ("shop::load".to_owned(), vec![1, 1_000]),
            ("shop::parse < shop::load".to_owned(), vec![1, 20_000]),
            (
                "shop::parse < shop::parse < shop::load".to_owned(),
                vec![1, 300_000]
            ),
            (
                "next < shop::parse < shop::parse < shop::load".to_owned(),
                vec![1, 4_000_000]
            ),
            ("shop::idle".to_owned(), vec![1, 0]),
        ]
    );
}

#[test]
fn functions_have_their_file_and_line() {
    let read = Read::of(&sample());
    let parse = read
        .profile
        .functions
        .iter()
        .find(|it| read.text(it.name) == "shop::parse")
        .unwrap();
    assert_eq!(
        (read.text(parse.filename), read.text(parse.system_name)),
        ("src/parse.rs", "")
    );
    let place = read
        .profile
        .locations
        .iter()
        .find(|place| place.lines[0].function_id == parse.id)
        .unwrap();
    assert_eq!(place.lines[0].line, 34);
    assert!(read.profile.mappings[0].has_functions && read.profile.mappings[0].has_line_numbers);
    assert_eq!(read.text(read.profile.mappings[0].filename), "shop");
}

#[test]
fn the_session_is_described() {
    let read = Read::of(&full());
    let profile = &read.profile;
    assert_eq!(profile.time_nanos, 1_700_000_000_123_456_789);
    assert_eq!(profile.duration_nanos, 5_000_000);
    assert_eq!(profile.period, 1_001_001);
    let period = profile.period_type.unwrap();
    assert_eq!(
        (read.text(period.r#type), read.text(period.unit)),
        ("wall", "nanoseconds")
    );
    assert_eq!(read.text(profile.default_sample_type), "time");
    assert!(
        read.text(profile.comment[0])
            .starts_with("tuneup-profiling ")
    );
}

#[test]
fn allocations_and_samples_are_values_where_they_were_counted() {
    let read = Read::of(&full());
    let types = [
        ("calls", "count"),
        ("time", "nanoseconds"),
        ("allocations", "count"),
        ("allocated", "bytes"),
        ("samples", "count"),
        ("cpu_samples", "count"),
    ];
    assert_eq!(read.types(), types);
    assert_eq!(
        read.stacks()[1],
        ("shop::load".to_owned(), vec![1, 1_000, 2, 200, 20, 2])
    );
    // Without times there is no column of zeros that would be shown first.
    let read = Read::of(&sampled());
    assert_eq!(read.types()[1], ("allocations", "count"));
    assert_eq!(read.text(read.profile.default_sample_type), "samples");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn values_add_up_to_the_self_times(profile in any_profile()) {
        let read = Read::of(&profile);
        let sum: i64 = read.stacks().iter().map(|(_, values)| values[1]).sum();
        prop_assert_eq!(sum as u64, self_times(&profile));
        let calls: i64 = read.stacks().iter().map(|(_, values)| values[0]).sum();
        prop_assert_eq!(calls as usize, profile.nodes.len() - 1);
    }
}
