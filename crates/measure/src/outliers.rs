//! Values that lie far from the rest, by Tukey's fences.

use crate::{Error, sample};

#[cfg(test)]
mod tests;

/// Tukey's fences: 1.5 and 3 interquartile ranges outside the quartiles (J. W. Tukey, *Exploratory
/// Data Analysis*, 1977).
///
/// # Examples
/// ```
/// use tuneup_measure::{OutlierKind, TukeyFences};
///
/// let fences = TukeyFences::of(&[1.0, 2.0, 3.0, 4.0, 5.0])?;
/// assert_eq!((fences.severe_low, fences.mild_low, fences.mild_high, fences.severe_high), (-4.0, -1.0, 7.0, 10.0));
/// assert_eq!(fences.classify(8.0), Some(OutlierKind::MildHigh));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct TukeyFences {
    /// The first quartile less 3 interquartile ranges.
    pub severe_low: f64,
    /// The first quartile less 1.5 interquartile ranges.
    pub mild_low: f64,
    /// The third quartile and 1.5 interquartile ranges.
    pub mild_high: f64,
    /// The third quartile and 3 interquartile ranges.
    pub severe_high: f64,
}

impl TukeyFences {
    const MILD: f64 = 1.5;
    const SEVERE: f64 = 3.0;

    /// The fences of a sample, from its type 7 quartiles. O(n); allocates a copy.
    ///
    /// # Errors
    /// [`Error::TooFew`] if there is no value, [`Error::NotFinite`] if one is infinite or NaN.
    ///
    /// # Examples
    /// ```
    /// assert_eq!(tuneup_measure::TukeyFences::of(&[2.0, 2.0])?.mild_high, 2.0);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub fn of(values: &[f64]) -> Result<Self, Error> {
        sample::check(values, 1)?;
        let mut copy = values.to_vec();
        let q1 = sample::quantile_in_place(&mut copy, 0.25);
        let q3 = sample::quantile_in_place(&mut copy, 0.75);
        let iqr = q3 - q1;
        Ok(Self {
            severe_low: q1 - Self::SEVERE * iqr,
            mild_low: q1 - Self::MILD * iqr,
            mild_high: q3 + Self::MILD * iqr,
            severe_high: q3 + Self::SEVERE * iqr,
        })
    }

    /// On which side of which fence `value` lies; `None` inside, and on a fence.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::{OutlierKind, TukeyFences};
    ///
    /// let fences = TukeyFences::of(&[1.0, 2.0, 3.0])?;
    /// assert_eq!(fences.classify(2.5), None);
    /// assert_eq!(fences.classify(-100.0), Some(OutlierKind::SevereLow));
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[must_use]
    pub fn classify(&self, value: f64) -> Option<OutlierKind> {
        if value < self.severe_low {
            Some(OutlierKind::SevereLow)
        } else if value < self.mild_low {
            Some(OutlierKind::MildLow)
        } else if value > self.severe_high {
            Some(OutlierKind::SevereHigh)
        } else if value > self.mild_high {
            Some(OutlierKind::MildHigh)
        } else {
            None
        }
    }
}

/// How far out a value lies, and on which side.
///
/// # Examples
/// ```
/// use tuneup_measure::{OutlierKind, TukeyFences};
///
/// let fences = TukeyFences::of(&[1.0, 2.0, 3.0])?;
/// assert_eq!(fences.classify(6.5), Some(OutlierKind::SevereHigh));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum OutlierKind {
    /// More than 3 interquartile ranges below the first quartile.
    SevereLow,
    /// 1.5 to 3 interquartile ranges below the first quartile.
    MildLow,
    /// 1.5 to 3 interquartile ranges above the third quartile.
    MildHigh,
    /// More than 3 interquartile ranges above the third quartile.
    SevereHigh,
}

/// How many values of a sample lie outside its [`TukeyFences`].
///
/// # Examples
/// ```
/// let outliers = tuneup_measure::outliers(&[1.0, 2.0, 3.0, 4.0, 1e6])?;
/// assert_eq!((outliers.severe_high, outliers.total()), (1, 1));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Outliers {
    /// How many values there are in all.
    pub count: usize,
    /// How many lie below the lower severe fence.
    pub severe_low: usize,
    /// How many lie between the lower fences.
    pub mild_low: usize,
    /// How many lie between the upper fences.
    pub mild_high: usize,
    /// How many lie above the upper severe fence.
    pub severe_high: usize,
    /// The fences.
    pub fences: TukeyFences,
}

impl Outliers {
    /// How many values lie outside on either side.
    ///
    /// # Examples
    /// ```
    /// assert_eq!(tuneup_measure::outliers(&[1.0, 2.0, 3.0])?.total(), 0);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[must_use]
    pub fn total(&self) -> usize {
        self.severe_low + self.mild_low + self.mild_high + self.severe_high
    }
}

/// Counts the values outside of the sample's own [`TukeyFences`]. O(n); allocates a copy.
///
/// # Errors
/// [`Error::TooFew`] if there is no value, [`Error::NotFinite`] if one is infinite or NaN.
///
/// # Examples
/// ```
/// let outliers = tuneup_measure::outliers(&[-50.0, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0])?;
/// assert_eq!((outliers.severe_low, outliers.mild_high), (1, 0));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
pub fn outliers(values: &[f64]) -> Result<Outliers, Error> {
    let fences = TukeyFences::of(values)?;
    let mut outliers = Outliers {
        count: values.len(),
        severe_low: 0,
        mild_low: 0,
        mild_high: 0,
        severe_high: 0,
        fences,
    };
    for kind in values.iter().filter_map(|&value| fences.classify(value)) {
        match kind {
            OutlierKind::SevereLow => outliers.severe_low += 1,
            OutlierKind::MildLow => outliers.mild_low += 1,
            OutlierKind::MildHigh => outliers.mild_high += 1,
            OutlierKind::SevereHigh => outliers.severe_high += 1,
        }
    }
    Ok(outliers)
}
