//! The handle of work that was handed over.

mod core;
mod error;
#[cfg(all(loom, test))]
mod model;
mod status;
pub(crate) mod sync;
#[cfg(all(test, not(loom)))]
mod tests;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

pub(crate) use self::core::{Core, Home, Job, Watch, Work};
pub use self::{error::TaskError, status::TaskStatus};
use crate::executor::inside;

/// Work that an [`Executor`](crate::Executor) does, and its result once there is one.
///
/// The one handle of the task: it is `Send` and `Sync`, and cannot be cloned, because the result goes out once. To drop it detaches the
/// task: the work goes on, and its result is dropped where it ends, a panic with it. [`cancel`](Self::cancel) it first if nobody needs
/// it any more.
///
/// The task is a future too, of `Result<T, TaskError>`: it can be awaited under any runtime, or none. Awaiting never blocks and never
/// runs the work itself. A future that is dropped, as by `select!`, detaches the task.
///
/// **Waiting inside of a task.** [`result`](Self::result), [`wait`](crate::wait()) and [`as_completed`](crate::as_completed)
/// without a time limit, called on a worker of any executor of this crate or of a pool of rayon, or on a thread that a
/// [`Pipeline`](crate::Pipeline), an [`Imap`](crate::Imap) and the like have started, run what has not begun themselves, on
/// the calling thread, instead of sleeping. So tasks can wait for tasks that they have submitted however few workers there are: this
/// never deadlocks, as it does in `concurrent.futures`. With a time limit they sleep.
///
/// **Cost.** Two allocations a task, of its state and of its closure; then a lock that is nearly always free to begin, to end and to take
/// the result. No system call but where a thread sleeps.
///
/// ```
/// use tuneup_concurrency::{CpuExecutor, Executor};
///
/// let executor = CpuExecutor::builder().build()?;
/// let task = executor.submit(|| (1..=10_u64).product::<u64>())?;
/// assert_eq!(task.result()?, 3_628_800);
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
///
/// It follows `concurrent.futures.Future` of Python; `done` is [`is_done`](Self::is_done), `add_done_callback` is [`on_done`](Self::on_done).
#[must_use = "a task that is dropped goes on detached, and nobody learns of its result or its panic"]
#[doc(alias = "JoinHandle")]
#[doc(alias = "Future")]
pub struct Task<T> {
    core: Arc<Core<T>>,
}

impl<T: Send> Task<T> {
    pub(crate) fn new(core: Arc<Core<T>>) -> Self {
        Self { core }
    }

    /// One that is cancelled before anybody has seen it.
    pub(crate) fn cancelled() -> Self {
        Self::new(Arc::new(Core::of_outcome(Err(TaskError::Cancelled))))
    }

    pub(crate) fn core(&self) -> &Core<T> {
        &self.core
    }

    /// Waits for the result.
    ///
    /// On a worker it runs the task itself if that has not begun: see [`Task`].
    ///
    /// # Errors
    ///
    /// [`TaskError::Panicked`], [`TaskError::Cancelled`]; [`TaskError::Taken`] if [`result_timeout`](Self::result_timeout) or an `await`
    /// had it before.
    ///
    /// ```
    /// use tuneup_concurrency::{Executor, ThreadExecutor};
    ///
    /// let executor = ThreadExecutor::builder().build()?;
    /// assert_eq!(executor.submit(|| "done")?.result()?, "done");
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    #[doc(alias = "join")]
    pub fn result(self) -> Result<T, TaskError> {
        if inside::is_worker() {
            self.core.help();
        }
        self.core.result(None)
    }

    /// Waits for the result, and takes it if it comes within `timeout`.
    ///
    /// `Duration::ZERO` asks and does not wait. A `timeout` of more than the clock can count is none.
    ///
    /// # Errors
    ///
    /// [`TaskError::TimedOut`], after which one may ask again; otherwise as [`result`](Self::result).
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_concurrency::{Executor, TaskError, ThreadExecutor};
    ///
    /// let (send, receive) = std::sync::mpsc::channel::<u32>();
    /// let executor = ThreadExecutor::builder().build()?;
    /// let task = executor.submit(move || receive.recv().unwrap_or(0))?;
    /// assert!(matches!(task.result_timeout(Duration::from_millis(1)), Err(TaskError::TimedOut)));
    /// send.send(7)?;
    /// assert!(matches!(task.result_timeout(Duration::from_secs(60)), Ok(7)));
    /// assert!(matches!(task.result(), Err(TaskError::Taken)));
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    pub fn result_timeout(&self, timeout: Duration) -> Result<T, TaskError> {
        // Only a limit that is one: see `Task` on waiting inside of a task.
        self.core.result(Instant::now().checked_add(timeout))
    }

