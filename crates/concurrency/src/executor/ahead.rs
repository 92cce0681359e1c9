//! What is handed over ahead of who asks for it, in the order of the items.

use std::{collections::VecDeque, num::NonZeroUsize};

use super::{Refusal, queue::WhenFull};
use crate::size_hint;

/// Tasks that were handed over and not yet asked for, no more than a window of them, and what found no room, which is one item at most.
pub(crate) struct Ahead<N, T> {
    tasks: VecDeque<T>,
    refused: Option<N>,
    window: usize,
}

impl<N, T> Ahead<N, T> {
    pub(crate) fn new(window: usize) -> Self {
        Self {
            tasks: VecDeque::new(),
            refused: None,
            window,
        }
    }

    pub(crate) fn set_window(&mut self, window: NonZeroUsize) {
        self.window = window.get();
    }

    pub(crate) fn window(&self) -> usize {
        self.window
    }

    pub(crate) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Hands over what is next, or a task that is over already, until the window is full, there is no room, or nothing is left. It waits for room for the
    /// first task alone: there would be nothing to give to who asks. After a shutdown each item is a task that `cancelled` makes.
    pub(crate) fn fill(
        &mut self,
        mut next: impl FnMut() -> Option<Result<N, T>>,
        mut hand_over: impl FnMut(N, WhenFull) -> Result<T, (N, Refusal)>,
        cancelled: impl Fn() -> T,
    ) {
        while self.tasks.len() < self.window {
            let Some(item) = self.refused.take().map(Ok).or_else(&mut next) else {
                return;
            };
            let when_full = if self.tasks.is_empty() {
                WhenFull::Wait
            } else {
                WhenFull::Refuse
            };
            let task = match item {
                Ok(item) => hand_over(item, when_full),
                Err(task) => Ok(task),
            };
            self.tasks.push_back(match task {
                Ok(task) => task,
                Err((_, Refusal::ShutDown)) => cancelled(),
                Err((item, Refusal::Full)) => {
                    self.refused = Some(item);
                    return;
                }
            });
        }
    }

    /// The task of the item that is asked for.
    pub(crate) fn pop(&mut self) -> Option<T> {
        self.tasks.pop_front()
    }

    /// How many results are to come, if the iterator has so many items more.
    pub(crate) fn size_hint(&self, rest: (usize, Option<usize>)) -> (usize, Option<usize>) {
        let ahead = self.tasks.len() + usize::from(self.refused.is_some());
        size_hint::with_in_flight(rest, ahead)
    }

    /// The tasks from the last on: cancelled in this order, none begins because another one has made room for it.
    pub(crate) fn last_first(&self) -> impl Iterator<Item = &T> {
        self.tasks.iter().rev()
    }
}
