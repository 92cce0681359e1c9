//! The function that makes elements: one thread at a time has the turn to call it, and no lock is held meanwhile.

use std::{
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, ThreadId},
};

use super::Earlier;

type Next<'a, T> = Box<dyn FnMut(usize, Earlier<'_, T>) -> Option<T> + Send + 'a>;

enum State<'a, T> {
    Idle(Next<'a, T>),
    Called(ThreadId),
    Ended,
}

pub(super) struct Source<'a, T> {
    state: Mutex<State<'a, T>>,
    free: Condvar,
    /// How many threads wait for their turn.
    waiting: AtomicUsize,
}

impl<'a, T> Source<'a, T> {
    pub(super) fn new(next: Next<'a, T>) -> Self {
        Self {
            state: Mutex::new(State::Idle(next)),
            free: Condvar::new(),
            waiting: AtomicUsize::new(0),
        }
    }

    /// No code of users runs under this lock.
    fn lock(&self) -> MutexGuard<'_, State<'a, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another thread waits for its turn.
    pub(super) fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) != 0
    }

    /// Waits for the turn. `None` if the source has ended.
    pub(super) fn turn(&self) -> Option<Turn<'_, 'a, T>> {
        let this = thread::current().id();
        let mut state = self.lock();
        loop {
            match std::mem::replace(&mut *state, State::Called(this)) {
                State::Idle(next) => {
                    let (source, next) = (self, Some(next));
                    return Some(Turn { source, next });
                }
                State::Ended => {
                    *state = State::Ended;
                    return None;
                }
                State::Called(by) => {
                    *state = State::Called(by);
                    if by == this {
                        drop(state);
                        panic!(
                            "the source of a lazy list asked the list for an element that is not computed yet"
                        );
                    }
                    self.waiting.fetch_add(1, Ordering::Relaxed);
                    state = self
                        .free
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner);
                    self.waiting.fetch_sub(1, Ordering::Relaxed);
                }
            }
        }
    }
}

/// The turn to call the source; given on when it is dropped, also by a panic.
pub(super) struct Turn<'l, 'a, T> {
    source: &'l Source<'a, T>,
    /// `None` once the source has ended.
    next: Option<Next<'a, T>>,
}

impl<T> Turn<'_, '_, T> {
    pub(super) fn call(&mut self, index: usize, earlier: Earlier<'_, T>) -> Option<T> {
        self.next.as_mut()?(index, earlier)
    }

    pub(super) fn end(mut self) {
        // Here, and not under the lock or in a drop: it may panic.
        self.next = None;
    }
}

impl<T> Drop for Turn<'_, '_, T> {
    fn drop(&mut self) {
        let mut state = self.source.lock();
        *state = match self.next.take() {
            Some(next) => State::Idle(next),
            None => State::Ended,
        };
        drop(state);
        if self.source.is_wanted() {
            self.source.free.notify_all();
        }
    }
}
