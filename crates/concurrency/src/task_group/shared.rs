//! Which tasks of a group run, and what failed first.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
};

use tokio::task::AbortHandle;

use super::GroupError;
use crate::Failure;

pub(super) struct Shared<E> {
    state: Mutex<State<E>>,
}

struct State<E> {
    // A task is in it from before it starts until it is dropped; its handle comes when it has started.
    tasks: HashMap<u64, Option<AbortHandle>>,
    next_task: u64,
    // Cancelled or closed: nothing starts any more.
    is_over: bool,
    is_cancelled: bool,
    first_failure: Option<GroupError<E>>,
    // Who waits for the end, or runs the body.
    owner: Option<Waker>,
}

impl<E> Shared<E> {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                tasks: HashMap::new(),
                next_task: 0,
                is_over: false,
                is_cancelled: false,
                first_failure: None,
                owner: None,
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn len(&self) -> usize {
        self.lock().tasks.len()
    }

    /// The number of a task that is to start, unless the group is over.
    pub(super) fn enter(&self) -> Option<u64> {
        let mut state = self.lock();
        if state.is_over {
            return None;
        }
        let task = state.next_task;
        state.next_task += 1;
        state.tasks.insert(task, None);
        Some(task)
    }

    /// A task has started; it may have ended already, or been cancelled before its handle was known.
    pub(super) fn started(&self, task: u64, handle: AbortHandle) {
        let mut state = self.lock();
        if state.is_cancelled {
            drop(state);
            handle.abort();
        } else if let Some(place) = state.tasks.get_mut(&task) {
            *place = Some(handle);
        }
    }

    /// A task is gone. One that did not say how it ended was dropped by its runtime, unless it was cancelled by the group.
    pub(super) fn leave(&self, task: u64, has_ended: bool) {
        if !has_ended {
            self.fail(Some(task), Failure::Cancelled);
        }
        let (handle, owner) = {
            let mut state = self.lock();
            let handle = state.tasks.remove(&task);
            let owner = state.tasks.is_empty().then(|| state.owner.take()).flatten();
            (handle, owner)
        };
        drop(handle);
        if let Some(owner) = owner {
            owner.wake();
        }
    }

    /// Keeps a failure if it is the first and no consequence of a cancellation, and cancels the others.
    pub(super) fn fail(&self, task: Option<u64>, failure: Failure<E>) {
        let is_first = {
            let mut state = self.lock();
            let is_first = !state.is_cancelled;
            if is_first {
                state.first_failure = Some(GroupError::new(task, failure));
                state.is_cancelled = true;
            }
            is_first
        };
        if is_first {
            self.cancel();
        }
    }

    pub(super) fn cancel(&self) {
        let (handles, owner) = {
            let mut state = self.lock();
            state.is_cancelled = true;
            state.is_over = true;
            let handles: Vec<_> = state.tasks.values_mut().filter_map(Option::take).collect();
            (handles, state.owner.take())
        };
        for handle in handles {
            handle.abort();
        }
        if let Some(owner) = owner {
            owner.wake();
        }
    }

    /// Whether the body is to stop; if not, it is woken when it is.
    pub(super) fn is_cancelled_or_register(&self, waker: &Waker) -> bool {
        let mut waker = Some(waker.clone());
        let mut state = self.lock();
        if !state.is_cancelled {
            mem::swap(&mut state.owner, &mut waker);
        }
        let is_cancelled = state.is_cancelled;
        drop(state);
        is_cancelled
    }

    /// The outcome, when no task is left.
    pub(super) fn poll_closed(&self, waker: &Waker) -> Poll<Result<(), GroupError<E>>> {
        let mut waker = Some(waker.clone());
        let mut state = self.lock();
        if !state.tasks.is_empty() {
            mem::swap(&mut state.owner, &mut waker);
            drop(state);
            return Poll::Pending;
        }
        state.is_over = true;
        Poll::Ready(state.first_failure.take().map_or(Ok(()), Err))
    }
}
