//! The histogram's twin that many threads record into at once.

#[cfg(not(all(test, loom)))]
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[cfg(all(test, loom))]
use loom::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::{Histogram, layout::HistogramLayout as Layout};
use crate::Error;

mod builder;
#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;

pub use self::builder::AtomicHistogramBuilder;

/// A [`Histogram`] that any number of threads record into, and that can be read at any time.
///
/// Recording is one relaxed `fetch_add`, and two loads that find the minimum and the maximum
/// unchanged. The count is what the buckets add up to, so that the two always agree. The sum is
/// estimated from the buckets' midpoints, and so within
/// [`relative_error`](Histogram::relative_error) of the exact one;
/// [`exact_sum`](AtomicHistogramBuilder::exact_sum) buys the exact one for a second atomic
/// addition.
///
/// # What a snapshot promises while others record
/// - Every `record` that happened before the snapshot is in it; one that overlaps it is either in
///   it or not, as a whole bucket count.
/// - Its count is the sum of its buckets, its minimum lies in its lowest and its maximum in its
///   highest non-empty bucket, and so do all quantiles. Minimum and maximum are exact once no
///   `record` is under way; during one they may be off within their bucket.
/// - It is not the state of one instant: of two records that overlap it, the later one may be in it
///   and the earlier one not.
///
/// Counters do not saturate: at one value a nanosecond a bucket is full after 584 years.
///
/// # Examples
/// ```
/// use std::thread;
/// use tuneup_measure::AtomicHistogram;
///
/// let latency_ns = AtomicHistogram::new();
/// thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| (1..=1_000).for_each(|ns| latency_ns.record(ns)));
///     }
/// });
/// let snapshot = latency_ns.snapshot();
/// assert_eq!((snapshot.count(), snapshot.max()), (2_000, Some(1_000)));
/// ```
#[doc(alias = "concurrent histogram")]
pub struct AtomicHistogram {
    layout: Layout,
    counts: Box<[AtomicU64]>,
    min: AtomicU64,
    max: AtomicU64,
    sum: Option<ExactSum>,
}

