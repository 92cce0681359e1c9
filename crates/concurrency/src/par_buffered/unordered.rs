//! Results as they come.

use std::{
    collections::HashMap,
    fmt,
    num::NonZeroUsize,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use pin_project_lite::pin_project;
use tokio::task::{Id, JoinSet};

use crate::{GatherError, background::failure_of, size_hint};

pin_project! {
    /// The stream of [`par_buffered_unordered`](super::ParBuffered::par_buffered_unordered).
    ///
    /// # Examples
    /// See [`par_buffered_unordered`](super::ParBuffered::par_buffered_unordered).
    #[must_use = "a stream does nothing unless it is polled"]
    pub struct BufferedUnordered<S>
    where
        S: Stream,
        S::Item: Future,
    {
        #[pin]
        source: S,
        is_exhausted: bool,
        limit: NonZeroUsize,
        tasks: JoinSet<<S::Item as Future>::Output>,
        indices: HashMap<Id, usize>,
        begun: usize,
    }
}

impl<S> BufferedUnordered<S>
where
    S: Stream,
    S::Item: Future,
    <S::Item as Future>::Output: 'static,
{
    pub(super) fn new(source: S, limit: NonZeroUsize) -> Self {
        Self {
            source,
            is_exhausted: false,
            limit,
            tasks: JoinSet::new(),
            indices: HashMap::new(),
            begun: 0,
        }
    }
}

impl<S> Stream for BufferedUnordered<S>
where
    S: Stream,
    S::Item: Future + Send + 'static,
    <S::Item as Future>::Output: Send + 'static,
{
    type Item = Result<<S::Item as Future>::Output, GatherError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        // The set counts what is done and not yet taken.
        while !*this.is_exhausted && this.tasks.len() < this.limit.get() {
            match this.source.as_mut().poll_next(context) {
                Poll::Ready(Some(future)) => {
                    let task = this.tasks.spawn(future);
                    this.indices.insert(task.id(), *this.begun);
                    *this.begun += 1;
                }
                Poll::Ready(None) => *this.is_exhausted = true,
                Poll::Pending => break,
            }
        }
        let Some(joined) = ready!(this.tasks.poll_join_next_with_id(context)) else {
            return if *this.is_exhausted {
                Poll::Ready(None)
            } else {
                Poll::Pending
            };
        };
        let id = match &joined {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let index = this.indices.remove(&id);
        Poll::Ready(Some(match joined {
            Ok((_, output)) => Ok(output),
            Err(error) => {
                let index = index.expect("each task of the set has its index");
                Err(GatherError::new(index, failure_of(error)))
            }
        }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        size_hint::with_in_flight(self.source.size_hint(), self.tasks.len())
    }
}

impl<S> fmt::Debug for BufferedUnordered<S>
where
    S: Stream,
    S::Item: Future,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferedUnordered")
            .field("limit", &self.limit)
            .field("in_flight", &self.indices.len())
            .finish_non_exhaustive()
    }
}
