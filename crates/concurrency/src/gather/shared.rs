//! What the workers of a gather and its consumer share.
//!
//! Everything is under one lock, which is held for a few assignments and never while code of the user runs: the
//! iterator is taken out to be pulled, futures and callbacks run outside, wakers are called outside.

use std::{
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Waker,
    time::Duration,
};

use tokio::runtime::Handle;

use super::{GatherKind, GatherProgress, worker};
use crate::{Failure, PanicInfo, failure::drop_quietly};

pub(super) type Outcome<V, E> = Result<V, Failure<E>>;
pub(super) type OnProgress = Arc<dyn Fn(GatherProgress) + Send + Sync>;

/// What the caller chose.
#[derive(Clone)]
pub(super) struct Options {
    pub(super) limit: NonZeroUsize,
    pub(super) item_timeout: Option<Duration>,
    pub(super) deadline: Option<Duration>,
    pub(super) on_progress: Option<OnProgress>,
    pub(super) is_fail_fast: bool,
}

/// Why no further item begins, although there may be some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// An item failed, and the others are cancelled.
    Failed,
    /// The deadline has passed.
    TimedOut,
    /// The runtime dropped a worker.
    ShutDown,
    /// Nobody wants the results any more.
    Abandoned,
}

pub(super) struct Shared<I, V, E> {
    state: Mutex<State<I, V, E>>,
    // Says that `State::stop` is there, for workers that are polled and do not have the lock.
    is_stopped: AtomicBool,
    options: Options,
    total: Option<usize>,
    handle: Handle,
}

pub(super) struct State<I, V, E> {
    // None while a worker pulls from it.
    source: Option<I>,
    is_exhausted: bool,
    outcomes: Vec<Option<Outcome<V, E>>>,
    done: usize,
    // Workers that exist, never more than the limit.
    workers: usize,
    // The wakers of workers that wait, by seat.
    seats: Vec<Option<Waker>>,
    free_seats: Vec<usize>,
    stop: Option<Stop>,
    // The index of what stopped a gather that fails fast.
    first_failure: Option<usize>,
    consumer: Option<Waker>,
}

/// What a consumer gets at the end.
pub(super) struct Finished<I, V, E> {
    pub(super) outcomes: Vec<Option<Outcome<V, E>>>,
    pub(super) source: Option<I>,
    pub(super) is_exhausted: bool,
    pub(super) stop: Option<Stop>,
    pub(super) first_failure: Option<usize>,
}

impl<I, V, E> Shared<I, V, E>
where
    I: Iterator + Send + 'static,
    I::Item: Future + Send + 'static,
    V: Send + 'static,
    E: Send + 'static,
{
    /// Starts the first worker.
    pub(super) fn start<K>(source: I, options: Options) -> Arc<Self>
    where
        K: GatherKind<<I::Item as Future>::Output, Value = V, Error = E> + 'static,
    {
        let (least, most) = source.size_hint();
        let shared = Arc::new(Self {
            state: Mutex::new(State {
                source: Some(source),
                is_exhausted: false,
                outcomes: Vec::new(),
                done: 0,
                workers: 0,
                seats: Vec::new(),
                free_seats: Vec::new(),
                stop: None,
                first_failure: None,
                consumer: None,
            }),
            is_stopped: AtomicBool::new(false),
            total: (most == Some(least)).then_some(least),
            options,
            handle: Handle::current(),
        });
        shared.grow::<K>();
        shared
    }

    /// Adds a worker, if another item may be in flight and there may be one.
    pub(super) fn grow<K>(self: &Arc<Self>)
    where
        K: GatherKind<<I::Item as Future>::Output, Value = V, Error = E> + 'static,
    {
        let seat = {
            let mut state = self.lock();
            let is_full = state.workers >= self.options.limit.get();
            if is_full || state.is_exhausted || state.stop.is_some() {
                return;
            }
            state.take_seat()
        };
        self.spawn::<K>(seat);
    }

    fn spawn<K>(self: &Arc<Self>, seat: usize)
    where
        K: GatherKind<<I::Item as Future>::Output, Value = V, Error = E> + 'static,
    {
        let seat = worker::Seat::new(Arc::clone(self), seat);
        // A runtime that is shut down drops the seat at once, which tells the consumer.
        self.handle.spawn(seat.work::<K>());
    }

    /// The next item and its index; None if the worker is to leave, which it then has.
    pub(super) fn pull(&self, seat: usize) -> Option<(usize, I::Item)> {
        let mut source = {
            let mut state = self.lock();
            if state.is_exhausted || state.stop.is_some() {
                return self.leave(state, seat);
            }
            match state.source.take() {
                Some(source) => source,
                // Who has the source adds a worker again if its next item waits or is costly.
                None => return self.leave(state, seat),
            }
        };
        let pulled = catch_unwind(AssertUnwindSafe(|| source.next()));

        let mut state = self.lock();
        let index = state.outcomes.len();
        if state.stop == Some(Stop::Abandoned) {
            drop(state);
            drop_quietly((source, pulled));
            return self.leave(self.lock(), seat);
        }
        state.source = Some(source);
        match pulled {
            Ok(Some(item)) => {
                // An item that was pulled too late to begin counts as one that did not end.
                state.outcomes.push(None);
                if state.stop.is_some() {
                    drop(state);
                    drop_quietly(item);
                    return self.leave(self.lock(), seat);
                }
                Some((index, item))
            }
            Ok(None) => {
                state.is_exhausted = true;
                self.leave(state, seat)
            }
            Err(payload) => {
                state.is_exhausted = true;
                state.outcomes.push(None);
                drop(state);
                self.settle(index, Err(Failure::Panicked(PanicInfo::new(payload))));
                self.leave(self.lock(), seat)
            }
        }
    }
}

