//! What the processes said about one case, and the judgement.

use tuneup_measure::median_in_place;

use super::report::{CaseGate, GateVerdict};
use crate::Ratio;

#[cfg(test)]
mod tests;

/// Confidence of the intervals.
const CONFIDENCE: f64 = 0.99;

/// Resamples of the hierarchical bootstrap.
const RESAMPLES: usize = 1_000;

/// What was measured of one case, by the order in which the processes were started.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    forward: Side,
    reversed: Side,
}

/// Log ratios beside the base, a list for each set of fresh processes.
#[derive(Clone, Debug, Default)]
struct Side {
    candidate: Vec<Vec<f64>>,
    control: Vec<Vec<f64>>,
}

impl Side {
    /// Slower than the limit, with a control that shows no more than the threshold either way.
    fn finds_regression(&self, limit: f64) -> bool {
        if self.candidate.is_empty() {
            return false;
        }
        let control = hierarchical(&self.control);
        hierarchical(&self.candidate).low > limit
            && control.low > 1.0 / limit
            && control.high < limit
    }
}

impl Evidence {
    /// Adds what one set of processes measured. The even sessions start the base first, the odd ones start it last.
    pub(super) fn add(&mut self, session: usize, candidate: Vec<f64>, control: Vec<f64>) {
        let side = if is_reversed(session) {
            &mut self.reversed
        } else {
            &mut self.forward
        };
        side.candidate.push(candidate);
        side.control.push(control);
    }

    /// Whether a further session could change the outcome.
    pub(super) fn needs_more(&self, threshold: f64) -> bool {
        self.verdict(threshold) == GateVerdict::Undecided
    }

    /// The judgement on all there is.
    pub(super) fn judge(&self, name: &str, threshold: f64) -> CaseGate {
        let reversed = &self.reversed.candidate;
        let candidate = self.both(|side| &side.candidate);
        CaseGate {
            name: name.to_owned(),
            ratio: hierarchical(&candidate),
            control: hierarchical(&self.both(|side| &side.control)),
            reversed: (!reversed.is_empty()).then(|| hierarchical(reversed)),
            processes: candidate.len(),
            verdict: self.verdict(threshold),
            heap: None,
            instructions: None,
        }
    }

    fn verdict(&self, threshold: f64) -> GateVerdict {
        let limit = 1.0 + threshold;
        let all = hierarchical(&self.both(|side| &side.candidate));
        if all.high < 1.0 / limit {
            GateVerdict::Improved
        } else if all.high <= limit {
            GateVerdict::Passed
        } else if self.forward.finds_regression(limit) && self.reversed.finds_regression(limit) {
            GateVerdict::Regressed
        } else {
            GateVerdict::Undecided
        }
    }

    fn both(&self, part: impl Fn(&Side) -> &Vec<Vec<f64>>) -> Vec<Vec<f64>> {
        part(&self.forward)
            .iter()
            .chain(part(&self.reversed))
            .cloned()
            .collect()
    }
}

/// Whether the processes of a session are started in the reverse order.
pub(super) fn is_reversed(session: usize) -> bool {
    session % 2 == 1
}

/// The median ratio with a percentile interval from a hierarchical bootstrap: processes are drawn first, then rounds within them,
/// because rounds of one process share its memory layout and are no independent samples of it.
///
/// Deterministic: the seed is fixed. Without a round the ratio is not a number.
pub(super) fn hierarchical(processes: &[Vec<f64>]) -> Ratio {
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
    Ratio {
        estimate: estimate.exp(),
        low: at((1.0 - CONFIDENCE) / 2.0).exp(),
        high: at((1.0 + CONFIDENCE) / 2.0).exp(),
        confidence: CONFIDENCE,
        rounds,
    }
}
