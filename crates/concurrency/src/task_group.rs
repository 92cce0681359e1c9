//! Tasks that do not outlive the place they were started in.

mod error;
mod shared;
mod task;

use std::{convert::Infallible, fmt, future::poll_fn, pin::pin, sync::Arc, task::Poll};

use self::shared::Shared;
pub use self::{error::GroupError, task::GroupTask};
use crate::{Failure, failure::Caught};

/// Tasks that belong together: they end together, and the first failure among them ends all.
///
/// - No task outlives the group. [`close`](Self::close) and [`scope`](Self::scope) wait until every task is done *and dropped*.
///   Dropping the group cancels its tasks; it cannot wait, so they go when the runtime comes to them, at their next wait.
/// - The first task that returns an error or panics cancels the others at once, and is what the group reports: never the
///   cancellations that follow from it.
/// - Tasks leave the group when they are done, so that a group may live as long as a server and start tasks for ever. What is
///   in memory are those that run. Nobody needs to ask for results.
/// - Tasks start others by a [`GroupHandle`].
///
/// The behaviour is that of Python's [`asyncio.TaskGroup`], and of nurseries. `JoinSet` of tokio keeps the results of all tasks until
/// somebody asks, and a failure cancels nothing.
///
/// `E` is the error of the tasks. **Cost:** a task, an allocation for its result, and three short locks each.
///
/// [`asyncio.TaskGroup`]: https://docs.python.org/3/library/asyncio-task.html#asyncio.TaskGroup
///
/// # Examples
/// ```
/// use tuneup_concurrency::TaskGroup;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let sum = TaskGroup::scope(async |group| {
///     let one = group.spawn(async { "1".parse::<u32>() });
///     let two = group.spawn(async { "2".parse::<u32>() });
///     Ok(one.await.unwrap_or(0) + two.await.unwrap_or(0))
/// });
/// assert_eq!(sum.await.unwrap(), 3);
///
/// let failed = TaskGroup::scope(async |group| {
///     group.spawn(async { "one".parse::<u32>() });
///     group.spawn(std::future::pending::<Result<(), _>>());
///     Ok(())
/// });
/// assert_eq!(failed.await.unwrap_err().to_string(), "task 0 failed");
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "nursery")]
#[doc(alias = "JoinSet")]
#[must_use = "dropping the group cancels its tasks; `close` waits for them"]
pub struct TaskGroup<E = Infallible> {
    shared: Arc<Shared<E>>,
}

impl<E: Send + 'static> TaskGroup<E> {
    /// A group without tasks.
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::TaskGroup;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let group = TaskGroup::<String>::new();
    /// group.spawn(async { Ok(()) });
    /// group.close().await.unwrap();
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new() -> Self {
        Self {
            shared: Arc::new(Shared::new()),
        }
    }

    /// Runs a body that may start tasks, and waits for all of them.
    ///
    /// Returns the value of the body if it and all tasks succeed. A task that fails cancels the body too; a body that fails
    /// cancels the tasks. The body runs where this is awaited, so it may borrow, and need not be `Send`.
    ///
    /// # Errors
    /// The first failure, of the body or of a task.
    ///
    /// # Panics
    /// A panic of the body is an error like that of a task. Only the closure itself, before its future, panics through.
    ///
    /// # Examples
    /// See [`TaskGroup`].
    pub async fn scope<T, F, B>(body: F) -> Result<T, GroupError<E>>
    where
        F: FnOnce(GroupHandle<E>) -> B,
        B: Future<Output = Result<T, E>>,
    {
        let group = Self::new();
        let outcome = {
            let mut body = pin!(Caught::new(body(group.handle())));
            poll_fn(|context| {
                if !group.shared.is_cancelled_or_register(context.waker()) {
                    return body.as_mut().poll(context).map(Some);
                }
                body.as_mut().discard();
                Poll::Ready(None)
            })
            .await
        };
        let value = match outcome {
            Some(Ok(Ok(value))) => Some(value),
            Some(Ok(Err(error))) => {
                group.shared.fail(None, Failure::Failed(error));
                None
            }
            Some(Err(panic)) => {
                group.shared.fail(None, Failure::Panicked(panic));
                None
            }
            None => None,
        };
        group.close().await?;
        // Without a value and without a failure, the group was told to stop from outside.
        value.ok_or_else(|| GroupError::new(None, Failure::Cancelled))
    }

    /// Starts a task; see [`GroupHandle::spawn`].
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    ///
    /// # Examples
    /// See [`new`](Self::new).
    pub fn spawn<F, T>(&self, future: F) -> GroupTask<T>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
    {
        task::spawn(&self.shared, future)
    }

    /// What tasks of the group, or others, start tasks of the group with.
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::TaskGroup;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let group = TaskGroup::<String>::new();
    /// let handle = group.handle();
    /// group.spawn(async move {
    ///     handle.spawn(async { Err::<(), _>("from within".to_owned()) });
    ///     Ok(())
    /// });
    /// assert_eq!(group.close().await.unwrap_err().task, Some(1));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn handle(&self) -> GroupHandle<E> {
        GroupHandle {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Waits until all tasks have ended, those included that they start meanwhile.
    ///
    /// Dropping the wait drops the group, and cancels the tasks.
    ///
    /// # Errors
    /// The first failure since the group was made. It is returned when all tasks have been dropped.
    ///
    /// # Examples
    /// See [`new`](Self::new).
    pub async fn close(self) -> Result<(), GroupError<E>> {
        poll_fn(|context| self.shared.poll_closed(context.waker())).await
    }
}

impl<E> TaskGroup<E> {
    /// Cancels all tasks, and starts no more; returns at once. What has failed before is still reported, these cancellations are not.
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::{Failure, TaskGroup};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let group = TaskGroup::<String>::new();
    /// let task = group.spawn(std::future::pending::<Result<(), _>>());
    /// group.cancel();
    /// group.close().await.unwrap();
    /// assert!(matches!(task.await, Err(Failure::Cancelled)));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[doc(alias = "abort_all")]
    pub fn cancel(&self) {
        self.shared.cancel();
    }

    /// How many tasks have not ended.
    ///
    /// # Examples
    /// ```
    /// assert!(tuneup_concurrency::TaskGroup::<String>::new().is_empty());
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Whether all tasks have ended.
    ///
    /// # Examples
    /// See [`len`](Self::len).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<E: Send + 'static> Default for TaskGroup<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> Drop for TaskGroup<E> {
    fn drop(&mut self) {
        self.shared.cancel();
    }
}

impl<E> fmt::Debug for TaskGroup<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskGroup")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// Starts tasks of a [`TaskGroup`] without keeping it alive; cheap to clone.
///
/// # Examples
/// See [`TaskGroup::handle`].
pub struct GroupHandle<E = Infallible> {
    shared: Arc<Shared<E>>,
}

impl<E: Send + 'static> GroupHandle<E> {
    /// Starts a task of the group; it runs whether or not its handle is kept or awaited.
    ///
    /// If the group has ended or been cancelled, the future is dropped, and awaiting the task gives [`Failure::Cancelled`].
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    ///
    /// # Examples
    /// See [`TaskGroup::handle`].
    pub fn spawn<F, T>(&self, future: F) -> GroupTask<T>
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
    {
        task::spawn(&self.shared, future)
    }
}

impl<E> Clone for GroupHandle<E> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<E> fmt::Debug for GroupHandle<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupHandle").finish_non_exhaustive()
    }
}
