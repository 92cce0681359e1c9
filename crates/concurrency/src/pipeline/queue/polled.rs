//! A queue as a task sees it, which must not block.
//!
//! On each side, either threads wait or one task: they are of one stage.

use std::task::{Poll, Waker};

use super::{Gate, Queue, Seen};
use crate::par::sync::lock;

impl Gate {
    /// Ready when the queue was stopped.
    pub(in crate::pipeline) fn poll_stopped(&self, waker: &Waker) -> Poll<()> {
        let mut state = lock(&self.state);
        if state.is_stopped {
            return Poll::Ready(());
        }
        set(&mut state.watcher, waker);
        Poll::Pending
    }
}

impl<T> Queue<T> {
    /// Takes at most `most` items out, 1 or more. Ready with `false` when there will be no more, or the queue was stopped.
    ///
    /// `is_waiting` is whether the last call found nothing, so that a wait counts as one visit.
    pub(in crate::pipeline) fn poll_take(
        &self,
        into: &mut Vec<T>,
        most: usize,
        is_waiting: &mut bool,
        seen: &mut Seen,
        waker: &Waker,
    ) -> Poll<bool> {
        let mut state = lock(&self.gate.state);
        if !*is_waiting {
            seen.depths += state.len as u64;
            seen.visits += 1;
        }
        *is_waiting = state.len == 0;
        if state.is_stopped || (state.len == 0 && state.producers == 0) {
            return Poll::Ready(false);
        }
        if state.len == 0 {
            set(&mut state.taker, waker);
            return Poll::Pending;
        }
        let most = state.len.min(most);
        self.take_out(state, into, most);
        Poll::Ready(true)
    }

    /// Puts as many items in as there is room for, and is ready with `true` if these were all. Ready with `false` if the queue was stopped.
    pub(in crate::pipeline) fn poll_put_all(&self, from: &mut Vec<T>, waker: &Waker) -> Poll<bool> {
        let mut state = lock(&self.gate.state);
        if state.is_stopped {
            return Poll::Ready(false);
        }
        let fitting = from.len().min(self.gate.capacity - state.len);
        let is_all = fitting == from.len();
        if !is_all {
            // Before the lock is given back: whoever takes afterwards sees it.
            set(&mut state.putter, waker);
        }
        if fitting > 0 {
            lock(&self.items).extend(from.drain(..fitting));
            self.filled(state, fitting);
        }
        if is_all {
            Poll::Ready(true)
        } else {
            Poll::Pending
        }
    }
}

fn set(slot: &mut Option<Waker>, waker: &Waker) {
    match slot {
        // Does nothing if it is the same.
        Some(old) => old.clone_from(waker),
        None => *slot = Some(waker.clone()),
    }
}
