//! The call that ended last, before it is counted in the distribution of its site.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::{
    memory,
    sync::{AtomicPtr, Counter},
};

/// Counts one call late: holds the bucket of the call that ended last.
///
/// The address of a bucket depends on the clock. Counted at once, it makes the processor wait for it (10 ns a call on Zen 5); by
/// the time the next call ends, it is long known.
#[derive(Debug)]
pub(crate) struct PendingCall {
    bucket: AtomicPtr<Counter>,
    /// The bucket when there is none, so that counting need not ask.
    scrap: &'static Counter,
}

impl PendingCall {
    /// `None` if there is no memory for it.
    pub(crate) fn new() -> Option<Self> {
        let scrap = memory::leak(Counter::default())?;
        let bucket = AtomicPtr::new(std::ptr::from_ref(scrap).cast_mut());
        Some(Self { bucket, scrap })
    }

    /// For the owner: leaves it uncounted.
    pub(crate) fn forget(&self) {
        let scrap = std::ptr::from_ref(self.scrap).cast_mut();
        self.bucket.store(scrap, Relaxed);
    }

    /// For the owner: counts the call that was held, and holds the next one.
    #[inline(always)]
    pub(crate) fn count_and_hold(&self, bucket: &'static Counter) {
        // SAFETY: the scrap counter or a bucket; neither is ever freed.
        let pending = unsafe { &*self.bucket.load(Relaxed) };
        pending.add(1);
        let bucket = std::ptr::from_ref(bucket).cast_mut();
        self.bucket.store(bucket, Release);
    }

    /// For readers: the bucket that has one more call than it says.
    pub(crate) fn bucket(&self) -> *const Counter {
        self.bucket.load(Acquire)
    }
}
