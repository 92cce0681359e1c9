//! A lock for what runs inside of an allocator: it allocates nothing, on any system.

use std::{
    cell::UnsafeCell,
    hint::spin_loop,
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    sync::atomic::{self, Ordering},
    thread,
};

/// Guards short stretches without a call into foreign code. Whoever waits spins a little, then lets other threads run.
#[derive(Debug)]
pub(crate) struct SpinLock<T, F = atomic::AtomicBool> {
    is_locked: F,
    value: UnsafeCell<T>,
}

/// What says whether the lock is held: an atomic of the standard library, or of loom in a model.
pub(crate) trait Flag {
    /// Sets it, and gives what it was.
    fn take(&self) -> bool;
    fn clear(&self);
    /// Waits until it looks clear.
    fn wait(&self);
}

impl Flag for atomic::AtomicBool {
    #[inline(always)]
    fn take(&self) -> bool {
        self.swap(true, Ordering::Acquire)
    }

    #[inline(always)]
    fn clear(&self) {
        self.store(false, Ordering::Release);
    }

    fn wait(&self) {
        let mut spins = 0;
        // Reading leaves the line with its holder.
        while self.load(Ordering::Relaxed) {
            if spins < SPINS {
                spins += 1;
                spin_loop();
            } else {
                thread::yield_now();
            }
        }
    }
}

/// By comparing, because a swap of loom may go on reading what is no longer there.
#[cfg(all(test, loom))]
impl Flag for loom::sync::atomic::AtomicBool {
    fn take(&self) -> bool {
        self.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
    }

    fn clear(&self) {
        self.store(false, Ordering::Release);
    }

    fn wait(&self) {
        loom::thread::yield_now();
    }
}

// SAFETY: only the holder of the lock reaches the value, one at a time.
unsafe impl<T: Send, F: Sync> Sync for SpinLock<T, F> {}

/// Spins before the processor is given to others.
const SPINS: u32 = 64;

impl<T> SpinLock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self::with_flag(atomic::AtomicBool::new(false), value)
    }
}

impl<T, F> SpinLock<T, F> {
    /// With a flag that is not set.
    pub(crate) const fn with_flag(is_locked: F, value: T) -> Self {
        Self {
            is_locked,
            value: UnsafeCell::new(value),
        }
    }
}

impl<T, F: Flag> SpinLock<T, F> {
    #[inline]
    pub(crate) fn lock(&self) -> SpinGuard<'_, T, F> {
        if self.is_locked.take() {
            self.wait();
        }
        SpinGuard { lock: self }
    }

    #[cold]
    fn wait(&self) {
        while self.is_locked.take() {
            self.is_locked.wait();
        }
    }

    /// Locks until [`let_go`](Self::let_go), which another copy of the process may call.
    pub(crate) fn hold(&self) {
        let _ = ManuallyDrop::new(self.lock());
    }

    /// # Safety
    ///
    /// This thread, or the one that this process is a fork of, has called [`hold`](Self::hold), and since then not this.
    pub(crate) unsafe fn let_go(&self) {
        self.is_locked.clear();
    }
}

#[must_use = "the lock is free again when the guard is dropped"]
pub(crate) struct SpinGuard<'a, T, F: Flag = atomic::AtomicBool> {
    lock: &'a SpinLock<T, F>,
}

impl<T, F: Flag> Deref for SpinGuard<'_, T, F> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the guard holds the lock.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T, F: Flag> DerefMut for SpinGuard<'_, T, F> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard holds the lock.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T, F: Flag> Drop for SpinGuard<'_, T, F> {
    #[inline]
    fn drop(&mut self) {
        self.lock.is_locked.clear();
    }
}

#[cfg(all(test, loom))]
mod model {
    use loom::{sync::Arc, sync::atomic::AtomicBool, thread};

    use super::SpinLock;

    #[test]
    fn one_at_a_time_and_each_sees_what_the_last_wrote() {
        loom::model(|| {
            let lock = Arc::new(SpinLock::with_flag(AtomicBool::new(false), 0));
            let other = {
                let lock = Arc::clone(&lock);
                thread::spawn(move || *lock.lock() += 1)
            };
            *lock.lock() += 1;
            other.join().unwrap();
            assert_eq!(*lock.lock(), 2);
        });
    }
}
