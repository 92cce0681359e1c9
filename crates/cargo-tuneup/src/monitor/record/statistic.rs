//! Mean, quantile and peak of one metric, over time.

use std::time::Duration;

use tuneup_measure::Histogram;

use crate::monitor::metric::{Figures, Metric};

/// A sample counts by how long it stands for, so that intervals need not be equal. Takes 15 KiB, whatever is added.
#[derive(Clone, Debug)]
pub(crate) struct Statistic {
    metric: Metric,
    /// In steps of the metric, by milliseconds.
    histogram: Histogram,
    /// Value by seconds.
    weighted_sum: f64,
    seconds: f64,
    /// The largest, and when it was, since the watch has begun.
    peak: Option<(f64, Duration)>,
}

impl Statistic {
    pub(crate) fn new(metric: Metric) -> Self {
        Self {
            metric,
            histogram: Histogram::new(),
            weighted_sum: 0.0,
            seconds: 0.0,
            peak: None,
        }
    }

    pub(crate) fn add(&mut self, at: Duration, span: Duration, figures: &Figures) {
        let Some(value) = figures.get(self.metric) else {
            return;
        };
        let steps = (value * self.metric.steps()).round() as u64;
        // A sample that stands for no time is one nevertheless.
        let weight = u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1);
        self.histogram.record_n(steps, weight);
        self.weighted_sum += value * span.as_secs_f64();
        self.seconds += span.as_secs_f64();
        if self.peak.is_none_or(|(peak, _)| value > peak) {
            self.peak = Some((value, at));
        }
    }

    /// Over time; that of the only sample, if there was no time.
    pub(crate) fn mean(&self) -> Option<f64> {
        if self.seconds > 0.0 {
            return Some(self.weighted_sum / self.seconds);
        }
        self.peak.map(|(peak, _)| peak)
    }

    /// What was not exceeded for 95 % of the time, within 1.6 %.
    pub(crate) fn p95(&self) -> Option<f64> {
        let steps = self.histogram.quantile(0.95)? as f64;
        let (peak, _) = self.peak?;
        Some((steps / self.metric.steps()).min(peak))
    }

    pub(crate) fn peak(&self) -> Option<(f64, Duration)> {
        self.peak
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statistic(samples: &[(u64, f64)]) -> Statistic {
        let mut statistic = Statistic::new(Metric::Cpu);
        let mut at = Duration::ZERO;
        for (ms, cores) in samples {
            let span = Duration::from_millis(*ms);
            at += span;
            let mut figures = Figures::default();
            figures.set(Metric::Cpu, Some(*cores));
            statistic.add(at, span, &figures);
        }
        statistic
    }

    #[test]
    fn a_sample_counts_by_its_time() {
        let statistic = statistic(&[(10, 4.0), (990, 1.0)]);
        assert!((statistic.mean().unwrap() - 1.03).abs() < 1e-9);
        let p95 = statistic.p95().unwrap();
        assert!((p95 - 1.0).abs() < 0.02, "{p95}");
        assert_eq!(statistic.peak(), Some((4.0, Duration::from_millis(10))));
    }

    #[test]
    fn one_sample_without_time_is_its_own_mean() {
        let statistic = statistic(&[(0, 2.0)]);
        assert_eq!(statistic.mean(), Some(2.0));
        assert_eq!(statistic.p95(), Some(2.0));
    }

    #[test]
    fn what_was_never_told_has_no_figures() {
        let mut statistic = Statistic::new(Metric::Cpu);
        statistic.add(Duration::ZERO, Duration::ZERO, &Figures::default());
        assert_eq!((statistic.mean(), statistic.p95()), (None, None));
        assert_eq!(statistic.peak(), None);
    }
}