impl<I, V, E> Shared<I, V, E> {
    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Acquire)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State<I, V, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a worker be woken when the gather stops; false if it has stopped already.
    pub(super) fn register(&self, seat: usize, waker: &Waker) -> bool {
        let waker = waker.clone();
        let mut state = self.lock();
        let replaced = state.seats[seat].replace(waker);
        let is_running = state.stop.is_none();
        drop(state);
        drop(replaced);
        is_running
    }

    /// Keeps an outcome, and stops everything if it is the failure to do so. One that nobody wants any more is dropped.
    pub(super) fn settle(&self, index: usize, outcome: Outcome<V, E>) {
        let is_failure = outcome.is_err();
        let done = {
            let mut state = self.lock();
            if state.stop == Some(Stop::Abandoned) {
                drop(state);
                drop_quietly(outcome);
                return;
            }
            state.outcomes[index] = Some(outcome);
            state.done += 1;
            if is_failure && self.options.is_fail_fast && state.stop.is_none() {
                state.first_failure = Some(index);
                let done = state.done;
                self.stop_locked(state, Stop::Failed);
                done
            } else {
                state.done
            }
        };
        if let Some(on_progress) = &self.options.on_progress {
            let progress = GatherProgress {
                done,
                total: self.total,
            };
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| on_progress(progress))) {
                self.spoil(index, PanicInfo::new(payload));
            }
        }
    }

    /// The callback of an item panicked: that is the outcome of the item.
    fn spoil(&self, index: usize, panic: PanicInfo) {
        let mut state = self.lock();
        if state.stop == Some(Stop::Abandoned) {
            return;
        }
        let replaced = state.outcomes[index].replace(Err(Failure::Panicked(panic)));
        if self.options.is_fail_fast && state.stop.is_none() {
            state.first_failure = Some(index);
            self.stop_locked(state, Stop::Failed);
        } else {
            drop(state);
        }
        drop_quietly(replaced);
    }

    /// Lets nothing begin any more, and wakes what waits, to be dropped.
    pub(super) fn stop(&self, stop: Stop) {
        let state = self.lock();
        if state.stop.is_none() {
            self.stop_locked(state, stop);
        }
    }

    fn stop_locked(&self, mut state: MutexGuard<'_, State<I, V, E>>, stop: Stop) {
        state.stop = Some(stop);
        self.is_stopped.store(true, Ordering::Release);
        let wakers: Vec<Waker> = state.seats.iter_mut().filter_map(Option::take).collect();
        let consumer = state.take_consumer();
        drop(state);
        for waker in wakers.into_iter().chain(consumer) {
            waker.wake();
        }
    }

    /// A worker goes; the last one tells the consumer.
    fn leave<T>(&self, mut state: MutexGuard<'_, State<I, V, E>>, seat: usize) -> Option<T> {
        let waker = state.seats[seat].take();
        state.free_seats.push(seat);
        state.workers -= 1;
        let consumer = state.take_consumer();
        drop(state);
        drop(waker);
        if let Some(consumer) = consumer {
            consumer.wake();
        }
        None
    }

    /// A worker was dropped by its runtime.
    pub(super) fn lose(&self, seat: usize) {
        let mut state = self.lock();
        state.workers -= 1;
        state.seats[seat] = None;
        if state.stop.is_none() {
            self.stop_locked(state, Stop::ShutDown);
        } else if let Some(consumer) = state.take_consumer() {
            drop(state);
            consumer.wake();
        }
    }

    /// All there is, if no worker is left; otherwise the consumer is woken when that is so.
    pub(super) fn finish(&self, waker: &Waker) -> Option<Finished<I, V, E>> {
        let waker = waker.clone();
        let mut state = self.lock();
        if !state.is_finished() {
            let replaced = state.consumer.replace(waker);
            drop(state);
            drop(replaced);
            return None;
        }
        Some(Finished {
            outcomes: std::mem::take(&mut state.outcomes),
            source: state.source.take(),
            is_exhausted: state.is_exhausted,
            stop: state.stop,
            first_failure: state.first_failure,
        })
    }

    /// Nobody will ask for the results: everything goes, what runs as soon as it is woken.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        let source = state.source.take();
        let outcomes = std::mem::take(&mut state.outcomes);
        // Another cause gives way, so that who has the source drops it.
        self.stop_locked(state, Stop::Abandoned);
        drop_quietly(source);
        drop_quietly(outcomes);
    }
}

impl<I, V, E> State<I, V, E> {
    fn take_seat(&mut self) -> usize {
        self.workers += 1;
        self.free_seats.pop().unwrap_or_else(|| {
            self.seats.push(None);
            self.seats.len() - 1
        })
    }

    fn is_finished(&self) -> bool {
        self.workers == 0 && (self.is_exhausted || self.stop.is_some())
    }

    fn take_consumer(&mut self) -> Option<Waker> {
        if self.is_finished() {
            self.consumer.take()
        } else {
            None
        }
    }
}
