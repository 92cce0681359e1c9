//! Futures, and closures that block, on a runtime of tokio.

mod flights;

use std::{fmt, future::Future, num::NonZeroUsize, sync::Arc, thread};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::oneshot,
};

use self::flights::{Flights, caught};
use super::{
    DEFAULT_CAPACITY, Executor, Refusal, Rejected, Shutdown, inside, queue::Queue, sealed::Queued,
};
use crate::{CoreBudget, Task, contain::contain, task::Core};

/// Does futures on a runtime that somebody else has, and closures on the threads of that runtime that may block.
///
/// Both are bounded. [`spawn`](Self::spawn) waits, without holding a thread up, until fewer futures are under way than there may be. Closures come by
/// [`Executor::submit`] into a queue, and as many of them run at once as [`max_blocking`](AsyncExecutorBuilder::max_blocking) says: the
/// runtime itself would start up to 512 threads.
///
/// **The end.** [`close`](Self::close) is the way to end it in asynchronous code. [`Executor::shutdown`] and the drop wait as for every
/// executor, but not where that would hold up what they wait for: on a thread that is in the context of a runtime they only say that
/// nothing comes any more; and futures on a runtime of one thread are not waited for. When the runtime ends, what it has not done is cancelled.
///
/// The workers of the runtime belong to whoever builds it: see [`CoreBudget`] for how it takes part in the budget.
///
/// ```
/// use tuneup_concurrency::{AsyncExecutor, Executor};
///
/// let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build()?;
/// let executor = AsyncExecutor::builder(runtime.handle().clone()).build();
/// let answer = runtime.block_on(async {
///     let future = executor.spawn(async { 6 }).await?;
///     let closure = executor.submit(|| 7)?;
///     Ok::<_, Box<dyn std::error::Error + Send + Sync>>(future.await? * closure.await?)
/// });
/// assert_eq!(answer?, 42);
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[must_use = "an executor that is dropped has ended"]
pub struct AsyncExecutor {
    queue: Arc<Queue>,
    flights: Arc<Flights>,
    handle: Handle,
}

/// What an [`AsyncExecutor`] is to be.
///
/// ```
/// use std::num::NonZeroUsize;
/// use tuneup_concurrency::{AsyncExecutor, Executor};
///
/// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// let executor = AsyncExecutor::builder(runtime.handle().clone())
///     .max_futures(NonZeroUsize::new(100).unwrap())
///     .max_blocking(NonZeroUsize::new(4).unwrap())
///     .queue_capacity(NonZeroUsize::new(10).unwrap())
///     .build();
/// assert_eq!(executor.workers().get(), 4);
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct AsyncExecutorBuilder {
    handle: Handle,
    max_futures: NonZeroUsize,
    max_blocking: NonZeroUsize,
    queue_capacity: NonZeroUsize,
}

impl AsyncExecutorBuilder {
    /// How many futures may be under way. By default 1024. At most [`tokio::sync::Semaphore::MAX_PERMITS`].
    pub fn max_futures(mut self, futures: NonZeroUsize) -> Self {
        self.max_futures = futures;
        self
    }

    /// How many closures may run at once. By default 4 more than there are processors, and at most 32.
    pub fn max_blocking(mut self, threads: NonZeroUsize) -> Self {
        self.max_blocking = threads;
        self
    }

    /// How many closures can wait. By default 1024.
    pub fn queue_capacity(mut self, tasks: NonZeroUsize) -> Self {
        self.queue_capacity = tasks;
        self
    }

    /// Starts nothing: the runtime is there, and so are its threads.
    pub fn build(self) -> AsyncExecutor {
        let handle = self.handle.clone();
        AsyncExecutor {
            queue: Queue::new(
                self.queue_capacity.get(),
                self.max_blocking.get(),
                move |worker| {
                    // The handle of a closure that runs to its end anyway. If the runtime has ended, the worker is dropped.
                    drop(handle.spawn_blocking(move || worker.drain()));
                },
            ),
            flights: Flights::new(self.max_futures.get()),
            handle: self.handle,
        }
    }
}

impl AsyncExecutor {
    /// An executor on the runtime of `handle`, for 1024 futures, and a queue of 1024 closures, unless told otherwise.
    ///
    /// See the example of [`AsyncExecutorBuilder`].
    pub fn builder(handle: Handle) -> AsyncExecutorBuilder {
        let most = NonZeroUsize::new(32).expect("not zero");
        AsyncExecutorBuilder {
            handle,
            max_futures: DEFAULT_CAPACITY,
            max_blocking: CoreBudget::global().cores().saturating_add(4).min(most),
            queue_capacity: DEFAULT_CAPACITY,
        }
    }

