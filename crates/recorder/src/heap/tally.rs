//! A number in the memory of a thread that others may read.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What [`Counter`](crate::sync::Counter) is, for thread-local memory: constant, and in no model.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Tally(AtomicU64);

impl Tally {
    pub(crate) const fn new(value: u64) -> Self {
        Self(AtomicU64::new(value))
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    #[inline(always)]
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }

    /// Only the writer may call it: of two writers one would lose. Gives the new value.
    #[inline(always)]
    pub(crate) fn add(&self, value: u64) -> u64 {
        let sum = self.get().wrapping_add(value);
        self.set(sum);
        sum
    }
}
