//! What loads are counted as.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Sums since the cache was made. What rarely happens is counted by read-modify-writes.
#[derive(Default)]
pub(crate) struct LoadCounts {
    pub(super) loads: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) waits: AtomicU64,
    pub(super) stale_hits: AtomicU64,
    pub(super) load_ns: AtomicU64,
}

impl LoadCounts {
    /// A load that begins: it counts as failed unless it [succeeds](Running::succeeded).
    pub(crate) fn begin(&self) -> Running<'_> {
        Running {
            counts: self,
            has_failed: true,
        }
    }

    pub(crate) fn count_wait(&self) {
        self.waits.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_stale_hit(&self) {
        self.stale_hits.fetch_add(1, Relaxed);
    }
}

/// A load that has not ended. Dropped without success, it has failed, panicked, or was dropped itself.
#[must_use = "the load counts as failed when this is dropped"]
pub(crate) struct Running<'a> {
    counts: &'a LoadCounts,
    has_failed: bool,
}

impl Running<'_> {
    pub(crate) fn succeeded(mut self, load_ns: u64) {
        self.has_failed = false;
        self.counts.loads.fetch_add(1, Relaxed);
        self.counts.load_ns.fetch_add(load_ns, Relaxed);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if self.has_failed {
            self.counts.failures.fetch_add(1, Relaxed);
        }
    }
}
