//! The handle of a job in another process.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use super::ProcessError;
use crate::{Task, task::Core};

/// A job that a [`ProcessPool`](crate::ProcessPool) does, and its result once there is one.
///
/// It can be awaited under any runtime, or none. To drop it detaches the job: it goes on, and its result is dropped. For
/// [`wait`](crate::wait()), [`as_completed`](crate::as_completed) and callbacks take the [`Task`] inside by [`into_task`](Self::into_task).
///
/// ```standalone_crate
/// use std::{thread, time::Duration};
/// use tuneup_concurrency::{ProcessError, ProcessJob, ProcessJobs, ProcessPool, TaskStatus};
///
/// static SLEEP: ProcessJob<u64, ()> = ProcessJob::new("sleep", |s| thread::sleep(Duration::from_secs(s)));
///
/// let program = ProcessJobs::new().with(&SLEEP).run_if_worker();
/// let pool = ProcessPool::builder(program).build()?;
/// let long = pool.submit(&SLEEP, &1_000)?;
/// assert!(matches!(long.result_timeout(Duration::from_millis(1)), Err(ProcessError::TimedOut)));
/// assert!(!long.is_done());
/// assert!(long.cancel() && long.is_done());
/// assert!(matches!(long.result(), Err(ProcessError::Cancelled)));
///
/// let short = pool.submit(&SLEEP, &0)?.into_task();
/// short.on_done(|status| assert_eq!(status, TaskStatus::Succeeded));
/// short.result()??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It follows `concurrent.futures.Future` of Python, but that a job which runs can be cancelled too.
#[must_use = "a task that is dropped goes on detached, and nobody learns of its result or how it failed"]
#[doc(alias = "AsyncResult")]
pub struct ProcessTask<O> {
    task: Task<Result<O, ProcessError>>,
}

impl<O: Send> ProcessTask<O> {
    pub(super) fn new(task: Task<Result<O, ProcessError>>) -> Self {
        Self { task }
    }

    /// One that has failed before anybody could do it.
    pub(super) fn failed(error: ProcessError) -> Self {
        Self::new(Task::new(Arc::new(Core::of_outcome(Ok(Err(error))))))
    }

    /// Waits for the result.
    ///
    /// # Errors
    ///
    /// Any [`ProcessError`] but `TimedOut`.
    ///
    /// See the example of [`ProcessTask`].
    #[doc(alias = "get")]
    #[doc(alias = "join")]
    pub fn result(self) -> Result<O, ProcessError> {
        self.task.result()?
    }

    /// Waits for the result, and takes it if it comes within `timeout`. `Duration::ZERO` asks and does not wait.
    ///
    /// The job goes on if it does not come. What limits the job itself is [`time_limit`](crate::ProcessPoolBuilder::time_limit).
    ///
    /// # Errors
    ///
    /// [`ProcessError::TimedOut`], after which one may ask again; otherwise as [`result`](Self::result).
    ///
    /// See the example of [`ProcessTask`].
    pub fn result_timeout(&self, timeout: Duration) -> Result<O, ProcessError> {
        self.task.result_timeout(timeout)?
    }

    /// Cancels the job unless it is done, and says whether it is cancelled by this call.
    ///
    /// One that has not begun never runs. One that runs is stopped by `SIGKILL` to its worker and to all that it has started; the next job has
    /// a new worker, a few milliseconds later.
    ///
    /// See the example of [`ProcessTask`].
    #[doc(alias = "terminate")]
    #[expect(
        clippy::must_use_candidate,
        reason = "whether it was in time is often all the same"
    )]
    pub fn cancel(&self) -> bool {
        self.task.cancel()
    }

    /// Whether there is an outcome.
    ///
    /// See the example of [`ProcessTask`].
    #[must_use]
    #[doc(alias = "ready")]
    pub fn is_done(&self) -> bool {
        self.task.is_done()
    }

    /// The same as a task of the crate, whose result is a result.
    ///
    /// A panic is [`TaskError::Panicked`](crate::TaskError::Panicked), a cancellation [`TaskError::Cancelled`](crate::TaskError::Cancelled), and
    /// everything else an `Err` in the `Ok`: [`wait_fallible`](crate::wait_fallible) counts both as failures.
    ///
    /// See the example of [`ProcessTask`].
    pub fn into_task(self) -> Task<Result<O, ProcessError>> {
        self.task
    }
}

impl<O: Send> Future for ProcessTask<O> {
    type Output = Result<O, ProcessError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.task)
            .poll(context)
            .map(|outcome| outcome?)
    }
}

impl<O: Send> fmt::Debug for ProcessTask<O> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ProcessTask")
            .field("status", &self.task.status())
            .finish_non_exhaustive()
    }
}
