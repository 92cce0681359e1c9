//! From log ratios to a verdict that says how sure it is.

use std::fmt;

use tuneup_measure::{Bootstrap, Interval, median_in_place};

mod sentence;
#[cfg(test)]
mod tests;

pub(crate) use self::sentence::{Judged, judgement, sentence};

/// How much longer one case takes than another, with a confidence interval.
///
/// `estimate` is the median of the per-round ratios of interleaved blocks; below 1 is faster than the reference. `Display` gives
/// the estimate and the interval:
///
/// ```
/// let ratio = tuneup_benchmarking::Ratio::from_logs(&[0.5_f64.ln(); 20], 0.99, 1);
/// assert_eq!(ratio.to_string(), "0.500 × [0.500, 0.500]");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    any(feature = "harness", feature = "suite"),
    derive(serde::Serialize, serde::Deserialize)
)]
#[non_exhaustive]
pub struct Ratio {
    /// Time of the case divided by the time of the reference.
    pub estimate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Confidence of the interval, in `0.0..1.0`.
    pub confidence: f64,
    /// Rounds that went into it.
    pub rounds: usize,
}

impl Ratio {
    /// The ratio whose logs, one per round, are given.
    ///
    /// The interval is a percentile bootstrap of the median, deterministic by `seed`. No rounds at all give a ratio of 1
    /// with an infinitely wide interval. Costs O(rounds × 1000).
    ///
    /// ```
    /// use tuneup_benchmarking::Ratio;
    /// let logs = [0.04, 0.05, 0.06, 0.05, 0.04, 0.05, 0.07, 0.05];
    /// let ratio = Ratio::from_logs(&logs, 0.95, 1);
    /// assert_eq!(ratio.estimate, 0.05_f64.exp());
    /// assert!(ratio.low >= 0.04_f64.exp() && ratio.high <= 0.07_f64.exp());
    /// ```
    ///
    /// # Panics
    ///
    /// When `confidence` is not above 0 and below 1.
    #[must_use]
    pub fn from_logs(logs: &[f64], confidence: f64, seed: u64) -> Self {
        assert_confidence(confidence);
        let interval = Bootstrap::builder()
            .seed(seed)
            .resamples(RESAMPLES)
            .confidence(confidence)
            .build()
            .and_then(|bootstrap| bootstrap.percentile(logs, median_in_place));
        match interval {
            Ok(interval) => Self::from_log_interval(&interval, logs.len()),
            Err(_) => Self {
                estimate: 1.0,
                low: 0.0,
                high: f64::INFINITY,
                confidence,
                rounds: logs.len(),
            },
        }
    }

    /// The ratio whose logs, a list for each process, are given: the median over all, with a percentile interval at 99 % from a
    /// hierarchical bootstrap. Processes are drawn first, then rounds within them, because rounds of one process share its memory
    /// layout and are no independent samples of it. Deterministic: the seed is fixed.
    #[cfg(feature = "suite")]
    pub(crate) fn from_processes(processes: &[Vec<f64>]) -> Self {
        const CONFIDENCE: f64 = 0.99;
        let mut pooled: Vec<f64> = processes.concat();
        let rounds = pooled.len();
        let estimate = median_in_place(&mut pooled);
        let mut rng = fastrand::Rng::with_seed(0x6a7e_0001);
        let mut medians: Vec<f64> = (0..RESAMPLES)
            .map(|_| {
                pooled.clear();
                for _ in 0..processes.len() {
                    let process = &processes[rng.usize(..processes.len())];
                    pooled.extend((0..process.len()).map(|_| process[rng.usize(..process.len())]));
                }
                median_in_place(&mut pooled)
            })
            .collect();
        medians.sort_by(f64::total_cmp);
        let at = |share: f64| medians[((RESAMPLES - 1) as f64 * share).round() as usize];
        Self {
            estimate: estimate.exp(),
            low: at((1.0 - CONFIDENCE) / 2.0).exp(),
            high: at((1.0 + CONFIDENCE) / 2.0).exp(),
            confidence: CONFIDENCE,
            rounds,
        }
    }

    /// The ratio whose log lies in the interval.
    pub(crate) fn from_log_interval(interval: &Interval, rounds: usize) -> Self {
        Self {
            estimate: interval.estimate.exp(),
            low: interval.low.exp(),
            high: interval.high.exp(),
            confidence: interval.confidence,
            rounds,
        }
    }

    /// The smallest relative difference that this measurement could have told from zero: half the width of the interval,
    /// as a share of the reference's time.
    ///
    /// ```
    /// use tuneup_benchmarking::Ratio;
    /// let quiet = Ratio::from_logs(&[0.0; 20], 0.99, 1);
    /// assert_eq!(quiet.smallest_visible_effect(), 0.0);
    /// ```
    #[doc(alias = "minimum_detectable_effect")]
    #[must_use]
    pub fn smallest_visible_effect(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// Judges the ratio: differences below `threshold` (0.01 is one per cent) do not matter.
    ///
    /// ```
    /// use tuneup_benchmarking::{Ratio, Verdict};
    /// let ratio = Ratio::from_logs(&[0.05; 20], 0.99, 1);
    /// assert_eq!(ratio.verdict(0.01), Verdict::Slower);
    /// assert_eq!(ratio.verdict(0.10), Verdict::Same);
    /// ```
    #[must_use]
    pub fn verdict(&self, threshold: f64) -> Verdict {
        let (small, large) = (1.0 / (1.0 + threshold), 1.0 + threshold);
        if self.low > small && self.high < large {
            Verdict::Same
        } else if self.low > 1.0 && self.estimate >= large {
            Verdict::Slower
        } else if self.high < 1.0 && self.estimate <= small {
            Verdict::Faster
        } else {
            Verdict::Undecided
        }
    }
}

/// A confidence is above 0 and below 1; the settings check it where it is given, because that is where the mistake is.
#[track_caller]
pub(crate) fn assert_confidence(confidence: f64) {
    assert!(
        confidence > 0.0 && confidence < 1.0,
        "a confidence lies above 0 and below 1, for example 0.95; this is {confidence}"
    );
}

/// A threshold is a share; checked where it is given, as a confidence is.
#[track_caller]
pub(crate) fn assert_threshold(threshold: f64) {
    assert!(
        threshold.is_finite() && threshold >= 0.0,
        "a threshold is a share of 0 or more, for example 0.01; this is {threshold}"
    );
}

/// Enough for the ends of a 99 % interval. O(rounds) for each.
const RESAMPLES: usize = 1_000;

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.3} × [{:.3}, {:.3}]",
            self.estimate, self.low, self.high
        )
    }
}

/// What a comparison says about a case beside its reference: see [`Ratio::verdict`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Takes less time: the interval lies below 1 and the estimate beyond the threshold.
    Faster,
    /// Takes more time: the interval lies above 1 and the estimate beyond the threshold.
    Slower,
    /// The whole interval lies within the threshold of 1.
    Same,
    /// The interval is too wide to tell; measure longer or on a calmer machine.
    Undecided,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::Same => "same",
            Self::Undecided => "undecided",
        })
    }
}
