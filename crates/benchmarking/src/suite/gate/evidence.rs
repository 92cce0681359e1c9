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

/// What was measured of one case, session by session.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    sessions: Vec<Session>,
}

/// Several sets of fresh processes, all started in the same order: log ratios beside the base, a list for each set.
#[derive(Clone, Debug, Default)]
struct Session {
    reversed: bool,
    candidate: Vec<Vec<f64>>,
    control: Vec<Vec<f64>>,
}

impl Session {
    /// Slower than the limit, with a control that shows no more than the threshold either way.
    fn finds_regression(&self, limit: f64) -> bool {
        let control = hierarchical(&self.control);
        hierarchical(&self.candidate).low > limit
            && control.low > 1.0 / limit
            && control.high < limit
    }
}

impl Evidence {
    /// Adds what one set of processes measured to the session with this number, counted from 0.
    ///
    /// Sessions alternate: the even ones are started base first, the odd ones in the reverse order.
    pub(super) fn add(&mut self, session: usize, candidate: Vec<f64>, control: Vec<f64>) {
        while self.sessions.len() <= session {
            let reversed = is_reversed(self.sessions.len());
            self.sessions.push(Session {
                reversed,
                ..Session::default()
            });
        }
        self.sessions[session].candidate.push(candidate);
        self.sessions[session].control.push(control);
    }

    /// Whether a further session could change the outcome.
    pub(super) fn needs_more(&self, threshold: f64) -> bool {
        self.verdict(threshold) == GateVerdict::Undecided
    }

    /// The judgement on all there is.
    pub(super) fn judge(&self, name: &str, threshold: f64) -> CaseGate {
        let reversed: Vec<_> = self
            .sessions
            .iter()
            .filter(|session| session.reversed)
            .flat_map(|session| session.candidate.clone())
            .collect();
        CaseGate {
            name: name.to_owned(),
            ratio: hierarchical(&self.candidates()),
            control: hierarchical(&self.controls()),
            reversed: (!reversed.is_empty()).then(|| hierarchical(&reversed)),
            processes: self.candidates().len(),
            verdict: self.verdict(threshold),
            heap: None,
            instructions: None,
        }
    }

    fn verdict(&self, threshold: f64) -> GateVerdict {
        let limit = 1.0 + threshold;
        let all = hierarchical(&self.candidates());
        if all.high < 1.0 / limit {
            return GateVerdict::Improved;
        }
        if all.high <= limit {
            return GateVerdict::Passed;
        }
        let found = |reversed: bool| {
            let mut sessions = self.sessions.iter();
            sessions.any(|session| session.reversed == reversed && session.finds_regression(limit))
        };
        if found(false) && found(true) {
            GateVerdict::Regressed
        } else {
            GateVerdict::Undecided
        }
    }

    fn candidates(&self) -> Vec<Vec<f64>> {
        self.sessions
            .iter()
            .flat_map(|session| session.candidate.clone())
            .collect()
    }

    fn controls(&self) -> Vec<Vec<f64>> {
        self.sessions
            .iter()
            .flat_map(|session| session.control.clone())
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
