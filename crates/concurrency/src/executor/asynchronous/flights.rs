//! The futures that are under way.

use std::{
    any::Any,
    collections::HashMap,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use tokio::{
    runtime::Handle,
    sync::{Notify, OwnedSemaphorePermit, Semaphore, TryAcquireError},
};

use crate::{
    Refusal, Rejected, Shutdown, Task,
    contain::contain,
    executor::inside,
    task::{Core, Job},
};

pub(super) struct Flights {
    room: Arc<Semaphore>,
    state: Mutex<State>,
    landed: Condvar,
    landed_async: Notify,
}

#[derive(Default)]
struct State {
    /// No more than there are permits.
    flights: HashMap<u64, Arc<dyn Job>>,
    /// These, and those whose result is just being dropped, since nobody wants it.
    under_way: usize,
    started: u64,
    closed: bool,
}

impl Flights {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            room: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            state: Mutex::default(),
            landed: Condvar::new(),
            landed_async: Notify::new(),
        })
    }

    pub(super) fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn try_admit(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.room)
            .try_acquire_owned()
            .map_err(|error| match error {
                TryAcquireError::NoPermits => Refusal::Full,
                TryAcquireError::Closed => Refusal::ShutDown,
            })
    }

    pub(super) async fn admit(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.room)
            .acquire_owned()
            .await
            .map_err(|_| Refusal::ShutDown)
    }

    pub(super) fn start<F>(
        self: &Arc<Self>,
        handle: &Handle,
        future: F,
        permit: OwnedSemaphorePermit,
    ) -> Result<Task<F::Output>, Rejected<F>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let core = Arc::new(Core::of_future());
        let Some(number) = self.enlist(Arc::clone(&core) as Arc<dyn Job>) else {
            return Err(Rejected::new(future, Refusal::ShutDown));
        };
        let flight = Flight {
            flights: Arc::clone(self),
            core: Some(Arc::clone(&core)),
            number,
            _permit: permit,
        };
        let polled = handle.spawn(fly(future, flight));
        let abort = polled.abort_handle();
        core.set_abort(move || abort.abort());
        Ok(Task::new(core))
    }

    fn enlist(&self, core: Arc<dyn Job>) -> Option<u64> {
        let mut state = self.lock();
        if state.closed {
            return None;
        }
        state.started += 1;
        state.under_way += 1;
        let number = state.started;
        state.flights.insert(number, core);
        Some(number)
    }

    pub(super) fn close(&self, how: Shutdown) {
        self.room.close();
        let mut state = self.lock();
        state.closed = true;
        let cancelled: Vec<_> = match how {
            Shutdown::Drain => Vec::new(),
            Shutdown::Cancel => state.flights.values().map(Arc::clone).collect(),
        };
        drop(state);
        for core in cancelled {
            core.cancel();
            contain(|| drop(core));
        }
    }

    pub(super) async fn landed(&self) {
        loop {
            let mut notified = pin!(self.landed_async.notified());
            notified.as_mut().enable();
            if self.lock().under_way == 0 {
                return;
            }
            notified.await;
        }
    }

    pub(super) fn wait_landed(&self) {
        let mut state = self.lock();
        while state.under_way > 0 {
            state = self
                .landed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A future that is under way: until it is done, or the runtime has dropped it.
struct Flight<T: Send> {
    flights: Arc<Flights>,
    /// Until it has landed.
    core: Option<Arc<Core<T>>>,
    number: u64,
    _permit: OwnedSemaphorePermit,
}

impl<T: Send> Drop for Flight<T> {
    fn drop(&mut self) {
        if let Some(core) = &self.core {
            // Of no effect if it is done.
            core.cancel();
        }
        let listed = self.flights.lock().flights.remove(&self.number);
        // A result that nobody wants goes here, before it is said that all has landed.
        contain(|| drop((listed, self.core.take())));
        let mut state = self.flights.lock();
        state.under_way -= 1;
        let last = state.closed && state.under_way == 0;
        drop(state);
        if last {
            self.flights.landed.notify_all();
            self.flights.landed_async.notify_waiters();
        }
    }
}

/// Dropped at any point, this drops the future before the flight: who has landed holds nothing any more.
async fn fly<F>(future: F, flight: Flight<F::Output>)
where
    F: Future,
    F::Output: Send,
{
    match &flight.core {
        Some(core) if core.begin() => core.finish(caught(&flight.flights, future).await),
        _ => drop(future),
    }
}

/// Polls a future until it is done or panics. Meanwhile the thread counts as inside of a task.
pub(super) async fn caught<F: Future>(
    flights: &Flights,
    future: F,
) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    poll_fn(|context| {
        let inside = inside::enter(flights.id());
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        drop(inside);
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(payload) => Poll::Ready(Err(payload)),
        }
    })
    .await
}
