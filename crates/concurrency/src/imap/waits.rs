//! Whether the input has just waited for something.

use std::{
    mem,
    time::{Duration, Instant},
};

use tuneup_measure::__private::read_counter;

/// What takes longer is called waiting: half of the time that a batch may take.
pub(super) const WAIT: Duration = Duration::from_nanos(37_500);

/// More ticks of the processor's counter are worth a look at the clock: 1 to 2 µs on x86-64, 170 µs where the counter is slowest.
const LONG_TICKS: u64 = 4_096;

/// In batches of twice as many items or more, that is of items below some 300 ns, not each is worth a look.
const ITEMS_PER_LOOK: usize = 128;
const MOST_PER_LOOK: usize = 16;

/// Looks after each item of a batch, or after some, how long it has taken.
///
/// At the counter of the processor, which costs less than the clock. Where none is known it stands still: then no wait is noticed before the batch is
/// full.
pub(super) struct Waits {
    ticks: u64,
    looked: Instant,
    per_look: usize,
}

impl Waits {
    /// Of a batch of up to `len` items that begins now.
    pub(super) fn new(now: Instant, len: usize) -> Self {
        Self {
            ticks: read_counter(),
            looked: now,
            per_look: (len / ITEMS_PER_LOOK).clamp(1, MOST_PER_LOOK),
        }
    }

    /// After how many items it is to be asked whether there was a wait.
    pub(super) fn items_per_look(&self) -> usize {
        self.per_look
    }

    /// Whether there was a wait since the last look.
    #[inline]
    pub(super) fn has_waited(&mut self) -> bool {
        let ticks = read_counter();
        let before = mem::replace(&mut self.ticks, ticks);
        // Counters of two processors may differ.
        ticks.saturating_sub(before) > LONG_TICKS && self.is_late()
    }

    #[cold]
    fn is_late(&mut self) -> bool {
        let now = Instant::now();
        let before = mem::replace(&mut self.looked, now);
        now - before > WAIT
    }
}
