//! The gate in front of something that is lent.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

#[cfg(all(loom, test))]
mod model;
use crate::par::sync::{AtomicUsize, Condvar, Mutex, Ordering, lock, wait};

/// How often the lender looks whether the last helper has left before it sleeps. Longer than most helpers need for the rest of their
/// chunk, about as long as it takes to be woken: some 20 µs.
#[cfg(not(all(loom, test)))]
const LOOKS: usize = 1 << 10;
#[cfg(all(loom, test))]
const LOOKS: usize = 0;

/// Lets helpers in to a closure on another thread's stack until it is closed.
pub(super) struct Gate {
    state: Mutex<State>,
    left: Condvar,
    /// Those inside, once more, to be looked at without the lock.
    inside: AtomicUsize,
    /// May be called by who is inside, and by nobody else.
    help: *const (dyn Fn() + Sync),
}

// SAFETY: the closure behind the pointer is `Sync`, and who may call it, and until when, is what the gate keeps.
unsafe impl Send for Gate {}
// SAFETY: as above.
unsafe impl Sync for Gate {}

struct State {
    is_open: bool,
    inside: usize,
    panic: Option<Box<dyn Any + Send>>,
}

impl Gate {
    /// An open gate.
    ///
    /// # Safety
    /// The gate must be [closed](Self::close) before `help` ends.
    pub(super) unsafe fn new(help: &(dyn Fn() + Sync)) -> Self {
        let help: *const (dyn Fn() + Sync + '_) = help;
        // SAFETY: only the lifetime changes, in the type of a pointer.
        let help = unsafe {
            std::mem::transmute::<*const (dyn Fn() + Sync + '_), *const (dyn Fn() + Sync + 'static)>(
                help,
            )
        };
        Self {
            state: Mutex::new(State {
                is_open: true,
                inside: 0,
                panic: None,
            }),
            left: Condvar::new(),
            inside: AtomicUsize::new(0),
            help,
        }
    }

    /// Helps, unless the gate is closed. Never panics: the lender is told.
    pub(super) fn help(&self) {
        {
            let mut state = lock(&self.state);
            if !state.is_open {
                return;
            }
            state.inside += 1;
            self.inside.store(state.inside, Ordering::Relaxed);
        }
        // SAFETY: this thread was counted in while the gate was open, and the lender keeps the closure until those who
        // were counted in are counted out.
        let help = unsafe { &*self.help };
        let outcome = catch_unwind(AssertUnwindSafe(help));
        let mut state = lock(&self.state);
        state.inside -= 1;
        self.inside.store(state.inside, Ordering::Release);
        if let Err(payload) = outcome {
            state.panic.get_or_insert(payload);
        }
        if !state.is_open && state.inside == 0 {
            self.left.notify_one();
        }
    }

    /// Lets nobody in any more, and waits until all are out.
    pub(super) fn close(&self) {
        lock(&self.state).is_open = false;
        for _ in 0..LOOKS {
            if self.inside.load(Ordering::Acquire) == 0 {
                break;
            }
            std::hint::spin_loop();
        }
        let mut state = lock(&self.state);
        while state.inside > 0 {
            state = wait(&self.left, state);
        }
    }

    pub(super) fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        lock(&self.state).panic.take()
    }
}
