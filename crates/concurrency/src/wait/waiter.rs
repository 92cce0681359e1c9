//! One thread that waits for many tasks.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::{Task, task::Watch};

/// The keys of the tasks that are done, in the order in which they were.
pub(super) struct Waiter {
    done: Mutex<VecDeque<usize>>,
    changed: Condvar,
}

impl Waiter {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            done: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    pub(super) fn as_watch(self: &Arc<Self>) -> Arc<dyn Watch> {
        Arc::clone(self) as Arc<dyn Watch>
    }

    /// Will yield `key` when the task is done.
    pub(super) fn watch<T: Send>(self: &Arc<Self>, task: &Task<T>, key: usize) {
        if !task.core().watch(&self.as_watch(), key) {
            self.lock().push_back(key);
        }
    }

    pub(super) fn pop(&self) -> Option<usize> {
        self.lock().pop_front()
    }

    /// The next one, waiting for it; nothing after the deadline.
    pub(super) fn pop_until(&self, deadline: Option<Instant>) -> Option<usize> {
        let mut done = self.lock();
        loop {
            if let Some(key) = done.pop_front() {
                return Some(key);
            }
            done = match deadline {
                None => self
                    .changed
                    .wait(done)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.checked_duration_since(Instant::now())?;
                    if left.is_zero() {
                        return None;
                    }
                    self.changed
                        .wait_timeout(done, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<usize>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Waiter {
    fn done(&self, key: usize) {
        self.lock().push_back(key);
        self.changed.notify_one();
    }
}
