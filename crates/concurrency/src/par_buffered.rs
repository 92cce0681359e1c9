//! Streams of futures that go on while their consumer does something else.

mod ordered;
mod unordered;

use std::num::NonZeroUsize;

use futures_core::Stream;

pub use self::{ordered::Buffered, unordered::BufferedUnordered};

/// Runs the futures of a stream as tasks, a number of them at a time.
///
/// What `buffered` of the crate `futures` is, but for its trap: there, futures are polled only while the consumer waits for the next
/// one, so that a consumer that works on what it has got holds up all that is in flight: connections time out, locks stay
/// taken ([futures-rs #2387]). Here each future is a task of tokio, which needs nobody to poll it.
///
/// The stream itself is pulled by the consumer, so it need be neither `Send` nor `'static`; its futures must be both.
///
/// [futures-rs #2387]: https://github.com/rust-lang/futures-rs/issues/2387
///
/// # Examples
/// See [`par_buffered`](Self::par_buffered).
pub trait ParBuffered: Stream {
    /// Runs at most `limit` futures at a time, and gives their results in the order of the stream.
    ///
    /// Results that wait for their turn count: what is in flight or done and not yet taken is never more than `limit`, so a slow
    /// consumer slows the stream down rather than filling memory. A result is `Err` if the future panicked or the runtime was
    /// shut down; the stream goes on after that. Dropping the stream cancels what is in flight.
    ///
    /// **Cost:** a task for each item, less than 1 µs.
    ///
    /// # Panics
    /// Polling it panics outside of a tokio runtime.
    ///
    /// # Examples
    /// ```
    /// use std::{num::NonZeroUsize, time::Duration};
    /// use futures_util::{StreamExt as _, stream};
    /// use tuneup_concurrency::ParBuffered as _;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
    /// let pages = stream::iter(0..5_u64).map(|page| async move {
    ///     tokio::time::sleep(Duration::from_millis(5 - page)).await;
    ///     page
    /// });
    /// let mut pages = pages.par_buffered(NonZeroUsize::new(3).unwrap());
    /// let mut sum = 0;
    /// while let Some(page) = pages.next().await {
    ///     // However long this takes, two other pages are being fetched.
    ///     sum += page?;
    /// }
    /// assert_eq!(sum, 10);
    /// # Ok::<(), tuneup_concurrency::GatherError>(())
    /// # }).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[doc(alias = "buffered")]
    fn par_buffered(self, limit: NonZeroUsize) -> Buffered<Self>
    where
        Self: Sized,
        Self::Item: Future + Send + 'static,
        <Self::Item as Future>::Output: Send + 'static,
    {
        Buffered::new(self, limit)
    }

    /// Runs at most `limit` futures at a time, and gives their results as they come.
    ///
    /// As [`par_buffered`](Self::par_buffered) in all else.
    ///
    /// # Panics
    /// Polling it panics outside of a tokio runtime.
    ///
    /// # Examples
    /// ```
    /// use std::{num::NonZeroUsize, time::Duration};
    /// use futures_util::{StreamExt as _, TryStreamExt as _, stream};
    /// use tuneup_concurrency::ParBuffered as _;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
    /// let pages = stream::iter([30, 1]).map(|millis| async move {
    ///     tokio::time::sleep(Duration::from_millis(millis)).await;
    ///     millis
    /// });
    /// let pages = pages.par_buffered_unordered(NonZeroUsize::new(2).unwrap());
    /// assert_eq!(pages.try_collect::<Vec<_>>().await?, [1, 30]);
    /// # Ok::<(), tuneup_concurrency::GatherError>(())
    /// # }).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[doc(alias = "buffer_unordered")]
    fn par_buffered_unordered(self, limit: NonZeroUsize) -> BufferedUnordered<Self>
    where
        Self: Sized,
        Self::Item: Future + Send + 'static,
        <Self::Item as Future>::Output: Send + 'static,
    {
        BufferedUnordered::new(self, limit)
    }
}

impl<S: Stream> ParBuffered for S {}
