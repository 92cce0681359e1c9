//! A future of a stage, and which item it is for.

use std::{
    any::Any,
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use crate::failure::Caught;

/// What a function of a stage returned, or its panic.
type Outcome<R> = Result<Result<R, Box<dyn Error + Send + Sync>>, Box<dyn Any + Send>>;

pin_project_lite::pin_project! {
    /// Resolves to the index of the item and what has become of it. No panic of the future gets out, not even that of its drop.
    pub(super) struct Flight<Fut: Future> {
        index: usize,
        #[pin]
        future: Caught<Fut>,
    }

    impl<Fut: Future> PinnedDrop for Flight<Fut> {
        fn drop(this: Pin<&mut Self>) {
            this.project().future.discard();
        }
    }
}

impl<Fut: Future> Flight<Fut> {
    pub(super) fn new(index: usize, future: Fut) -> Self {
        Self {
            index,
            future: Caught::new(future),
        }
    }
}

impl<R, E, Fut> Future for Flight<Fut>
where
    E: Into<Box<dyn Error + Send + Sync>>,
    Fut: Future<Output = Result<R, E>>,
{
    type Output = (usize, Outcome<R>);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let outcome = match ready!(this.future.poll(context)) {
            Ok(Ok(result)) => Ok(Ok(result)),
            // The conversion is the user's code too.
            Ok(Err(error)) => catch_unwind(AssertUnwindSafe(|| error.into())).map(Err),
            Err(panic) => Err(panic.into_payload()),
        };
        Poll::Ready((*this.index, outcome))
    }
}
