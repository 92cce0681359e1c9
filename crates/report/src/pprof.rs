//! The format of pprof (<https://github.com/google/pprof/blob/main/proto/README.md>): a compressed protocol buffer.

mod message;

use std::{
    collections::HashMap,
    io::{self, Write as _},
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};
use prost::Message as _;

use self::message::{Function, Line, Location, Mapping, Profile, Sample, ValueType};

/// The one mapping: all functions are of the program.
const MAPPING: u64 = 1;

/// A profile for pprof, and what reads its files: stacks of places in functions, each with some values. Built in memory.
///
/// ```
/// use tuneup_report::Pprof;
///
/// let mut profile = Pprof::new("shop", &[("samples", "count"), ("cpu", "nanoseconds")]);
/// let main = profile.function("main", "src/main.rs", 1);
/// let load = profile.function("load", "src/load.rs", 7);
/// let called = profile.place(&[(main, 3)]);
/// let inner = profile.place(&[(load, 9)]);
/// // The innermost place comes first.
/// profile.sample(&[inner, called], &[2, 20_000_000]);
/// let file = profile.into_gzip()?;
/// assert_eq!(file[..2], [0x1f, 0x8b]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Pprof {
    profile: Profile,
    strings: Strings,
}

impl Pprof {
    /// An empty profile of a program, and the name and unit of each value that stacks have. Units are pprof's: `count`,
    /// `bytes`, `nanoseconds`.
    #[must_use]
    pub fn new(program: &str, values: &[(&str, &str)]) -> Self {
        let mut strings = Strings::default();
        let sample_type = values
            .iter()
            .map(|value| strings.value_type(*value))
            .collect();
        let mapping = Mapping {
            id: MAPPING,
            filename: strings.index(program),
            has_functions: true,
            has_filenames: true,
            has_line_numbers: true,
        };
        let profile = Profile {
            sample_type,
            mapping: vec![mapping],
            ..Profile::default()
        };
        Self { profile, strings }
    }

    /// When the profile was begun, in nanoseconds since 1970, and how long it lasted.
    #[must_use]
    pub fn during(mut self, started_unix_ns: u64, duration: Duration) -> Self {
        self.profile.time_nanos = signed(started_unix_ns);
        self.profile.duration_nanos = i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
        self
    }

    /// What lay between two samples: its name and unit, and how much of it.
    #[must_use]
    pub fn period(mut self, value: (&str, &str), period: i64) -> Self {
        self.profile.period_type = Some(self.strings.value_type(value));
        self.profile.period = period;
        self
    }

    /// The value that is shown first, by its name.
    #[must_use]
    pub fn shown_first(mut self, value: &str) -> Self {
        self.profile.default_sample_type = self.strings.index(value);
        self
    }

    /// Free text.
    #[must_use]
    pub fn comment(mut self, text: &str) -> Self {
        let comment = self.strings.index(text);
        self.profile.comment.push(comment);
        self
    }

    /// Adds a function, whose line is where it is declared (0: unknown), and gives its number.
    pub fn function(&mut self, name: &str, file: &str, line: u32) -> u64 {
        let id = self.profile.function.len() as u64 + 1;
        let function = Function {
            id,
            name: self.strings.index(name),
            filename: self.strings.index(file),
            start_line: i64::from(line),
        };
        self.profile.function.push(function);
        id
    }

    /// Adds a place in the program, and gives its number: the functions there with their lines, those that were inlined
    /// before the one that they were inlined into.
    pub fn place(&mut self, functions: &[(u64, u32)]) -> u64 {
        let id = self.profile.location.len() as u64 + 1;
        let line = |(function, line): &(u64, u32)| Line {
            function_id: *function,
            line: i64::from(*line),
        };
        self.profile.location.push(Location {
            id,
            mapping_id: MAPPING,
            line: functions.iter().map(line).collect(),
        });
        id
    }

    /// Adds a stack, the innermost place first, with one number for each value.
    pub fn sample(&mut self, places: &[u64], values: &[i64]) {
        self.profile.sample.push(Sample {
            location_id: places.to_vec(),
            value: values.to_vec(),
        });
    }

    /// The content of a `.pb.gz` file.
    ///
    /// # Errors
    /// If it cannot be compressed.
    pub fn into_gzip(mut self) -> io::Result<Vec<u8>> {
        self.profile.string_table = self.strings.table;
        let mut compressed = GzEncoder::new(Vec::new(), Compression::default());
        compressed.write_all(&self.profile.encode_to_vec())?;
        compressed.finish()
    }
}

/// The format has no unsigned values.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Every text stands once in the file. The first must be empty.
#[derive(Debug)]
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
