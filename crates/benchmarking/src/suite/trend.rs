//! A bench over time: its earlier results on one machine, and where their level changed.

use tuneup_report::{Axis, LinePlot, Series, Svg, Unit};

/// The medians of one case, oldest first.
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
