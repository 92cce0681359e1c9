//! What the processes said about one case, and the judgement.

use super::report::{CaseGate, GateVerdict};
use crate::Ratio;

#[cfg(test)]
mod tests;

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
        let control = Ratio::from_processes(&self.control);
        Ratio::from_processes(&self.candidate).low > limit
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
            ratio: Ratio::from_processes(&candidate),
            control: Ratio::from_processes(&self.both(|side| &side.control)),
            reversed: (!reversed.is_empty()).then(|| Ratio::from_processes(reversed)),
            processes: candidate.len(),
            verdict: self.verdict(threshold),
            heap: None,
            instructions: None,
        }
    }

    fn verdict(&self, threshold: f64) -> GateVerdict {
        let limit = 1.0 + threshold;
        let all = Ratio::from_processes(&self.both(|side| &side.candidate));
        if all.high <= limit {
            let control = Ratio::from_processes(&self.both(|side| &side.control));
            // Where the base is faster than itself as well, so is everything.
            let is_gain = all.high < 1.0 / limit && control.low > 1.0 / limit;
            return if is_gain {
                GateVerdict::Improved
            } else {
                GateVerdict::Passed
            };
        }
        if self.forward.finds_regression(limit) && self.reversed.finds_regression(limit) {
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
