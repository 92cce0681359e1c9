//! Whether one sample tends to be larger than another, from ranks alone.

use crate::{Error, normal_cdf, sample};

#[cfg(test)]
mod tests;

/// What [`mann_whitney_u`] found.
///
/// # Examples
/// ```
/// let result = tuneup_measure::mann_whitney_u(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0])?;
/// assert_eq!((result.u, result.effect), (0.0, 0.0));
/// assert_eq!(format!("{:.3}", result.p_value), "0.100");
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MannWhitney {
    /// In how many pairs the value of the first sample is the larger one; a tie counts half.
    pub u: f64,
    /// `u` as a number of standard deviations from its mean, corrected for ties and continuity; 0.0
    /// if all values are equal.
    pub z: f64,
    /// The probability of a `u` at least as far from its mean if both samples come from one
    /// distribution (two-sided).
    pub p_value: f64,
    /// The part of the pairs in which the first sample's value is the larger one: 0.0 to 1.0, and
    /// 0.5 if neither tends to be larger.
    pub effect: f64,
    /// How the p-value was computed.
    pub method: PValueMethod,
}

/// How a p-value was computed.
///
/// # Examples
/// ```
/// use tuneup_measure::{PValueMethod, mann_whitney_u};
///
/// assert_eq!(mann_whitney_u(&[1.0, 2.0], &[3.0, 4.0])?.method, PValueMethod::Exact);
/// assert_eq!(mann_whitney_u(&[1.0, 2.0], &[2.0, 4.0])?.method, PValueMethod::Normal);
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum PValueMethod {
    /// From the exact distribution of the statistic.
    Exact,
    /// From the normal approximation.
    Normal,
}

/// The exact distribution takes (n₁ n₂)² additions: 160 000 here.
const MOST_EXACT_PAIRS: usize = 400;

/// The Mann–Whitney U test (Wilcoxon's rank-sum test), two-sided.
///
/// The p-value is exact where there are no ties and at most 400 pairs (such as 20 values against
/// 20), else from the normal approximation with the corrections for ties and continuity. O(n log n)
/// for n values in all; allocates a copy.
///
/// The test assumes that the values are independent. Repeated measurements within one process are
/// not quite; it will then find differences that another run does not.
///
/// # Errors
/// [`Error::TooFew`] if one sample is empty, [`Error::NotFinite`] if a value is infinite or NaN;
/// the index is that in its own slice.
///
/// # Examples
/// ```
/// use tuneup_measure::mann_whitney_u;
///
/// let before = [21.0, 22.5, 20.1, 23.4, 22.2, 21.7];
/// let after = [19.0, 18.2, 19.9, 18.8, 20.0, 19.4];
/// let result = mann_whitney_u(&before, &after)?;
/// assert_eq!(result.effect, 1.0);
/// assert!(result.p_value < 0.01);
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[doc(alias = "wilcoxon")]
#[doc(alias = "rank-sum test")]
pub fn mann_whitney_u(first: &[f64], second: &[f64]) -> Result<MannWhitney, Error> {
    sample::check(first, 1)?;
    sample::check(second, 1)?;
    let Ranks {
        sum_of_first,
        tie_term,
    } = rank(first, second);
    let (n1, n2) = (first.len() as f64, second.len() as f64);
    let u = sum_of_first - n1 * (n1 + 1.0) / 2.0;

    let n = n1 + n2;
    let variance = n1 * n2 / 12.0 * ((n + 1.0) - tie_term / (n * (n - 1.0)));
    let from_mean = u - n1 * n2 / 2.0;
    let corrected = (from_mean.abs() - 0.5).max(0.0).copysign(from_mean);
    let z = if variance > 0.0 {
        corrected / variance.sqrt()
    } else {
        0.0
    };

    let exact = tie_term == 0.0 && first.len().saturating_mul(second.len()) <= MOST_EXACT_PAIRS;
    let (tail, method) = if exact {
        (
            exact_tail(first.len(), second.len(), u.min(n1 * n2 - u) as usize),
            PValueMethod::Exact,
        )
    } else {
        (normal_cdf(-z.abs()), PValueMethod::Normal)
    };
    Ok(MannWhitney {
        u,
        z,
        p_value: (2.0 * tail).min(1.0),
        effect: u / (n1 * n2),
        method,
    })
}

struct Ranks {
    sum_of_first: f64,
    /// Σ t³ − t over the groups of `t` equal values.
    tie_term: f64,
}

/// Equal values share the mean of their ranks.
fn rank(first: &[f64], second: &[f64]) -> Ranks {
    let mut values: Vec<(f64, bool)> = first.iter().map(|&value| (value, true)).collect();
    values.extend(second.iter().map(|&value| (value, false)));
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = Ranks {
        sum_of_first: 0.0,
        tie_term: 0.0,
    };
    let mut before = 0.0;
    for group in values.chunk_by(|a, b| a.0 == b.0) {
        let t = group.len() as f64;
        let of_first = group.iter().filter(|(_, is_first)| *is_first).count() as f64;
        ranks.sum_of_first += of_first * (before + (t + 1.0) / 2.0);
        ranks.tie_term += t * t * t - t;
        before += t;
    }
    ranks
}

/// The probability that U is at most `u`, from the recurrence of Mann and Whitney (1947): the
/// largest value of i + j belongs to the first sample with probability i / (i + j) and is then
/// above j others.
fn exact_tail(n1: usize, n2: usize, u: usize) -> f64 {
    // Exchanging the samples must not even change the rounding.
    let (n1, n2) = (n1.min(n2), n1.max(n2));
    // `rows[j][v]` is the probability of U = v for i and j values, i growing.
    let mut rows = vec![vec![0.0; u + 1]; n2 + 1];
    for row in &mut rows {
        row[0] = 1.0;
    }
    for i in 1..=n1 {
        for j in 1..=n2 {
            let (with_fewer_j, from_j) = rows.split_at_mut(j);
            let (fewer_j, here) = (&with_fewer_j[j - 1], &mut from_j[0]);
            let from_first = i as f64 / (i + j) as f64;
            for v in (0..=u).rev() {
                let first_is_largest = if v >= j { here[v - j] } else { 0.0 };
                here[v] = from_first * first_is_largest + (1.0 - from_first) * fewer_j[v];
            }
        }
    }
    rows[n2].iter().sum()
}
