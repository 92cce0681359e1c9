//! A bench over time: its earlier results on one machine, and where their level changed.

use tuneup_report::{Align, Axis, Cell, LinePlot, Series, Svg, Table, Unit};

#[cfg(feature = "history")]
use super::results::Results;
#[cfg(feature = "history")]
use crate::{ChangePointOptions, Error, History, HistoryResult, HistoryRun, Machine};

#[cfg(test)]
mod tests;

/// The unit under which times are kept in the history.
#[cfg(feature = "history")]
const UNIT: &str = "ns";

/// Fewer runs show no trend.
#[cfg(feature = "history")]
const FEWEST_RUNS: usize = 3;

/// The times of one case, oldest first; with the feature `history` from `Results::trends`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Trend {
    /// `group/case`.
    pub name: String,
    /// Nanoseconds per iteration with their interval, one for each run: estimate, low, high.
    pub times_ns: Vec<(f64, f64, f64)>,
    /// Indexes into `times_ns` at which a new level begins.
    pub changes: Vec<usize>,
}

impl Trend {
    /// Times over runs, with the mean of every level as a line of its own.
    pub(super) fn plot(&self) -> Result<Svg, tuneup_report::Error> {
        let band = self
            .times_ns
            .iter()
            .enumerate()
            .map(|(run, &(_, low, high))| (run as f64, low, high));
        let points = self
            .times_ns
            .iter()
            .enumerate()
            .map(|(run, &(estimate, ..))| (run as f64, estimate));
        let mut plot = LinePlot::new(
            &self.name,
            Axis::linear("run", Unit::Plain),
            Axis::linear("time", Unit::Nanoseconds),
        )
        .series(Series::new("estimate", points).with_band(band));
        if !self.changes.is_empty() {
            plot = plot.series(Series::new("level", self.levels()));
        }
        plot.to_svg()
    }

    fn levels(&self) -> Vec<(f64, f64)> {
        let mut ends = self.changes.clone();
        ends.push(self.times_ns.len());
        let mut points = Vec::new();
        let mut start = 0;
        for end in ends {
            let level = self.times_ns[start..end]
                .iter()
                .map(|time| time.0)
                .sum::<f64>()
                / (end - start).max(1) as f64;
            points.extend([(start as f64, level), (end as f64 - 1.0, level)]);
            start = end;
        }
        points
    }
}

/// The trends as a table: runs, first and last time, and the levels that began.
pub(super) fn table(trends: &[Trend]) -> Table {
    let mut table = Table::new(["case", "runs", "first", "last", "change", "levels"]);
    for column in 1..6 {
        table = table.align(column, Align::Right);
    }
    for trend in trends {
        let (Some(first), Some(last)) = (trend.times_ns.first(), trend.times_ns.last()) else {
            continue;
        };
        table.push([
            Cell::text(&trend.name),
            Cell::count(trend.times_ns.len() as u64),
            Cell::nanoseconds(first.0),
            Cell::nanoseconds(last.0),
            Cell::change(last.0 / first.0 - 1.0),
            Cell::count(trend.changes.len() as u64 + 1),
        ]);
    }
    table
}

#[cfg(feature = "history")]
impl Results {
    /// Adds the time of every case to a history, as measured on this machine. An interrupted run adds what had finished.
    ///
    /// ```
    /// use tuneup_benchmarking::{History, suite::Results};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("history.sqlite");
    /// let results = Results::load("tests/data/bench.json".as_ref())?;
    /// let mut history = History::open(&path)?;
    /// results.add_to(&mut history)?;
    /// assert_eq!(history.runs(&history.machines()?[0].id(), 10)?.len(), 1);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`History::append`].
    pub fn add_to(&self, history: &mut History) -> Result<(), Error> {
        let mut run = HistoryRun::new(Machine::detect()).with_commit(&self.commit);
        for (name, _, case) in self.cases() {
            let time = &case.time;
            run = run.with_result(
                HistoryResult::new(name, UNIT, time.estimate_ns)
                    .with_interval(time.low_ns, time.high_ns),
            );
        }
        history.append(&run)?;
        Ok(())
    }

    /// The trend of every case that was measured three times or more on this machine.
    ///
    /// ```
    /// use tuneup_benchmarking::{History, suite::Results};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("history.sqlite");
    /// let results = Results::load("tests/data/bench.json".as_ref())?;
    /// let mut history = History::open(&path)?;
    /// for _ in 0..3 {
    ///     results.add_to(&mut history)?;
    /// }
    /// let trends = results.trends(&history)?;
    /// assert_eq!((trends.len(), trends[0].times_ns.len()), (3, 3));
    /// assert!(trends[0].changes.is_empty());
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`History::series`] and of the search for change points.
    pub fn trends(&self, history: &History) -> Result<Vec<Trend>, Error> {
        let machine = Machine::detect().id();
        let mut trends = Vec::new();
        for (name, _, _) in self.cases() {
            let series = history.series(&machine, &name, UNIT)?;
            if series.points.len() < FEWEST_RUNS {
                continue;
            }
            let changes = series.change_points(&ChangePointOptions::default())?;
            let time = |point: &crate::HistoryPoint| {
                let (low, high) = point.interval.unwrap_or((point.value, point.value));
                (point.value, low, high)
            };
            trends.push(Trend {
                name,
                times_ns: series.points.iter().map(time).collect(),
                changes: changes.iter().map(|change| change.index).collect(),
            });
        }
        Ok(trends)
    }
}
