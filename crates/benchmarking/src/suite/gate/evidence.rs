//! What the processes said about one case, and the judgement.

use tuneup_measure::median;

use super::report::{CaseGate, GateVerdict};
use crate::Ratio;

/// Confidence of the intervals.
const CONFIDENCE: f64 = 0.99;

/// Resamples of the hierarchical bootstrap.
const RESAMPLES: usize = 1_000;

/// Log ratios of one case, a list per process: candidate and control beside the base, forward and reversed.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    forward: Vec<Vec<f64>>,
    forward_control: Vec<Vec<f64>>,
    reversed: Vec<Vec<f64>>,
    reversed_control: Vec<Vec<f64>>,
}

impl Evidence {
    /// Adds what one set of processes measured.
    pub(super) fn add(&mut self, reversed: bool, candidate: Vec<f64>, control: Vec<f64>) {
        if reversed {
            self.reversed.push(candidate);
            self.reversed_control.push(control);
        } else {
            self.forward.push(candidate);
            self.forward_control.push(control);
        }
    }

    /// Whether further processes could change the outcome.
    pub(super) fn needs_more(&self, threshold: f64) -> bool {
        match self.verdict(threshold) {
            GateVerdict::Undecided => true,
            GateVerdict::Passed | GateVerdict::Improved | GateVerdict::Regressed => false,
        }
    }

    /// The judgement on all there is.
    pub(super) fn judge(&self, name: &str, threshold: f64) -> CaseGate {
        CaseGate {
            name: name.to_owned(),
            ratio: hierarchical(&self.all()),
            control: hierarchical(&self.all_controls()),
            reversed: (!self.reversed.is_empty()).then(|| hierarchical(&self.reversed)),
            processes: self.forward.len() + self.reversed.len(),
            verdict: self.verdict(threshold),
            heap: None,
            instructions: None,
        }
    }

    fn verdict(&self, threshold: f64) -> GateVerdict {
        let limit = 1.0 + threshold;
        let all = hierarchical(&self.all());
        if all.high <= limit {
            return if all.high < 1.0 / limit {
                GateVerdict::Improved
            } else {
                GateVerdict::Passed
            };
        }
        let clean = |control: &[Vec<f64>]| {
            let control = hierarchical(control);
            control.low > 1.0 / limit && control.high < limit
        };
        let found = |side: &[Vec<f64>], control: &[Vec<f64>]| {
            !side.is_empty() && hierarchical(side).low > limit && clean(control)
        };
        if found(&self.forward, &self.forward_control)
            && found(&self.reversed, &self.reversed_control)
        {
            GateVerdict::Regressed
        } else {
            GateVerdict::Undecided
        }
    }

    fn all(&self) -> Vec<Vec<f64>> {
        self.forward.iter().chain(&self.reversed).cloned().collect()
    }

    fn all_controls(&self) -> Vec<Vec<f64>> {
        self.forward_control
            .iter()
            .chain(&self.reversed_control)
            .cloned()
            .collect()
    }
}

/// The median ratio with a percentile interval from a hierarchical bootstrap: processes are drawn first, then rounds within them,
/// because rounds of one process share its memory layout and are no independent samples of it.
///
/// Deterministic: the seed is fixed.
pub(super) fn hierarchical(processes: &[Vec<f64>]) -> Ratio {
    let mut pooled: Vec<f64> = processes.concat();
    let rounds = pooled.len();
    let estimate = select_median(&mut pooled);
    let mut rng = fastrand::Rng::with_seed(0x6a7e_0001);
    let mut medians: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            pooled.clear();
            for _ in 0..processes.len() {
                let process = &processes[rng.usize(..processes.len())];
                pooled.extend((0..process.len()).map(|_| process[rng.usize(..process.len())]));
            }
            select_median(&mut pooled)
        })
        .collect();
    medians.sort_by(f64::total_cmp);
    let at = |share: f64| medians[((RESAMPLES - 1) as f64 * share).round() as usize];
    Ratio {
        estimate: estimate.exp(),
        low: at((1.0 - CONFIDENCE) / 2.0).exp(),
        high: at((1.0 + CONFIDENCE) / 2.0).exp(),
        confidence: CONFIDENCE,
        rounds,
    }
}

/// The median, or an undefined value where there is nothing.
fn select_median(values: &mut [f64]) -> f64 {
    median(values).unwrap_or(f64::NAN)
}
