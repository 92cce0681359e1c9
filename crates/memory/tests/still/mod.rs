//! What the process has counted, to the block: read until the other threads stand still.

use std::{thread, time::Duration};

use tuneup_memory::{AllocationCounters, Stats, stats};

/// Blocks and bytes that were allocated, then those that were freed.
pub(crate) type Counts = [u64; 4];

pub(crate) fn counts(counters: AllocationCounters) -> Counts {
    [
        counters.allocated_blocks,
        counters.allocated_bytes,
        counters.freed_blocks,
        counters.freed_bytes,
    ]
}

pub(crate) fn difference(later: Counts, earlier: Counts) -> Counts {
    std::array::from_fn(|place| later[place] - earlier[place])
}

/// A reading, and what the calling thread had counted before it: to read allocates.
pub(crate) struct Reading {
    pub(crate) stats: Stats,
    before: Counts,
    after: Counts,
}

impl Reading {
    pub(crate) fn take() -> Self {
        let before = counts(AllocationCounters::of_this_thread());
        let stats = stats();
        let after = counts(AllocationCounters::of_this_thread());
        Self {
            stats,
            before,
            after,
        }
    }

    /// What all threads had counted when it began.
    pub(crate) fn totals(&self) -> Counts {
        // The only row that lies between the two: others do not allocate, or it is not compared.
        let is_own = |row: &Counts| {
            (0..row.len())
                .all(|place| (self.before[place]..=self.after[place]).contains(&row[place]))
        };
        let rows = self.stats.threads.iter();
        let own = rows.map(|row| counts(row.counters)).find(is_own);
        let reading = difference(own.unwrap(), self.before);
        difference(counts(self.stats.total), reading)
    }
}

/// Reads until what was counted is what somebody else has counted, which is asked for at the same moment. Threads that
/// work make the two differ for a while; a fault does for ever.
#[track_caller]
pub(crate) fn assert_agree(what: &str, counted: impl Fn() -> Counts) -> Reading {
    const MOST_READINGS: u32 = 2000;
    let mut readings = 0;
    loop {
        let expected = counted();
        let reading = Reading::take();
        let totals = reading.totals();
        if totals == expected {
            return reading;
        }
        readings += 1;
        assert!(
            readings < MOST_READINGS,
            "{what}: counted {totals:?} and not {expected:?}"
        );
        thread::sleep(Duration::from_millis(1));
    }
}
