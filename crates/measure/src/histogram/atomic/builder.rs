//! Options of an atomic histogram.

use super::{AtomicHistogram, Error, Layout};

/// Options of an [`AtomicHistogram`], from [`AtomicHistogram::builder`].
///
/// # Examples
/// ```
/// use tuneup_measure::AtomicHistogram;
///
/// let histogram = AtomicHistogram::builder().relative_error(0.05).max_value(1_000_000).build()?;
/// assert!(histogram.size_bytes() < 4_096);
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct AtomicHistogramBuilder {
    relative_error: f64,
    max_value: u64,
    exact_sum: bool,
}

impl AtomicHistogramBuilder {
    pub(super) fn new() -> Self {
        Self {
            relative_error: Layout::DEFAULT.relative_error(),
            max_value: u64::MAX,
            exact_sum: false,
        }
    }

    /// How far a value that comes out may be from the one that went in, as a part of it: 2⁻¹⁷ to
    /// 0.5, by default 1/64; rounded down to a power of two.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::AtomicHistogram;
    ///
    /// assert_eq!(AtomicHistogram::builder().relative_error(0.3).build()?.relative_error(), 0.25);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub fn relative_error(mut self, relative_error: f64) -> Self {
        self.relative_error = relative_error;
        self
    }

    /// The largest value to tell apart, by default `u64::MAX`. A smaller one saves memory.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::AtomicHistogram;
    ///
    /// assert_eq!(AtomicHistogram::builder().max_value(63).build()?.max_value(), 63);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub fn max_value(mut self, max_value: u64) -> Self {
        self.max_value = max_value;
        self
    }

    /// Whether values are added up one by one, at the price of a second atomic addition to one
    /// shared word, by default `false`.
    ///
    /// The sum is then exact once no `record` is under way.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::AtomicHistogram;
    ///
    /// let histogram = AtomicHistogram::builder().exact_sum(true).build()?;
    /// assert!(histogram.snapshot().sum_is_exact());
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub fn exact_sum(mut self, exact_sum: bool) -> Self {
        self.exact_sum = exact_sum;
        self
    }

    /// Allocates the histogram.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the relative error is not between 2⁻¹⁷ and 0.5.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::AtomicHistogram;
    ///
    /// assert!(AtomicHistogram::builder().relative_error(2.0).build().is_err());
    /// ```
    pub fn build(self) -> Result<AtomicHistogram, Error> {
        let layout = Layout::for_options(self.relative_error, self.max_value)?;
        Ok(AtomicHistogram::with_layout(layout, self.exact_sum))
    }
}
