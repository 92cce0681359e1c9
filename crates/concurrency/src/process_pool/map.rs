//! Many inputs through a pool, in order.

use std::{borrow::Borrow, fmt, num::NonZeroUsize, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use super::{ProcessError, ProcessJob, ProcessPool, ProcessTask, call::Call};
use crate::executor::Ahead;

/// The results of [`ProcessPool::map`], in the order of the inputs.
///
/// Lazy: nothing is pulled from the inputs before the first `next`. From then on as many jobs as [`with_window`](Self::with_window) says are
/// submitted and not yet yielded, by default 16 times the workers, and what waits for room is one input. To drop it cancels those that are not
/// done, and kills the workers of those that run.
///
/// What fails is the `Err` of its input, and the others go on. After a shutdown the inputs that cannot be submitted come as
/// [`ProcessError::Cancelled`].
///
/// See the example of [`ProcessPool::map`].
#[must_use = "nothing is done before the results are asked for"]
pub struct ProcessMap<'a, T: Iterator, I, O: Send> {
    pool: &'a ProcessPool,
    job: &'a ProcessJob<I, O>,
    inputs: std::iter::Fuse<T>,
    ahead: Ahead<Arc<Call<O>>, ProcessTask<O>>,
}

impl<'a, T, I, O> ProcessMap<'a, T, I, O>
where
    T: Iterator,
    T::Item: Borrow<I>,
    I: Serialize,
    O: DeserializeOwned + Send + 'static,
{
    pub(super) fn new(pool: &'a ProcessPool, job: &'a ProcessJob<I, O>, inputs: T) -> Self {
        Self {
            pool,
            job,
            inputs: inputs.fuse(),
            ahead: Ahead::new(pool.workers().get().saturating_mul(16)),
        }
    }

    /// How many jobs may be submitted and not yet yielded.
    ///
    /// See the example of [`ProcessPool::map`].
    pub fn with_window(mut self, jobs: NonZeroUsize) -> Self {
        self.ahead.set_window(jobs);
        self
    }

    fn fill(&mut self) {
        let (pool, job) = (self.pool, self.job);
        self.ahead.fill(
            || {
                let input = self.inputs.next()?;
                Some(
                    pool.call_of(job, input.borrow())
                        .map_err(ProcessTask::failed),
                )
            },
            |call, when_full| pool.push(call, when_full),
            || ProcessTask::failed(ProcessError::Cancelled),
        );
    }
}

impl<T, I, O> Iterator for ProcessMap<'_, T, I, O>
where
    T: Iterator,
    T::Item: Borrow<I>,
    I: Serialize,
    O: DeserializeOwned + Send + 'static,
{
    type Item = Result<O, ProcessError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.fill();
        self.ahead.pop().map(ProcessTask::result)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ahead.size_hint(self.inputs.size_hint())
    }
}

impl<T, I, O> std::iter::FusedIterator for ProcessMap<'_, T, I, O>
where
    T: Iterator,
    T::Item: Borrow<I>,
    I: Serialize,
    O: DeserializeOwned + Send + 'static,
{
}

impl<T: Iterator, I, O: Send> Drop for ProcessMap<'_, T, I, O> {
    fn drop(&mut self) {
        for task in self.ahead.last_first() {
            task.cancel();
        }
    }
}

impl<T: Iterator, I, O: Send> fmt::Debug for ProcessMap<'_, T, I, O> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ProcessMap")
            .field("job", &self.job.name())
            .field("in_flight", &self.ahead.len())
            .field("window", &self.ahead.window())
            .finish_non_exhaustive()
    }
}
