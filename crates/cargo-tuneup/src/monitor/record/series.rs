//! The figures over time, thinned as they grow.

use std::time::Duration;

use crate::monitor::metric::{Figures, Metric};

/// So many stretches of time at most; when they are full, each two become one.
const MOST_BUCKETS: usize = 512;

/// The smallest, the mean and the largest value of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) mean: f64,
    pub(crate) max: f64,
    /// How long there was a value.
    seconds: f64,
}

impl Spread {
    fn one(value: f64, span: Duration) -> Self {
        Self {
            min: value,
            mean: value,
            max: value,
            seconds: span.as_secs_f64(),
        }
    }

    fn with(self, other: Self) -> Self {
        let seconds = self.seconds + other.seconds;
        let mean = match seconds > 0.0 {
            true => (self.mean * self.seconds + other.mean * other.seconds) / seconds,
            false => f64::midpoint(self.mean, other.mean),
        };
        Self {
            min: self.min.min(other.min),
            mean,
            max: self.max.max(other.max),
            seconds,
        }
    }
}

/// A stretch of time.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    /// When it has ended, since the watch has begun.
    pub(crate) at: Duration,
    /// How long it was.
    pub(crate) span: Duration,
    samples: u64,
    spreads: [Option<Spread>; Metric::ALL.len()],
}

impl Bucket {
    fn one(at: Duration, span: Duration, figures: &Figures) -> Self {
        let spread = |metric| Some(Spread::one(figures.get(metric)?, span));
        Self {
            at,
            span,
            samples: 1,
            spreads: Metric::ALL.map(spread),
        }
    }

    fn with(mut self, later: Self) -> Self {
        self.at = later.at;
        self.span += later.span;
        self.samples += later.samples;
        for (one, other) in self.spreads.iter_mut().zip(later.spreads) {
            *one = match (*one, other) {
                (Some(one), Some(other)) => Some(one.with(other)),
                (one, other) => one.or(other),
            };
        }
        self
    }

    pub(crate) fn spread(&self, metric: Metric) -> Option<Spread> {
        self.spreads[metric as usize]
    }
}

/// Stretches of time that are about equally long, in order.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    buckets: Vec<Bucket>,
    /// A stretch takes so many samples.
    samples_each: u64,
}

impl Default for Series {
    fn default() -> Self {
        Self {
            buckets: Vec::new(),
            samples_each: 1,
        }
    }
}

impl Series {
    pub(crate) fn add(&mut self, at: Duration, span: Duration, figures: &Figures) {
        let bucket = Bucket::one(at, span, figures);
        if let Some(last) = self.buckets.pop_if(|last| last.samples < self.samples_each) {
            self.buckets.push(last.with(bucket));
            return;
        }
        if self.buckets.len() == MOST_BUCKETS {
            self.halve();
        }
        self.buckets.push(bucket);
    }

    fn halve(&mut self) {
        let mut halved = Vec::with_capacity(MOST_BUCKETS);
        let mut buckets = self.buckets.drain(..);
        while let Some(first) = buckets.next() {
            halved.push(match buckets.next() {
                Some(second) => first.with(second),
                None => first,
            });
        }
        drop(buckets);
        self.buckets = halved;
        self.samples_each *= 2;
    }

    pub(crate) fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second each, with these values.
    fn series(values: impl IntoIterator<Item = f64>) -> Series {
        let mut series = Series::default();
        for (number, value) in (1..).zip(values) {
            let mut figures = Figures::default();
            figures.set(Metric::Resident, Some(value));
            let second = Duration::from_secs(1);
            series.add(second * number, second, &figures);
        }
        series
    }

    #[test]
    fn a_short_series_is_kept_as_it_is() {
        let series = series([3.0, 1.0]);
        let means: Vec<f64> = series
            .buckets()
            .iter()
            .map(|it| it.spread(Metric::Resident).unwrap().mean)
            .collect();
        assert_eq!(means, [3.0, 1.0]);
        assert_eq!(series.buckets()[0].spread(Metric::Cpu), None);
    }

    proptest::proptest! {
        /// However many there are: their number is bounded, and no time, no extreme and no sum is lost.
        #[test]
        fn nothing_is_lost_when_it_is_thinned(count in 1..5_000_u32, seed in 0..1_000_u32) {
            let values: Vec<f64> = (0..count).map(|number| f64::from((number * 7919 + seed) % 1009)).collect();
            let series = series(values.iter().copied());
            let buckets = series.buckets();
            proptest::prop_assert!(buckets.len() <= MOST_BUCKETS);
            proptest::prop_assert!(count < 512 || buckets.len() > MOST_BUCKETS / 4);
            let spreads: Vec<Spread> = buckets.iter().filter_map(|it| it.spread(Metric::Resident)).collect();
            let max = spreads.iter().map(|it| it.max).fold(f64::MIN, f64::max);
            let min = spreads.iter().map(|it| it.min).fold(f64::MAX, f64::min);
            proptest::prop_assert_eq!(max, values.iter().copied().fold(f64::MIN, f64::max));
            proptest::prop_assert_eq!(min, values.iter().copied().fold(f64::MAX, f64::min));
            let sum: f64 = spreads.iter().map(|it| it.mean * it.seconds).sum();
            proptest::prop_assert!((sum - values.iter().sum::<f64>()).abs() < 1e-6 * sum.max(1.0));
            let time: Duration = buckets.iter().map(|it| it.span).sum();
            proptest::prop_assert_eq!(time, Duration::from_secs(u64::from(count)));
            proptest::prop_assert!(buckets.is_sorted_by(|left, right| left.at < right.at));
        }
    }
}
