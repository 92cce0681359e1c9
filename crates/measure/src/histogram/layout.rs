//! Which bucket a value belongs to, and which values a bucket holds.

use crate::Error;

const LARGEST_SUB_BUCKET_BITS: u32 = 16;

/// Which bucket of a [`Histogram`](crate::Histogram) a value belongs to: for counting into an array of
/// one's own, which [`Histogram::from_counts`](crate::Histogram::from_counts) reads.
///
/// With `k` sub-bucket bits an octave has 2ᵏ buckets. Values below 2ᵏ⁺¹ have a bucket each; the
/// bucket of a larger one is given by its top `k + 1` bits and its magnitude. If the largest value
/// is limited, one more bucket holds everything above.
///
/// ```
/// use tuneup_measure::{Histogram, HistogramLayout};
///
/// const LAYOUT: HistogramLayout = HistogramLayout::new(4, (1 << 40) - 1);
/// let mut counts = [0; LAYOUT.len()];
/// for value in [3, 1_000] {
///     counts[LAYOUT.index(value).min(LAYOUT.len() - 1)] += 1;
/// }
/// let histogram = Histogram::from_counts(LAYOUT, &counts)?;
/// assert_eq!((histogram.count(), histogram.quantile(0.0)), (2, Some(3)));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistogramLayout {
    sub_bucket_bits: u32,
    len: u32,
    max_value: u64,
}

impl HistogramLayout {
    pub(super) const DEFAULT: Self = Self::new(5, u64::MAX);

    /// 2 to the power of `sub_bucket_bits` buckets an octave, up to `max_value` at least.
    ///
    /// # Panics
    /// If `sub_bucket_bits` is above 16, which would be 8 MiB of buckets.
    ///
    /// ```
    /// use tuneup_measure::HistogramLayout;
    ///
    /// assert_eq!(HistogramLayout::new(5, u64::MAX).relative_error(), 1.0 / 64.0);
    /// ```
    #[must_use]
    pub const fn new(sub_bucket_bits: u32, max_value: u64) -> Self {
        assert!(
            sub_bucket_bits <= LARGEST_SUB_BUCKET_BITS,
            "a histogram has at most 16 sub-bucket bits"
        );
        let regular = index(sub_bucket_bits, max_value) + 1;
        let max_value = highest(sub_bucket_bits, regular - 1);
        let overflow = if max_value == u64::MAX { 0 } else { 1 };
        Self {
            sub_bucket_bits,
            len: (regular + overflow) as u32,
            max_value,
        }
    }

    /// The coarsest layout that is as exact as asked.
    pub(super) fn for_options(relative_error: f64, max_value: u64) -> Result<Self, Error> {
        (0..=LARGEST_SUB_BUCKET_BITS)
            .find(|&bits| error_of(bits) <= relative_error && relative_error <= error_of(0))
            .map(|bits| Self::new(bits, max_value))
            .ok_or(Error::OutOfRange {
                option: "relative error",
                value: relative_error,
                allowed: "a part between 0.0000077 (2⁻¹⁷) and 0.5, such as 0.01 for 1 %",
            })
    }

    #[cfg(feature = "serde")]
    pub(super) fn from_stored(sub_bucket_bits: u32, max_value: u64) -> Option<Self> {
        let layout = (sub_bucket_bits <= LARGEST_SUB_BUCKET_BITS)
            .then(|| Self::new(sub_bucket_bits, max_value))?;
        (layout.max_value == max_value).then_some(layout)
    }

    /// The bucket of `value`; at or beyond the last index if it is above the largest value. A few
    /// instructions without a branch.
    ///
    /// ```
    /// use tuneup_measure::HistogramLayout;
    ///
    /// let layout = HistogramLayout::new(5, u64::MAX);
    /// assert_eq!(layout.index(63), 63);
    /// assert_eq!(layout.index(1_000), layout.index(1_001));
    /// ```
    #[inline(always)]
    #[must_use]
    pub const fn index(&self, value: u64) -> usize {
        index(self.sub_bucket_bits, value)
    }

    /// The number of buckets.
    ///
    /// ```
    /// use tuneup_measure::HistogramLayout;
    ///
    /// assert_eq!(HistogramLayout::new(5, u64::MAX).len(), 1_920);
    /// ```
    #[allow(clippy::len_without_is_empty)] // no layout is empty
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    #[cfg(feature = "serde")]
    pub(super) fn sub_bucket_bits(&self) -> u32 {
        self.sub_bucket_bits
    }

    /// The largest value that has a bucket of its own: what was asked for, rounded up to the end of its bucket.
    ///
    /// ```
    /// use tuneup_measure::HistogramLayout;
    ///
    /// assert_eq!(HistogramLayout::new(5, 1_000).max_value(), 1_007);
    /// ```
    #[must_use]
    pub const fn max_value(&self) -> u64 {
        self.max_value
    }

    /// How far a value that comes out may be from the one that went in, as a part of it.
    ///
    /// ```
    /// use tuneup_measure::HistogramLayout;
    ///
    /// assert_eq!(HistogramLayout::new(3, u64::MAX).relative_error(), 0.0625);
    /// ```
    #[must_use]
    pub fn relative_error(&self) -> f64 {
        error_of(self.sub_bucket_bits)
    }

    pub(super) fn overflow_index(&self) -> Option<usize> {
        (self.max_value < u64::MAX).then(|| self.len() - 1)
    }

    /// The smallest and the largest value of a bucket.
    pub(super) fn bounds(&self, index: usize) -> (u64, u64) {
        if Some(index) == self.overflow_index() {
            (self.max_value + 1, u64::MAX)
        } else {
            (
                lowest(self.sub_bucket_bits, index),
                highest(self.sub_bucket_bits, index),
            )
        }
    }

    /// What stands for the values of a bucket: nothing but the least is known of those above the
    /// largest value.
    pub(super) fn midpoint(&self, index: usize) -> u64 {
        let (low, high) = self.bounds(index);
        if Some(index) == self.overflow_index() {
            low
        } else {
            low + (high - low) / 2
        }
    }
}

/// A bucket of an octave from 2ᵉ is 2ᵉ⁻ᵏ wide, so that its midpoint is at most 2ᵉ⁻ᵏ⁻¹ from its
/// values.
fn error_of(sub_bucket_bits: u32) -> f64 {
    0.5 / f64::from(1_u32 << sub_bucket_bits)
}

#[inline(always)]
const fn index(sub_bucket_bits: u32, value: u64) -> usize {
    let exponent = 63 - (value | (1 << sub_bucket_bits)).leading_zeros();
    let shift = exponent - sub_bucket_bits;
    ((shift as usize) << sub_bucket_bits) + (value >> shift) as usize
}

const fn lowest(sub_bucket_bits: u32, index: usize) -> u64 {
    let shift = shift_of(sub_bucket_bits, index);
    ((index - ((shift as usize) << sub_bucket_bits)) as u64) << shift
}

const fn highest(sub_bucket_bits: u32, index: usize) -> u64 {
    lowest(sub_bucket_bits, index) + ((1 << shift_of(sub_bucket_bits, index)) - 1)
}

const fn shift_of(sub_bucket_bits: u32, index: usize) -> u32 {
    ((index >> sub_bucket_bits) as u32).saturating_sub(1)
}
