//! The future of a gather, which only waits: the work is done by tasks.

use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    task::AbortHandle,
    time::{Sleep, sleep},
};

use super::{
    FailFast, GatherError, GatherKind, ReturnErrors,
    shared::{Finished, Options, Outcome, Shared, Stop},
};
use crate::Failure;

/// The future of a [`Gather`](super::Gather).
///
/// It starts when it is first polled. Dropped, it cancels what is in flight.
///
/// # Examples
/// ```
/// use std::future::{IntoFuture, ready};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let gathering = tuneup_concurrency::gather([ready(1), ready(2)]).into_future();
/// assert_eq!(gathering.await.unwrap(), [1, 2]);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "a gather does nothing unless it is awaited"]
pub struct Gathering<I, K, R>
where
    I: Iterator,
    I::Item: Future,
    K: GatherKind<<I::Item as Future>::Output>,
{
    progress: Progress<I, K::Value, K::Error>,
    results: PhantomData<fn() -> R>,
}

enum Progress<I, V, E> {
    Ready(I, Options),
    Running(Arc<Shared<I, V, E>>, Option<AbortHandle>),
    Ended,
}

type Value<I, K> = <K as GatherKind<<<I as Iterator>::Item as Future>::Output>>::Value;
type Error<I, K> = <K as GatherKind<<<I as Iterator>::Item as Future>::Output>>::Error;
type Running<I, K> = Arc<Shared<I, Value<I, K>, Error<I, K>>>;
type Ended<I, K> = Finished<I, Value<I, K>, Error<I, K>>;

impl<I, K, R> Gathering<I, K, R>
where
    I: Iterator,
    I::Item: Future,
    K: GatherKind<<I::Item as Future>::Output>,
{
    pub(super) fn new(source: I, options: Options) -> Self {
        Self {
            progress: Progress::Ready(source, options),
            results: PhantomData,
        }
    }

    /// Ends the timer; gives back what runs, if anything does.
    fn end(&mut self) -> Option<Running<I, K>> {
        let Progress::Running(shared, timer) =
            std::mem::replace(&mut self.progress, Progress::Ended)
        else {
            return None;
        };
        if let Some(timer) = timer {
            timer.abort();
        }
        Some(shared)
    }
}

impl<I, K, R> Gathering<I, K, R>
where
    I: Iterator + Send + 'static,
    I::Item: Future + Send + 'static,
    K: GatherKind<<I::Item as Future>::Output> + 'static,
    K::Value: Send + 'static,
    K::Error: Send + 'static,
{
    fn poll_finished(&mut self, context: &Context<'_>) -> Poll<(Ended<I, K>, Options)> {
        if let Progress::Ready(..) = self.progress {
            let Progress::Ready(source, options) =
                std::mem::replace(&mut self.progress, Progress::Ended)
            else {
                unreachable!("it was ready");
            };
            let deadline = deadline_of(&options);
            let shared = Shared::start::<K>(source, options);
            let timer = deadline.map(|deadline| stop_at(deadline, &shared));
            self.progress = Progress::Running(shared, timer);
        }
        let Progress::Running(shared, _) = &self.progress else {
            panic!("a gather was polled after it was ready");
        };
        let Some(finished) = shared.finish(context.waker()) else {
            return Poll::Pending;
        };
        let options = shared.options().clone();
        self.end();
        Poll::Ready((finished, options))
    }
}

/// The end of the time that all of it may take, if it has one.
///
/// A runtime without a timer panics where a [`Sleep`] is made. So one is made here, also where only items have their times: in a task of the
/// gather nobody would learn of it.
fn deadline_of(options: &Options) -> Option<Sleep> {
    if options.item_timeout.is_some() {
        drop(sleep(Duration::ZERO));
    }
    options.deadline.map(sleep)
}

