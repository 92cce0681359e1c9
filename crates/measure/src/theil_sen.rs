//! A line through points that a few wild ones do not move.

use crate::{Error, Interval, normal_quantile, random::Random, sample};

#[cfg(test)]
mod tests;

/// The Theil–Sen line: its slope is the median of the slopes between all pairs of points.
///
/// Up to 29 % of the points may be wild without moving it far. The slope's interval is Sen's (P. K.
/// Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau", 1968), with the
/// correction for ties, as SciPy's `theilslopes` computes it.
///
/// # Examples
/// ```
/// use tuneup_measure::TheilSen;
///
/// let sizes = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let times = [12.0, 22.0, 32.0, 900.0, 52.0, 62.0];
/// let line = TheilSen::fit(&sizes, &times)?;
/// assert_eq!((line.slope.estimate, line.intercept), (10.0, 7.0));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[doc(alias = "robust regression")]
#[doc(alias = "Kendall-Theil")]
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct TheilSen {
    /// The slope, in units of y per unit of x, with its interval.
    pub slope: Interval,
    /// The median of y less the slope times the median of x.
    pub intercept: f64,
    /// How many pairs of points with different x the slope is the median of.
    pub pairs: usize,
    /// Whether these are all pairs there are, rather than a drawn part of them.
    pub all_pairs: bool,
}

impl TheilSen {
    /// Beyond this many pairs (1000 points) a part of them is drawn, so that time and memory stay
    /// bounded.
    const MOST_PAIRS: usize = 499_500;
    const SEED: u64 = 0x7465_6972_5f73_656e;

    /// Fits a line, with a confidence of 0.95 for the slope; see
    /// [`fit_with_confidence`](Self::fit_with_confidence).
    ///
    /// # Errors
    /// As for [`fit_with_confidence`](Self::fit_with_confidence).
    ///
    /// # Examples
    /// ```
    /// let line = tuneup_measure::TheilSen::fit(&[0.0, 1.0, 2.0], &[1.0, 3.0, 5.0])?;
    /// assert_eq!((line.slope.estimate, line.intercept), (2.0, 1.0));
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub fn fit(x: &[f64], y: &[f64]) -> Result<Self, Error> {
        Self::fit_with_confidence(x, y, 0.95)
    }

    /// Fits a line, with the given confidence for the slope.
    ///
    /// Up to 1000 points all pairs are used. Beyond, 499 500 pairs are drawn by a generator with a
    /// fixed seed, so that the answer is always the same, and the interval is widened by what the
    /// draw may be off. O(n log n) for the ties and O(pairs) for the rest; allocates 8 bytes a
    /// pair. With fewer than about ten points the normal approximation behind the interval is
    /// rough.
    ///
    /// # Errors
    /// [`Error::LengthMismatch`] if the slices differ in length, [`Error::TooFew`] if there are
    /// fewer than two points, [`Error::NotFinite`] if a value is infinite or NaN,
    /// [`Error::NoSlope`] if all x are equal (beyond 1000 points: those of all drawn pairs),
    /// [`Error::OutOfRange`] if the confidence is not between 0.0 and 1.0.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::{Error, TheilSen};
    ///
    /// assert_eq!(TheilSen::fit_with_confidence(&[1.0, 1.0], &[2.0, 3.0], 0.9), Err(Error::NoSlope));
    /// ```
    pub fn fit_with_confidence(x: &[f64], y: &[f64], confidence: f64) -> Result<Self, Error> {
        if x.len() != y.len() {
            return Err(Error::LengthMismatch {
                left: x.len(),
                right: y.len(),
            });
        }
        sample::check(x, 2)?;
        sample::check(y, 2)?;
        sample::check_confidence(confidence)?;
        let n = x.len();
        let all_pairs = n.saturating_mul(n - 1) / 2 <= Self::MOST_PAIRS;
        let mut slopes = if all_pairs {
            all_slopes(x, y)
        } else {
            drawn_slopes(x, y, Self::MOST_PAIRS)
        };
        if slopes.is_empty() {
            return Err(Error::NoSlope);
        }
        let estimate = sample::median_in_place(&mut slopes);
        let (low, high) = interval(&mut slopes, x, y, confidence, all_pairs);
        Ok(Self {
            slope: Interval {
                low,
                estimate,
                high,
                confidence,
            },
            intercept: sample::median(y)? - estimate * sample::median(x)?,
            pairs: slopes.len(),
            all_pairs,
        })
    }

    /// The line's height at `x`.
    ///
    /// # Examples
    /// ```
    /// let line = tuneup_measure::TheilSen::fit(&[0.0, 1.0, 2.0], &[1.0, 3.0, 5.0])?;
    /// assert_eq!(line.at(10.0), 21.0);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    #[doc(alias = "predict")]
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        self.intercept + self.slope.estimate * x
    }
}

fn all_slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let n = x.len();
    let mut slopes = Vec::with_capacity(n * (n - 1) / 2);
    for j in 1..n {
        slopes.extend((0..j).filter_map(|i| slope(x, y, i, j)));
    }
    slopes
}

fn drawn_slopes(x: &[f64], y: &[f64], pairs: usize) -> Vec<f64> {
    let n = x.len();
    let mut random = Random::from_seed(TheilSen::SEED);
    (0..pairs)
        .filter_map(|_| {
            let i = random.below(n);
            // A number from the n - 1 others.
            let j = (i + 1 + random.below(n - 1)) % n;
            slope(x, y, i, j)
        })
        .collect()
}

fn slope(x: &[f64], y: &[f64], i: usize, j: usize) -> Option<f64> {
    (x[i] != x[j]).then(|| (y[j] - y[i]) / (x[j] - x[i]))
}

/// The slopes whose ranks are as far from the middle as Kendall's S strays by chance.
fn interval(
    slopes: &mut [f64],
    x: &[f64],
    y: &[f64],
    confidence: f64,
    all_pairs: bool,
) -> (f64, f64) {
    let n = x.len() as f64;
    let pairs = slopes.len() as f64;
    let variance_of_s = ((n * (n - 1.0) * (2.0 * n + 5.0)) - tie_term(x) - tie_term(y)) / 18.0;
    let sd = if all_pairs {
        variance_of_s.max(0.0).sqrt()
    } else {
        // In a draw the ranks shrink with the number of pairs, and they stray by their own binomial
        // error.
        let drawn_part = TheilSen::MOST_PAIRS as f64 / (n * (n - 1.0) / 2.0);
        (variance_of_s.max(0.0) * drawn_part.powi(2) + pairs).sqrt()
    };
    let reach = -normal_quantile((1.0 - confidence) / 2.0) * sd;
    let upper = ((pairs + reach) / 2.0).round_ties_even() as usize;
    let lower = ((pairs - reach) / 2.0).round_ties_even() - 1.0;
    let last = slopes.len() - 1;
    let mut of_rank = |rank| *slopes.select_nth_unstable_by(rank, f64::total_cmp).1;
    (of_rank(lower.max(0.0) as usize), of_rank(upper.min(last)))
}

/// Σ t (t − 1) (2t + 5) over the groups of `t` equal values.
fn tie_term(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
        .chunk_by(|a, b| a == b)
        .map(|group| {
            let t = group.len() as f64;
            t * (t - 1.0) * (2.0 * t + 5.0)
        })
        .sum()
}
