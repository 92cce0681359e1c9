//! Many items through an executor, in order.

use std::{fmt, num::NonZeroUsize, sync::Arc};

use super::{ahead::Ahead, queue::Queue, submission::submit};
use crate::{Task, TaskError};

/// The results of [`Executor::map`](super::Executor::map), in the order of the items.
///
/// Lazy: nothing is pulled from the items before the first `next`. From then on as many tasks as [`with_window`](Self::with_window) says are
/// submitted and not yet yielded, by default 64 times the workers, and what waits for room is one item. To drop it cancels those
/// that have not begun; those that run go on detached.
///
/// A panic is the `Err` of its item, and the others go on. After a shutdown the items that cannot be submitted come as
/// [`TaskError::Cancelled`].
///
/// ```
/// use tuneup_concurrency::{Executor, ThreadExecutor};
///
/// let executor = ThreadExecutor::builder().build()?;
/// let mut lengths = executor.map(["one", "three"], str::len);
/// assert_eq!(lengths.next().transpose()?, Some(3));
/// assert_eq!(lengths.next().transpose()?, Some(5));
/// assert!(lengths.next().is_none());
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[must_use = "nothing is done before the results are asked for"]
pub struct Map<I: Iterator, F, R: Send> {
    queue: Arc<Queue>,
    items: std::iter::Fuse<I>,
    function: Arc<F>,
    ahead: Ahead<I::Item, Task<R>>,
}

impl<I, F, R> Map<I, F, R>
where
    I: Iterator,
    I::Item: Send + 'static,
    F: Fn(I::Item) -> R + Send + Sync + 'static,
    R: Send + 'static,
{
    pub(super) fn new(queue: &Arc<Queue>, items: I, function: F) -> Self {
        Self {
            queue: Arc::clone(queue),
            items: items.fuse(),
            function: Arc::new(function),
            ahead: Ahead::new(queue.workers().saturating_mul(64)),
        }
    }

    /// How many tasks may be submitted and not yet yielded.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use tuneup_concurrency::{CpuExecutor, Executor};
    ///
    /// let executor = CpuExecutor::builder().build()?;
    /// let one_by_one = executor.map(0..3, |x| x + 1).with_window(NonZeroUsize::MIN);
    /// assert_eq!(one_by_one.map(Result::unwrap).collect::<Vec<_>>(), [1, 2, 3]);
    /// # Ok::<(), tuneup_concurrency::Error>(())
    /// ```
    pub fn with_window(mut self, tasks: NonZeroUsize) -> Self {
        self.ahead.set_window(tasks);
        self
    }

    fn fill(&mut self) {
        let (queue, function) = (&self.queue, &self.function);
        self.ahead.fill(
            || self.items.next().map(Ok),
            |item, when_full| {
                submit(queue, item, when_full, |item| {
                    let function = Arc::clone(function);
                    Box::new(move || function(item))
                })
            },
            Task::cancelled,
        );
    }
}

impl<I, F, R> Iterator for Map<I, F, R>
where
    I: Iterator,
    I::Item: Send + 'static,
    F: Fn(I::Item) -> R + Send + Sync + 'static,
    R: Send + 'static,
{
    type Item = Result<R, TaskError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.fill();
        self.ahead.pop().map(Task::result)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ahead.size_hint(self.items.size_hint())
    }
}

impl<I, F, R> std::iter::FusedIterator for Map<I, F, R>
where
    I: Iterator,
    I::Item: Send + 'static,
    F: Fn(I::Item) -> R + Send + Sync + 'static,
    R: Send + 'static,
{
}

impl<I: Iterator, F, R: Send> Drop for Map<I, F, R> {
    fn drop(&mut self) {
        for task in self.ahead.last_first() {
            task.cancel();
        }
    }
}

impl<I: Iterator, F, R: Send> fmt::Debug for Map<I, F, R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Map")
            .field("in_flight", &self.ahead.len())
            .field("window", &self.ahead.window())
            .finish_non_exhaustive()
    }
}