/// Stops a gather at a time, whether or not its consumer looks.
fn stop_at<I, V, E>(deadline: Sleep, shared: &Arc<Shared<I, V, E>>) -> AbortHandle
where
    I: Send + 'static,
    V: Send + 'static,
    E: Send + 'static,
{
    let stopped = Arc::clone(shared);
    tokio::spawn(async move {
        deadline.await;
        stopped.stop(Stop::TimedOut);
    })
    .abort_handle()
}

/// What an item without an outcome failed of.
fn missing<E>(stop: Option<Stop>, options: &Options) -> Failure<E> {
    match (stop, options.deadline) {
        (Some(Stop::TimedOut), Some(after)) => Failure::TimedOut { after },
        _ => Failure::Cancelled,
    }
}

impl<I, V, E> Finished<I, V, E>
where
    I: Iterator,
{
    fn first_error_or_values(mut self, options: &Options) -> Result<Vec<V>, GatherError<E>> {
        if let Some(index) = self.first_failure
            && let Some(Err(failure)) = self.outcomes[index].take()
        {
            return Err(GatherError::new(index, failure));
        }
        let count = self.outcomes.len();
        let mut values = Vec::with_capacity(count);
        for (index, outcome) in self.outcomes.into_iter().enumerate() {
            match outcome {
                Some(Ok(value)) => values.push(value),
                Some(Err(failure)) => return Err(GatherError::new(index, failure)),
                None => return Err(GatherError::new(index, missing(self.stop, options))),
            }
        }
        if self.is_exhausted || self.source.is_some_and(|rest| is_empty(&rest)) {
            Ok(values)
        } else {
            Err(GatherError::new(count, missing(self.stop, options)))
        }
    }

    fn all_outcomes(self, options: &Options) -> Vec<Outcome<V, E>> {
        let missing = || Err(missing(self.stop, options));
        let mut outcomes: Vec<_> = self
            .outcomes
            .into_iter()
            .map(|outcome| outcome.unwrap_or_else(missing))
            .collect();
        if !self.is_exhausted
            && let Some((rest, Some(most))) = self.source.map(|rest| rest.size_hint())
            && rest == most
            && outcomes.try_reserve_exact(rest).is_ok()
        {
            outcomes.extend((0..rest).map(|_| missing()));
        }
        outcomes
    }
}

/// Whether an iterator that was not pulled to its end would have had nothing more.
fn is_empty(rest: &impl Iterator) -> bool {
    rest.size_hint() == (0, Some(0))
}

impl<I, K> Future for Gathering<I, K, FailFast>
where
    I: Iterator + Send + 'static,
    I::Item: Future + Send + 'static,
    K: GatherKind<<I::Item as Future>::Output> + 'static,
    K::Value: Send + 'static,
    K::Error: Send + 'static,
{
    type Output = Result<Vec<K::Value>, GatherError<K::Error>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_finished(context)
            .map(|(finished, options)| finished.first_error_or_values(&options))
    }
}

impl<I, K> Future for Gathering<I, K, ReturnErrors>
where
    I: Iterator + Send + 'static,
    I::Item: Future + Send + 'static,
    K: GatherKind<<I::Item as Future>::Output> + 'static,
    K::Value: Send + 'static,
    K::Error: Send + 'static,
{
    type Output = Vec<Result<K::Value, Failure<K::Error>>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_finished(context)
            .map(|(finished, options)| finished.all_outcomes(&options))
    }
}

// Nothing within is pinned: futures live in the tasks.
impl<I, K, R> Unpin for Gathering<I, K, R>
where
    I: Iterator,
    I::Item: Future,
    K: GatherKind<<I::Item as Future>::Output>,
{
}

impl<I, K, R> Drop for Gathering<I, K, R>
where
    I: Iterator,
    I::Item: Future,
    K: GatherKind<<I::Item as Future>::Output>,
{
    fn drop(&mut self) {
        if let Some(shared) = self.end() {
            shared.abandon();
        }
    }
}

impl<I, K, R> fmt::Debug for Gathering<I, K, R>
where
    I: Iterator,
    I::Item: Future,
    K: GatherKind<<I::Item as Future>::Output>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathering").finish_non_exhaustive()
    }
}
