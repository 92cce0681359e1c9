//! A log-linear histogram: every octave is cut into the same number of buckets, so that the
//! relative error is the same everywhere.
//!
//! This is the H2 layout (see <https://h2histogram.org>): the bucket of a value is a shift and an
//! addition away. Values are reported as the midpoints of their buckets, which halves the error
//! that reporting a bucket's edge has.

use crate::Error;

mod atomic;
mod buckets;
mod builder;
mod combine;
mod layout;
mod quantiles;
#[cfg(feature = "serde")]
mod stored;
#[cfg(test)]
mod tests;

use self::layout::HistogramLayout as Layout;
pub use self::{
    atomic::{AtomicHistogram, AtomicHistogramBuilder},
    buckets::{Bucket, Buckets},
    builder::HistogramBuilder,
    layout::HistogramLayout,
};

/// Counts of `u64` values in buckets whose width grows with the value.
///
/// Any unit will do: nanoseconds, ticks, bytes. By default all of `u64` fits, values below 64 are
/// exact, and every other value that comes out is within 1.5625 % (1/64) of one that went in; that
/// takes 1920 buckets, 15 KiB. [`builder`](Self::builder) changes both. Count, sum, mean, minimum
/// and maximum are exact.
///
/// A value above [`max_value`](Self::max_value) is counted in one bucket for all of them: ranks,
/// count, sum and maximum stay right, and a quantile that falls there is reported as the maximum.
/// [`saturated`](Self::saturated) says how many there were.
///
/// Memory is allocated once, when it is built. For recording from many threads there is
/// [`AtomicHistogram`], or one histogram per thread and [`merge`](Self::merge).
///
/// # Examples
/// ```
/// use tuneup_measure::Histogram;
///
/// let mut latency_ns = Histogram::new();
/// for ns in 1..=100_000 {
///     latency_ns.record(ns);
/// }
/// let [median, p99] = latency_ns.quantiles(&[0.5, 0.99]).unwrap();
/// assert_eq!(latency_ns.count(), 100_000);
/// assert_eq!(latency_ns.mean(), Some(50_000.5));
/// assert!(median.abs_diff(50_000) <= 50_000 / 64);
/// assert!(p99.abs_diff(99_000) <= 99_000 / 64);
/// ```
#[doc(alias = "hdrhistogram")]
#[doc(alias = "HdrHistogram")]
#[doc(alias = "H2")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    layout: Layout,
    counts: Box<[u64]>,
    /// The sum of `counts`. As it never passes `u64::MAX`, no bucket does, and `sum` cannot pass
    /// `u128::MAX`.
    count: u64,
    sum: u128,
    /// `u64::MAX` while empty.
    min: u64,
    /// 0 while empty.
    max: u64,
    /// Values that were not counted because `count` was full.
    dropped: u64,
    sum_is_exact: bool,
}