    /// Has a future polled by the runtime, once fewer than [`max_futures`](AsyncExecutorBuilder::max_futures) are under way.
    ///
    /// Who waits is served in the order of coming. In a future of this executor it never waits: when there is no room, `spawn` awaits `future`
    /// itself and gives a task that is done, so that futures can spawn futures without deadlock. (A task of the runtime that such a future
    /// has spawned by other means waits as everybody.)
    ///
    /// To drop what `spawn` returns before it is done leaves nothing behind. One allocation for the task beside that of the runtime.
    ///
    /// # Errors
    ///
    /// [`Refusal::ShutDown`], with the future.
    ///
    /// See the example of [`AsyncExecutor`].
    pub async fn spawn<F>(&self, future: F) -> Result<Task<F::Output>, Rejected<F>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let refused = |future| Rejected::new(future, Refusal::ShutDown);
        let permit = match self.flights.try_admit() {
            Ok(permit) => permit,
            Err(Refusal::Full) if inside::is_inside(self.flights.id()) => {
                let outcome = caught(&self.flights, future).await;
                return Ok(Task::new(Arc::new(Core::of_caught(outcome))));
            }
            Err(Refusal::Full) => match self.flights.admit().await {
                Ok(permit) => permit,
                Err(_) => return Err(refused(future)),
            },
            Err(Refusal::ShutDown) => return Err(refused(future)),
        };
        self.flights.start(&self.handle, future, permit)
    }

    /// Has a future polled by the runtime, if there may be one more now.
    ///
    /// It need not be called in the context of a runtime.
    ///
    /// # Errors
    ///
    /// [`Refusal::Full`] and [`Refusal::ShutDown`], with the future.
    ///
    /// ```
    /// use std::{future, num::NonZeroUsize};
    /// use tuneup_concurrency::{AsyncExecutor, Refusal};
    ///
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// let executor = AsyncExecutor::builder(runtime.handle().clone()).max_futures(NonZeroUsize::MIN).build();
    /// let never = executor.try_spawn(future::pending::<()>())?;
    /// let Err(rejected) = executor.try_spawn(future::ready(())) else { unreachable!() };
    /// assert_eq!(rejected.refusal(), Refusal::Full);
    /// assert!(never.cancel());
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    pub fn try_spawn<F>(&self, future: F) -> Result<Task<F::Output>, Rejected<F>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match self.flights.try_admit() {
            Ok(permit) => self.flights.start(&self.handle, future, permit),
            Err(refusal) => Err(Rejected::new(future, refusal)),
        }
    }

    /// Ends the executor, as [`Executor::shutdown`] does, and waits without holding a thread up.
    ///
    /// [`Shutdown::Cancel`] also cancels futures that run, at their next wait. In a future of this executor it does not wait. A `close` that is
    /// dropped has ended the executor all the same.
    ///
    /// ```
    /// use tuneup_concurrency::{AsyncExecutor, Shutdown};
    ///
    /// # tokio::runtime::Builder::new_multi_thread().worker_threads(1).build()?.block_on(async {
    /// let executor = AsyncExecutor::builder(tokio::runtime::Handle::current()).build();
    /// let never = executor.spawn(std::future::pending::<()>()).await?;
    /// executor.close(Shutdown::Cancel).await;
    /// assert!(never.is_cancelled());
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    pub async fn close(&self, how: Shutdown) {
        self.queue.close(how);
        self.flights.close(how);
        if inside::is_inside(self.flights.id()) {
            return;
        }
        self.flights.landed().await;
        self.idle().await;
    }

    /// Waits until no closure runs and none waits.
    async fn idle(&self) {
        let queue = Arc::clone(&self.queue);
        let (idle, is_idle) = oneshot::channel();
        // Not on a thread of the runtime: it may have few that may block, and what the closures wait for may need the last of them.
        let waiting = thread::Builder::new().name("tuneup-close".to_owned());
        let waiting = waiting.spawn(move || {
            queue.wait_idle();
            let _ = idle.send(());
        });
        if waiting.is_ok() {
            let _ = is_idle.await;
            return;
        }
        // The system has no more threads; the runtime may have one. It fails if the runtime ends, and then nothing runs.
        let queue = Arc::clone(&self.queue);
        let _ = self.handle.spawn_blocking(move || queue.wait_idle()).await;
    }
}

impl Queued for AsyncExecutor {
    fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    fn end(&self, how: Shutdown) {
        self.queue.close(how);
        self.flights.close(how);
        if Handle::try_current().is_ok() || inside::is_inside(self.flights.id()) {
            return;
        }
        self.queue.finish();
        if self.handle.runtime_flavor() != RuntimeFlavor::CurrentThread {
            self.flights.wait_landed();
        }
    }
}

impl Executor for AsyncExecutor {}

impl Drop for AsyncExecutor {
    fn drop(&mut self) {
        contain(|| self.end(Shutdown::Drain));
    }
}

impl fmt::Debug for AsyncExecutor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("AsyncExecutor")
            .field("max_blocking", &self.queue.workers())
            .field("queue_capacity", &self.queue.capacity())
            .finish_non_exhaustive()
    }
}
