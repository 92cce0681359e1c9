//! The time of a cache.

use std::time::Duration;

use tuneup_measure::{Clock, Scale};

/// The clock of a cache, in ticks, and deadlines on it.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    clock: Clock,
    scale: Scale,
}

impl Timeline {
    /// Spins for up to 200 µs if this is the first clock of the process.
    pub(crate) fn new(clock: Clock) -> Self {
        let scale = clock.scale();
        Self { clock, scale }
    }

    #[inline]
    pub(crate) fn now(&self) -> u64 {
        self.clock.now().raw()
    }

    pub(crate) fn after(&self, now: u64, wait: Duration) -> u64 {
        now.saturating_add(self.ticks(wait))
    }

    pub(crate) fn ticks(&self, duration: Duration) -> u64 {
        (duration.as_nanos() as f64 / self.scale.ns(1)) as u64
    }

    pub(crate) fn between(&self, earlier: u64, later: u64) -> Duration {
        self.scale.duration(later.saturating_sub(earlier))
    }

    pub(crate) fn ns_between(&self, earlier: u64, later: u64) -> u64 {
        self.scale.ns(later.saturating_sub(earlier)) as u64
    }
}
