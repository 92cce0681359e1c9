//! Context switches: the kernel tells them by thread, and forgets those of threads that have ended.

use std::{collections::HashMap, time::Instant};

use super::{
    pace::Pace,
    process_tree::{Identity, Member},
    sampler::Reading,
};

/// Counts of all threads, from one look to the next.
#[derive(Default)]
pub(super) struct Switches {
    pace: Pace,
    before: HashMap<(Identity, i32), u64>,
    last: Option<Instant>,
    per_s: Option<f64>,
}

impl Switches {
    /// How many a second there were between the last two looks; none before there were two.
    pub(super) fn read(&mut self, running: &[(&Member, &Reading)]) -> Option<f64> {
        let counts = self.pace.run(|| counts(running));
        if let Some(counts) = counts {
            let now = Instant::now();
            let more = counts.iter().map(|(thread, count)| {
                let before = self.before.get(thread).copied().unwrap_or(0);
                count.saturating_sub(before)
            });
            let more: u64 = more.sum();
            let span = self.last.map(|last| (now - last).as_secs_f64());
            self.per_s = span.map(|span| more as f64 / span);
            self.last = Some(now);
            self.before = counts;
        }
        self.per_s
    }
}

fn counts(running: &[(&Member, &Reading)]) -> HashMap<(Identity, i32), u64> {
    let mut counts = HashMap::new();
    for (member, _) in running {
        for task in member.process.tasks().into_iter().flatten().flatten() {
            let Ok(status) = task.status() else { continue };
            let voluntary = status.voluntary_ctxt_switches.unwrap_or(0);
            let forced = status.nonvoluntary_ctxt_switches.unwrap_or(0);
            counts.insert((member.id(), task.tid), voluntary + forced);
        }
    }
    counts
}
