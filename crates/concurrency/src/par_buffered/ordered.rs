//! Results in the order of the stream.

use std::{
    collections::VecDeque,
    fmt,
    num::NonZeroUsize,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::{Background, GatherError, background, size_hint};

pin_project! {
    /// The stream of [`par_buffered`](super::ParBuffered::par_buffered).
    ///
    /// # Examples
    /// See [`par_buffered`](super::ParBuffered::par_buffered).
    #[must_use = "a stream does nothing unless it is polled"]
    pub struct Buffered<S>
    where
        S: Stream,
        S::Item: Future,
    {
        #[pin]
        source: S,
        is_exhausted: bool,
        limit: NonZeroUsize,
        tasks: VecDeque<Background<<S::Item as Future>::Output>>,
        // The index of the first of the tasks.
        taken: usize,
    }
}

impl<S> Buffered<S>
where
    S: Stream,
    S::Item: Future,
{
    pub(super) fn new(source: S, limit: NonZeroUsize) -> Self {
        Self {
            source,
            is_exhausted: false,
            limit,
            tasks: VecDeque::new(),
            taken: 0,
        }
    }
}

impl<S> Stream for Buffered<S>
where
    S: Stream,
    S::Item: Future + Send + 'static,
    <S::Item as Future>::Output: Send + 'static,
{
    type Item = Result<<S::Item as Future>::Output, GatherError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        while !*this.is_exhausted && this.tasks.len() < this.limit.get() {
            match this.source.as_mut().poll_next(context) {
                Poll::Ready(Some(future)) => this.tasks.push_back(background(future)),
                Poll::Ready(None) => *this.is_exhausted = true,
                Poll::Pending => break,
            }
        }
        let Some(first) = this.tasks.front_mut() else {
            return if *this.is_exhausted {
                Poll::Ready(None)
            } else {
                Poll::Pending
            };
        };
        let result = ready!(Pin::new(first).poll(context));
        this.tasks.pop_front();
        let index = *this.taken;
        *this.taken += 1;
        Poll::Ready(Some(
            result.map_err(|failure| GatherError::new(index, failure)),
        ))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        size_hint::with_in_flight(self.source.size_hint(), self.tasks.len())
    }
}

impl<S> fmt::Debug for Buffered<S>
where
    S: Stream,
    S::Item: Future,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffered")
            .field("limit", &self.limit)
            .field("in_flight", &self.tasks.len())
            .finish_non_exhaustive()
    }
}
