//! A blocking store for asynchronous programs: its calls run where the user says.

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::{AsyncStore, Store, StoreFuture};
use crate::Error;

/// Runs jobs somewhere else: on a thread pool, on a runtime's blocking threads, on a new thread.
///
/// It must not run the job before it returns, and may drop a job only when the program ends: who waits for the job is
/// told that it was dropped.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use tuneup_caching::Executor;
///
/// let threads: Executor = Arc::new(|job| {
///     std::thread::spawn(job);
/// });
/// threads(Box::new(|| println!("somewhere else")));
/// ```
pub type Executor = Arc<dyn Fn(Box<dyn FnOnce() + Send>) + Send + Sync>;

/// Makes an [`AsyncStore`] of a [`Store`], whose calls block, by running each of them on an [`Executor`].
///
/// With tokio, the executor is `|job| { tokio::task::spawn_blocking(job); }`. A call costs a hand-over to another thread
/// (some microseconds) and copies of key and value. [`sleep`](AsyncStore::sleep) occupies a thread of the executor.
///
/// There is no adapter the other way round: to block on a future inside a runtime stops the runtime's own threads, which
/// the future may need. [`RedisStore`](crate::RedisStore) is a store of both kinds instead.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use tuneup_caching::{AsyncStore, MemoryStore, OffloadedStore};
///
/// let store = OffloadedStore::new(MemoryStore::new(10)?, Arc::new(|job| {
///     std::thread::spawn(job);
/// }));
/// assert_eq!(pollster::block_on(store.get(b"nothing"))?, None);
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
pub struct OffloadedStore<S> {
    store: Arc<S>,
    executor: Executor,
}

impl<S: Store + 'static> OffloadedStore<S> {
    /// Runs the calls to `store` on `executor`.
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// use tuneup_caching::{MemoryStore, OffloadedStore};
    ///
    /// let store = OffloadedStore::new(MemoryStore::new(10)?, Arc::new(|job| {
    ///     std::thread::spawn(job);
    /// }));
    /// # drop(store);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn new(store: S, executor: Executor) -> Self {
        Self {
            store: Arc::new(store),
            executor,
        }
    }

    fn run<T: Send + 'static>(
        &self,
        operation: &'static str,
        job: impl FnOnce(&S) -> Result<T, Error> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let (sender, receiver) = answer();
        let store = Arc::clone(&self.store);
        (self.executor)(Box::new(move || {
            // A panic in the store becomes an error for who waits, and does not end the executor's thread.
            if let Ok(result) = catch_unwind(AssertUnwindSafe(|| job(&store))) {
                sender.send(result);
            }
        }));
        Box::pin(async move {
            receiver.await.unwrap_or_else(|| {
                Err(Error::Store {
                    store: "offloaded store",
                    operation,
                    source: "the call panicked, or the executor dropped it".into(),
                })
            })
        })
    }
}

impl<S> fmt::Debug for OffloadedStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OffloadedStore").finish_non_exhaustive()
    }
}

impl<S: Store + 'static> AsyncStore for OffloadedStore<S> {
    fn get<'a>(&'a self, key: &'a [u8]) -> StoreFuture<'a, Option<Vec<u8>>> {
        let key = key.to_vec();
        self.run("get a value", move |store| store.get(&key))
    }

    fn set<'a>(
        &'a self,
        key: &'a [u8],
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> StoreFuture<'a, ()> {
        let (key, value) = (key.to_vec(), value.to_vec());
        self.run("set a value", move |store| store.set(&key, &value, ttl))
    }

    fn compare_and_set<'a>(
        &'a self,
        key: &'a [u8],
        expected: Option<&'a [u8]>,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> StoreFuture<'a, bool> {
        let (key, value) = (key.to_vec(), value.to_vec());
        let expected = expected.map(<[u8]>::to_vec);
        self.run("compare and set a value", move |store| {
            store.compare_and_set(&key, expected.as_deref(), &value, ttl)
        })
    }

    fn remove<'a>(&'a self, key: &'a [u8]) -> StoreFuture<'a, bool> {
        let key = key.to_vec();
        self.run("remove a value", move |store| store.remove(&key))
    }

    fn compare_and_remove<'a>(
        &'a self,
        key: &'a [u8],
        expected: &'a [u8],
    ) -> StoreFuture<'a, bool> {
        let (key, expected) = (key.to_vec(), expected.to_vec());
        self.run("compare and remove a value", move |store| {
            store.compare_and_remove(&key, &expected)
        })
    }

    fn clear(&self) -> StoreFuture<'_, ()> {
        self.run("clear", Store::clear)
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let sleeping = self.run("sleep", move |_| {
            std::thread::sleep(time);
            Ok(())
        });
        Box::pin(async move {
            // If the executor drops the job, the wait is over early: who waits looks again.
            let _ = sleeping.await;
        })
    }

    fn discard(&self, key: &[u8], expected: &[u8]) {
        // The job is the executor's already; the future is only its answer.
        drop(self.compare_and_remove(key, expected));
    }
}

/// One answer from one thread to one future. Dropped without an answer, the sender answers nothing.
fn answer<T>() -> (Sender<T>, Receiver<T>) {
    let slot = Arc::new(Mutex::new(Slot {
        state: State::Open,
        waker: None,
    }));
    (Sender(Arc::clone(&slot)), Receiver(slot))
}

struct Slot<T> {
    state: State<T>,
    waker: Option<Waker>,
}

enum State<T> {
    Open,
    Answered(T),
    Closed,
}

struct Sender<T>(Arc<Mutex<Slot<T>>>);
struct Receiver<T>(Arc<Mutex<Slot<T>>>);

impl<T> Sender<T> {
    fn send(self, value: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).state = State::Answered(value);
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let waker = {
            let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(slot.state, State::Open) {
                slot.state = State::Closed;
            }
            slot.waker.take()
        };
        // Waking runs code of the runtime: without the lock.
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for Receiver<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut slot.state, State::Closed) {
            State::Open => {
                slot.state = State::Open;
                slot.waker = Some(context.waker().clone());
                Poll::Pending
            }
            State::Answered(value) => Poll::Ready(Some(value)),
            State::Closed => Poll::Ready(None),
        }
    }
}
