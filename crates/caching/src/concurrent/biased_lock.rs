//! A readers-writer lock that readers get with one atomic read-modify-write, and with none while nobody writes.
//!
//! A reader announces itself in a word of its own; a writer takes the underlying lock, closes the lock to readers, and waits until no
//! reader announces it. Of the two, at least one sees the other ([`barrier`]). A reader that finds the lock closed waits at the
//! underlying lock.
//!
//! While nobody writes, the lock is biased to readers, after Dice and Kogan, "BRAVO: Biased Locking for Reader-Writer Locks" (USENIX
//! ATC 2019): an announcement is a plain store then, and the next writer makes up for it by a system call of one to a few
//! microseconds. The lock becomes biased after so many reads without a write in between that this is a small part of what they
//! cost: a lock that is written to all the time is never biased.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{PoisonError, atomic::Ordering},
};

use super::{
    barrier,
    readers::{self, Reader},
    sync::{
        AtomicU32, AtomicUsize, RwLock, RwLockReadGuard, RwLockWriteGuard, UnsafeCell, yield_now,
    },
};

/// So many reads with a barrier, of about 5 ns each, before the lock is biased to readers.
#[cfg(not(all(test, loom)))]
const READS_BEFORE_BIAS: u32 = 1_024;
#[cfg(all(test, loom))]
const READS_BEFORE_BIAS: u32 = 1;

/// So many looks at a reader before the writer lets other threads run.
const LOOKS_BEFORE_YIELD: u32 = 64;

/// Readers announce themselves with a barrier, if they are among the [early](Reader::is_early) ones; others take the underlying
/// lock.
const OPEN: usize = 0;
/// Readers announce themselves, without a barrier.
const BIASED: usize = 1;
/// A writer is there, or about to be.
const CLOSED: usize = 2;

/// A value that many threads read and few write.
pub(crate) struct BiasedLock<T> {
    /// How readers get in. Closed and opened by who holds the underlying lock for writing; biased by any reader.
    mode: AtomicUsize,
    /// Reads since the last write, in steps of what a reader counts by itself.
    reads: AtomicU32,
    lock: RwLock<()>,
    value: UnsafeCell<T>,
}

// SAFETY: as for `RwLock`: readers on several threads share `&T`, writers have `&mut T` alone.
unsafe impl<T: Send + Sync> Sync for BiasedLock<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for BiasedLock<T> {}

