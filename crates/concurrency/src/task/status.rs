//! How far a task is.

/// How far a [`Task`](crate::Task) is.
///
/// ```
/// use tuneup_concurrency::{Executor, TaskStatus, ThreadExecutor};
///
/// let executor = ThreadExecutor::builder().build()?;
/// let task = executor.submit(|| 6 * 7)?;
/// task.on_done(|status| assert_eq!(status, TaskStatus::Succeeded));
/// assert!(matches!(task.result(), Ok(42)));
/// # Ok::<(), tuneup_concurrency::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskStatus {
    /// It is in the queue.
    Waiting,
    /// It has begun.
    Running,
    /// It has returned. A `Result` that it returned is not looked at.
    Succeeded,
    /// It has panicked.
    Panicked,
    /// It was cancelled.
    Cancelled,
}

impl TaskStatus {
    /// Whether nothing will change any more.
    ///
    /// ```
    /// use tuneup_concurrency::TaskStatus;
    ///
    /// assert!(TaskStatus::Cancelled.is_done());
    /// assert!(!TaskStatus::Running.is_done());
    /// ```
    #[must_use]
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Succeeded | Self::Panicked | Self::Cancelled)
    }
}
