//! What a sample looks like, in one struct.

use crate::{Error, sample};

#[cfg(test)]
mod tests;

/// Count, centre, spread and quartiles of a sample.
///
/// Quantiles are of type 7 (Hyndman and Fan 1996), the default of R, NumPy and spreadsheets.
/// Median, MAD and quartiles are not moved by a few wild values; mean and standard deviation are.
///
/// # Examples
/// ```
/// use tuneup_measure::Summary;
///
/// let summary = Summary::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0])?;
/// assert_eq!((summary.mean, summary.median, summary.mad), (5.0, 4.5, 0.5));
/// assert_eq!((summary.q1, summary.q3, summary.iqr()), (4.0, 5.5, 1.5));
/// assert_eq!(format!("{:.3}", summary.sd), "2.138");
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Summary {
    /// How many values.
    pub count: usize,
    /// The arithmetic mean.
    pub mean: f64,
    /// The standard deviation with n − 1 in the denominator; 0.0 for a single value.
    pub sd: f64,
    /// The smallest value.
    pub min: f64,
    /// The first quartile.
    pub q1: f64,
    /// The median.
    pub median: f64,
    /// The third quartile.
    pub q3: f64,
    /// The largest value.
    pub max: f64,
    /// The median of the distances from the median, not scaled.
    pub mad: f64,
}

impl Summary {
    /// Normal distributions have a standard deviation of this many MADs: 1 / Φ⁻¹(3/4).
    const SD_OF_MAD: f64 = 1.482_602_218_505_602;

    /// Describes a sample. O(n log n); allocates a copy.
    ///
    /// Deviations are squared: where values are further apart than about 10¹⁵⁴, the standard
    /// deviation is infinite. So is the MAD where it is above [`f64::MAX`]. All else is finite.
    ///
    /// # Errors
    /// [`Error::TooFew`] if there is no value, [`Error::NotFinite`] if one is infinite or NaN.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Summary;
    ///
    /// assert_eq!(Summary::of(&[1.0, 3.0])?.mean, 2.0);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub fn of(values: &[f64]) -> Result<Self, Error> {
        sample::check(values, 1)?;
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let mean = sample::mean_of(&sorted);
        let median = sample::quantile_sorted(&sorted, 0.5);
        Ok(Self {
            count: sorted.len(),
            mean,
            sd: standard_deviation(&sorted, mean),
            min: sorted[0],
            q1: sample::quantile_sorted(&sorted, 0.25),
            median,
            q3: sample::quantile_sorted(&sorted, 0.75),
            max: sorted[sorted.len() - 1],
            mad: sample::mad_around(&mut sorted, median),
        })
    }

    /// The distance between the quartiles.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Summary;
    ///
    /// assert_eq!(Summary::of(&[1.0, 2.0, 3.0, 4.0, 5.0])?.iqr(), 2.0);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[doc(alias = "interquartile range")]
    #[must_use]
    pub fn iqr(&self) -> f64 {
        self.q3 - self.q1
    }

    /// The MAD scaled by 1.4826: an estimate of the standard deviation that a few wild values do
    /// not move.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Summary;
    ///
    /// let summary = Summary::of(&[1.0, 2.0, 3.0, 4.0, 1e9])?;
    /// assert_eq!(format!("{:.4}", summary.robust_sd()), "1.4826");
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[must_use]
    pub fn robust_sd(&self) -> f64 {
        self.mad * Self::SD_OF_MAD
    }
}

/// The corrected two-pass algorithm (Chan, Golub and LeVeque 1983): the sum of the deviations takes
/// off what rounding the mean added.
fn standard_deviation(sample: &[f64], mean: f64) -> f64 {
    if sample.len() < 2 {
        return 0.0;
    }
    let n = sample.len() as f64;
    let (sum, squares) = sample.iter().fold((0.0, 0.0), |(sum, squares), value| {
        let deviation = value - mean;
        (sum + deviation, squares + deviation * deviation)
    });
    if squares.is_infinite() {
        // The correction may be infinite too, and the difference not a number.
        return f64::INFINITY;
    }
    ((squares - sum * sum / n).max(0.0) / (n - 1.0)).sqrt()
}
