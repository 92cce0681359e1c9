//! A future that may not take longer than a time.

use std::time::Duration;

/// A future took longer than it might; see [`timeout`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("took longer than {after:?}")]
#[non_exhaustive]
pub struct TimedOut {
    /// What was allowed.
    pub after: Duration,
}

/// Waits for a future for a time at most; then the future is dropped.
///
/// As [`tokio::time::timeout`], with an error that tells the time. A future that is ready when the time is over wins. A future that blocks
/// its thread cannot be timed out. The timer counts in milliseconds.
///
/// # Errors
/// The time was over first.
///
/// # Panics
/// Outside of a tokio runtime, or if its timer is not enabled.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tuneup_concurrency::timeout;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// assert_eq!(timeout(Duration::from_secs(1), async { 1 }).await, Ok(1));
/// let error = timeout(Duration::from_millis(5), std::future::pending::<()>()).await.unwrap_err();
/// assert_eq!(error.to_string(), "took longer than 5ms");
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "wait_for")]
pub async fn timeout<F: Future>(after: Duration, future: F) -> Result<F::Output, TimedOut> {
    tokio::time::timeout(after, future)
        .await
        .map_err(|_| TimedOut { after })
}
