//! An estimate and how far off it may be.

use std::fmt;

/// An estimate with the interval that covers the true value with a given confidence.
///
/// # Examples
/// ```
/// use tuneup_measure::Interval;
///
/// let ratio = Interval::new(0.97, 0.98, 0.99, 0.95);
/// assert!(!ratio.contains(1.0));
/// assert_eq!(format!("{ratio:.2}"), "0.98 (0.97 to 0.99)");
/// ```
#[doc(alias = "confidence interval")]
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Interval {
    /// The lower end, in the unit of the sample.
    pub low: f64,
    /// The estimate itself; not always inside the interval when the sample is small and skewed.
    pub estimate: f64,
    /// The upper end, in the unit of the sample.
    pub high: f64,
    /// The confidence level between 0.0 and 1.0, such as 0.95.
    pub confidence: f64,
}

impl Interval {
    /// Puts an interval together. Nothing is checked.
    ///
    /// # Examples
    /// ```
    /// assert_eq!(tuneup_measure::Interval::new(1.0, 2.0, 4.0, 0.9).high, 4.0);
    /// ```
    #[must_use]
    pub const fn new(low: f64, estimate: f64, high: f64, confidence: f64) -> Self {
        Self {
            low,
            estimate,
            high,
            confidence,
        }
    }

    /// Whether `value` is inside, the ends included.
    ///
    /// # Examples
    /// ```
    /// assert!(tuneup_measure::Interval::new(1.0, 2.0, 4.0, 0.9).contains(1.0));
    /// ```
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// The distance between the ends.
    ///
    /// # Examples
    /// ```
    /// assert_eq!(tuneup_measure::Interval::new(1.0, 2.0, 4.0, 0.9).width(), 3.0);
    /// ```
    #[must_use]
    pub fn width(&self) -> f64 {
        self.high - self.low
    }

    /// The interval in another unit: estimate and ends multiplied by `factor`; a negative one
    /// exchanges the ends.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Interval;
    ///
    /// let ns = Interval::new(1_000.0, 1_500.0, 2_000.0, 0.95);
    /// assert_eq!(ns.scaled(1e-3), Interval::new(1.0, 1.5, 2.0, 0.95));
    /// ```
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let (a, b) = (self.low * factor, self.high * factor);
        let (low, high) = if factor < 0.0 { (b, a) } else { (a, b) };
        Self {
            low,
            estimate: self.estimate * factor,
            high,
            confidence: self.confidence,
        }
    }
}

impl fmt::Display for Interval {
    /// `estimate (low to high)`; a precision applies to all three.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.estimate, f)?;
        f.write_str(" (")?;
        fmt::Display::fmt(&self.low, f)?;
        f.write_str(" to ")?;
        fmt::Display::fmt(&self.high, f)?;
        f.write_str(")")
    }
}
