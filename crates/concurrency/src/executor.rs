//! Who does work that is handed over: on the processors, on threads that may block, on a runtime.

mod ahead;
#[cfg(feature = "async")]
mod asynchronous;
mod cpu;
pub(crate) mod inside;
mod map;
mod queue;
mod rejected;
mod submission;
mod threads;

use std::num::NonZeroUsize;

#[cfg(feature = "async")]
pub use self::asynchronous::{AsyncExecutor, AsyncExecutorBuilder};
pub(crate) use self::queue::WhenFull;
use self::submission::submit;
#[cfg(feature = "process")]
pub(crate) use self::{
    ahead::Ahead,
    queue::{Queue, Worker},
    threads::Threads,
};
pub use self::{
    cpu::{CpuExecutor, CpuExecutorBuilder},
    map::Map,
    rejected::{Refusal, Rejected},
    threads::{ThreadExecutor, ThreadExecutorBuilder},
};
use crate::Task;

/// Takes closures, does them elsewhere, and gives a [`Task`] for each.
///
/// Which one: [`CpuExecutor`] for work that computes, [`ThreadExecutor`] for calls that block, `AsyncExecutor` (feature `async`) for
/// futures, and for closures on the threads of a runtime that is there anyway.
///
/// **The queue is bounded.** [`submit`](Self::submit) waits until there is room, so that who produces is slowed down to what is done;
/// [`try_submit`](Self::try_submit) gives the closure back instead. On a worker, of any executor of this crate or of a pool of rayon, and on
/// the threads that a [`Pipeline`](crate::Pipeline), an [`Imap`](crate::Imap) and the like have started, `submit` never waits: if the queue is full, it runs
/// the closure right there and returns a task that is done, as `ThreadPoolExecutor.CallerRunsPolicy` of Java does. So tasks can submit tasks to executors that are full and never deadlock.
///
/// **The order.** Tasks begin in the order in which they were submitted, but those that a worker waits for (see [`Task`]) or that found
/// the queue full as above.
///
/// **The end.** [`shutdown`](Self::shutdown) says how. To drop an executor is `shutdown(Shutdown::Drain)`, as the end of a `with` block is
/// in Python: it waits for everything that was submitted.
///
/// Executors are `Send` and `Sync`; share one by reference or `Arc`. The trait cannot be implemented outside of this crate.
///
/// ```
/// use tuneup_concurrency::{CpuExecutor, Executor};
///
/// fn total(executor: &impl Executor, numbers: Vec<u64>) -> u64 {
///     executor.map(numbers, |number| number * number).map(Result::unwrap).sum()
/// }
///
/// let executor = CpuExecutor::builder().build()?;
/// assert_eq!(total(&executor, vec![1, 2, 3]), 14);
/// # Ok::<(), tuneup_concurrency::Error>(())
/// ```
///
/// It follows `concurrent.futures.Executor` of Python.
#[doc(alias = "ThreadPool")]
#[doc(alias = "pool")]
pub trait Executor: sealed::Queued {
    /// Hands `work` over, and waits until there is room for it.
    ///
    /// In asynchronous code that would hold the thread up: use [`try_submit`](Self::try_submit) there.
    ///
    /// # Errors
    ///
    /// [`Refusal::ShutDown`], with `work`.
    ///
    /// ```
    /// use tuneup_concurrency::{CpuExecutor, Executor};
    ///
    /// let executor = CpuExecutor::builder().build()?;
    /// let task = executor.submit(|| 6 * 7)?;
    /// assert_eq!(task.result()?, 42);
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    #[doc(alias = "spawn")]
    #[doc(alias = "execute")]
    fn submit<F, T>(&self, work: F) -> Result<Task<T>, Rejected<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        submit(self.queue(), work, WhenFull::Wait, |work| Box::new(work))
            .map_err(|(work, refusal)| Rejected::new(work, refusal))
    }

    /// Hands `work` over if there is room for it now.
    ///
    /// # Errors
    ///
    /// [`Refusal::Full`] and [`Refusal::ShutDown`], with `work`.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use tuneup_concurrency::{Executor, Refusal, ThreadExecutor};
    ///
    /// let (send, receive) = std::sync::mpsc::channel::<()>();
    /// let one = NonZeroUsize::MIN;
    /// let executor = ThreadExecutor::builder().max_threads(one).queue_capacity(one).build()?;
    /// let running = executor.submit(move || receive.recv().is_ok())?;
    /// let waiting = executor.submit(|| true)?; // at the latest when the first has begun
    /// let Err(rejected) = executor.try_submit(|| true) else { unreachable!() };
    /// assert_eq!(rejected.refusal(), Refusal::Full);
    /// send.send(())?;
    /// assert!(running.result()? && waiting.result()?);
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    fn try_submit<F, T>(&self, work: F) -> Result<Task<T>, Rejected<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        submit(self.queue(), work, WhenFull::Refuse, |work| Box::new(work))
            .map_err(|(work, refusal)| Rejected::new(work, refusal))
    }

    /// Calls `function` with every item, and yields the results in the order of the items.
    ///
    /// See [`Map`] for how many are under way, and how it ends. One task an item, so items should take 20 µs or more.
    ///
    /// ```
    /// use tuneup_concurrency::{CpuExecutor, Executor};
    ///
    /// let executor = CpuExecutor::builder().build()?;
    /// let squares: Vec<u32> = executor.map(0..5, |x| x * x).collect::<Result<_, _>>()?;
    /// assert_eq!(squares, [0, 1, 4, 9, 16]);
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    #[doc(alias = "imap")]
    fn map<I, F, R>(&self, items: I, function: F) -> Map<I::IntoIter, F, R>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
        R: Send + 'static,
    {
        Map::new(self.queue(), items.into_iter(), function)
    }

    /// Ends the executor: nothing can be submitted from now on, who waits for room is refused, and the call waits until nothing runs and
    /// its threads have ended.
    ///
    /// A second call waits too, and may turn [`Shutdown::Drain`] into [`Shutdown::Cancel`]. Called inside of one of its own tasks,
    /// or on a thread of the pool of a [`CpuExecutor`], it does not wait, because the task would wait for itself. On the other threads that
    /// [`submit`](Self::submit) does not wait on, it may do itself what has not begun.
    ///
    /// From [`Shutdown::Cancel`] to idle workers it takes what the tasks that run still take, and a wake-up of a thread.
    ///
    /// ```
    /// use tuneup_concurrency::{CpuExecutor, Executor, Shutdown};
    ///
    /// let executor = CpuExecutor::builder().build()?;
    /// let tasks: Vec<_> = (0..100).map(|i| executor.submit(move || i)).collect::<Result<_, _>>()?;
    /// executor.shutdown(Shutdown::Cancel);
    /// assert!(tasks.iter().all(|task| task.is_done()));
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    #[doc(alias = "close")]
    #[doc(alias = "join")]
    fn shutdown(&self, how: Shutdown) {
        self.end(how);
    }

    /// How many tasks can run at once.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use tuneup_concurrency::{Executor, ThreadExecutor};
    ///
    /// let four = NonZeroUsize::new(4).unwrap();
    /// assert_eq!(ThreadExecutor::builder().max_threads(four).build()?.workers(), four);
    /// # Ok::<(), tuneup_concurrency::Error>(())
    /// ```
    #[doc(alias = "max_workers")]
    fn workers(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.queue().workers()).unwrap_or(NonZeroUsize::MIN)
    }

    /// How many tasks can wait for a worker before [`submit`](Self::submit) waits.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use tuneup_concurrency::{CpuExecutor, Executor};
    ///
    /// let four = NonZeroUsize::new(4).unwrap();
    /// assert_eq!(CpuExecutor::builder().queue_capacity(four).build()?.queue_capacity(), four);
    /// # Ok::<(), tuneup_concurrency::Error>(())
    /// ```
    fn queue_capacity(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.queue().capacity()).unwrap_or(NonZeroUsize::MIN)
    }
}

/// What becomes of tasks that have not begun when an executor ends.
///
/// See the example of [`Executor::shutdown`]. `shutdown(wait=True)` and `shutdown(wait=True, cancel_futures=True)` of Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// They are done.
    Drain,
    /// They are cancelled.
    Cancel,
}

mod sealed {
    use std::sync::Arc;

    use super::{Shutdown, queue::Queue};

    /// What every executor is made of.
    pub trait Queued {
        fn queue(&self) -> &Arc<Queue>;
        fn end(&self, how: Shutdown);
    }
}

/// How many tasks can wait, unless said otherwise.
const DEFAULT_CAPACITY: NonZeroUsize = NonZeroUsize::new(1024).expect("not zero");

/// The system takes names of threads with a terminating zero, and so without another.
fn check_thread_name(name: &str) -> Result<(), crate::Error> {
    if name.contains('\0') {
        return Err(crate::Error::ThreadName {
            name: name.to_owned(),
        });
    }
    Ok(())
}
