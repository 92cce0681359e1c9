//! Many waits at once, but never more than a number of them.

mod batches;
mod error;
mod gathering;
mod kind;
mod shared;
mod worker;

use std::{
    fmt, future::IntoFuture, marker::PhantomData, num::NonZeroUsize, sync::Arc, time::Duration,
};

use self::shared::Options;
pub use self::{
    batches::{GatherBatches, gather_batches},
    error::GatherError,
    gathering::Gathering,
    kind::{FailFast, Fallible, GatherKind, Plain, ReturnErrors},
};
use crate::Failure;

/// So many items are in flight if nobody says otherwise.
const DEFAULT_LIMIT: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// Waits for many futures, at most a number of them at once, and returns their results in order.
///
/// Every item that waits does so in a task of its own, so that neither a consumer that does something else nor a
/// neighbour that computes keeps it from going on. In that it differs from `buffered` of the crate `futures`, whose items
/// are polled by their consumer alone.
///
/// The iterator is pulled lazily: a future is taken from it when it may begin, so that an iterator that makes its futures as
/// it goes has no more of them alive than are in flight. It is pulled by one task at a time, and may be endless only if something
/// else ends the gather.
///
/// Awaiting it gives `Result<Vec<T>, GatherError>`, whose error is a panic (the others are cancelled), a timeout or a
/// shut down runtime. Where futures return a `Result`, [`try_gather`] stops at the first error. With
/// [`return_errors`](Gather::return_errors) either gives an outcome for each item.
///
/// **Defaults:** 64 in flight, no timeouts, no progress. **Cost:** two short locks an item, and a task for each that waits at the
/// same time; an item that is ready when first polled costs no task. Memory: the results, and what is in flight.
/// A worker that finds one item after the other ready yields to the runtime every 0.2 ms, and calls others to help if items take
/// longer than 10 µs. Items run in a shared set of tasks: what is local to a tokio task is not local to an item.
///
/// **Dropping** the gather, or its future, cancels what is in flight and begins nothing more. When it *returns*, none of its
/// futures is alive.
///
/// The behaviour follows Python's [`asyncio.gather`], but for two things: siblings of a failure are cancelled, and there is a limit.
///
/// # Panics
/// Awaiting it panics outside of a tokio runtime, and with an [`item_timeout`](Gather::item_timeout) or a [`deadline`](Gather::deadline) in one
/// whose timer is not enabled.
///
/// # Examples
/// ```
/// use std::{num::NonZeroUsize, time::Duration};
/// use tuneup_concurrency::gather;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let lengths = (1..=10_u64).map(|number| async move {
///     tokio::time::sleep(Duration::from_millis(10 - number)).await;
///     number * number
/// });
/// let squares = gather(lengths).limit(NonZeroUsize::new(5).unwrap()).await?;
/// assert_eq!(squares[..3], [1, 4, 9]);
/// # Ok::<(), tuneup_concurrency::GatherError>(())
/// # }).unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// [`asyncio.gather`]: https://docs.python.org/3/library/asyncio-task.html#asyncio.gather
#[doc(alias = "asyncio.gather")]
#[doc(alias = "join_all")]
#[doc(alias = "buffer_unordered")]
pub fn gather<I>(futures: I) -> Gather<I::IntoIter>
where
    I: IntoIterator,
    I::Item: Future,
{
    Gather::new(futures.into_iter())
}

/// Waits for many futures that return a `Result`, at most a number of them at once; the first error cancels the others.
///
/// As [`gather`] in all else: awaiting it gives `Result<Vec<T>, GatherError<E>>`. The error is the first that occurred, in time;
/// it is never the cancellation that follows from it. It is returned when the others have been dropped.
///
/// # Panics
/// As [`gather`].
///
/// # Examples
/// ```
/// use tuneup_concurrency::{Failure, try_gather};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let parse = |text: &'static str| async move { text.parse::<u8>() };
/// assert_eq!(try_gather(["1", "2"].map(parse)).await.unwrap(), [1, 2]);
///
/// let error = try_gather(["1", "two"].map(parse)).await.unwrap_err();
/// assert_eq!(error.index, 1);
/// assert!(matches!(error.source, Failure::Failed(_)));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "try_join_all")]
pub fn try_gather<I, F, T, E>(futures: I) -> Gather<I::IntoIter, Fallible>
where
    I: IntoIterator<Item = F>,
    F: Future<Output = Result<T, E>>,
{
    Gather::new(futures.into_iter())
}

/// How far a gather has come.
///
/// See [`Gather::progress`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GatherProgress {
    /// How many items have an outcome.
    pub done: usize,
    /// How many items there are; None if the iterator did not know at the beginning.
    pub total: Option<usize>,
}

/// Many futures and how to wait for them; see [`gather`] and [`try_gather`].
///
/// `K` says whether the futures can fail, `R` what comes back.
///
/// # Examples
/// See [`gather`].
#[must_use = "a gather does nothing unless it is awaited"]
pub struct Gather<I, K = Plain, R = FailFast> {
    source: I,
    options: Options,
    types: PhantomData<fn() -> (K, R)>,
}