impl Histogram {
    /// A histogram for all of `u64` with a relative error of 1/64. Allocates 15 KiB.
    ///
    /// # Examples
    /// ```
    /// let histogram = tuneup_measure::Histogram::new();
    /// assert!(histogram.is_empty());
    /// assert_eq!(histogram.relative_error(), 1.0 / 64.0);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::with_layout(Layout::DEFAULT)
    }

    /// Options for another relative error or a largest value.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Histogram;
    ///
    /// let histogram = Histogram::builder().relative_error(0.001).max_value(60_000_000_000).build()?;
    /// assert!(histogram.relative_error() <= 0.001);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub fn builder() -> HistogramBuilder {
        HistogramBuilder::new()
    }

    fn with_layout(layout: Layout) -> Self {
        Self {
            layout,
            counts: vec![0; layout.len()].into_boxed_slice(),
            count: 0,
            sum: 0,
            min: u64::MAX,
            max: 0,
            dropped: 0,
            sum_is_exact: true,
        }
    }

    /// A histogram of counts that were kept elsewhere, by index in `layout`. The values are known
    /// only to their buckets: sum, minimum and maximum are estimated. O(buckets).
    ///
    /// # Errors
    /// [`Error::Inconsistent`] if there are more or fewer counts than buckets, or more values than
    /// `u64` counts.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::{Histogram, HistogramLayout};
    ///
    /// let layout = HistogramLayout::new(0, 3);
    /// let histogram = Histogram::from_counts(layout, &[0, 2, 1, 0])?;
    /// assert_eq!((histogram.count(), histogram.min()), (3, Some(1)));
    /// assert!(!histogram.sum_is_exact());
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub fn from_counts(layout: HistogramLayout, counts: &[u64]) -> Result<Self, Error> {
        let inconsistent = |what| Error::Inconsistent { what };
        if counts.len() != layout.len() {
            return Err(inconsistent("there must be one count for each bucket"));
        }
        let mut histogram = Self::with_layout(layout);
        for (index, &count) in counts.iter().enumerate() {
            if count > u64::MAX - histogram.count {
                return Err(inconsistent("the counts add up to more than u64 holds"));
            }
            histogram.record_n(layout.midpoint(index), count);
        }
        histogram.sum_is_exact = false;
        Ok(histogram)
    }

    /// Counts `value` once. O(1); never allocates, panics or blocks.
    ///
    /// # Examples
    /// ```
    /// let mut histogram = tuneup_measure::Histogram::new();
    /// histogram.record(17);
    /// assert_eq!(histogram.quantile(0.5), Some(17));
    /// ```
    #[inline]
    pub fn record(&mut self, value: u64) {
        let index = self.layout.index(value);
        let Some(count) = self.count.checked_add(1) else {
            return self.drop_values(1);
        };
        let Some((last, others)) = self.counts.split_last_mut() else {
            return;
        };
        *others.get_mut(index).unwrap_or(last) += 1;
        self.count = count;
        self.sum += u128::from(value);
        // Extremes are rare: a branch that is not taken costs less than a store that is.
        if value < self.min {
            self.min = value;
        }
        if value > self.max {
            self.max = value;
        }
    }

    /// Counts `value` as if it had been recorded `times` times, in O(1).
    ///
    /// A histogram holds `u64::MAX` values. What does not fit is left out and counted in
    /// [`saturated`](Self::saturated).
    ///
    /// # Examples
    /// ```
    /// let mut histogram = tuneup_measure::Histogram::new();
    /// histogram.record_n(5, 1_000);
    /// assert_eq!((histogram.count(), histogram.sum()), (1_000, 5_000));
    /// ```
    #[inline]
    pub fn record_n(&mut self, value: u64, times: u64) {
        let fitting = times.min(u64::MAX - self.count);
        if fitting < times {
            self.drop_values(times - fitting);
        }
        if fitting == 0 {
            return;
        }
        let index = self.layout.index(value).min(self.counts.len() - 1);
        self.counts[index] += fitting;
        self.count += fitting;
        self.sum += u128::from(value) * u128::from(fitting);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    #[cold]
    fn drop_values(&mut self, times: u64) {
        self.dropped = self.dropped.saturating_add(times);
    }

    /// How many values were counted. O(1).
    ///
    /// # Examples
    /// ```
    /// assert_eq!(tuneup_measure::Histogram::new().count(), 0);
    /// ```
    #[doc(alias = "len")]
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether nothing was counted. O(1).
    ///
    /// # Examples
    /// ```
    /// assert!(tuneup_measure::Histogram::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The sum of all counted values, exact unless [`sum_is_exact`](Self::sum_is_exact) says
    /// otherwise. O(1).
    ///
    /// # Examples
    /// ```
    /// let mut histogram = tuneup_measure::Histogram::new();
    /// histogram.record(u64::MAX);
    /// histogram.record(u64::MAX);
    /// assert_eq!(histogram.sum(), 2 * u128::from(u64::MAX));
    /// ```
    #[must_use]
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// Whether the sum was added up value by value rather than estimated from the buckets'
    /// midpoints.
    ///
    /// Only snapshots of an [`AtomicHistogram`] without
    /// [`exact_sum`](AtomicHistogramBuilder::exact_sum), and what they were merged into, have an
    /// estimated one; it is within [`relative_error`](Self::relative_error) of the exact one as
    /// long as no value is above [`max_value`](Self::max_value).
    ///
    /// # Examples
    /// ```
    /// assert!(tuneup_measure::Histogram::new().sum_is_exact());
    /// assert!(!tuneup_measure::AtomicHistogram::new().snapshot().sum_is_exact());
    /// ```
    #[must_use]
    pub fn sum_is_exact(&self) -> bool {
        self.sum_is_exact
    }

    /// The mean, `None` if nothing was counted. As exact as the sum. O(1).
    ///
    /// # Examples
    /// ```
    /// let mut histogram = tuneup_measure::Histogram::new();
    /// assert_eq!(histogram.mean(), None);
    /// histogram.record(1);
    /// histogram.record(2);
    /// assert_eq!(histogram.mean(), Some(1.5));
    /// ```
    #[doc(alias = "average")]
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The smallest counted value, `None` if there is none. O(1).
    ///
    /// Exact, except after [`subtract`](Self::subtract), which leaves it known only to its bucket.
    ///
    /// # Examples
    /// ```
    /// let mut histogram = tuneup_measure::Histogram::new();
    /// histogram.record(1_001);
    /// assert_eq!(histogram.min(), Some(1_001));
    /// ```
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    /// The largest counted value, `None` if there is none. O(1).
    ///
    /// Exact, except after [`subtract`](Self::subtract), which leaves it known only to its bucket.
    ///
    /// # Examples
    /// ```
    /// let mut histogram = tuneup_measure::Histogram::new();
    /// histogram.record(1_001);
    /// assert_eq!(histogram.max(), Some(1_001));
    /// ```
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// How many values could not be placed: those above [`max_value`](Self::max_value), and those
    /// recorded when the histogram already held `u64::MAX` values. Stops at `u64::MAX`.
    ///
    /// The former are part of [`count`](Self::count), the latter are not.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Histogram;
    ///
    /// let mut histogram = Histogram::builder().max_value(1_000).build()?;
    /// histogram.record(999);
    /// histogram.record(5_000_000);
    /// assert_eq!((histogram.count(), histogram.saturated()), (2, 1));
    /// assert_eq!(histogram.quantile(1.0), Some(5_000_000));
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[doc(alias = "overflow")]
    #[must_use]
    pub fn saturated(&self) -> u64 {
        let above = self
            .layout
            .overflow_index()
            .map_or(0, |index| self.counts[index]);
        above.saturating_add(self.dropped)
    }

    /// How far a value that comes out may be from the one that went in, as a part of it: a power of
    /// two.
    ///
    /// # Examples
    /// ```
    /// assert_eq!(tuneup_measure::Histogram::new().relative_error(), 0.015625);
    /// ```
    #[doc(alias = "precision")]
    #[must_use]
    pub fn relative_error(&self) -> f64 {
        self.layout.relative_error()
    }

    /// The largest value that has its own bucket: what was asked for, rounded up to the end of its
    /// bucket.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Histogram;
    ///
    /// assert_eq!(Histogram::new().max_value(), u64::MAX);
    /// assert_eq!(Histogram::builder().max_value(1_000).build()?.max_value(), 1_007);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[must_use]
    pub fn max_value(&self) -> u64 {
        self.layout.max_value()
    }

    /// The bytes it takes, on the heap and in itself.
    ///
    /// # Examples
    /// ```
    /// assert!(tuneup_measure::Histogram::new().size_bytes() < 16 * 1024);
    /// ```
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>() + size_of_val::<[u64]>(&self.counts)
    }

    /// The non-empty buckets from the smallest value to the largest. O(buckets) for all of them;
    /// does not allocate.
    ///
    /// # Examples
    /// ```
    /// let mut histogram = tuneup_measure::Histogram::new();
    /// histogram.record(10);
    /// histogram.record(1_000);
    /// let ranges: Vec<_> = histogram.buckets().map(|bucket| (bucket.low, bucket.high)).collect();
    /// assert_eq!(ranges, [(10, 10), (992, 1_007)]);
    /// ```
    pub fn buckets(&self) -> Buckets<'_> {
        Buckets::new(self)
    }

    /// Forgets all values and keeps the memory. O(buckets).
    ///
    /// # Examples
    /// ```
    /// let mut histogram = tuneup_measure::Histogram::new();
    /// histogram.record(1);
    /// histogram.clear();
    /// assert_eq!(histogram, tuneup_measure::Histogram::new());
    /// ```
    #[doc(alias = "reset")]
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.count = 0;
        self.sum = 0;
        self.min = u64::MAX;
        self.max = 0;
        self.dropped = 0;
        self.sum_is_exact = true;
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl Extend<u64> for Histogram {
    fn extend<I: IntoIterator<Item = u64>>(&mut self, values: I) {
        for value in values {
            self.record(value);
        }
    }
}

impl FromIterator<u64> for Histogram {
    fn from_iter<I: IntoIterator<Item = u64>>(values: I) -> Self {
        let mut histogram = Self::new();
        histogram.extend(values);
        histogram
    }
}
