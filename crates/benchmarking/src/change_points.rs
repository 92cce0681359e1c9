//! Where a series of results changed for good: E-divisive means with Student's t-test.
//!
//! The statistic is the energy distance of Matteson and James, "A Nonparametric Approach for Multiple Change Point
//! Analysis of Multivariate Data" (JASA 2014). The search is that of Apache Otava (formerly Hunter; Fleming et al.,
//! "Hunter: Using Change Point Detection to Hunt for Performance Regressions", ICPE 2023): sliding windows find weak
//! points at a relaxed significance, and the weakest is dropped until all that remain are significant and large enough.
//! A t-test in place of permutations makes it deterministic and fast, and finds changes a few points after they happen.

mod divisive;
mod t_test;
#[cfg(test)]
mod tests;

use std::ops::Range;

use self::t_test::TTest;
use crate::Error;

/// A place where the level of a series changed.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ChangePoint {
    /// The index of the first value of the new level.
    pub index: usize,
    /// Mean of the values between the previous change point (or the beginning) and this one.
    pub before: f64,
    /// Mean of the values from this change point to the next one (or the end).
    pub after: f64,
    /// Two-sided p-value of Student's t-test between the two levels, 0 to 1.
    ///
    /// It is not corrected for having looked for the best place to split: on noise alone small values come up more
    /// often than they say. [`change_points`] documents how often.
    pub p_value: f64,
    /// |after − before| over the smaller of |before| and |after|: 0.25 for 100 → 125 and for 125 → 100.
    /// Infinite when one level is 0.
    pub magnitude: f64,
}

impl ChangePoint {
    /// after / before − 1: positive when the values went up. Not finite when `before` is 0.
    ///
    /// ```
    /// use tuneup_benchmarking::{ChangePointOptions, change_points};
    ///
    /// let series = [10.1, 9.9, 10.0, 10.1, 9.9, 15.1, 14.9, 15.0, 15.1, 14.9];
    /// let found = change_points(&series, &ChangePointOptions::default())?;
    /// assert!((found[0].relative_change() - 0.5).abs() < 0.001);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn relative_change(&self) -> f64 {
        self.after / self.before - 1.0
    }
}

/// What counts as a change; `Default` is what Apache Otava uses.
///
/// ```
/// use tuneup_benchmarking::ChangePointOptions;
///
/// let options = ChangePointOptions::builder().max_p_value(0.01).min_magnitude(0.05).build()?;
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ChangePointOptions {
    window: usize,
    max_p_value: f64,
    min_magnitude: f64,
}

/// Collects [`ChangePointOptions`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ChangePointOptionsBuilder {
    options: ChangePointOptions,
}

impl Default for ChangePointOptions {
    fn default() -> Self {
        Self {
            window: 50,
            max_p_value: 0.001,
            min_magnitude: 0.0,
        }
    }
}

impl ChangePointOptions {
    /// Starts from the defaults.
    ///
    /// ```
    /// let options = tuneup_benchmarking::ChangePointOptions::builder().window(30).build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn builder() -> ChangePointOptionsBuilder {
        ChangePointOptionsBuilder {
            options: Self::default(),
        }
    }
}

impl ChangePointOptionsBuilder {
    /// How many values are looked at together, 50 by default; 2 or more. Small windows find short-lived levels, large
    /// ones find small changes. Windows overlap by half.
    ///
    /// ```
    /// use tuneup_benchmarking::ChangePointOptions;
    ///
    /// let options = ChangePointOptions::builder().window(100).build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn window(mut self, window: usize) -> Self {
        self.options.window = window;
        self
    }

    /// The largest p-value of a change, 0.001 by default; above 0, at most 1. Weak points are collected at ten times
    /// this value (twice, from 0.05 on).
    ///
    /// ```
    /// use tuneup_benchmarking::ChangePointOptions;
    ///
    /// let stricter = ChangePointOptions::builder().max_p_value(1e-5).build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn max_p_value(mut self, max_p_value: f64) -> Self {
        self.options.max_p_value = max_p_value;
        self
    }

    /// Changes whose [`ChangePoint::magnitude`] is not above this are dropped, 0.0 by default; not negative.
    ///
    /// ```
    /// use tuneup_benchmarking::ChangePointOptions;
    ///
    /// let larger = ChangePointOptions::builder().min_magnitude(0.05).build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn min_magnitude(mut self, min_magnitude: f64) -> Self {
        self.options.min_magnitude = min_magnitude;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] names the setting that is outside its range.
    ///
    /// ```
    /// use tuneup_benchmarking::ChangePointOptions;
    ///
    /// assert!(ChangePointOptions::builder().window(1).build().is_err());
    /// ```
    pub fn build(self) -> Result<ChangePointOptions, Error> {
        let options = self.options;
        let invalid = |option, expected| Err(Error::InvalidOption { option, expected });
        if options.window < 2 {
            return invalid("window", "2 or more");
        }
        if !(options.max_p_value > 0.0 && options.max_p_value <= 1.0) {
            return invalid("max_p_value", "above 0 and at most 1");
        }
        if options.min_magnitude.is_nan() || options.min_magnitude < 0.0 {
            return invalid("min_magnitude", "0 or more");
        }
        Ok(options)
    }
}

