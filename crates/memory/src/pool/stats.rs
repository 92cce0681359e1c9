//! What a pool counts.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::Pool;

/// Counts something rare. Orders nothing.
#[derive(Debug, Default)]
pub(super) struct Event(AtomicU64);

impl Event {
    pub(super) fn add_one(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// On lines of their own: what every get reads shall stay in all caches.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Events {
    pub(super) created: Event,
    pub(super) misses: Event,
    pub(super) timeouts: Event,
    pub(super) discarded: Event,
    pub(super) detached: Event,
    pub(super) reset_panics: Event,
}

/// What a [`Pool`] has done and how it stands, from [`Pool::stats`].
///
/// The counts are since the pool was built. Each object that was made is idle, in use, discarded or detached.
///
/// ```
/// let pool = tuneup_memory::Pool::builder(2).build(String::new)?;
/// let stats = pool.stats();
/// assert_eq!((stats.capacity, stats.created), (2, 0));
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// How many objects there may be.
    pub capacity: usize,
    /// How many objects nobody uses now.
    pub idle: usize,
    /// How many places are taken now: by objects that are out, and by such that are being made, checked or reset.
    pub in_use: usize,
    /// How many threads wait for an object now.
    pub waiting: usize,
    /// How many objects were made.
    pub created: u64,
    /// How many gets were given an object that had been used before.
    pub reused: u64,
    /// How many gets found no idle object nearby, and made one, waited, or failed. Many of them in a pool that has been
    /// running for long mean that the capacity is too small.
    pub misses: u64,
    /// How many gets waited in vain until their time was over.
    pub timeouts: u64,
    /// How many objects were dropped while the pool was in use: by a health check, a hook that panicked,
    /// [`discard_on_panic`](super::PoolBuilder::discard_on_panic) or [`trim_to`](Pool::trim_to).
    pub discarded: u64,
    /// How many objects were taken out for good.
    pub detached: u64,
    /// How often the reset hook panicked.
    pub reset_panics: u64,
}

impl PoolStats {
    pub(super) fn of<T>(pool: &Pool<T>) -> Self {
        let (idle, in_use) = pool.slots.count();
        let events = &pool.events;
        Self {
            capacity: pool.capacity(),
            idle,
            in_use,
            waiting: pool.waiting.count(),
            created: events.created.get(),
            reused: pool.slots.reuses(),
            misses: events.misses.get(),
            timeouts: events.timeouts.get(),
            discarded: events.discarded.get(),
            detached: events.detached.get(),
            reset_panics: events.reset_panics.get(),
        }
    }
}
