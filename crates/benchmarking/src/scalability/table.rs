//! A scalability as a table and a sentence.

use std::fmt;

use tuneup_measure::Interval;
use tuneup_report::{Align, Cell, Table, Unit};

use super::Scalability;

impl Scalability {
    /// The coefficients and the peak in one sentence, with their intervals.
    ///
    /// ```
    /// use tuneup_benchmarking::Scalability;
    ///
    /// let found = Scalability::fit(&[(1, 10.0), (2, 20.0), (4, 40.0)])?;
    /// assert!(found.verdict().contains("no peak"));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn verdict(&self) -> String {
        let show = |interval: &Interval, unit: &str| {
            let Interval {
                low,
                estimate,
                high,
                ..
            } = *interval;
            format!(
                "{}{unit} ({} to {}{unit})",
                brief(estimate),
                brief(low),
                brief(high)
            )
        };
        let percent = |interval: &Interval| show(&interval.scaled(100.0), " %");
        let mut text = format!(
            "contention {}, coherency {}",
            percent(&self.contention),
            percent(&self.coherency)
        );
        match &self.peak_threads {
            Some(peak) => text += &format!("; the peak is at {} threads", show(peak, "")),
            None if self.contention.estimate > 0.0 => {
                text += &format!(
                    "; no peak, a roof of {}",
                    Unit::PerSecond.format(self.roof())
                );
            }
            None => text += "; no peak and no roof: it scales with the threads",
        }
        text
    }

    /// The points with speed-up, efficiency (speed-up for each thread) and the law's prediction.
    ///
    /// The speed-up is against the measured throughput of one thread, or against λ if one thread was not measured.
    ///
    /// ```
    /// use tuneup_benchmarking::Scalability;
    ///
    /// let found = Scalability::fit(&[(1, 10.0), (2, 19.0), (4, 30.0)])?;
    /// assert_eq!(found.table().len(), 3);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        let header = ["threads", "throughput", "speed-up", "efficiency", "law"];
        let mut table = Table::new(header).align(0, Align::Right);
        let one = self.points.first().filter(|point| point.threads == 1);
        let alone = one.map_or(self.single.estimate, |point| point.per_second);
        for point in &self.points {
            let speedup = point.per_second / alone;
            table.push([
                Cell::text(point.threads.to_string()),
                Cell::number(point.per_second, Unit::PerSecond),
                Cell::ratio(speedup),
                Cell::percent(speedup / point.threads as f64),
                Cell::number(self.predict(point.threads as f64), Unit::PerSecond),
            ]);
        }
        for warning in &self.warnings {
            table = table.note(warning.to_string());
        }
        table
    }
}

/// Three significant digits.
fn brief(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 {
            "0".to_owned()
        } else {
            "∞".to_owned()
        };
    }
    let digits = (2 - value.abs().log10().floor() as i32).max(0) as usize;
    format!("{value:.digits$}")
}

impl fmt::Display for Scalability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}", self.table(), self.verdict())
    }
}
