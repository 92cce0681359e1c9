//! A shard behind its lock, and where its index is, for whoever is about to wait for both.

use std::{
    ptr,
    sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed},
};

use super::{Hashed, index::Chunk, shard::Shard};
use crate::concurrent::BiasedLock;

/// On cache lines of its own: processors fetch them in pairs.
#[repr(align(128))]
pub(super) struct Part<K, V> {
    pub(super) lock: BiasedLock<Shard<K, V>>,
    /// The chunks of the index as they were after the last write: a hint, which is followed by no read.
    chunks: AtomicPtr<Chunk>,
    len: AtomicUsize,
}

impl<K, V> Part<K, V> {
    pub(super) fn new(shard: Shard<K, V>) -> Self {
        Self {
            lock: BiasedLock::new(shard),
            chunks: AtomicPtr::new(ptr::null_mut()),
            len: AtomicUsize::new(0),
        }
    }

    /// Has the processor fetch the line of the index that the hash leads to: it comes while the lock is taken, which
    /// holds up all reads after it.
    #[inline(always)]
    pub(super) fn prefetch(&self, hash: Hashed) {
        let place = Chunk::place(hash.in_shard(), self.len.load(Relaxed));
        prefetch(self.chunks.load(Relaxed).wrapping_add(place));
    }

    /// Takes note of where the index is.
    pub(super) fn note_index(&self, shard: &Shard<K, V>) {
        let chunks = shard.chunks();
        if self.len.load(Relaxed) != chunks.len() {
            self.chunks.store(chunks.as_ptr().cast_mut(), Relaxed);
            self.len.store(chunks.len(), Relaxed);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn prefetch(chunk: *const Chunk) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a prefetch reads nothing that the program sees, and an address that is not mapped is ignored.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(chunk.cast()) };
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn prefetch(_: *const Chunk) {}
