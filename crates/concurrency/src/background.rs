//! A task with a handle that does not lose it.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::task::{JoinError, JoinHandle};

use crate::{Failure, PanicInfo};

/// Runs a future as a task at once, and gives a handle to its result.
///
/// In that it differs from [`tokio::spawn`]: a handle that is dropped cancels the task, unless it was
/// [detached](Background::detach), and a panic or cancellation is a [`Failure`]. **Cost:** one task, one allocation, less than 1 µs.
///
/// # Panics
/// Outside of a tokio runtime.
///
/// # Examples
/// ```
/// use tuneup_concurrency::background;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let sum = background(async { (1..=100).sum::<u32>() });
/// // Something else meanwhile.
/// assert_eq!(sum.await.unwrap(), 5050);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "create_task")]
#[doc(alias = "spawn")]
pub fn background<F>(future: F) -> Background<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Background {
        task: Some(tokio::spawn(future)),
    }
}

/// The handle of a task that runs in the background; see [`background`].
///
/// Awaiting it gives `Result<T, Failure>`; a wait that is dropped drops the handle with it, which cancels the task. To wait for
/// some time only, await `&mut handle`.
///
/// # Examples
/// See [`background`].
#[must_use = "dropping the handle cancels the task; `detach` lets it go on"]
pub struct Background<T> {
    // None once it was detached.
    task: Option<JoinHandle<T>>,
}

impl<T> Background<T> {
    /// Asks the task to stop: it is dropped where it waits next, and its result is [`Failure::Cancelled`], unless it is done
    /// before. Returns at once.
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::{Failure, background};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let task = background(std::future::pending::<()>());
    /// task.cancel();
    /// assert!(matches!(task.await, Err(Failure::Cancelled)));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[doc(alias = "abort")]
    pub fn cancel(&self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }

    /// Whether there is a result, of whatever kind.
    ///
    /// # Examples
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let mut task = tuneup_concurrency::background(async { 1 });
    /// assert!(!task.is_finished());
    /// (&mut task).await.unwrap();
    /// assert!(task.is_finished());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    #[doc(alias = "is_done")]
    pub fn is_finished(&self) -> bool {
        self.task.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Lets the task go on until it is done or the runtime ends; nobody learns its result, a panic included.
    ///
    /// # Examples
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (sender, receiver) = tokio::sync::oneshot::channel();
    /// tuneup_concurrency::background(async { sender.send(1) }).detach();
    /// assert_eq!(receiver.await, Ok(1));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn detach(mut self) {
        self.task = None;
    }
}

/// What became of a task without a result.
pub(crate) fn failure_of(error: JoinError) -> Failure {
    match error.try_into_panic() {
        Ok(payload) => Failure::Panicked(PanicInfo::new(payload)),
        Err(_) => Failure::Cancelled,
    }
}

impl<T> Future for Background<T> {
    type Output = Result<T, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(task) = &mut self.task else {
            unreachable!("what detaches consumes the handle");
        };
        Pin::new(task)
            .poll(context)
            .map(|result| result.map_err(failure_of))
    }
}

impl<T> Drop for Background<T> {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl<T> fmt::Debug for Background<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background")
            .field("is_finished", &self.is_finished())
            .finish()
    }
}
