//! Results kept under a name, and the change since.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::results::{BenchCase, Results};
use crate::Error;

#[cfg(test)]
mod tests;

/// A folder of results kept by name: a JSON file each.
///
/// ```
/// # use tuneup_benchmarking::suite::{Baselines, Results};
/// # let folder = tempfile::tempdir().unwrap();
/// # let results = Results::load("tests/data/bench.json".as_ref())?;
/// let baselines = Baselines::new(folder.path());
/// baselines.save("main", &results)?;
/// assert_eq!(baselines.load("main", &results.machine)?, results);
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Baselines {
    folder: PathBuf,
}

/// How a case changed since a baseline that was measured at another time.
///
/// Two runs one after the other differ by several per cent on a shared machine, whatever the code does: a time is called changed
/// only beyond `noise`. Allocation counts are exact.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// `group/case`.
    pub name: String,
    /// Time now divided by the time then.
    pub ratio: f64,
    /// The relative difference below which a time counts as unchanged.
    pub noise: f64,
    /// Blocks now less blocks then, where both runs counted.
    pub blocks: Option<i64>,
    /// Bytes now less bytes then, where both runs counted.
    pub bytes: Option<i64>,
    /// Most bytes alive at once now less then, where both runs counted.
    pub peak_bytes: Option<i64>,
}

impl Change {
    /// The difference below which two sequential runs are taken for equal, where nothing better is known: the worst rms seen on a
    /// shared two-core machine.
    pub const DEFAULT_NOISE: f64 = 0.15;

    /// Whether blocks, bytes or the peak rose at all.
    #[must_use]
    pub fn allocates_more(&self) -> bool {
        [self.blocks, self.bytes, self.peak_bytes]
            .into_iter()
            .flatten()
            .any(|more| more > 0)
    }

    /// Whether the time rose beyond the noise, or blocks, bytes or the peak rose at all.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Results;
    /// let results = Results::load("tests/data/bench.json".as_ref())?;
    /// let mut slower = results.clone();
    /// slower.benches[0].cases[0].time.median_ns *= 1.3;
    /// let changes = slower.changes_since(&results, 0.15);
    /// let regressed: Vec<_> = changes.iter().filter(|change| change.is_regression()).collect();
    /// assert_eq!(regressed.len(), 1);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn is_regression(&self) -> bool {
        self.ratio > 1.0 + self.noise || self.allocates_more()
    }

    /// Whether the time differs beyond the noise.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Results;
    /// let results = Results::load("tests/data/bench.json".as_ref())?;
    /// let changes = results.changes_since(&results, 0.15);
    /// assert!(changes.iter().all(|change| change.ratio == 1.0 && !change.is_visible()));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.ratio > 1.0 + self.noise || self.ratio < 1.0 / (1.0 + self.noise)
    }
}

