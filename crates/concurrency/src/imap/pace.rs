//! How many items are a batch, and whether to hand it to another thread.

use std::time::Duration;

use super::waits::WAIT;
use crate::cost::Site;

#[cfg(all(test, not(loom)))]
mod tests;

/// The work of a batch: long against what handing it over costs, short against what a consumer notices.
const BATCH_NS: f64 = 75_000.0;

/// By how much a batch may be longer than the one before it, since its items may cost more.
const GROWTH: usize = 4;

/// An item that costs less is not worth the way to another processor and back: the consumer's thread makes it itself.
const LEAST_SHARED_NS: f64 = 20.0;

/// To start a thread costs about as much. Who works alone for as long, and then starts one, has lost half at most (the ski rental
/// problem, Karlin et al. 1988).
const START_NS: f64 = 50_000.0;

/// Of items that cost more, the way to another processor and back is a small part.
const DEAR_NS: f64 = 1_000.0;

/// So long the consumer's time is added up before it is judged.
const TRIAL_NS: f64 = 1_000_000.0;

/// What an item may take the consumer while others help, as a part of what it takes the consumer alone.
const LEAST_GAIN: f64 = 0.95;

/// So long the consumer works alone where help was none; twice as long the next time, and so on up to the longest.
const ALONE_NS: f64 = 8_000_000.0;
const LONGEST_ALONE_NS: f64 = 128_000_000.0;

pub(super) struct Pace {
    site: Site,
    /// Of an item, by the last batch; of the place in the program, before there is one.
    work_ns: Option<f64>,
    pull_ns: f64,
    /// Of the whole last batch.
    last_pull_ns: f64,
    /// The length of the last batch whose work was measured.
    len: usize,
    most: usize,
    /// All work until now.
    total_ns: f64,
    items: usize,
    /// Of an item that the consumer pulled and made when it last worked alone.
    alone_ns: Option<f64>,
    trial: Trial,
}

/// Whether sharing pays for items that are so cheap that it might not: other programs may want the processors, or the items and
/// results may be large.
struct Trial {
    /// What the consumer has spent to get so many items while others helped.
    spent_ns: f64,
    items: usize,
    /// What is left of the time without help, and how long it is to be the next time.
    alone_left_ns: f64,
    next_alone_ns: f64,
}

impl Pace {
    pub(super) fn new(site: Site) -> Self {
        Self {
            site,
            work_ns: site.cost_ns(),
            pull_ns: 0.0,
            last_pull_ns: 0.0,
            len: 0,
            most: usize::MAX,
            total_ns: 0.0,
            items: 0,
            alone_ns: None,
            trial: Trial {
                spent_ns: 0.0,
                items: 0,
                alone_left_ns: 0.0,
                next_alone_ns: ALONE_NS,
            },
        }
    }

    /// Sets the length of the longest batch.
    pub(super) fn limit(&mut self, most: usize) {
        self.most = most;
    }

    /// Items of the next batch, 1 or more.
    pub(super) fn batch_len(&self) -> usize {
        let grown = self.len.saturating_mul(GROWTH).clamp(1, self.most);
        let slower_ns = self.work_ns.unwrap_or(0.0).max(self.pull_ns);
        // A cast of a float saturates.
        grown.min(((BATCH_NS / slower_ns) as usize).max(1))
    }

    /// Whether a batch is given to other threads. What is not known is: it might take a second.
    pub(super) fn is_worth_sharing(&self, has_workers: bool) -> bool {
        self.work_ns.is_none_or(|work_ns| {
            work_ns >= LEAST_SHARED_NS
                && self.trial.alone_left_ns <= 0.0
                && (has_workers || work_ns >= START_NS || self.total_ns >= START_NS)
        })
    }

    /// Whether the items come so slowly that there is no use in pulling more of them before results are looked for.
    pub(super) fn is_input_slow(&self) -> bool {
        self.work_ns.is_none_or(|work_ns| self.pull_ns > work_ns) && self.may_input_wait()
    }

    /// Whether the input has last taken so long that it may have waited for something, for which a result should not wait too.
    pub(super) fn may_input_wait(&self) -> bool {
        self.last_pull_ns > nanoseconds(WAIT)
    }

    /// Whether items are made one by one as they are pulled: fastest, but nobody knows then what took how long.
    pub(super) fn is_made_straight(&self) -> bool {
        self.trial.alone_left_ns > 0.0 || self.is_all_cheap()
    }

    fn is_all_cheap(&self) -> bool {
        self.work_ns
            .is_some_and(|work_ns| work_ns.max(self.pull_ns) < LEAST_SHARED_NS)
    }

    /// Items were pulled and worked on in turns.
    pub(super) fn made(&mut self, items: usize, spent: Duration) {
        self.len = items;
        // If all is not cheap any more, the next batch finds out what is not: only the sum is known, which the pulling gets.
        self.pull_ns = nanoseconds(spent) / items as f64;
        self.total_ns += nanoseconds(spent);
        self.items += items;
        self.trial.alone_left_ns -= nanoseconds(spent);
        if self.pull_ns > DEAR_NS {
            self.trial.alone_left_ns = 0.0;
        }
        self.alone_ns = Some(self.pull_ns);
    }

    /// The consumer has worked alone on what it had pulled.
    pub(super) fn worked_alone(&mut self, items: usize, spent: Duration) {
        self.worked(items, spent);
        self.alone_ns = Some(self.pull_ns + nanoseconds(spent) / items as f64);
    }

    /// The consumer has got items that were shared, and all it did for it took so long.
    pub(super) fn shared(&mut self, items: usize, spent: Duration) {
        let Some(alone_ns) = self.alone_ns.filter(|alone_ns| *alone_ns < DEAR_NS) else {
            return;
        };
        let trial = &mut self.trial;
        trial.spent_ns += nanoseconds(spent);
        trial.items += items;
        if trial.spent_ns < TRIAL_NS {
            return;
        }
        if trial.spent_ns > LEAST_GAIN * alone_ns * trial.items as f64 {
            trial.alone_left_ns = trial.next_alone_ns;
            trial.next_alone_ns = (2.0 * trial.next_alone_ns).min(LONGEST_ALONE_NS);
        } else {
            trial.next_alone_ns = ALONE_NS;
        }
        trial.spent_ns = 0.0;
        trial.items = 0;
    }

    pub(super) fn pulled(&mut self, items: usize, spent: Duration) {
        self.last_pull_ns = nanoseconds(spent);
        self.pull_ns = self.last_pull_ns / items as f64;
    }

    pub(super) fn worked(&mut self, items: usize, spent: Duration) {
        let spent_ns = nanoseconds(spent);
        self.len = items;
        self.work_ns = Some(spent_ns / items as f64);
        self.total_ns += spent_ns;
        self.items += items;
    }

    /// Remembers what the items have cost for the next time.
    pub(super) fn learn(&self) {
        if self.items > 0 {
            self.site.learn(self.total_ns / self.items as f64);
        }
    }
}

fn nanoseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}