impl<I, K> Gather<I, K> {
    fn new(source: I) -> Self {
        Self {
            source,
            options: Options {
                limit: DEFAULT_LIMIT,
                item_timeout: None,
                deadline: None,
                on_progress: None,
                is_fail_fast: true,
            },
            types: PhantomData,
        }
    }

    /// Gives an outcome for each item, whatever becomes of the others: awaiting it gives `Vec<Result<T, Failure<E>>>`.
    ///
    /// What asyncio calls `return_exceptions=True`.
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::{Failure, try_gather};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let parse = |text: &'static str| async move { text.parse::<u8>() };
    /// let outcomes = try_gather(["1", "two", "3"].map(parse)).return_errors().await;
    /// assert!(matches!(outcomes[..], [Ok(1), Err(Failure::Failed(_)), Ok(3)]));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[doc(alias = "return_exceptions")]
    #[doc(alias = "allSettled")]
    pub fn return_errors(mut self) -> Gather<I, K, ReturnErrors> {
        self.options.is_fail_fast = false;
        Gather {
            source: self.source,
            options: self.options,
            types: PhantomData,
        }
    }
}

impl<I, K, R> Gather<I, K, R> {
    /// How many items are in flight at most; 64 by default.
    ///
    /// An item is in flight from being pulled from the iterator until its future is dropped. The limit is kept exactly, and
    /// reached if so many items wait.
    ///
    /// # Examples
    /// See [`gather`].
    #[doc(alias = "concurrency")]
    #[doc(alias = "semaphore")]
    pub fn limit(mut self, limit: NonZeroUsize) -> Self {
        self.options.limit = limit;
        self
    }

    /// How long each item may take from when it begins; unlimited by default.
    ///
    /// An item that takes longer is dropped, and its outcome is [`Failure::TimedOut`]. The timer of tokio counts in milliseconds.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use tuneup_concurrency::gather;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
    /// let sleeps = [1, 60_000].map(|millis| tokio::time::sleep(Duration::from_millis(millis)));
    /// let outcomes = gather(sleeps).item_timeout(Duration::from_millis(20)).return_errors().await;
    /// assert!(outcomes[0].is_ok() && outcomes[1].is_err());
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn item_timeout(mut self, timeout: Duration) -> Self {
        self.options.item_timeout = Some(timeout);
        self
    }

    /// How long all of it may take from the first poll; unlimited by default.
    ///
    /// When it is over, what is in flight is dropped. With [`return_errors`](Gather::return_errors) what is done comes back, and the
    /// outcome of the others is [`Failure::TimedOut`]; of items that had not begun too, if the iterator knows how many they
    /// are (`size_hint`), for they are not pulled any more. Without it, the error names the first item that is not done.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use tuneup_concurrency::gather;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
    /// let sleeps = [1, 60_000].map(|millis| tokio::time::sleep(Duration::from_millis(millis)));
    /// let error = gather(sleeps).deadline(Duration::from_millis(20)).await.unwrap_err();
    /// assert_eq!(error.to_string(), "item 1 took longer than 20ms");
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// What to call after each item that has an outcome.
    ///
    /// The calls come from the tasks that run items, maybe several at a time; each number of done items is told once, but not
    /// always in order. While a call lasts, its task runs no item. If it panics, that is the outcome of the item.
    ///
    /// # Examples
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    /// use tuneup_concurrency::gather;
    ///
    /// static DONE: AtomicUsize = AtomicUsize::new(0);
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// gather((0..10).map(std::future::ready))
    ///     .progress(|progress| {
    ///         assert_eq!(progress.total, Some(10));
    ///         DONE.fetch_max(progress.done, Relaxed);
    ///     })
    ///     .await
    ///     .unwrap();
    /// assert_eq!(DONE.load(Relaxed), 10);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn progress(
        mut self,
        on_progress: impl Fn(GatherProgress) + Send + Sync + 'static,
    ) -> Self {
        self.options.on_progress = Some(Arc::new(on_progress));
        self
    }
}

impl<I, K, R> fmt::Debug for Gather<I, K, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather")
            .field("limit", &self.options.limit)
            .field("item_timeout", &self.options.item_timeout)
            .field("deadline", &self.options.deadline)
            .finish_non_exhaustive()
    }
}

impl<I, K> IntoFuture for Gather<I, K, FailFast>
where
    I: Iterator + Send + 'static,
    I::Item: Future + Send + 'static,
    K: GatherKind<<I::Item as Future>::Output> + 'static,
    K::Value: Send + 'static,
    K::Error: Send + 'static,
{
    type Output = Result<Vec<K::Value>, GatherError<K::Error>>;
    type IntoFuture = Gathering<I, K, FailFast>;

    fn into_future(self) -> Self::IntoFuture {
        Gathering::new(self.source, self.options)
    }
}

impl<I, K> IntoFuture for Gather<I, K, ReturnErrors>
where
    I: Iterator + Send + 'static,
    I::Item: Future + Send + 'static,
    K: GatherKind<<I::Item as Future>::Output> + 'static,
    K::Value: Send + 'static,
    K::Error: Send + 'static,
{
    type Output = Vec<Result<K::Value, Failure<K::Error>>>;
    type IntoFuture = Gathering<I, K, ReturnErrors>;

    fn into_future(self) -> Self::IntoFuture {
        Gathering::new(self.source, self.options)
    }
}
