//! The figures that advice is founded on.

use std::{num::NonZeroUsize, time::Duration};

use super::Model;

/// What was measured on a sample of the work.
///
/// See [`advise`](crate::advise()) for an example.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Measured {
    /// Items that were worked on, all of which have a result.
    pub items: usize,
    /// Items there are, the sample among them; `None` if neither the iterator nor the caller knew.
    pub total_items: Option<usize>,
    /// What the first item took. It often pays for what the others find done.
    pub first_item: Duration,
    /// What an item takes by itself, one after the other on one thread, on average; without the first, if there are more, and without the
    /// time that the thread was ready and other work had the processors.
    pub item: Duration,
    /// The fast ones: a tenth is faster. Items of less than 100 µs are timed in blocks, and this is of the blocks' averages.
    pub item_low: Duration,
    /// The slow ones: a tenth is slower.
    pub item_high: Duration,
    /// What an item has of a processor, of [`item`](Self::item); `None` where the system does not tell a thread's processor time.
    pub processor: Option<Duration>,
    /// The part of an item's time that is waiting for something else than a processor, 0 to 1; `None` as above.
    pub waiting: Option<f64>,
    /// The part of the time that the thread was ready and had no processor, 0 to 1: from some percent on the machine is busy with something
    /// else, and what was measured in parallel is too slow. Linux alone tells; elsewhere 0, and such time counts as waiting.
    pub queued: f64,
    /// The processors of [`CoreBudget::global`](crate::CoreBudget::global).
    pub cores: NonZeroUsize,
    /// What an item takes as a value, in bytes. What it points to is not counted.
    pub item_bytes: usize,
    /// What a result takes as a value, in bytes. What it points to is not counted.
    pub result_bytes: usize,
    /// What was tried, the serial loop first; empty if there were too few items or only one processor and nothing that waits.
    pub trials: Vec<Trial>,
}

/// A way to work that was tried on a part of the sample, in turns with the others.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Trial {
    /// Which way.
    pub model: Model,
    /// Items that it got; 0 for the serial loop if what was measured before stands for it.
    pub items: usize,
    /// What an item took on the wall, all threads together. Of the turns, the slowest of the fastest tenth, which other work on the machine disturbs
    /// least.
    pub item: Duration,
    /// What an item had of a processor, all threads together; `None` for items of less than 20 µs, and where the system does not tell.
    pub processor: Option<Duration>,
    /// How many times faster than the serial loop, whose trial has 1; not more than there were threads.
    pub speedup: f64,
}

impl Measured {
    /// The trial of the serial loop's rivals that was fastest.
    pub(super) fn best(&self) -> Option<&Trial> {
        self.trials
            .iter()
            .filter(|trial| trial.model != Model::Serial)
            .max_by(|a, b| a.speedup.total_cmp(&b.speedup))
    }
}
