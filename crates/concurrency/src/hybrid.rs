//! Fetch at the same time, compute in parallel, results in order.

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    num::NonZeroUsize,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use tokio::sync::Semaphore;

use crate::{Background, Failure, GatherError, background, cpu};

/// Work that first waits and then computes: fetch pages and parse them, read files and hash them.
///
/// `hybrid(items).fetch(io_limit, f).compute(workers, g)` is a stream of results in the order of the items. At most `io_limit` calls
/// of `f` wait at a time, as tasks; at most `workers` calls of `g` run at a time, on the threads of [`cpu`](crate::cpu()).
///
/// **Back-pressure:** from being pulled to being taken, at most `io_limit + 2 · workers` items are on their way. When computing is the slower
/// part, what was fetched waits within that bound, and then fetching waits too; likewise behind a slow consumer. Items are pulled
/// by the consumer, lazily.
///
/// # Examples
/// ```
/// use std::{num::NonZeroUsize, time::Duration};
/// use tuneup_concurrency::hybrid;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let limit = |limit| NonZeroUsize::new(limit).unwrap();
/// let lengths = hybrid(["one", "three", "five"])
///     .fetch(limit(10), |page| async move {
///         tokio::time::sleep(Duration::from_millis(1)).await;
///         page.to_owned()
///     })
///     .compute(limit(2), |text| text.len());
/// assert_eq!(lengths.collect().await?, [3, 5, 4]);
/// # Ok::<(), tuneup_concurrency::GatherError>(())
/// # }).unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn hybrid<I: IntoIterator>(items: I) -> Hybrid<I::IntoIter> {
    Hybrid {
        items: items.into_iter(),
    }
}

/// Items that are to be fetched; see [`hybrid`].
///
/// # Examples
/// See [`hybrid`].
#[derive(Debug)]
#[must_use = "it does nothing without `fetch` and `compute`"]
pub struct Hybrid<I> {
    items: I,
}

impl<I: Iterator> Hybrid<I> {
    /// How to fetch an item, and how many at a time.
    ///
    /// What the future returns goes to [`compute`](Fetching::compute) as it is; if it is a `Result`, that is where it is looked at.
    ///
    /// # Examples
    /// See [`hybrid`].
    pub fn fetch<F, Fut>(self, io_limit: NonZeroUsize, fetch: F) -> Fetching<I, F>
    where
        F: FnMut(I::Item) -> Fut,
        Fut: Future,
    {
        Fetching {
            items: self.items,
            io_limit,
            fetch,
        }
    }
}

/// Items and how to fetch them; see [`hybrid`].
///
/// # Examples
/// See [`hybrid`].
#[must_use = "it does nothing without `compute`"]
pub struct Fetching<I, F> {
    items: I,
    io_limit: NonZeroUsize,
    fetch: F,
}

impl<I, F, Fut> Fetching<I, F>
where
    I: Iterator + Send + 'static,
    F: FnMut(I::Item) -> Fut + Send + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Send + 'static,
{
    /// What to compute of what was fetched, and how many at a time: `workers`, and never more than the
    /// [pool](crate::CpuPool::global) has threads.
    ///
    /// # Examples
    /// See [`hybrid`].
    pub fn compute<G, T>(self, workers: NonZeroUsize, compute: G) -> Computed<T>
    where
        G: Fn(Fut::Output) -> T + Send + Sync + 'static,
        T: Send + 'static,
    {
        let window = self
            .io_limit
            .saturating_add(workers.get().saturating_mul(2));
        let fetching = Arc::new(semaphore(self.io_limit));
        let computing = Arc::new(semaphore(workers));
        let compute = Arc::new(compute);
        let (mut items, mut fetch) = (self.items, self.fetch);
        let start = move || {
            let future = fetch(items.next()?);
            let (fetching, computing) = (Arc::clone(&fetching), Arc::clone(&computing));
            let compute = Arc::clone(&compute);
            Some(background(async move {
                let fetched = {
                    let _permit = fetching.acquire().await;
                    future.await
                };
                let _permit = computing.acquire().await;
                cpu(move || compute(fetched)).await
            }))
        };
        Computed {
            start: Some(Box::new(start)),
            window,
            tasks: VecDeque::new(),
            taken: 0,
        }
    }
}

fn semaphore(limit: NonZeroUsize) -> Semaphore {
    Semaphore::new(limit.get().min(Semaphore::MAX_PERMITS))
}

impl<I, F> fmt::Debug for Fetching<I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetching")
            .field("io_limit", &self.io_limit)
            .finish_non_exhaustive()
    }
}

type Running<T> = Background<Result<T, Failure>>;

/// The stream of a [`hybrid`]: results in the order of the items.
///
/// A result is `Err` if fetching or computing the item panicked, or if the runtime was shut down; the stream goes on after that.
/// Dropped, it cancels what is in flight, but for calls that compute already.
///
/// # Panics
/// Polling it panics outside of a tokio runtime, and where the iterator or the closure given to `fetch` panics.
///
/// # Examples
/// See [`hybrid`].
#[must_use = "a stream does nothing unless it is polled"]
pub struct Computed<T> {
    // None after the last item.
    start: Option<Box<dyn FnMut() -> Option<Running<T>> + Send>>,
    window: NonZeroUsize,
    tasks: VecDeque<Running<T>>,
    // The index of the first of the tasks.
    taken: usize,
}

impl<T> Computed<T> {
    /// The result of the next item, or None after the last. Cancel-safe.
    ///
    /// # Errors
    /// Fetching or computing the item panicked, or the runtime was shut down.
    ///
    /// # Examples
    /// ```
    /// use std::{future::ready, num::NonZeroUsize};
    /// use tuneup_concurrency::hybrid;
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let two = NonZeroUsize::new(2).unwrap();
    /// let mut squares = hybrid(1..=3).fetch(two, ready).compute(two, |n| n * n);
    /// let mut sum = 0;
    /// while let Some(square) = squares.next().await {
    ///     sum += square?;
    /// }
    /// assert_eq!(sum, 14);
    /// # Ok::<(), tuneup_concurrency::GatherError>(())
    /// # }).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn next(&mut self) -> Option<Result<T, GatherError>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All results; the first failure cancels the rest.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    ///
    /// # Examples
    /// See [`hybrid`].
    pub async fn collect(mut self) -> Result<Vec<T>, GatherError> {
        let mut results = Vec::new();
        while let Some(result) = self.next().await {
            results.push(result?);
        }
        Ok(results)
    }
}

impl<T> Stream for Computed<T> {
    type Item = Result<T, GatherError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while this.tasks.len() < this.window.get()
            && let Some(start) = &mut this.start
        {
            match start() {
                Some(task) => this.tasks.push_back(task),
                None => this.start = None,
            }
        }
        let Some(first) = this.tasks.front_mut() else {
            return Poll::Ready(None);
        };
        let result = ready!(Pin::new(first).poll(context));
        this.tasks.pop_front();
        let index = this.taken;
        this.taken += 1;
        Poll::Ready(Some(
            result
                .and_then(|computed| computed)
                .map_err(|failure| GatherError::new(index, failure)),
        ))
    }
}

impl<T> fmt::Debug for Computed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Computed")
            .field("in_flight", &self.tasks.len())
            .finish_non_exhaustive()
    }
}
