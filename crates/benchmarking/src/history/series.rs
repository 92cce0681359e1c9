//! The results of one bench over time, and what to read from them.

use std::time::SystemTime;

use tuneup_measure::{Interval, TheilSen, median};

use crate::{ChangePoint, ChangePointOptions, Error, change_points};

/// The results of one bench in one unit on one machine, in the order of their time.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistorySeries {
    /// The bench's name.
    pub bench: String,
    /// What the values are measured in.
    pub unit: String,
    /// The results, oldest first.
    pub points: Vec<HistoryPoint>,
}

/// One result of a series.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistoryPoint {
    /// The number of the run it belongs to.
    pub run: i64,
    /// When it was measured.
    pub time: SystemTime,
    /// The commit.
    pub commit: Option<String>,
    /// The value.
    pub value: f64,
    /// The ends of its interval.
    pub interval: Option<(f64, f64)>,
}

impl HistorySeries {
    /// The values, oldest first.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// let history = tuneup_benchmarking::History::open(folder.path().join("h.sqlite"))?;
    /// assert!(history.series("0123456789abcdef", "unknown", "ns")?.values().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        self.points.iter().map(|point| point.value).collect()
    }

    /// Where the level changed: [`change_points`] of the values, with indices into [`points`](Self::points).
    ///
    /// # Errors
    ///
    /// Those of [`change_points`]; values in a history are finite.
    ///
    /// ```
    /// use tuneup_benchmarking::{ChangePointOptions, History, HistoryResult, HistoryRun, Machine};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("history.sqlite");
    /// let mut history = History::open(&path)?;
    /// let machine = Machine::detect();
    /// for value in [5.0, 5.1, 4.9, 5.0, 5.1, 8.0, 8.1, 7.9, 8.0, 8.1] {
    ///     history.append(&HistoryRun::new(machine.clone()).with_result(HistoryResult::new("sort", "ns", value)))?;
    /// }
    /// let series = history.series(&machine.id(), "sort", "ns")?;
    /// let found = series.change_points(&ChangePointOptions::default())?;
    /// assert_eq!(series.points[found[0].index].value, 8.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn change_points(&self, options: &ChangePointOptions) -> Result<Vec<ChangePoint>, Error> {
        change_points(&self.values(), options)
    }

    /// The trend from result to result as a share of the median: the Theil–Sen slope with its interval. 0.01 is one
    /// per cent more with every result.
    ///
    /// `None` for fewer than three results, or a median of 0. A step shows up here as well: look at
    /// [`change_points`](Self::change_points) first. O(results²).
    ///
    /// ```
    /// use tuneup_benchmarking::{History, HistoryResult, HistoryRun, Machine};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("history.sqlite");
    /// let mut history = History::open(&path)?;
    /// let machine = Machine::detect();
    /// for value in [98.0, 99.0, 100.0, 101.0, 102.0] {
    ///     history.append(&HistoryRun::new(machine.clone()).with_result(HistoryResult::new("sort", "ns", value)))?;
    /// }
    /// let trend = history.series(&machine.id(), "sort", "ns")?.trend().unwrap();
    /// assert!((trend.estimate - 0.01).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn trend(&self) -> Option<Interval> {
        let values = self.values();
        if values.len() < 3 {
            return None;
        }
        let middle = median(&values).ok().filter(|middle| *middle != 0.0)?;
        let order: Vec<f64> = (0..values.len()).map(|index| index as f64).collect();
        let line = TheilSen::fit(&order, &values).ok()?;
        Some(line.slope.scaled(1.0 / middle.abs()))
    }
}
