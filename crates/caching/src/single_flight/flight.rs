//! One load that is under way, and those who wait for it.

use std::{
    any::Any,
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{
            AtomicBool,
            Ordering::{Acquire, Release},
        },
    },
    task::{Context, Poll, Waker},
};

use super::waits_for::{Recursive, Waiting};

/// An error for several callers, whatever its type.
pub(crate) type Shared = Arc<dyn Any + Send + Sync>;

/// What came of a load.
pub(crate) enum Outcome<V> {
    Loaded(V),
    Failed(Shared),
    /// Nothing: whoever waits is to try for itself.
    Abandoned,
}

/// What a value is made from.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Source {
    /// Something outside of the cache.
    Elsewhere,
    /// The value of the same key, if there is one.
    Entry,
}

/// One load.
pub(crate) struct Flight<V> {
    source: Source,
    outcome: OnceLock<Outcome<V>>,
    is_forgotten: AtomicBool,
    /// Futures that wait, by a number each; threads wait at the condition variable.
    wakers: Mutex<Wakers>,
    ended: Condvar,
}

#[derive(Default)]
struct Wakers {
    next: u64,
    waiting: Vec<(u64, Waker)>,
}

impl Wakers {
    /// Has this one woken in place of the one that the same future had before, if it had one.
    fn register(&mut self, number: u64, waker: Waker) -> Option<Waker> {
        match self.place(number) {
            Some(place) => Some(std::mem::replace(&mut self.waiting[place].1, waker)),
            None => {
                self.waiting.push((number, waker));
                None
            }
        }
    }

    fn remove(&mut self, number: u64) -> Option<Waker> {
        let place = self.place(number)?;
        Some(self.waiting.swap_remove(place).1)
    }

    fn place(&self, number: u64) -> Option<usize> {
        self.waiting.iter().position(|(other, _)| *other == number)
    }
}

impl<V> Flight<V> {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            outcome: OnceLock::new(),
            is_forgotten: AtomicBool::new(false),
            wakers: Mutex::default(),
            ended: Condvar::new(),
        }
    }

    pub(super) fn source(&self) -> Source {
        self.source
    }

    /// A number that tells this load from all others that are under way.
    pub(super) fn address(&self) -> usize {
        (&raw const *self).addr()
    }

    pub(super) fn forget(&self) {
        self.is_forgotten.store(true, Release);
    }

    pub(super) fn is_forgotten(&self) -> bool {
        self.is_forgotten.load(Acquire)
    }

    fn wakers(&self) -> MutexGuard<'_, Wakers> {
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn end(&self, outcome: Outcome<V>) {
        // Only the leader ends a load, and once.
        let _ = self.outcome.set(outcome);
        let waiting = std::mem::take(&mut self.wakers().waiting);
        self.ended.notify_all();
        for (_, waker) in waiting {
            waker.wake();
        }
    }

    /// Blocks this thread until the load has ended.
    ///
    /// # Errors
    /// If that would be for ever: the load waits for one that this thread leads.
    pub(crate) fn wait(&self) -> Result<&Outcome<V>, Recursive> {
        let _waiting = Waiting::begin(self.address())?;
        let mut wakers = self.wakers();
        loop {
            if let Some(outcome) = self.outcome.get() {
                return Ok(outcome);
            }
            wakers = self
                .ended
                .wait(wakers)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A future that is ready when the load has ended.
    pub(crate) fn ended(self: &Arc<Self>) -> Ended<V> {
        Ended {
            flight: Arc::clone(self),
            number: None,
            waiting: None,
        }
    }

    pub(crate) fn outcome(&self) -> Option<&Outcome<V>> {
        self.outcome.get()
    }
}

/// Ready when a load has ended; an error if that would never be.
#[must_use = "futures do nothing unless polled"]
pub(crate) struct Ended<V> {
    flight: Arc<Flight<V>>,
    /// Under which the waker of this future is known.
    number: Option<u64>,
    waiting: Option<Waiting>,
}

impl<V> Future for Ended<V> {
    type Output = Result<(), Recursive>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.waiting.is_none() {
            match Waiting::begin(this.flight.address()) {
                Ok(waiting) => this.waiting = Some(waiting),
                Err(recursive) => return Poll::Ready(Err(recursive)),
            }
        }
        if this.flight.outcome.get().is_some() {
            return Poll::Ready(Ok(()));
        }
        // Wakers are cloned and dropped by the code of the runtime: not under the lock.
        let waker = context.waker().clone();
        let mut wakers = this.flight.wakers();
        if this.flight.outcome.get().is_some() {
            return Poll::Ready(Ok(()));
        }
        let number = *this.number.get_or_insert_with(|| {
            wakers.next += 1;
            wakers.next
        });
        let replaced = wakers.register(number, waker);
        drop(wakers);
        drop(replaced);
        Poll::Pending
    }
}

impl<V> Drop for Ended<V> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let removed = self.flight.wakers().remove(number);
            // As above.
            drop(removed);
        }
    }
}