/// The places where the level of `series` changed, in order.
///
/// Meant for histories of results, one value for each commit or night, not for judging a single change: a change is
/// seen about four values after it happened. Deterministic. Values are compared as they are; give logarithms if the
/// noise grows with the value.
///
/// O(length × window × points found in a window) time, O(length) memory.
///
/// False alarms: on 400 series of 100 normally distributed values without a change, the defaults reported a point in
/// 13 of them (a test keeps count). Ask for a smaller p-value, or a minimum magnitude, where that is too many.
///
/// Two things differ from Apache Otava 0.8: the t-test uses the sample variance (Otava divides by n, which makes its
/// p-values a little smaller), and when a point is dropped, the points on both sides of it are tested again (Otava tests
/// the next two, which leaves the one before with a p-value of a level that is gone).
///
/// # Errors
///
/// [`Error::NotFinite`] if a value is infinite or NaN: leave missing results out.
///
/// # Examples
///
/// ```
/// use tuneup_benchmarking::{ChangePointOptions, change_points};
///
/// let nightly_ms = [21.0, 20.6, 21.2, 20.9, 21.1, 20.8, 25.1, 24.8, 25.3, 25.0, 24.9];
/// let found = change_points(&nightly_ms, &ChangePointOptions::default())?;
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].index, 6);
/// assert!(found[0].before < 21.0 && found[0].after > 25.0);
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[doc(alias = "e_divisive")]
#[doc(alias = "otava")]
#[doc(alias = "hunter")]
pub fn change_points(
    series: &[f64],
    options: &ChangePointOptions,
) -> Result<Vec<ChangePoint>, Error> {
    if let Some(index) = series.iter().position(|value| !value.is_finite()) {
        return Err(Error::NotFinite {
            index,
            value: series[index],
        });
    }
    let mut points = weak_points(series, options);
    drop_weakest(series, options, &mut points);
    Ok(points)
}

/// The union of what the sliding windows find at a relaxed significance.
fn weak_points(series: &[f64], options: &ChangePointOptions) -> Vec<ChangePoint> {
    let strict = options.max_p_value;
    let relaxed = if strict < 0.05 {
        strict * 10.0
    } else {
        (strict * 2.0).min(1.0)
    };
    let step = options.window / 2;
    let mut indices = Vec::new();
    let mut start = 0;
    while start < series.len() {
        let end = (start + options.window).min(series.len());
        let found = divisive::split(&series[start..end], relaxed);
        let last = found.last().map_or(0, |index| start + index);
        indices.extend(found.iter().map(|index| start + index));
        // The next window begins at the newest level, so that it sees one level and what comes after it.
        start = last.max(start + step);
    }
    indices.sort_unstable();
    indices.dedup();
    (0..indices.len())
        .map(|at| describe(series, levels(&indices, at, series.len())))
        .collect()
}

/// Drops the least significant point, else the smallest change, until all are good enough.
fn drop_weakest(series: &[f64], options: &ChangePointOptions, points: &mut Vec<ChangePoint>) {
    loop {
        let by_p_value = |a: &usize, b: &usize| points[*a].p_value.total_cmp(&points[*b].p_value);
        // Of equally weak points the first goes, as in Otava; `max_by` would take the last.
        let Some(mut weakest) = (0..points.len()).rev().max_by(by_p_value) else {
            return;
        };
        if points[weakest].p_value < options.max_p_value {
            let by_size =
                |a: &usize, b: &usize| points[*a].magnitude.total_cmp(&points[*b].magnitude);
            weakest = (0..points.len()).min_by(by_size).unwrap_or(weakest);
            if points[weakest].magnitude > options.min_magnitude {
                return;
            }
        }
        points.remove(weakest);
        // The levels on both sides of the gap have become one.
        let indices: Vec<usize> = points.iter().map(|point| point.index).collect();
        for at in weakest.saturating_sub(1)..(weakest + 1).min(points.len()) {
            points[at] = describe(series, levels(&indices, at, series.len()));
        }
    }
}

/// The level before and the level after the change point number `at`.
fn levels(indices: &[usize], at: usize, length: usize) -> (Range<usize>, Range<usize>) {
    let begin = if at == 0 { 0 } else { indices[at - 1] };
    let end = indices.get(at + 1).copied().unwrap_or(length);
    (begin..indices[at], indices[at]..end)
}

fn describe(series: &[f64], (left, right): (Range<usize>, Range<usize>)) -> ChangePoint {
    let index = right.start;
    let test = TTest::between(&series[left], &series[right]);
    let change = (test.right_mean - test.left_mean).abs();
    let magnitude = if change == 0.0 {
        0.0
    } else {
        change / test.left_mean.abs().min(test.right_mean.abs())
    };
    ChangePoint {
        index,
        before: test.left_mean,
        after: test.right_mean,
        p_value: test.p_value,
        magnitude,
    }
}
