//! How a task fails.

use crate::PanicInfo;

/// Why there is no result of a [`Task`](crate::Task).
///
/// ```
/// use tuneup_concurrency::{CpuExecutor, Executor, TaskError};
///
/// let executor = CpuExecutor::builder().build()?;
/// let task = executor.submit(|| -> u32 { panic!("out of range") })?;
/// match task.result() {
///     Err(TaskError::Panicked(panic)) => assert_eq!(panic.message(), "out of range"),
///     other => unreachable!("{other:?}"),
/// }
/// # Ok::<(), tuneup_concurrency::Error>(())
/// ```
///
/// The cases are those of Python's `concurrent.futures`: an exception, `CancelledError`, `TimeoutError`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The work panicked.
    #[error("the task panicked: {0}")]
    Panicked(PanicInfo),
    /// The task was cancelled, by its handle, by [`Shutdown::Cancel`](crate::Shutdown::Cancel), or because the runtime that would have
    /// run it has ended.
    #[error("the task was cancelled")]
    Cancelled,
    /// The result was not there in time. The task goes on, and can be asked again.
    #[error("the task had no result in time")]
    TimedOut,
    /// The result was taken before, by [`Task::result_timeout`](crate::Task::result_timeout) or by awaiting the task.
    #[error("the result of the task was taken before")]
    Taken,
}
