//! The outcome of a bench run as plain data: what `bench.json` holds.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::protocol::HeapUse;

#[cfg(test)]
pub(super) mod tests;

/// The format of the file; a file with another one is refused.
const FORMAT: &str = "tuneup-bench";

/// The version of the format that is written and read.
const VERSION: u32 = 1;

/// Everything that a run of the suite found.
///
/// ```
/// use tuneup_benchmarking::suite::Results;
///
/// let results = Results::load("tests/data/bench.json".as_ref())?;
/// for (name, _, case) in results.cases() {
///     println!("{name}: {:.0} ns", case.time.estimate_ns);
/// }
/// assert_eq!((results.effort.as_str(), results.benches.len()), ("quick", 2));
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Results {
    format: String,
    version: u32,
    /// The machine it ran on, such as `AMD EPYC, 2 cores, linux x86_64`.
    pub machine: String,
    /// The commit that was measured, with `-dirty` when the work tree had changes; empty outside a repository.
    pub commit: String,
    /// Seconds since 1970 when the run began.
    pub unix_seconds: u64,
    /// `quick` or `full`.
    pub effort: String,
    /// Whether the run was interrupted: then only what had finished is here.
    pub interrupted: bool,
    /// The groups that failed, each with the reason: answers that differ, a panic.
    #[serde(default)]
    pub failures: Vec<(String, String)>,
    /// Facts about the inputs, such as the size of the corpus.
    pub notes: Vec<(String, String)>,
    /// The groups that finished.
    pub benches: Vec<Bench>,
}

/// One group of cases.
///
/// ```
/// # use tuneup_benchmarking::suite::Results;
/// let results = Results::load("tests/data/bench.json".as_ref())?;
/// let bench = &results.benches[0];
/// assert_eq!((bench.name.as_str(), bench.size), ("cookbook/duplicates", 4_096));
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Bench {
    /// Its name, `file/topic`.
    pub name: String,
    /// The job in one sentence.
    pub about: String,
    /// The size that was timed.
    pub size: usize,
    /// Bytes per iteration.
    pub bytes: Option<u64>,
    /// Items per iteration.
    pub items: Option<u64>,
    /// The cases in their order.
    pub cases: Vec<BenchCase>,
    /// The promises of the cases and what was measured of them.
    pub figures: Vec<Figure>,
}

/// One case of a group.
///
/// ```
/// # use tuneup_benchmarking::suite::Results;
/// let results = Results::load("tests/data/bench.json".as_ref())?;
/// let case = &results.benches[0].cases[0];
/// assert_eq!(case.heap.map(|heap| heap.blocks), Some(3));
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BenchCase {
    /// Its name.
    pub name: String,
    /// Whether it is somebody else's code.
    pub peer: bool,
    /// Its time as Criterion estimates it.
    pub time: Time,
    /// Median nanoseconds of one iteration while the cases of the group take turns; the ratio is of these. Criterion's time is of an
    /// iteration after many others of the same case, and may be shorter.
    pub alternating_ns: f64,
    /// Its time beside the reference of the group, from interleaved blocks; none for the reference itself.
    pub ratio: Option<PeerRatio>,
    /// What one iteration asks of the allocator, if the heap bench knows the case.
    pub heap: Option<HeapUse>,
    /// How its time grows with the size.
    pub complexity: Option<ComplexityResult>,
}

/// A time per iteration, from Criterion.
///
/// ```
/// # use tuneup_benchmarking::suite::Results;
/// let results = Results::load("tests/data/bench.json".as_ref())?;
/// let time = &results.benches[0].cases[0].time;
/// assert!(time.low_ns <= time.estimate_ns && time.estimate_ns <= time.high_ns);
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Time {
    /// Criterion's typical value: the slope where it has one, else the mean.
    pub estimate_ns: f64,
    /// Lower end of its 95 % interval.
    pub low_ns: f64,
    /// Upper end of its 95 % interval.
    pub high_ns: f64,
    /// Median of the samples.
    pub median_ns: f64,
    /// Nanoseconds per iteration, one value per sample.
    pub samples_ns: Vec<f64>,
}

