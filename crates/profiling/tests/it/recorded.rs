//! Recordings under a clock that moves when it is told.

use std::{
    future::Future,
    pin::pin,
    sync::Mutex,
    task::{Context, Poll, Waker},
    time::Duration,
};

use tuneup_measure::{Clock, MockClock};
use tuneup_profiling::{Profile, Profiler};

use crate::alone::alone;

static CLOCK: Mutex<Option<MockClock>> = Mutex::new(None);

/// What is recorded of `run`.
#[track_caller]
pub(crate) fn recorded(run: impl FnOnce()) -> Profile {
    let _alone = alone();
    let (clock, hands) = Clock::mock();
    *CLOCK.lock().unwrap() = Some(hands);
    let session = Profiler::builder().clock(clock).start().unwrap();
    run();
    session.finish()
}

/// Time goes by.
pub(crate) fn pass(ns: u64) {
    if let Some(hands) = &*CLOCK.lock().unwrap() {
        hands.advance(Duration::from_nanos(ns));
    }
}

/// Between two polls of [`block_on`].
pub(crate) const BETWEEN_POLLS_NS: u64 = 1_000;

/// Polls a future until it is ready; time goes by between the polls.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let poll = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(output) = poll {
            return output;
        }
        pass(BETWEEN_POLLS_NS);
    }
}

/// Pending once.
pub(crate) async fn turn() {
    let mut pending = true;
    std::future::poll_fn(|_| match std::mem::take(&mut pending) {
        true => Poll::Pending,
        false => Poll::Ready(()),
    })
    .await;
}
