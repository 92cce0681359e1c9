//! Batch after batch, where all of a batch is needed before the next may begin.

use std::{
    fmt,
    future::{IntoFuture, poll_fn},
    num::NonZeroUsize,
    pin::Pin,
    task::{Context, Poll, ready},
    vec,
};

use futures_core::Stream;

use super::{FailFast, GatherError, Gathering, Plain, gather};

/// Waits for futures in batches of a size: a stream of the results of one batch after the other.
///
/// A batch begins when it is asked for, all of it at once, and ends when all of it is done. So results reach the consumer early,
/// and no more than a batch of them is in memory; but a batch takes as long as its slowest item. [`gather`] and
/// [`par_buffered`](crate::ParBuffered::par_buffered) keep their limit filled.
///
/// An item of the stream is what awaiting a [`gather`] gives; indices of failing items count all items, not those of the batch.
/// After an error the stream has ended. Dropping it cancels the batch under way.
///
/// # Panics
/// As [`gather`].
///
/// # Examples
/// ```
/// use std::num::NonZeroUsize;
/// use tuneup_concurrency::gather_batches;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let mut batches = gather_batches((0..5).map(std::future::ready), NonZeroUsize::new(2).unwrap());
/// let mut sizes = Vec::new();
/// while let Some(batch) = batches.next().await {
///     sizes.push(batch?.len());
/// }
/// assert_eq!(sizes, [2, 2, 1]);
/// # Ok::<(), tuneup_concurrency::GatherError>(())
/// # }).unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "chunks")]
pub fn gather_batches<I>(futures: I, size: NonZeroUsize) -> GatherBatches<I::IntoIter>
where
    I: IntoIterator,
    I::Item: Future,
{
    GatherBatches {
        source: Some(futures.into_iter()),
        size,
        batch: None,
        begun: 0,
    }
}

type Batch<F> = Gathering<vec::IntoIter<F>, Plain, FailFast>;
type Results<F> = Result<Vec<<F as Future>::Output>, GatherError>;

/// The stream of [`gather_batches`].
///
/// # Examples
/// See [`gather_batches`].
#[must_use = "a stream does nothing unless it is polled"]
pub struct GatherBatches<I>
where
    I: Iterator,
    I::Item: Future,
{
    // None after the end.
    source: Option<I>,
    size: NonZeroUsize,
    batch: Option<Batch<I::Item>>,
    // How many items the batches before the present one had.
    begun: usize,
}

impl<I> GatherBatches<I>
where
    I: Iterator,
    I::Item: Future + Send + 'static,
    <I::Item as Future>::Output: Send + 'static,
{
    /// The results of the next batch, or None after the last.
    ///
    /// Cancel-safe: a batch that is under way goes on, and the next call waits for it.
    ///
    /// # Examples
    /// See [`gather_batches`].
    ///
    /// # Errors
    /// An item panicked, or the runtime was shut down.
    ///
    /// # Panics
    /// As [`gather`], and if the iterator panics.
    pub async fn next(&mut self) -> Option<Results<I::Item>> {
        poll_fn(|context| self.poll_batch(context)).await
    }

    fn poll_batch(&mut self, context: &mut Context<'_>) -> Poll<Option<Results<I::Item>>> {
        if self.batch.is_none() {
            let Some(source) = &mut self.source else {
                return Poll::Ready(None);
            };
            let futures: Vec<_> = source.by_ref().take(self.size.get()).collect();
            if futures.is_empty() {
                self.source = None;
                return Poll::Ready(None);
            }
            self.batch = Some(gather(futures).limit(self.size).into_future());
        }
        let Some(batch) = &mut self.batch else {
            unreachable!("it was made above");
        };
        let results = ready!(Pin::new(batch).poll(context));
        self.batch = None;
        Poll::Ready(Some(match results {
            Ok(values) => {
                self.begun += values.len();
                Ok(values)
            }
            Err(error) => {
                self.source = None;
                Err(GatherError::new(self.begun + error.index, error.source))
            }
        }))
    }
}

impl<I> Unpin for GatherBatches<I>
where
    I: Iterator,
    I::Item: Future,
{
}

impl<I> Stream for GatherBatches<I>
where
    I: Iterator,
    I::Item: Future + Send + 'static,
    <I::Item as Future>::Output: Send + 'static,
{
    type Item = Results<I::Item>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_batch(context)
    }
}

impl<I> fmt::Debug for GatherBatches<I>
where
    I: Iterator,
    I::Item: Future,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatherBatches")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}