impl AtomicHistogram {
    /// A histogram for all of `u64` with a relative error of 1/64 and an estimated sum. Allocates
    /// 15 KiB.
    ///
    /// # Examples
    /// ```
    /// let histogram = tuneup_measure::AtomicHistogram::new();
    /// histogram.record(3);
    /// assert_eq!(histogram.snapshot().count(), 1);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::with_layout(Layout::DEFAULT, false)
    }

    /// Options for another relative error, a largest value or an exact sum.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::AtomicHistogram;
    ///
    /// let histogram = AtomicHistogram::builder().exact_sum(true).build()?;
    /// histogram.record(1_001);
    /// assert_eq!(histogram.snapshot().sum(), 1_001);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub fn builder() -> AtomicHistogramBuilder {
        AtomicHistogramBuilder::new()
    }

    fn with_layout(layout: Layout, exact_sum: bool) -> Self {
        Self {
            layout,
            counts: (0..layout.len()).map(|_| AtomicU64::new(0)).collect(),
            min: AtomicU64::new(u64::MAX),
            max: AtomicU64::new(0),
            sum: exact_sum.then(ExactSum::new),
        }
    }

    /// Counts `value` once. O(1), wait-free; never allocates, panics or blocks.
    ///
    /// # Examples
    /// ```
    /// let histogram = tuneup_measure::AtomicHistogram::new();
    /// histogram.record(250);
    /// assert_eq!(histogram.snapshot().max(), Some(250));
    /// ```
    #[inline]
    pub fn record(&self, value: u64) {
        let Some((last, others)) = self.counts.split_last() else {
            return;
        };
        others
            .get(self.layout.index(value))
            .unwrap_or(last)
            .fetch_add(1, Relaxed);
        if value < self.min.load(Relaxed) {
            self.min.fetch_min(value, Relaxed);
        }
        if value > self.max.load(Relaxed) {
            self.max.fetch_max(value, Relaxed);
        }
        if let Some(sum) = &self.sum {
            sum.add(value);
        }
    }

    /// What was counted so far. O(buckets); allocates the copy; does not disturb those who record.
    ///
    /// The differences of snapshots are windows: see [`Histogram::subtract`].
    ///
    /// # Examples
    /// ```
    /// let histogram = tuneup_measure::AtomicHistogram::new();
    /// histogram.record(1);
    /// let earlier = histogram.snapshot();
    /// histogram.record(2);
    /// let mut window = histogram.snapshot();
    /// window.subtract(&earlier)?;
    /// assert_eq!((window.count(), window.min()), (1, Some(2)));
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Histogram {
        self.read(|cell, _| cell.load(Relaxed))
    }

    /// What was counted since the last `take`, and starts again from nothing. Every value is in
    /// exactly one of the results.
    ///
    /// A `record` that overlaps it may leave its minimum or maximum on the other side; they are
    /// then known only to their bucket. The same holds for an exact sum, which is kept within what
    /// the buckets allow. O(buckets); allocates the copy; writes to every bucket.
    ///
    /// # Examples
    /// ```
    /// let histogram = tuneup_measure::AtomicHistogram::new();
    /// histogram.record(1);
    /// assert_eq!(histogram.take().count(), 1);
    /// assert_eq!(histogram.take().count(), 0);
    /// ```
    #[doc(alias = "reset")]
    #[doc(alias = "drain")]
    #[must_use = "the values are gone from the histogram; use `snapshot` to leave them there"]
    pub fn take(&self) -> Histogram {
        self.read(|cell, empty| cell.swap(empty, Relaxed))
    }

    /// `read` is given a cell and the value that makes it empty.
    fn read(&self, read: impl Fn(&AtomicU64, u64) -> u64) -> Histogram {
        let mut histogram = Histogram::with_layout(self.layout);
        for (count, cell) in histogram.counts.iter_mut().zip(&self.counts) {
            *count = read(cell, 0);
            histogram.count = histogram.count.saturating_add(*count);
        }
        histogram.min = read(&self.min, u64::MAX);
        histogram.max = read(&self.max, 0);
        histogram.sum_is_exact = self.sum.is_some();
        histogram.sum = match &self.sum {
            Some(sum) => sum.read(read, histogram.sum_bounds()),
            None => histogram.estimated_sum(),
        };
        histogram.fit_to_buckets();
        histogram
    }

    /// The relative error of its snapshots; see [`Histogram::relative_error`].
    ///
    /// # Examples
    /// ```
    /// assert_eq!(tuneup_measure::AtomicHistogram::new().relative_error(), 0.015625);
    /// ```
    #[must_use]
    pub fn relative_error(&self) -> f64 {
        self.layout.relative_error()
    }

    /// The largest value that has its own bucket; see [`Histogram::max_value`].
    ///
    /// # Examples
    /// ```
    /// assert_eq!(tuneup_measure::AtomicHistogram::new().max_value(), u64::MAX);
    /// ```
    #[must_use]
    pub fn max_value(&self) -> u64 {
        self.layout.max_value()
    }

    /// The bytes it takes, on the heap and in itself.
    ///
    /// # Examples
    /// ```
    /// assert!(tuneup_measure::AtomicHistogram::new().size_bytes() < 16 * 1024);
    /// ```
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>() + size_of_val::<[AtomicU64]>(&self.counts)
    }
}

impl Default for AtomicHistogram {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for AtomicHistogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AtomicHistogram")
            .field("relative_error", &self.relative_error())
            .field("max_value", &self.max_value())
            .finish_non_exhaustive()
    }
}

impl Histogram {
    fn estimated_sum(&self) -> u128 {
        self.counts
            .iter()
            .enumerate()
            .map(|(index, &count)| u128::from(count) * u128::from(self.layout.midpoint(index)))
            .sum()
    }
}

/// A 128-bit sum in two words.
///
/// Between the two additions of a carry a reader sees a sum that is off by 2⁶⁴; what the buckets
/// allow tells it.
struct ExactSum {
    low: AtomicU64,
    high: AtomicU64,
}

impl ExactSum {
    fn new() -> Self {
        Self {
            low: AtomicU64::new(0),
            high: AtomicU64::new(0),
        }
    }

    #[inline]
    fn add(&self, value: u64) {
        let before = self.low.fetch_add(value, Relaxed);
        if before.checked_add(value).is_none() {
            self.high.fetch_add(1, Relaxed);
        }
    }

    fn read(&self, read: impl Fn(&AtomicU64, u64) -> u64, (least, most): (u128, u128)) -> u128 {
        let low = read(&self.low, 0);
        let seen = (u128::from(read(&self.high, 0)) << u64::BITS) | u128::from(low);
        if seen < least {
            seen + nearest_carries(least - seen)
        } else {
            // Rounding up may take a carry that `seen` does not have: its value has not reached the
            // buckets yet.
            seen.saturating_sub(nearest_carries(seen.saturating_sub(most)))
        }
    }
}

/// `difference` rounded to whole carries: none, unless it is at least half of one.
fn nearest_carries(difference: u128) -> u128 {
    const CARRY: u128 = 1 << u64::BITS;
    (difference + CARRY / 2) / CARRY * CARRY
}
