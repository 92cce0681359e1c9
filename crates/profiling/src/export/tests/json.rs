use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::json::decode;
use super::{any_profile, empty, encoded, full, sample};
use crate::{Error, Profile};

fn load(text: &[u8]) -> Result<Profile, Error> {
    decode(text, Path::new("p.json"))
}

fn value(profile: &Profile) -> Value {
    serde_json::from_slice(&encoded(profile, "p.json")).unwrap()
}

/// What is said of a file that was changed by hand.
fn refusal(change: impl FnOnce(&mut Value)) -> String {
    let mut value = value(&full());
    change(&mut value);
    match load(value.to_string().as_bytes()) {
        Err(Error::Damaged { reason, path }) => {
            assert_eq!(path, Path::new("p.json"));
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn everything_comes_back_as_it_was() {
    let mut nothing = empty();
    nothing.nodes.clear();
    nothing.functions.clear();
    for profile in [nothing, empty(), sample(), full()] {
        assert_eq!(load(&encoded(&profile, "p.json")).unwrap(), profile);
    }
}

#[test]
fn a_file_of_the_first_version_is_read() {
    let written = include_bytes!("../../../tests/data/profile-1.json");
    assert_eq!(load(written).unwrap(), full());
}

#[test]
fn what_later_files_have_is_left_out_where_it_is_not_known() {
    let mut profile = full();
    assert_eq!(value(&profile).get("runnable_ns"), None);
    profile.runnable_time = Some(super::ns(4_500_000));
    assert_eq!(value(&profile)["runnable_ns"], 4_500_000);
    profile.delayed_time = Some(super::ns(500_000));
    assert_eq!(value(&profile)["delayed_ns"], 500_000);
    assert_eq!(value(&profile)["functions"][1].get("arguments"), None);
    let mut arguments = crate::Arguments::default();
    (arguments.hashed, arguments.distinct) = (9, 3);
    profile.functions[1].arguments = Some(arguments);
    assert_eq!(value(&profile)["functions"][1]["arguments"]["distinct"], 3);
    assert_eq!(load(&encoded(&profile, "p.json")).unwrap(), profile);
}

#[test]
fn it_says_what_it_is() {
    let text = String::from_utf8(encoded(&empty(), "p.json")).unwrap();
    assert!(
        text.starts_with(r#"{"format":"tuneup-profile","version":1,"program":"shop","#),
        "{text}"
    );
    assert!(text.ends_with("}\n"));
    let function = &value(&full())["functions"][2];
    assert_eq!(function["corrected_self_ns"], json!(u64::MAX));
    assert_eq!(function["kind"], "async");
}

#[test]
fn times_beyond_what_is_stored_are_the_longest_that_is() {
    let mut profile = sample();
    profile.duration = std::time::Duration::MAX;
    let loaded = load(&encoded(&profile, "p.json")).unwrap();
    assert_eq!(loaded.duration, super::ns(u64::MAX));
}

#[test]
fn another_version_is_named() {
    let mut value = value(&empty());
    value["version"] = json!(2);
    // Whatever else it has.
    value["functions"] = json!("somewhere else");
    let error = load(value.to_string().as_bytes()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::OtherVersion {
                found: 2,
                expected: 1,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn other_files_are_refused() {
    let reason = |text: &[u8]| match load(text) {
        Err(Error::Damaged { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    let no_object = "it is no JSON object, and only .json loads back";
    assert_eq!(reason(b""), no_object);
    assert_eq!(reason(b"\x1f\x8b\x08"), no_object);
    assert_eq!(reason(b"[1, 2]"), no_object);
    assert_eq!(reason(b"{}"), "missing field `format` at line 1 column 2");
    assert_eq!(
        reason(br#"{"format": "lock file", "version": 1}"#),
        "its format is \"lock file\", not \"tuneup-profile\""
    );
    assert!(
        reason(br#"{"format": "tuneup-profile", "version": 1}"#)
            .contains("missing field `program`")
    );
    assert!(reason(&b"{\"a\":".repeat(100_000)).contains("EOF while parsing"));
    let speedscope = encoded(&sample(), "p.speedscope.json");
    assert!(reason(&speedscope).contains("missing field `format`"));
}

#[test]
fn a_tree_that_does_not_fit_together_is_refused() {
    assert_eq!(
        refusal(|it| it["nodes"][3]["parent"] = json!(3)),
        "node 3 stands before its parent 3"
    );
    assert_eq!(
        refusal(|it| it["nodes"][3]["parent"] = json!(99)),
        "node 3 stands before its parent 99"
    );
    assert_eq!(
        refusal(|it| it["nodes"][3]["parent"] = json!(null)),
        "node 3 has no parent"
    );
    assert_eq!(
        refusal(|it| it["nodes"][3]["function"] = json!(5)),
        "node 3 is of function 5, which is not there"
    );
    assert_eq!(
        refusal(|it| it["nodes"][3]["function"] = json!(0)),
        "node 3 is another root"
    );
    assert_eq!(
        refusal(|it| it["nodes"][0]["function"] = json!(1)),
        "the first node is no root"
    );
}

#[test]
fn fields_of_the_wrong_kind_are_refused() {
    assert!(refusal(|it| it["nodes"][3]["parent"] = json!(-1)).contains("-1"));
    assert!(refusal(|it| it["functions"][1]["self_ns"] = json!(1.5)).contains("1.5"));
    assert!(
        refusal(|it| it["functions"][1]["kind"] = json!("method"))
            .contains("unknown variant `method`")
    );
    assert!(refusal(|it| it["functions"][1]["extra"] = json!(0)).contains("unknown field `extra`"));
    let histogram =
        |it: &mut Value| it["functions"][2]["distribution"]["histogram"]["min"] = json!(1);
    assert!(refusal(histogram).contains("must lie where the buckets put them"));
}

#[test]
fn what_could_not_be_read_back_is_not_written() {
    let refused = |change: fn(&mut Profile)| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.json");
        let mut profile = full();
        change(&mut profile);
        let error = profile.save(&path).unwrap_err();
        assert!(!path.exists());
        match error {
            Error::Write { source, .. } => source.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        refused(|it| it.nodes[1].function = 9),
        "node 1 is of function 9, which is not there"
    );
    assert_eq!(
        refused(|it| it.overhead.inside_ns = f64::NAN),
        "the overhead or the sampling rate is no number"
    );
}

#[test]
fn every_part_of_a_file_is_refused() {
    let text = encoded(&full(), "p.json");
    for end in 0..text.len() - 2 {
        assert!(
            matches!(load(&text[..end]), Err(Error::Damaged { .. })),
            "{end}"
        );
    }
}

proptest! {
    #[test]
    fn any_profile_comes_back(profile in any_profile()) {
        prop_assert_eq!(load(&encoded(&profile, "p.json")).unwrap(), profile);
    }

    #[test]
    fn damage_is_named_or_harmless(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut text = encoded(&full(), "p.json");
        for (place, byte) in flips {
            let place = place.index(text.len());
            text[place] = byte;
        }
        if cut {
            text.truncate(end.index(text.len()));
        }
        match load(&text) {
            // Whatever was loaded can be written and read again.
            Ok(profile) => prop_assert_eq!(load(&encoded(&profile, "p.json")).unwrap(), profile),
            Err(Error::Damaged { .. } | Error::OtherVersion { .. }) => {}
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
}
