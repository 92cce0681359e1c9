//! What ended a group.

use std::{convert::Infallible, error::Error, fmt};

use crate::Failure;

/// The first failure in a [`TaskGroup`](super::TaskGroup), which cancelled the rest.
///
/// # Examples
/// See [`TaskGroup`](super::TaskGroup).
#[derive(Debug)]
#[non_exhaustive]
pub struct GroupError<E = Infallible> {
    /// Which task it was, counted from 0 in the order of their start; None for the body of a scope.
    pub task: Option<u64>,
    /// Why it has no value.
    pub source: Failure<E>,
}

impl<E> GroupError<E> {
    pub(super) fn new(task: Option<u64>, source: Failure<E>) -> Self {
        Self { task, source }
    }
}

impl<E> fmt::Display for GroupError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.task {
            Some(task) => write!(f, "task {task} {}", self.source),
            None => write!(f, "the body of the group {}", self.source),
        }
    }
}

impl<E: Error + 'static> Error for GroupError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The text above is the failure's own; what is left to tell is the error of the task.
        self.source.source()
    }
}
