//! Robust statistics of a slice.

use crate::Error;

#[cfg(test)]
mod tests;

/// That there are at least `needed` values and all are finite.
pub(crate) fn check(sample: &[f64], needed: usize) -> Result<(), Error> {
    if sample.len() < needed {
        return Err(Error::TooFew {
            needed,
            got: sample.len(),
        });
    }
    match sample.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(Error::NotFinite {
            index,
            value: sample[index],
        }),
        None => Ok(()),
    }
}

pub(crate) fn check_part(option: &'static str, value: f64) -> Result<(), Error> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        Err(Error::OutOfRange {
            option,
            value,
            allowed: "a number from 0.0 to 1.0",
        })
    }
}

pub(crate) fn check_confidence(value: f64) -> Result<(), Error> {
    if value > 0.0 && value < 1.0 {
        Ok(())
    } else {
        Err(Error::OutOfRange {
            option: "confidence",
            value,
            allowed: "a number between 0.0 and 1.0, such as 0.95",
        })
    }
}

/// The mean. O(n), two passes: the second takes off what the first lost to rounding.
///
/// # Errors
/// [`Error::TooFew`] if there is no value, [`Error::NotFinite`] if one is infinite or NaN.
///
/// # Examples
/// ```
/// assert_eq!(tuneup_measure::mean(&[1.0, 2.0, 6.0])?, 3.0);
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[doc(alias = "average")]
pub fn mean(sample: &[f64]) -> Result<f64, Error> {
    check(sample, 1)?;
    Ok(mean_of(sample))
}

/// Finite for finite values, also where their sum or a distance from the mean is not.
pub(crate) fn mean_of(sample: &[f64]) -> f64 {
    let mean = mean_of_scaled(sample, 1.0);
    if mean.is_finite() {
        return mean;
    }
    // 2⁻⁶⁴: no sum of a slice's values overflows then. Powers of two round nothing, but for what is
    // too small to show in a mean of values this large.
    let scale = 1.0 / 2_f64.powi(64);
    let largest = f64::MAX * scale;
    mean_of_scaled(sample, scale).clamp(-largest, largest) / scale
}

fn mean_of_scaled(sample: &[f64], scale: f64) -> f64 {
    let n = sample.len() as f64;
    let scaled = sample.iter().map(|value| value * scale);
    let rough = scaled.clone().sum::<f64>() / n;
    rough + scaled.map(|value| value - rough).sum::<f64>() / n
}

/// The median: the middle value, or the mean of the two in the middle. O(n); allocates a copy.
///
/// # Errors
/// [`Error::TooFew`] if there is no value, [`Error::NotFinite`] if one is infinite or NaN.
///
/// # Examples
/// ```
/// assert_eq!(tuneup_measure::median(&[9.0, 1.0, 2.0, 4.0])?, 3.0);
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
pub fn median(sample: &[f64]) -> Result<f64, Error> {
    check(sample, 1)?;
    Ok(median_in_place(&mut sample.to_vec()))
}

/// The median of a slice that may be reordered; NaN if it is empty. O(n), does not allocate: the
/// statistic for a [`Bootstrap`](crate::Bootstrap).
///
/// NaN sorts above all numbers ([`f64::total_cmp`]).
///
/// # Examples
/// ```
/// assert_eq!(tuneup_measure::median_in_place(&mut [3.0, 1.0, 2.0]), 2.0);
/// ```
#[must_use]
pub fn median_in_place(sample: &mut [f64]) -> f64 {
    let middle = sample.len() / 2;
    if sample.is_empty() {
        return f64::NAN;
    }
    let even = sample.len().is_multiple_of(2);
    let (below, &mut upper, _) = sample.select_nth_unstable_by(middle, f64::total_cmp);
    if even {
        let lower = below
            .iter()
            .copied()
            .max_by(f64::total_cmp)
            .unwrap_or(upper);
        f64::midpoint(lower, upper)
    } else {
        upper
    }
}

