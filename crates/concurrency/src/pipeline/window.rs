//! How many items may be on their way through all stages.

#[cfg(any(feature = "async", all(loom, test)))]
use std::task::Poll;
use std::{
    task::Waker,
    time::{Duration, Instant},
};

use crate::par::sync::{Condvar, Mutex, lock, wait};

/// Places for items. One thread reserves places before it pulls items, another gives them back when it is done with the items.
///
/// Because no item is pulled without a place, whoever puts items back in order never has more of them than there are places,
/// and may take in all that come: so it cannot be what everybody else waits for.
pub(super) struct Window {
    state: Mutex<State>,
    freed: Condvar,
}

struct State {
    free: usize,
    is_waiting: bool,
    /// Who reserves may be a task.
    task: Option<Waker>,
    is_closed: bool,
}

impl Window {
    pub(super) fn new(places: usize) -> Self {
        Self {
            state: Mutex::new(State {
                free: places,
                is_waiting: false,
                task: None,
                is_closed: false,
            }),
            freed: Condvar::new(),
        }
    }

    pub(super) fn release(&self, places: usize) {
        let mut state = lock(&self.state);
        state.free = state.free.saturating_add(places);
        if !std::mem::take(&mut state.is_waiting) {
            return;
        }
        let task = state.task.take();
        drop(state);
        self.freed.notify_one();
        if let Some(task) = task {
            task.wake();
        }
    }

    /// Takes all free places; waits until there are some. `None` when it was closed.
    pub(super) fn reserve(&self, waited: &mut Duration) -> Option<usize> {
        let mut state = lock(&self.state);
        if state.free == 0 && !state.is_closed {
            let since = Instant::now();
            while state.free == 0 && !state.is_closed {
                state.is_waiting = true;
                state = wait(&self.freed, state);
            }
            *waited += since.elapsed();
        }
        if state.is_closed {
            return None;
        }
        Some(std::mem::take(&mut state.free))
    }

    /// As [`reserve`](Self::reserve), for the one task that reserves.
    #[cfg(any(feature = "async", all(loom, test)))]
    pub(super) fn poll_reserve(&self, waker: &Waker) -> Poll<Option<usize>> {
        let mut state = lock(&self.state);
        if state.is_closed {
            return Poll::Ready(None);
        }
        if state.free > 0 {
            return Poll::Ready(Some(std::mem::take(&mut state.free)));
        }
        state.is_waiting = true;
        state.task = Some(waker.clone());
        Poll::Pending
    }

    /// Ready when it was closed, for a task that waits for something else.
    #[cfg(any(feature = "async", all(loom, test)))]
    pub(super) fn poll_closed(&self, waker: &Waker) -> Poll<()> {
        let mut state = lock(&self.state);
        if state.is_closed {
            return Poll::Ready(());
        }
        state.task = Some(waker.clone());
        Poll::Pending
    }

    /// No more places are given out.
    pub(super) fn close(&self) {
        let mut state = lock(&self.state);
        state.is_closed = true;
        let task = state.task.take();
        drop(state);
        self.freed.notify_all();
        if let Some(task) = task {
            task.wake();
        }
    }
}