impl<T> BiasedLock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            mode: AtomicUsize::new(OPEN),
            reads: AtomicU32::new(0),
            lock: RwLock::new(()),
            value: UnsafeCell::new(value),
        }
    }

    /// Lets `read` see the value, beside other readers.
    #[inline]
    pub(crate) fn read<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        match self.announce() {
            Some(value) => read(&value),
            None => read(&self.share()),
        }
    }

    /// The value, for a reader that has announced itself; none if anything is unusual: then [`announce`](Self::announce) is the way.
    /// As short as can be, because a hit in a cache is little more. `before_barrier` is called if there is one, which holds up all reads
    /// after it.
    #[inline(always)]
    pub(crate) fn announce_usual(&self, before_barrier: impl FnOnce()) -> Option<Announced<'_, T>> {
        let mode = self.mode.load(Ordering::Relaxed);
        let reader = readers::known()?;
        if reader.reading.load(Ordering::Relaxed) != 0 {
            return None;
        }
        match mode {
            BIASED => {
                reader.reading.store(self.address(), Ordering::Relaxed);
                barrier::light();
            }
            OPEN if reader.is_early() && reader.counts_by_itself() => {
                before_barrier();
                barrier::swap(&reader.reading, self.address());
            }
            _ => return None,
        }
        let announced = Announced { lock: self, reader };
        // A writer that comes while the lock is biased sees every announcement, and one that comes while it is open those with a
        // barrier.
        (self.mode.load(Ordering::SeqCst) == mode).then_some(announced)
    }

    /// The value, for a reader that has announced itself; none if a writer is there, or if this thread is announced already: then
    /// [`share`](Self::share) is the way.
    pub(crate) fn announce(&self) -> Option<Announced<'_, T>> {
        let reader = readers::current()?;
        if self.mode.load(Ordering::Relaxed) == OPEN {
            self.count_reads(reader.take_count());
        }
        self.announce_usual(|| {})
    }

    /// Counts reads, and makes the lock biased if there were enough.
    fn count_reads(&self, reads: u32) {
        let before = self.reads.fetch_add(reads, Ordering::Relaxed);
        if before.saturating_add(reads) >= READS_BEFORE_BIAS && barrier::is_available() {
            // Fails if a writer has closed the lock. One that closes it later finds it biased.
            let _ = self
                .mode
                .compare_exchange(OPEN, BIASED, Ordering::SeqCst, Ordering::Relaxed);
        }
    }

    /// The value, for a reader that holds the underlying lock.
    #[inline(never)]
    pub(crate) fn share(&self) -> SharedGuard<'_, T> {
        SharedGuard {
            lock: self,
            _shared: self.lock.read().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// The value for this thread alone.
    ///
    /// # Panics
    /// If this thread is reading it, and would wait for itself.
    #[inline]
    pub(crate) fn write(&self) -> WriteGuard<'_, T> {
        assert!(
            readers::known()
                .is_none_or(|own| own.reading.load(Ordering::Relaxed) != self.address()),
            "`Eq` of a key or `Clone` of a value changed the cache that was looking at it; both run inside of lookups, and must not"
        );
        let exclusive = self.lock.write().unwrap_or_else(PoisonError::into_inner);
        if barrier::swap(&self.mode, CLOSED) == BIASED {
            barrier::heavy();
            self.await_readers(readers::all());
        } else {
            self.await_readers(readers::early());
        }
        self.reads.store(0, Ordering::Relaxed);
        WriteGuard {
            lock: self,
            _exclusive: exclusive,
        }
    }

    /// Waits until none of these readers is announced. New ones see that the lock is closed, because of the barrier: whoever does not
    /// has announced itself before.
    #[inline]
    fn await_readers(&self, readers: impl Iterator<Item = &'static Reader>) {
        for reader in readers {
            if reader.reading.load(Ordering::SeqCst) == self.address() {
                self.await_reader(reader);
            }
        }
    }

    #[cold]
    fn await_reader(&self, reader: &Reader) {
        let mut looks = 0;
        while reader.reading.load(Ordering::Acquire) == self.address() {
            looks += 1;
            if looks % LOOKS_BEFORE_YIELD == 0 || cfg!(all(test, loom)) {
                yield_now();
            } else {
                std::hint::spin_loop();
            }
        }
    }

    fn address(&self) -> usize {
        (&raw const *self).addr()
    }
}

impl<T> fmt::Debug for BiasedLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BiasedLock")
            .field("is_biased", &(self.mode.load(Ordering::Relaxed) == BIASED))
            .finish_non_exhaustive()
    }
}

/// A reader that has said which lock it reads.
#[must_use = "the announcement is taken back when the guard is dropped"]
pub(crate) struct Announced<'a, T> {
    lock: &'a BiasedLock<T>,
    reader: &'static Reader,
}

impl<T> Announced<'_, T> {
    pub(crate) fn reader(&self) -> &'static Reader {
        self.reader
    }
}

impl<T> Deref for Announced<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the reader is announced and the lock was not closed after that, so no writer gets to the value before the
        // announcement is gone.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T> Drop for Announced<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.reader.reading.store(0, Ordering::Release);
    }
}

/// Gives the lock back when it is dropped.
#[must_use = "the lock is given back when the guard is dropped"]
pub(crate) struct SharedGuard<'a, T> {
    lock: &'a BiasedLock<T>,
    _shared: RwLockReadGuard<'a, ()>,
}

impl<T> Deref for SharedGuard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the underlying lock is held for reading.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

/// Gives the lock back when it is dropped.
#[must_use = "the lock is given back when the guard is dropped"]
pub(crate) struct WriteGuard<'a, T> {
    lock: &'a BiasedLock<T>,
    _exclusive: RwLockWriteGuard<'a, ()>,
}

impl<T> Deref for WriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the underlying lock is held for writing, and no reader is announced or can be.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

impl<T> DerefMut for WriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and `self` is borrowed exclusively.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T> Drop for WriteGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // Before the underlying lock is given back: the next writer closes it again.
        self.lock.mode.store(OPEN, Ordering::Release);
    }
}
