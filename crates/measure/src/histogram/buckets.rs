//! Walking over the buckets that hold something.

use std::iter::FusedIterator;

use super::{Histogram, layout::HistogramLayout as Layout};

/// A range of values and how many of them were counted.
///
/// # Examples
/// ```
/// let histogram: tuneup_measure::Histogram = [7, 7].into_iter().collect();
/// let bucket = histogram.buckets().next().unwrap();
/// assert_eq!((bucket.low, bucket.high, bucket.count), (7, 7, 2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Bucket {
    /// The smallest value that belongs here.
    pub low: u64,
    /// The largest value that belongs here (inclusive); `u64::MAX` for the bucket of what is above
    /// the largest value.
    pub high: u64,
    /// How many values were counted here; never 0.
    pub count: u64,
}

/// The non-empty buckets of a [`Histogram`], from [`Histogram::buckets`].
///
/// # Examples
/// ```
/// let histogram: tuneup_measure::Histogram = [1, 2, 2].into_iter().collect();
/// assert_eq!(histogram.buckets().map(|bucket| bucket.count).collect::<Vec<_>>(), [1, 2]);
/// ```
#[derive(Debug, Clone)]
#[must_use = "iterators are lazy"]
pub struct Buckets<'a> {
    layout: Layout,
    counts: std::iter::Enumerate<std::slice::Iter<'a, u64>>,
}

impl<'a> Buckets<'a> {
    pub(super) fn new(histogram: &'a Histogram) -> Self {
        Self {
            layout: histogram.layout,
            counts: histogram.counts.iter().enumerate(),
        }
    }
}

impl Iterator for Buckets<'_> {
    type Item = Bucket;

    fn next(&mut self) -> Option<Bucket> {
        let (index, &count) = self.counts.find(|&(_, &count)| count > 0)?;
        let (low, high) = self.layout.bounds(index);
        Some(Bucket { low, high, count })
    }
}

impl FusedIterator for Buckets<'_> {}
