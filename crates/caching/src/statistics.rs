//! What a cache counts, and what it tells of that.

mod info;
mod load_counts;
#[cfg(feature = "serde")]
mod nanoseconds;
mod window;

use std::{
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering::Relaxed},
    time::Duration,
};

pub use self::info::{Info, Recent};
pub(crate) use self::load_counts::{LoadCounts, Running};
use self::window::Window;
use crate::{
    concurrent::{Counters, Counts, Reader, Stripe},
    timeline::Timeline,
};

/// The counts of one cache.
pub(crate) struct Statistics {
    pub(crate) counters: Counters,
    pub(crate) loads: LoadCounts,
    window: Window,
    /// What the counts were at the last reset.
    baseline: Mutex<Baseline>,
}

#[derive(Clone, Copy, Default)]
struct Baseline {
    counts: Counts,
    info: Info,
}

/// What a cache holds, and what has gone from it since it was made: what it counts itself.
#[derive(Clone, Copy, Default)]
pub(crate) struct Contents {
    pub(crate) len: u64,
    pub(crate) weight: u64,
    pub(crate) capacity: Option<u64>,
    pub(crate) evicted: u64,
    pub(crate) expired: u64,
    pub(crate) replaced: u64,
    pub(crate) removed: u64,
    pub(crate) rejected: u64,
}

impl Statistics {
    /// The hit ratio of late is that of so long a time.
    pub(crate) fn new(window: Duration) -> Self {
        Self {
            counters: Counters::new(),
            loads: LoadCounts::default(),
            window: Window::new(window),
            baseline: Mutex::default(),
        }
    }

    #[inline(always)]
    pub(crate) fn count_miss(&self, reader: Option<&Reader>, timeline: &Timeline) {
        let misses = self.counters.miss(reader);
        self.sample_window_after(misses, timeline);
    }

    /// As [`count_miss`](Self::count_miss), in counts that [`Counters::own`] has given.
    #[inline(always)]
    pub(crate) fn count_miss_in(&self, stripe: &Stripe, timeline: &Timeline) {
        let misses = Counters::miss_in(stripe);
        self.sample_window_after(misses, timeline);
    }

    #[inline(always)]
    fn sample_window_after(&self, misses: u64, timeline: &Timeline) {
        if misses % 64 == 1 {
            self.sample_window(timeline);
        }
    }

    #[cold]
    fn sample_window(&self, timeline: &Timeline) {
        self.window.sample(timeline, || self.counters.sum());
    }

    /// What was counted since the last reset. All that is counted is read after the baseline: what is read earlier might be less, if
    /// another thread resets meanwhile.
    pub(crate) fn info(&self, timeline: &Timeline, contents: impl FnOnce() -> Contents) -> Info {
        let baseline = *self.baseline();
        self.info_since(&baseline, timeline, contents())
    }

    /// Begins all counts anew.
    pub(crate) fn reset(&self, timeline: &Timeline, contents: impl FnOnce() -> Contents) {
        let mut baseline = self.baseline();
        *baseline = Baseline {
            counts: self.counters.sum(),
            info: self.info_since(&Baseline::default(), timeline, contents()),
        };
    }

    fn baseline(&self) -> MutexGuard<'_, Baseline> {
        self.baseline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn info_since(&self, baseline: &Baseline, timeline: &Timeline, contents: Contents) -> Info {
        let counts = self.counters.sum();
        self.window.sample(timeline, || counts);
        let (recent, over) = self.window.since(timeline, counts);
        let counts = counts.since(&baseline.counts);
        let (before, loads) = (&baseline.info, &self.loads);
        Info {
            hits: counts.hits,
            misses: counts.misses,
            loads: loads.loads.load(Relaxed) - before.loads,
            load_failures: loads.failures.load(Relaxed) - before.load_failures,
            waits: loads.waits.load(Relaxed) - before.waits,
            stale_hits: loads.stale_hits.load(Relaxed) - before.stale_hits,
            load_time: Duration::from_nanos(loads.load_ns.load(Relaxed)) - before.load_time,
            time_saved: Duration::from_nanos(counts.saved_ns),
            evicted: contents.evicted - before.evicted,
            expired: contents.expired - before.expired,
            replaced: contents.replaced - before.replaced,
            removed: contents.removed - before.removed,
            rejected: contents.rejected - before.rejected,
            len: contents.len,
            weight: contents.weight,
            capacity: contents.capacity,
            recent: Recent {
                hits: recent.hits,
                misses: recent.misses,
                over,
            },
        }
    }
}
