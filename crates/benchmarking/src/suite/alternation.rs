//! The cases of one group beside each other: interleaved rounds in several fresh processes.
//!
//! One process is one sample of its memory layout: where its tables and stacks lie can change a short case by a factor of two, and no
//! number of rounds in it tells. So the group is measured in a few processes, and the ratios are pooled as in the gate.

use std::time::Duration;

use super::Stop;
use super::results::{Figure, PeerRatio};
use super::session::Session;
use crate::protocol::GroupInfo;
use crate::{Error, Ratio, paired};

/// Seed of the order of the blocks; each process gets one of its own.
const SEED: u64 = 0x7ea5_0e01;

/// The rounds of a group, a set for each process.
pub(super) struct Alternation<'g> {
    info: &'g GroupInfo,
    processes: Vec<paired::Rounds>,
}

impl<'g> Alternation<'g> {
    /// Nothing measured yet.
    pub(super) fn new(info: &'g GroupInfo) -> Self {
        Self {
            info,
            processes: Vec::new(),
        }
    }

    /// Checks the answers in a fresh process, then lets the cases take turns there for about `budget`.
    pub(super) fn add(
        &mut self,
        session: &mut Session,
        group: usize,
        budget: Duration,
        stop: &Stop,
    ) -> Result<(), Error> {
        session.check(group, self.info.size)?;
        let plan = paired::Plan {
            budget,
            seed: SEED + self.processes.len() as u64,
            ..paired::Plan::default()
        };
        let rounds = paired::measure(
            &mut |case, iterations| {
                stop.check()?;
                session.run(group, case, self.info.size, iterations)
            },
            self.info.cases.len(),
            &plan,
            &mut |_| {},
        )?;
        self.processes.push(rounds);
        Ok(())
    }

    /// Median nanoseconds of one iteration while the cases take turns.
    pub(super) fn median_ns(&self, case: usize) -> f64 {
        let all: Vec<f64> = self
            .processes
            .iter()
            .flat_map(|rounds| rounds.ns(case))
            .collect();
        tuneup_measure::median(&all).unwrap_or(f64::NAN)
    }

    /// The ratio to the reference of the group; none for the reference itself.
    pub(super) fn ratio_to_reference(&self, case: usize) -> Option<PeerRatio> {
        let reference = self.reference();
        (case != reference).then(|| self.ratio(case, reference))
    }

    /// The promises whose other side is there; without the peers some are not.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let cases = &self.info.cases;
        let mut figures = Vec::new();
        for (index, case) in cases.iter().enumerate() {
            for limit in &case.limits {
                if let Some(against) = cases.iter().position(|other| other.name == limit.against) {
                    figures.push(Figure {
                        case: case.name.clone(),
                        at_most: limit.ratio,
                        ratio: self.ratio(index, against),
                    });
                }
            }
        }
        figures
    }

    /// The fastest peer, or the first case where there is no peer.
    fn reference(&self) -> usize {
        (0..self.info.cases.len())
            .filter(|&case| self.info.cases[case].peer)
            .min_by(|&a, &b| self.median_ns(a).total_cmp(&self.median_ns(b)))
            .unwrap_or(0)
    }

    fn ratio(&self, case: usize, reference: usize) -> PeerRatio {
        let logs: Vec<Vec<f64>> = self
            .processes
            .iter()
            .map(|rounds| rounds.log_ratios(case, reference))
            .collect();
        let ratio = Ratio::from_processes(&logs);
        PeerRatio {
            to: self.info.cases[reference].name.clone(),
            estimate: ratio.estimate,
            low: ratio.low,
            high: ratio.high,
        }
    }
}
