//! A blocking store in the clothes of an asynchronous one, for code that is written once for both.

use std::{
    future::{Future, ready},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::{AsyncStore, Store, StoreFuture};

/// Each operation happens, blocking, when its future is made; the future is ready.
///
/// Not public, because it would block a runtime's threads. Here it only ever runs under [`run_immediate`].
pub(crate) struct Immediate<'s, S: ?Sized>(pub(crate) &'s S);

impl<S: Store + ?Sized> AsyncStore for Immediate<'_, S> {
    fn get<'a>(&'a self, key: &'a [u8]) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(ready(self.0.get(key)))
    }

    fn set<'a>(
        &'a self,
        key: &'a [u8],
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> StoreFuture<'a, ()> {
        Box::pin(ready(self.0.set(key, value, ttl)))
    }

    fn compare_and_set<'a>(
        &'a self,
        key: &'a [u8],
        expected: Option<&'a [u8]>,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> StoreFuture<'a, bool> {
        Box::pin(ready(self.0.compare_and_set(key, expected, value, ttl)))
    }

    fn remove<'a>(&'a self, key: &'a [u8]) -> StoreFuture<'a, bool> {
        Box::pin(ready(self.0.remove(key)))
    }

    fn compare_and_remove<'a>(
        &'a self,
        key: &'a [u8],
        expected: &'a [u8],
    ) -> StoreFuture<'a, bool> {
        Box::pin(ready(self.0.compare_and_remove(key, expected)))
    }

    fn clear(&self) -> StoreFuture<'_, ()> {
        Box::pin(ready(self.0.clear()))
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        std::thread::sleep(time);
        Box::pin(ready(()))
    }

    fn discard(&self, key: &[u8], expected: &[u8]) {
        // Nobody is told.
        let _ = self.0.compare_and_remove(key, expected);
    }
}

/// The output of a future that awaits nothing but ready futures.
///
/// # Panics
/// If it awaited something else.
pub(crate) fn run_immediate<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the future of a blocking store waited for something"),
    }
}