/// A time beside a reference, with a 99 % interval.
///
/// ```
/// # use tuneup_benchmarking::suite::Results;
/// let results = Results::load("tests/data/bench.json".as_ref())?;
/// let ratio = results.benches[0].cases[1].ratio.as_ref().unwrap();
/// assert_eq!((ratio.to.as_str(), ratio.estimate), ("naive", 0.25));
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PeerRatio {
    /// The name of the reference: the fastest peer, or the first case where there is none.
    pub to: String,
    /// Time of the case divided by the time of the reference.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A promise and what was measured of it.
///
/// ```
/// # use tuneup_benchmarking::suite::Results;
/// let results = Results::load("tests/data/bench.json".as_ref())?;
/// let figure = &results.benches[0].figures[0];
/// assert_eq!((figure.case.as_str(), figure.at_most), ("fast", 0.3));
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Figure {
    /// The case that promises.
    pub case: String,
    /// The largest ratio that keeps the promise.
    pub at_most: f64,
    /// What was measured.
    pub ratio: PeerRatio,
}

impl Figure {
    /// Whether the measured ratio keeps the promise.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Results;
    /// let results = Results::load("tests/data/bench.json".as_ref())?;
    /// let mut figures = results.benches.iter().flat_map(|bench| &bench.figures);
    /// assert!(figures.all(|figure| figure.is_met()));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.ratio.estimate <= self.at_most
    }
}

/// What the fit says of how a case's time grows.
///
/// ```
/// # use tuneup_benchmarking::suite::Results;
/// let results = Results::load("tests/data/bench.json".as_ref())?;
/// let fit = results.benches[0].cases[0].complexity.as_ref().unwrap();
/// assert_eq!(Some(&fit.class), fit.claimed.as_ref());
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ComplexityResult {
    /// The class that fits best, such as `O(n log n)`; two, as `O(n) or O(n log n)`, where neither is clearly the better one.
    pub class: String,
    /// The share of resamples that chose it, in `0.0..=1.0`.
    pub confidence: f64,
    /// The class that the case claims.
    pub claimed: Option<String>,
    /// Sizes and median nanoseconds.
    pub points: Vec<(f64, f64)>,
    /// The fitted curve at the same sizes.
    pub fitted: Vec<(f64, f64)>,
}

impl Results {
    pub(super) fn new(machine: String, commit: String, unix_seconds: u64, effort: &str) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            machine,
            commit,
            unix_seconds,
            effort: effort.to_owned(),
            interrupted: false,
            failures: Vec::new(),
            notes: Vec::new(),
            benches: Vec::new(),
        }
    }

    /// Every case with the name `group/case`.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Results;
    /// let results = Results::load("tests/data/bench.json".as_ref())?;
    /// let (name, bench, case) = results.cases().next().unwrap();
    /// assert_eq!(name, format!("{}/{}", bench.name, case.name));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn cases(&self) -> impl Iterator<Item = (String, &Bench, &BenchCase)> {
        self.benches.iter().flat_map(|bench| {
            bench
                .cases
                .iter()
                .map(move |case| (format!("{}/{}", bench.name, case.name), bench, case))
        })
    }

    /// Writes the results as JSON; the file appears whole or not at all. Makes the folder if there is none.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Results;
    /// let results = Results::load("tests/data/bench.json".as_ref())?;
    /// let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("kept/bench.json");
    /// results.save(&path)?;
    /// assert_eq!(Results::load(&path)?, results);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the file cannot be written; the error names it.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let json = serde_json::to_string_pretty(self).map_err(|source| Error::Json {
            path: path.to_owned(),
            source,
        })?;
        write_whole(path, &json)
    }

    /// Reads results that [`Results::save`] wrote.
    ///
    /// ```
    /// use tuneup_benchmarking::{Error, suite::Results};
    /// let outcome = Results::load("Cargo.toml".as_ref());
    /// assert!(matches!(outcome, Err(Error::Json { path, .. }) if path.ends_with("Cargo.toml")));
    /// ```
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is damaged, or is something else; the error names it and the file is left as it is.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })?;
        let header: Header = serde_json::from_slice(&bytes).map_err(|source| Error::Json {
            path: path.to_owned(),
            source,
        })?;
        if header.format != FORMAT || header.version != VERSION {
            return Err(Error::ForeignResults {
                path: path.to_owned(),
                found: header.describe(),
                expected: format!("`{FORMAT}` version {VERSION}"),
            });
        }
        serde_json::from_slice(&bytes).map_err(|source| Error::Json {
            path: path.to_owned(),
            source,
        })
    }
}

#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    format: String,
    #[serde(default)]
    version: u32,
}

impl Header {
    fn describe(&self) -> String {
        match self.format.as_str() {
            "" => "no bench results".to_owned(),
            format => format!("`{format}` version {}", self.version),
        }
    }
}

/// Writes beside the destination first and renames, so that a reader never sees half a file.
pub(super) fn write_whole(path: &Path, text: &str) -> Result<(), Error> {
    let io = |source| Error::Io {
        path: path.to_owned(),
        source,
    };
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory).map_err(io)?;
    let mut builder = tempfile::Builder::new();
    // Readable by whom the umask allows, like any other file: a temporary one is its owner's alone by default.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(directory).map_err(io)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}
