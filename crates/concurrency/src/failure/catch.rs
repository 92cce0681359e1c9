//! A future whose panics are its result.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use crate::{PanicInfo, contain::contain};

/// Drops a value of the user's where a panic of its `Drop` would have no receiver.
pub(crate) fn drop_quietly<T>(value: T) {
    contain(|| drop(value));
}

pin_project_lite::pin_project! {
    /// Resolves to what the future within resolves to, or to its panic.
    ///
    /// The future within is dropped as soon as it is done, where a panic of its `Drop` is caught too.
    pub(crate) struct Caught<F> {
        #[pin]
        future: Option<F>,
    }
}

impl<F: Future> Caught<F> {
    pub(crate) fn new(future: F) -> Self {
        Self {
            future: Some(future),
        }
    }

    /// Drops the future within; what its `Drop` has to say in a panic has no receiver any more.
    pub(crate) fn discard(self: Pin<&mut Self>) {
        let mut future = self.project().future;
        contain(|| future.set(None));
    }
}

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, PanicInfo>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut future = self.project().future;
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let running = future
                .as_mut()
                .as_pin_mut()
                .expect("it is not polled after it was ready");
            let output = ready!(running.poll(context));
            future.set(None);
            Poll::Ready(output)
        }));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Err(payload) => Poll::Ready(Err(PanicInfo::new(payload))),
        }
    }
}