impl Baselines {
    /// Baselines in a folder, which need not exist yet.
    ///
    /// ```
    /// use tuneup_benchmarking::suite::Baselines;
    /// let baselines = Baselines::new("target/tuneup/baselines");
    /// # let _ = baselines;
    /// ```
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The file of a baseline, whether or not it is there.
    ///
    /// ```
    /// use tuneup_benchmarking::suite::Baselines;
    /// let baselines = Baselines::new("kept");
    /// assert_eq!(baselines.path("v1.2")?, std::path::Path::new("kept/v1.2.json"));
    /// assert!(baselines.path("../elsewhere").is_err());
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A name that is empty or holds anything but letters, digits, `-`, `_` and `.`, or begins with a dot.
    pub fn path(&self, name: &str) -> Result<PathBuf, Error> {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            return Err(Error::BaselineName {
                name: name.to_owned(),
            });
        }
        Ok(self.folder.join(format!("{name}.json")))
    }

    /// Reads a baseline for a machine.
    ///
    /// ```
    /// # use tuneup_benchmarking::{Error, suite::Baselines};
    /// let outcome = Baselines::new("nowhere").load("main", "this machine");
    /// assert!(matches!(outcome, Err(Error::UnknownBaseline { name, .. }) if name == "main"));
    /// ```
    ///
    /// # Errors
    ///
    /// A baseline that is missing (the names that exist are in the error), damaged, of another format or from another machine. The
    /// file is left as it is.
    pub fn load(&self, name: &str, machine: &str) -> Result<Results, Error> {
        let path = self.path(name)?;
        if !path.exists() {
            return Err(Error::UnknownBaseline {
                name: name.to_owned(),
                known: self.names(),
            });
        }
        let results = Results::load(&path)?;
        if results.machine != machine {
            return Err(Error::ForeignBaseline {
                path,
                found: results.machine,
                expected: machine.to_owned(),
            });
        }
        Ok(results)
    }

    /// Keeps results under a name, in place of older ones of the same machine.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::{Baselines, Results};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let results = Results::load("tests/data/bench.json".as_ref())?;
    /// let baselines = Baselines::new(folder.path());
    /// let path = baselines.save("main", &results)?;
    /// assert!(path.ends_with("main.json"));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the file there is not such a baseline it is refused and left as it is; so is an interrupted run, which would
    /// hide cases from later comparisons.
    pub fn save(&self, name: &str, results: &Results) -> Result<PathBuf, Error> {
        let path = self.path(name)?;
        if results.interrupted || !results.failures.is_empty() {
            return Err(Error::IncompleteBaseline {
                name: name.to_owned(),
            });
        }
        self.check(name, &results.machine)?;
        results.save(&path)?;
        Ok(path)
    }

    /// Whether [`Baselines::save`] could keep results of a machine under this name: asked before minutes of measuring.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::{Baselines, Results};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let results = Results::load("tests/data/bench.json".as_ref())?;
    /// let baselines = Baselines::new(folder.path());
    /// baselines.save("main", &results)?;
    /// assert!(baselines.check("main", &results.machine).is_ok());
    /// assert!(baselines.check("main", "another machine").is_err());
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A bad name, or a file there that is not a baseline of this machine; it is left as it is.
    pub fn check(&self, name: &str, machine: &str) -> Result<(), Error> {
        if self.path(name)?.exists() {
            self.load(name, machine)?;
        }
        Ok(())
    }

    /// The names of the baselines in the folder, sorted; none where there is no folder.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::{Baselines, Results};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let results = Results::load("tests/data/bench.json".as_ref())?;
    /// let baselines = Baselines::new(folder.path());
    /// baselines.save("main", &results)?;
    /// assert_eq!(baselines.names(), ["main"]);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| name_of(&entry.path()))
            .collect();
        names.sort();
        names
    }
}

fn name_of(path: &Path) -> Option<String> {
    (path.extension()? == "json").then_some(())?;
    Some(path.file_stem()?.to_str()?.to_owned())
}

impl Results {
    /// The change of every case that both runs have at the same size. `noise` is the relative difference of times that counts as none.
    ///
    /// ```
    /// # use tuneup_benchmarking::suite::Results;
    /// let results = Results::load("tests/data/bench.json".as_ref())?;
    /// let mut faster = results.clone();
    /// faster.benches[0].cases[0].time.median_ns /= 2.0;
    /// assert_eq!(faster.changes_since(&results, 0.15)[0].ratio, 0.5);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn changes_since(&self, before: &Self, noise: f64) -> Vec<Change> {
        let then: HashMap<(String, usize), &BenchCase> = before
            .cases()
            .map(|(name, bench, case)| ((name, bench.size), case))
            .collect();
        self.cases()
            .filter_map(|(name, bench, now)| {
                let key = (name, bench.size);
                Some(change(then.get(&key)?, now, key.0, noise))
            })
            .collect()
    }
}

fn change(then: &BenchCase, now: &BenchCase, name: String, noise: f64) -> Change {
    let heap = then.heap.zip(now.heap);
    Change {
        name,
        ratio: now.time.median_ns / then.time.median_ns,
        noise,
        blocks: heap.map(|(then, now)| now.blocks as i64 - then.blocks as i64),
        bytes: heap.map(|(then, now)| now.bytes as i64 - then.bytes as i64),
        peak_bytes: heap.map(|(then, now)| now.peak_bytes as i64 - then.peak_bytes as i64),
    }
}
