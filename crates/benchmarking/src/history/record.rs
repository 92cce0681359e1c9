//! What goes into a history, and what its listings show.

use std::collections::BTreeSet;
use std::time::SystemTime;

use super::Machine;
use crate::Error;

/// One run of some benches: where, when, on which commit, and the results.
///
/// ```
/// use tuneup_benchmarking::{HistoryResult, HistoryRun, Machine};
///
/// let run = HistoryRun::new(Machine::detect())
///     .with_commit("4f5c2d1")
///     .with_result(HistoryResult::new("sort", "ns", 512.0))
///     .with_result(HistoryResult::new("sort", "bytes", 4096.0));
/// assert_eq!(run.results.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistoryRun {
    /// The machine it ran on.
    pub machine: Machine,
    /// The commit, or whatever names the state of the sources.
    pub commit: Option<String>,
    /// When it ran; kept to the millisecond.
    pub time: SystemTime,
    /// At most one result for each bench and unit.
    pub results: Vec<HistoryResult>,
}

impl HistoryRun {
    /// A run now, without a commit and without results.
    ///
    /// ```
    /// let run = tuneup_benchmarking::HistoryRun::new(tuneup_benchmarking::Machine::detect());
    /// assert!(run.results.is_empty());
    /// ```
    #[must_use]
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            commit: None,
            time: SystemTime::now(),
            results: Vec::new(),
        }
    }

    /// With the name of a commit.
    ///
    /// ```
    /// use tuneup_benchmarking::{HistoryRun, Machine};
    ///
    /// let run = HistoryRun::new(Machine::detect()).with_commit("4f5c2d1");
    /// assert_eq!(run.commit.as_deref(), Some("4f5c2d1"));
    /// ```
    #[must_use]
    pub fn with_commit(mut self, commit: impl Into<String>) -> Self {
        self.commit = Some(commit.into());
        self
    }

    /// At another time than now.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use tuneup_benchmarking::{HistoryRun, Machine};
    ///
    /// let time = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    /// assert_eq!(HistoryRun::new(Machine::detect()).with_time(time).time, time);
    /// ```
    #[must_use]
    pub fn with_time(mut self, time: SystemTime) -> Self {
        self.time = time;
        self
    }

    /// With one more result.
    ///
    /// ```
    /// use tuneup_benchmarking::{HistoryResult, HistoryRun, Machine};
    ///
    /// let run = HistoryRun::new(Machine::detect()).with_result(HistoryResult::new("sort", "ns", 5.0));
    /// assert_eq!(run.results[0].bench, "sort");
    /// ```
    #[must_use]
    pub fn with_result(mut self, result: HistoryResult) -> Self {
        self.results.push(result);
        self
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        for result in &self.results {
            let reason = result.fault().or_else(|| {
                let is_new = seen.insert((&result.bench, &result.unit));
                (!is_new).then_some("a run holds one result for each bench and unit")
            });
            if let Some(reason) = reason {
                return Err(Error::InvalidResult {
                    bench: result.bench.clone(),
                    reason,
                });
            }
        }
        Ok(())
    }
}

/// One number of one bench.
///
/// ```
/// use tuneup_benchmarking::HistoryResult;
///
/// let result = HistoryResult::new("parse/json", "ns", 101.5).with_interval(99.0, 104.0);
/// assert_eq!(result.interval, Some((99.0, 104.0)));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistoryResult {
    /// The bench's name; not empty.
    pub bench: String,
    /// What the value is measured in, such as `ns`, `bytes` or `blocks`. A bench may have one series for each unit.
    pub unit: String,
    /// The value; finite.
    pub value: f64,
    /// The ends of its interval, lower first; finite.
    pub interval: Option<(f64, f64)>,
}

impl HistoryResult {
    /// A result without an interval.
    ///
    /// ```
    /// let result = tuneup_benchmarking::HistoryResult::new("sort", "ns", 5.0);
    /// assert_eq!((result.value, result.interval), (5.0, None));
    /// ```
    #[must_use]
    pub fn new(bench: impl Into<String>, unit: impl Into<String>, value: f64) -> Self {
        Self {
            bench: bench.into(),
            unit: unit.into(),
            value,
            interval: None,
        }
    }

    /// With the interval of the value.
    ///
    /// ```
    /// let result = tuneup_benchmarking::HistoryResult::new("sort", "ns", 5.0).with_interval(4.5, 5.5);
    /// assert_eq!(result.interval, Some((4.5, 5.5)));
    /// ```
    #[must_use]
    pub fn with_interval(mut self, low: f64, high: f64) -> Self {
        self.interval = Some((low, high));
        self
    }

    fn fault(&self) -> Option<&'static str> {
        let (low, high) = self.interval.unwrap_or((self.value, self.value));
        if self.bench.is_empty() {
            return Some("it needs a name");
        }
        if ![self.value, low, high]
            .iter()
            .all(|number| number.is_finite())
        {
            return Some("its value and interval must be finite");
        }
        (low > high).then_some("its interval is reversed")
    }
}

/// A bench with results on a machine, as [`History::benches`](crate::History::benches) lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryBench {
    /// The bench's name.
    pub bench: String,
    /// What its values are measured in.
    pub unit: String,
    /// How many results there are.
    pub runs: usize,
    /// The time of the oldest result.
    pub first: SystemTime,
    /// The time of the newest result.
    pub last: SystemTime,
}

/// A run as [`History::runs`](crate::History::runs) lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryRunInfo {
    /// The run's number.
    pub id: i64,
    /// When it ran.
    pub time: SystemTime,
    /// The commit.
    pub commit: Option<String>,
    /// How many results it still has; old ones are dropped.
    pub results: usize,
}
