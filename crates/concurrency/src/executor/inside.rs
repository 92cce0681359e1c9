//! Which tasks this thread is in the middle of.

use std::{
    cell::{Cell, RefCell},
    marker::PhantomData,
    sync::Arc,
};

use super::queue::Queue;

#[cfg(not(all(loom, test)))]
thread_local! {
    static THREAD: RefCell<Thread> = const { RefCell::new(Thread::new()) };
}

// In a model all threads are one to the system.
#[cfg(all(loom, test))]
loom::thread_local! {
    static THREAD: RefCell<Thread> = RefCell::new(Thread::new());
}

thread_local! {
    /// Whether this thread was started to do work that another one waits for.
    static IS_HELPER: Cell<bool> = const { Cell::new(false) };
}

struct Thread {
    /// The queues whose tasks run here, the innermost last: one runs inside another when it was waited for.
    queues: Vec<usize>,
    /// Queues whose worker came here in the middle of a task.
    postponed: Vec<Arc<Queue>>,
}

impl Thread {
    const fn new() -> Self {
        Self {
            queues: Vec::new(),
            postponed: Vec::new(),
        }
    }
}

/// While it lives, this thread runs a task of a queue.
pub(crate) struct Inside {
    /// It counts for the thread that made it.
    _not_send: PhantomData<*const ()>,
}

/// Says that a task of the queue with this address begins.
pub(crate) fn enter(queue: usize) -> Inside {
    // A thread whose variables are gone runs no tasks worth counting.
    let _ = THREAD.try_with(|thread| thread.borrow_mut().queues.push(queue));
    Inside {
        _not_send: PhantomData,
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let postponed = THREAD.try_with(|thread| {
            let mut thread = thread.borrow_mut();
            thread.queues.pop();
            if thread.queues.is_empty() {
                std::mem::take(&mut thread.postponed)
            } else {
                Vec::new()
            }
        });
        for queue in postponed.unwrap_or_default() {
            queue.restart();
        }
    }
}

/// Starts a worker of the queue as soon as this thread is no longer in the middle of a task.
pub(super) fn postpone(queue: &Arc<Queue>) {
    let _ = THREAD.try_with(|thread| {
        let postponed = &mut thread.borrow_mut().postponed;
        if !postponed.iter().any(|other| Arc::ptr_eq(other, queue)) {
            postponed.push(Arc::clone(queue));
        }
    });
}

/// Whether this thread is in the middle of a task of the queue.
pub(crate) fn is_inside(queue: usize) -> bool {
    THREAD
        .try_with(|thread| thread.borrow().queues.contains(&queue))
        .unwrap_or(false)
}

/// Whether it is in the middle of a task of any queue.
pub(crate) fn is_inside_any() -> bool {
    THREAD
        .try_with(|thread| !thread.borrow().queues.is_empty())
        .unwrap_or(false)
}

/// Says that this thread does work that another one waits for, until it ends. That one may be the worker of an executor.
pub(crate) fn become_helper() {
    IS_HELPER.set(true);
}

/// Whether somebody may wait for this thread to become free: it must not sleep until another thread has run a task.
pub(crate) fn is_worker() -> bool {
    IS_HELPER.get() || is_inside_any() || rayon::current_thread_index().is_some()
}
