//! Options of a histogram.

use super::{Histogram, layout::HistogramLayout as Layout};
use crate::Error;

/// Options of a [`Histogram`], from [`Histogram::builder`].
///
/// # Examples
/// ```
/// use tuneup_measure::Histogram;
///
/// let histogram = Histogram::builder().relative_error(0.05).build()?;
/// assert_eq!(histogram.relative_error(), 1.0 / 32.0);
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct HistogramBuilder {
    relative_error: f64,
    max_value: u64,
}

impl HistogramBuilder {
    pub(super) fn new() -> Self {
        Self {
            relative_error: Layout::DEFAULT.relative_error(),
            max_value: u64::MAX,
        }
    }

    /// How far a value that comes out may be from the one that went in, as a part of it: 2⁻¹⁷ to
    /// 0.5, by default 1/64.
    ///
    /// Rounded down to a power of two. Halving it doubles the memory: with `e` the power of two, a
    /// histogram for all of `u64` has about 32 / e buckets of 8 bytes.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Histogram;
    ///
    /// let histogram = Histogram::builder().relative_error(0.01).build()?;
    /// assert_eq!(histogram.relative_error(), 1.0 / 128.0);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[doc(alias = "significant_digits")]
    pub fn relative_error(mut self, relative_error: f64) -> Self {
        self.relative_error = relative_error;
        self
    }

    /// The largest value to tell apart, by default `u64::MAX`. A smaller one saves memory.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Histogram;
    ///
    /// let one_second_ns = Histogram::builder().max_value(1_000_000_000).build()?;
    /// assert!(one_second_ns.size_bytes() < Histogram::new().size_bytes() / 2);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub fn max_value(mut self, max_value: u64) -> Self {
        self.max_value = max_value;
        self
    }

    /// Allocates the histogram.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the relative error is not between 2⁻¹⁷ and 0.5.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::{Error, Histogram};
    ///
    /// let error = Histogram::builder().relative_error(0.0).build().unwrap_err();
    /// assert!(matches!(error, Error::OutOfRange { .. }));
    /// ```
    pub fn build(self) -> Result<Histogram, Error> {
        Layout::for_options(self.relative_error, self.max_value).map(Histogram::with_layout)
    }
}
