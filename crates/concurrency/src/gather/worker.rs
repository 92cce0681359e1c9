//! A task that takes one item after the other.
//!
//! An item is polled where it was pulled. If it is ready, the next one follows, which costs no task. If it waits, another
//! worker is added for the next one, until there are as many as may be in flight: each waiting item has a task of its
//! own, which nobody else's polling can hold up.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use super::{
    GatherKind,
    shared::{Outcome, Shared},
};
use crate::{Failure, failure::Caught};

/// A worker lets others have its thread after this time.
const SLICE: Duration = Duration::from_micros(200);
/// Items that cost more than handing one to another thread are worth another thread.
const COSTLY: Duration = Duration::from_micros(10);
/// Of items that are ready at once, so many at most pass between two looks at the clock.
const MOST_UNTIMED: u32 = 32;

/// The right of a worker to have one item in flight.
pub(super) struct Seat<I, V, E> {
    shared: Arc<Shared<I, V, E>>,
    number: usize,
    has_left: bool,
    is_registered: bool,
}

impl<I, V, E> Seat<I, V, E> {
    pub(super) fn new(shared: Arc<Shared<I, V, E>>, number: usize) -> Self {
        Self {
            shared,
            number,
            has_left: false,
            is_registered: false,
        }
    }
}

impl<I, V, E> Drop for Seat<I, V, E> {
    fn drop(&mut self) {
        if !self.has_left {
            self.shared.lose(self.number);
        }
    }
}

impl<I, V, E> Seat<I, V, E>
where
    I: Iterator + Send + 'static,
    I::Item: Future + Send + 'static,
    V: Send + 'static,
    E: Send + 'static,
{
    /// Runs items until there are none, or the gather stops.
    pub(super) async fn work<K>(mut self)
    where
        K: GatherKind<<I::Item as Future>::Output, Value = V, Error = E> + 'static,
    {
        let mut pace = Pace::new();
        loop {
            let Some((index, item)) = self.shared.pull(self.number) else {
                self.has_left = true;
                return;
            };
            if let Some(outcome) = self.run::<K>(item, &mut pace).await {
                self.shared.settle(index, outcome);
            }
            let step = pace.step();
            if step.grows {
                self.shared.grow::<K>();
            }
            if step.rests {
                tokio::task::yield_now().await;
                pace = Pace::new();
            }
        }
    }

    /// The outcome of an item; None if the gather stopped before.
    async fn run<K>(&mut self, item: I::Item, pace: &mut Pace) -> Option<Outcome<V, E>>
    where
        K: GatherKind<<I::Item as Future>::Output, Value = V, Error = E> + 'static,
    {
        let output = match self.shared.options().item_timeout {
            None => self.drive::<K, _>(item, pace).await?,
            Some(after) => {
                let timed = tokio::time::timeout(after, item);
                match self.drive::<K, _>(timed, pace).await? {
                    Ok(Ok(output)) => Ok(output),
                    Ok(Err(_)) => Err(Failure::TimedOut { after }),
                    Err(failure) => Err(failure),
                }
            }
        };
        Some(match output.map(K::split) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Failure::Failed(error)),
            Err(failure) => Err(failure.widen()),
        })
    }

    /// Polls a future to its end; None if the gather stopped before, and then the future is dropped.
    async fn drive<K, F>(
        &mut self,
        future: F,
        pace: &mut Pace,
    ) -> Option<Result<F::Output, Failure<Infallible>>>
    where
        K: GatherKind<<I::Item as Future>::Output, Value = V, Error = E> + 'static,
        F: Future,
    {
        let mut future = pin!(Caught::new(future));
        let mut has_waited = false;
        poll_fn(|context| {
            if has_waited && self.shared.is_stopped() {
                future.as_mut().discard();
                return Poll::Ready(None);
            }
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Some(output.map_err(Failure::Panicked)));
            }
            if !has_waited {
                has_waited = true;
                // The waker of a task stays the same as long as the task.
                if !self.is_registered {
                    self.is_registered = true;
                    if !self.shared.register(self.number, context.waker()) {
                        future.as_mut().discard();
                        return Poll::Ready(None);
                    }
                }
                self.shared.grow::<K>();
            }
            // A new poll of the task begins with what comes.
            *pace = Pace::new();
            Poll::Pending
        })
        .await
    }
}

/// What a worker does between two items.
#[derive(Default)]
struct Step {
    grows: bool,
    rests: bool,
}

/// Sees to it that a worker that never waits neither keeps its thread for long nor works alone on items that are costly.
struct Pace {
    began: Option<Instant>,
    last_look: Option<Instant>,
    untimed: u32,
    look_after: u32,
}

impl Pace {
    fn new() -> Self {
        Self {
            began: None,
            last_look: None,
            untimed: 0,
            look_after: 1,
        }
    }

    /// To be called after each item.
    fn step(&mut self) -> Step {
        self.untimed += 1;
        if self.untimed < self.look_after {
            return Step::default();
        }
        let items = std::mem::take(&mut self.untimed);
        let now = Instant::now();
        let began = *self.began.get_or_insert(now);
        let Some(last_look) = self.last_look.replace(now) else {
            return Step::default();
        };
        let is_costly = now - last_look >= COSTLY * items;
        self.look_after = if is_costly {
            1
        } else {
            (self.look_after * 2).min(MOST_UNTIMED)
        };
        Step {
            grows: is_costly,
            rests: now - began >= SLICE,
        }
    }
}
