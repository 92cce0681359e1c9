//! Whether something was invalidated while a value was on its way into memory.

use std::hash::{BuildHasher as _, Hash, RandomState};

#[cfg(all(loom, test))]
use loom::sync::atomic::{AtomicU64, Ordering, fence};
#[cfg(not(all(loom, test)))]
use std::sync::atomic::{AtomicU64, Ordering, fence};

#[cfg(all(loom, test))]
mod model;

/// Keys share a counter with others of the same stripe; to be taken for another costs a needless removal.
const STRIPES: usize = if cfg!(all(loom, test)) { 1 } else { 256 };

/// Counts invalidations, by stripe of keys and of everything.
///
/// Who brings a value from a store takes a [`Stamp`] *before* it asks, puts the value into the cache, and *then* asks
/// whether the stamp still holds; if not, it removes what it has put there. Who invalidates counts *first* and removes
/// *then*. So either the second removal comes after the value was put there, or the bringer sees the count.
#[derive(Debug)]
pub(crate) struct Generations {
    everything: AtomicU64,
    stripes: Box<[AtomicU64]>,
    hasher: RandomState,
}

/// The counts at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    everything: u64,
    of_stripe: u64,
    stripe: usize,
}

impl Generations {
    pub(crate) fn new() -> Self {
        Self {
            everything: AtomicU64::new(0),
            stripes: (0..STRIPES).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    pub(crate) fn stamp<K: Hash>(&self, key: &K) -> Stamp {
        self.stamp_of(self.stripe(key))
    }

    fn stamp_of(&self, stripe: usize) -> Stamp {
        Stamp {
            everything: self.everything.load(Ordering::Acquire),
            of_stripe: self.stripes[stripe].load(Ordering::Acquire),
            stripe,
        }
    }

    /// To be called after the value was put into the cache.
    pub(crate) fn holds(&self, stamp: Stamp) -> bool {
        // Between the write into the cache and the look at the count, as in `invalidate` between the count and the look
        // into the cache: at least one of the two sees the other.
        fence(Ordering::SeqCst);
        self.stamp_of(stamp.stripe) == stamp
    }

    /// To be called before the key is removed from the cache, or written there.
    pub(crate) fn invalidate<K: Hash>(&self, key: &K) {
        self.stripes[self.stripe(key)].fetch_add(1, Ordering::AcqRel);
        fence(Ordering::SeqCst);
    }

    /// To be called before everything is removed from the cache.
    pub(crate) fn invalidate_all(&self) {
        self.everything.fetch_add(1, Ordering::AcqRel);
        fence(Ordering::SeqCst);
    }

    fn stripe<K: Hash>(&self, key: &K) -> usize {
        (self.hasher.hash_one(key) % STRIPES as u64) as usize
    }
}

impl Stamp {
    /// As it is after one more invalidation of the key: the own one.
    pub(crate) fn next(self) -> Self {
        Self {
            of_stripe: self.of_stripe.wrapping_add(1),
            ..self
        }
    }
}
