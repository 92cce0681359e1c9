//! A task of a group.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::sync::oneshot;

use super::shared::Shared;
use crate::{Failure, failure::Caught};

/// A task of a [`TaskGroup`](super::TaskGroup), which may be awaited for its value.
///
/// Awaiting gives `Result<T, Failure>`: the value, or [`Failure::Cancelled`] if the task failed, panicked or was cancelled. The cause
/// is for the group to report. Dropping it changes nothing: the task is its group's.
///
/// # Examples
/// See [`TaskGroup`](super::TaskGroup).
pub struct GroupTask<T> {
    value: oneshot::Receiver<T>,
}

/// The presence of a task in its group.
struct Membership<E> {
    shared: Arc<Shared<E>>,
    task: u64,
    has_ended: bool,
}

impl<E> Drop for Membership<E> {
    fn drop(&mut self) {
        self.shared.leave(self.task, self.has_ended);
    }
}

pub(super) fn spawn<E, F, T>(shared: &Arc<Shared<E>>, future: F) -> GroupTask<T>
where
    E: Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
{
    let (sender, value) = oneshot::channel();
    if let Some(task) = shared.enter() {
        let membership = Membership {
            shared: Arc::clone(shared),
            task,
            has_ended: false,
        };
        let running = tokio::spawn(run(future, sender, membership));
        shared.started(task, running.abort_handle());
    }
    GroupTask { value }
}

/// Dropped at any point, this drops the future before the membership: who has left holds nothing any more.
async fn run<E, F, T>(future: F, sender: oneshot::Sender<T>, mut membership: Membership<E>)
where
    F: Future<Output = Result<T, E>>,
{
    let outcome = Caught::new(future).await;
    membership.has_ended = true;
    let failure = match outcome {
        Ok(Ok(value)) => {
            // Nobody may wait for the value; then it goes here, before the task has left.
            drop(sender.send(value));
            return;
        }
        Ok(Err(error)) => Failure::Failed(error),
        Err(panic) => Failure::Panicked(panic),
    };
    membership.shared.fail(Some(membership.task), failure);
}

impl<T> Future for GroupTask<T> {
    type Output = Result<T, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.value)
            .poll(context)
            .map(|value| value.map_err(|_| Failure::Cancelled))
    }
}

impl<T> fmt::Debug for GroupTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupTask").finish_non_exhaustive()
    }
}