/// The value below which a part `q` of the sample lies, interpolated between neighbours (type 7 of
/// Hyndman and Fan 1996: the default of R, NumPy and spreadsheets). O(n); allocates a copy.
///
/// # Errors
/// [`Error::TooFew`] if there is no value, [`Error::NotFinite`] if one is infinite or NaN,
/// [`Error::OutOfRange`] if `q` is not between 0.0 and 1.0.
///
/// # Examples
/// ```
/// assert_eq!(tuneup_measure::quantile(&[40.0, 10.0, 20.0, 30.0], 0.5)?, 25.0);
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[doc(alias = "percentile")]
pub fn quantile(sample: &[f64], q: f64) -> Result<f64, Error> {
    check(sample, 1)?;
    check_part("quantile", q)?;
    Ok(quantile_in_place(&mut sample.to_vec(), q))
}

/// [`quantile`] of a slice that may be reordered; NaN if it is empty or `q` is not between 0.0 and
/// 1.0. O(n), does not allocate.
///
/// # Examples
/// ```
/// assert_eq!(tuneup_measure::quantile_in_place(&mut [3.0, 1.0, 2.0], 0.75), 2.5);
/// ```
#[must_use]
pub fn quantile_in_place(sample: &mut [f64], q: f64) -> f64 {
    let Some((index, fraction)) = position(sample.len(), q) else {
        return f64::NAN;
    };
    let (_, &mut lower, above) = sample.select_nth_unstable_by(index, f64::total_cmp);
    match above.iter().copied().min_by(f64::total_cmp) {
        Some(upper) if fraction > 0.0 => between(lower, upper, fraction),
        _ => lower,
    }
}

/// [`quantile`] of a slice that is already sorted; NaN if it is empty or `q` is not between 0.0 and
/// 1.0. O(1), does not allocate.
///
/// # Examples
/// ```
/// assert_eq!(tuneup_measure::quantile_sorted(&[1.0, 2.0, 4.0], 0.75), 3.0);
/// ```
#[must_use]
pub fn quantile_sorted(sorted: &[f64], q: f64) -> f64 {
    let Some((index, fraction)) = position(sorted.len(), q) else {
        return f64::NAN;
    };
    match sorted.get(index + 1) {
        Some(&upper) if fraction > 0.0 => between(sorted[index], upper, fraction),
        _ => sorted[index],
    }
}

/// The one interpolation of all quantiles: they agree to the last bit, and keep between their
/// neighbours.
fn between(lower: f64, upper: f64, fraction: f64) -> f64 {
    let distance = upper - lower;
    if fraction == 0.5 {
        f64::midpoint(lower, upper)
    } else if distance.is_finite() {
        (lower + distance * fraction).min(upper)
    } else {
        // Both are so large that halving rounds nothing.
        2.0 * between(lower / 2.0, upper / 2.0, fraction)
    }
}

fn position(len: usize, q: f64) -> Option<(usize, f64)> {
    if len == 0 || !(0.0..=1.0).contains(&q) {
        return None;
    }
    let position = (len - 1) as f64 * q;
    Some((position as usize, position.fract()))
}

/// The median of the distances from the median, not scaled: multiply by 1.4826 for what estimates
/// the standard deviation of a normal distribution. Infinite if that distance is above [`f64::MAX`].
/// O(n); allocates a copy.
///
/// # Errors
/// [`Error::TooFew`] if there is no value, [`Error::NotFinite`] if one is infinite or NaN.
///
/// # Examples
/// ```
/// assert_eq!(tuneup_measure::mad(&[1.0, 2.0, 3.0, 4.0, 100.0])?, 1.0);
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[doc(alias = "median absolute deviation")]
pub fn mad(sample: &[f64]) -> Result<f64, Error> {
    check(sample, 1)?;
    let mut distances = sample.to_vec();
    let median = median_in_place(&mut distances);
    Ok(mad_around(&mut distances, median))
}

/// Overwrites the sample with its distances from the median.
pub(crate) fn mad_around(sample: &mut [f64], median: f64) -> f64 {
    for value in &mut *sample {
        *value = (*value - median).abs();
    }
    median_in_place(sample)
}
