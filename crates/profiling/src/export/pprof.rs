//! The format of pprof (<https://github.com/google/pprof/blob/main/proto/README.md>): a compressed protocol buffer.

mod message;

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use prost::Message as _;

use self::message::{Function, Line, Location, Mapping, Sample, ValueType};
use super::call_paths::{CallPaths, Quantity};
use super::format::refused;
use super::nanoseconds;
use crate::{Error, Profile};

/// The one mapping: all functions are of the program.
const MAPPING: u64 = 1;

pub(super) fn encode(profile: &Profile, path: &Path) -> Result<Vec<u8>, Error> {
    let message = message(profile).encode_to_vec();
    let mut compressed = GzEncoder::new(Vec::new(), Compression::default());
    compressed
        .write_all(&message)
        .and_then(|()| compressed.finish())
        .map_err(|error| refused(path, error))
}

fn message(profile: &Profile) -> message::Profile {
    let paths = CallPaths::of(profile);
    let mut strings = Strings::default();
    let main = paths.main_quantity();
    let quantities = quantities(&paths, main);
    let sample_type = quantities
        .iter()
        .map(|&quantity| strings.value_type(named(quantity)))
        .collect();
    let mut sample = Vec::new();
    paths.for_each_stack(&quantities, |stack, values| {
        sample.push(Sample {
            // The innermost comes first, and numbers begin at 1.
            location_id: stack.iter().rev().map(|&frame| frame as u64 + 1).collect(),
            value: values.iter().map(|&value| signed(value)).collect(),
        });
    });
    let (location, function) = places(profile, &paths, &mut strings);
    let sampling = profile.sampling.filter(|sampling| sampling.rate_hz > 0.0);
    message::Profile {
        sample_type,
        sample,
        mapping: vec![Mapping {
            id: MAPPING,
            filename: strings.index(&profile.program),
            has_functions: true,
            has_filenames: true,
            has_line_numbers: true,
        }],
        location,
        function,
        time_nanos: signed(profile.started_unix_ns),
        duration_nanos: signed(nanoseconds(profile.duration)),
        period_type: sampling.map(|_| strings.value_type(("wall", "nanoseconds"))),
        period: sampling.map_or(0, |sampling| (1e9 / sampling.rate_hz).round() as i64),
        comment: vec![strings.index(concat!("tuneup-profiling ", env!("CARGO_PKG_VERSION")))],
        default_sample_type: strings.index(named(main).0),
        string_table: strings.table,
    }
}

/// What is known of the stacks, the number of calls first, as is the custom.
fn quantities(paths: &CallPaths<'_>, main: Quantity) -> Vec<Quantity> {
    let mut quantities = vec![Quantity::Calls];
    if main == Quantity::Time {
        quantities.push(Quantity::Time);
    }
    if paths.has_allocations() {
        quantities.extend([Quantity::Blocks, Quantity::Bytes]);
    }
    if paths.has_samples() {
        quantities.extend([Quantity::Samples, Quantity::CpuSamples]);
    }
    quantities
}

/// The name and unit of a column of values.
fn named(quantity: Quantity) -> (&'static str, &'static str) {
    match quantity {
        Quantity::Calls => ("calls", "count"),
        Quantity::Time => ("time", "nanoseconds"),
        Quantity::Blocks => ("allocations", "count"),
        Quantity::Bytes => ("allocated", "bytes"),
        Quantity::Samples => ("samples", "count"),
        Quantity::CpuSamples => ("cpu_samples", "count"),
    }
}

/// One location for each function: the line is that of its name, as the lines of calls are not known.
fn places(
    profile: &Profile,
    paths: &CallPaths<'_>,
    strings: &mut Strings,
) -> (Vec<Location>, Vec<Function>) {
    let place = |frame: usize| {
        let known = profile.functions.get(frame);
        let id = frame as u64 + 1;
        let line = known.map_or(0, |function| i64::from(function.line));
        let function = Function {
            id,
            name: strings.index(paths.frame_name(frame)),
            filename: strings.index(known.map_or("", |function| &function.file)),
            start_line: line,
        };
        let location = Location {
            id,
            mapping_id: MAPPING,
            line: vec![Line {
                function_id: id,
                line,
            }],
        };
        (location, function)
    };
    (0..paths.frame_count()).map(place).unzip()
}

/// The format has no unsigned values.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Every text stands once in the file. The first must be empty.
struct Strings {
    table: Vec<String>,
    indices: HashMap<String, i64>,
}

impl Default for Strings {
    fn default() -> Self {
        Self {
            table: vec![String::new()],
            indices: HashMap::from([(String::new(), 0)]),
        }
    }
}

impl Strings {
    fn index(&mut self, text: &str) -> i64 {
        if let Some(&index) = self.indices.get(text) {
            return index;
        }
        let index = self.table.len() as i64;
        self.table.push(text.to_owned());
        self.indices.insert(text.to_owned(), index);
        index
    }

    fn value_type(&mut self, (name, unit): (&str, &str)) -> ValueType {
        ValueType {
            r#type: self.index(name),
            unit: self.index(unit),
        }
    }
}