    /// Cancels the task if it has not begun, and says whether it is cancelled by this call.
    ///
    /// The closure is dropped at once, on this thread, and its place in the queue is free. Work that has begun cannot be stopped: give it
    /// a flag to look at. A future of `AsyncExecutor::spawn` (feature `async`) can be cancelled as long as it is not done: it is dropped
    /// at its next wait.
    ///
    /// Callbacks of [`on_done`](Self::on_done) run on this thread.
    ///
    /// ```
    /// use tuneup_concurrency::{Executor, TaskError, ThreadExecutor};
    ///
    /// let (send, receive) = std::sync::mpsc::channel::<()>();
    /// let executor = ThreadExecutor::builder().max_threads(std::num::NonZeroUsize::MIN).build()?;
    /// let first = executor.submit(move || receive.recv().is_ok())?;
    /// let second = executor.submit(|| unreachable!("the only thread is taken"))?;
    /// assert!(second.cancel());
    /// assert!(!second.cancel(), "it was already");
    /// assert!(second.is_done() && second.is_cancelled());
    /// send.send(())?;
    /// assert!(first.result()?);
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    #[doc(alias = "abort")]
    #[expect(
        clippy::must_use_candidate,
        reason = "whether it was in time is often all the same"
    )]
    pub fn cancel(&self) -> bool {
        self.core.cancel()
    }

    /// How far it is. It may be further when this returns.
    ///
    /// See the example of [`TaskStatus`].
    #[must_use]
    pub fn status(&self) -> TaskStatus {
        self.core.status()
    }

    /// Whether there is an outcome: a result, a panic or a cancellation, taken or not.
    ///
    /// See the example of [`cancel`](Self::cancel).
    #[must_use]
    #[doc(alias = "is_finished")]
    #[doc(alias = "done")]
    pub fn is_done(&self) -> bool {
        self.status().is_done()
    }

    /// Whether it was cancelled.
    ///
    /// See the example of [`cancel`](Self::cancel).
    #[must_use]
    #[doc(alias = "cancelled")]
    pub fn is_cancelled(&self) -> bool {
        self.status() == TaskStatus::Cancelled
    }

    /// Calls `callback` once, when the task is done, with how it ended.
    ///
    /// It is called on the thread that ends the task: a worker, or who cancels it; and on this thread before `on_done` returns if the task
    /// is done already. Several are called in the order in which they were added, after threads that wait were woken, and with no lock held.
    /// A panic of the callback is caught where it is called, after the panic hook has told of it, and keeps no other from being called.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use tuneup_concurrency::{CpuExecutor, Executor, TaskStatus};
    ///
    /// let executor = CpuExecutor::builder().build()?;
    /// let (send, receive) = mpsc::channel();
    /// let task = executor.submit(|| 1 + 1)?;
    /// task.on_done(move |status| send.send(status).unwrap_or(()));
    /// assert_eq!(receive.recv()?, TaskStatus::Succeeded);
    /// assert_eq!(task.result()?, 2);
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    #[doc(alias = "add_done_callback")]
    #[doc(alias = "then")]
    pub fn on_done(&self, callback: impl FnOnce(TaskStatus) + Send + 'static) {
        self.core.on_done(Box::new(callback));
    }
}

/// ```
/// use tuneup_concurrency::{CpuExecutor, Executor};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let executor = CpuExecutor::builder().build()?;
/// let sum = executor.submit(|| (1..=100_u64).sum::<u64>())?.await?;
/// assert_eq!(sum, 5050);
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
impl<T: Send> Future for Task<T> {
    type Output = Result<T, TaskError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.core.poll(context)
    }
}

impl<T> fmt::Debug for Task<T>
where
    T: Send,
{
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Task")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
