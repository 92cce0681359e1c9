//! Calls that block, on threads that come when they are needed and go when they are not.

use std::{
    fmt, io,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use super::{
    DEFAULT_CAPACITY, Executor, Shutdown,
    queue::{Queue, Worker},
    sealed::Queued,
};
use crate::{CoreBudget, Error};

/// Does calls that block: files, sockets, processes, libraries that wait.
///
/// A thread is started when a task comes and none is free, up to the most that there may be. One that had nothing to do for the idle timeout
/// ends, but the last. Threads that wait use no processor, so this takes nothing from the [`CoreBudget`]: submit work that computes to a
/// [`CpuExecutor`](crate::CpuExecutor).
///
/// **Cost.** About a microsecond a task on a thread that is awake, a wake-up of 5 to 50 µs on one that sleeps, some tens of
/// microseconds for a new one.
///
/// ```
/// use std::time::Duration;
/// use tuneup_concurrency::{Executor, ThreadExecutor};
///
/// let executor = ThreadExecutor::builder().build()?;
/// let slow = |tenths: u64| std::thread::sleep(Duration::from_millis(tenths));
/// let waits = [executor.submit(move || slow(2))?, executor.submit(move || slow(1))?];
/// for wait in waits {
///     wait.result()?;
/// }
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
///
/// It follows `concurrent.futures.ThreadPoolExecutor` of Python, whose threads never end, and the blocking pool of tokio.
#[must_use = "an executor that is dropped has ended"]
#[doc(alias = "ThreadPoolExecutor")]
pub struct ThreadExecutor {
    queue: Arc<Queue>,
    threads: Arc<Threads>,
}

/// What a [`ThreadExecutor`] is to be.
///
/// ```
/// use std::{num::NonZeroUsize, time::Duration};
/// use tuneup_concurrency::{Executor, ThreadExecutor};
///
/// let executor = ThreadExecutor::builder()
///     .max_threads(NonZeroUsize::new(100).unwrap())
///     .queue_capacity(NonZeroUsize::new(10).unwrap())
///     .idle_timeout(Duration::from_secs(1))
///     .thread_name("fetch")
///     .build()?;
/// assert_eq!(executor.workers().get(), 100);
/// # Ok::<(), tuneup_concurrency::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ThreadExecutorBuilder {
    max_threads: NonZeroUsize,
    queue_capacity: NonZeroUsize,
    idle_timeout: Duration,
    thread_name: String,
}

impl ThreadExecutor {
    /// An executor with up to 4 threads more than processors, at most 32, and a queue of 1024 tasks, unless told otherwise.
    ///
    /// See the example of [`ThreadExecutorBuilder`].
    pub fn builder() -> ThreadExecutorBuilder {
        let cores = CoreBudget::global().cores();
        let most = NonZeroUsize::new(32).expect("not zero");
        ThreadExecutorBuilder {
            max_threads: cores.saturating_add(4).min(most),
            queue_capacity: DEFAULT_CAPACITY,
            idle_timeout: Duration::from_secs(10),
            thread_name: "tuneup-blocking".to_owned(),
        }
    }
}

impl ThreadExecutorBuilder {
    /// How many threads there may be. By default 4 more than there are processors, and at most 32, as in Python.
    pub fn max_threads(mut self, threads: NonZeroUsize) -> Self {
        self.max_threads = threads;
        self
    }

    /// How many tasks can wait. By default 1024.
    pub fn queue_capacity(mut self, tasks: NonZeroUsize) -> Self {
        self.queue_capacity = tasks;
        self
    }

    /// After how long without work a thread ends. By default 10 s, as in tokio. The last one stays, asleep.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// What the threads are called, followed by `-` and their number. By default `tuneup-blocking`. Linux shows 15 bytes.
    pub fn thread_name(mut self, name: impl Into<String>) -> Self {
        self.thread_name = name.into();
        self
    }

    /// Starts the first thread.
    ///
    /// # Errors
    ///
    /// [`Error::Threads`] if the system gives no more threads; [`Error::ThreadName`] for a name with a NUL byte.
    pub fn build(self) -> Result<ThreadExecutor, Error> {
        super::check_thread_name(&self.thread_name)?;
        let threads = Arc::new(Threads::new(self.thread_name, self.idle_timeout));
        let queue = Queue::new(self.queue_capacity.get(), self.max_threads.get(), {
            let threads = Arc::clone(&threads);
            // Without this thread the others do the work: there is always one.
            move |worker| drop(threads.start(worker))
        });
        threads
            .start(Worker::first(&queue))
            .map_err(|source| Error::Threads { source })?;
        Ok(ThreadExecutor { queue, threads })
    }
}

/// The threads that live.
pub(crate) struct Threads {
    /// Also of some that have ended, until the next starts.
    handles: Mutex<Vec<JoinHandle<()>>>,
    started: AtomicUsize,
    name: String,
    idle_timeout: Duration,
}

impl Threads {
    pub(crate) fn new(name: String, idle_timeout: Duration) -> Self {
        Self {
            handles: Mutex::default(),
            started: AtomicUsize::new(0),
            name,
            idle_timeout,
        }
    }

    fn handles(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn start(&self, worker: Worker) -> io::Result<()> {
        // Relaxed: a number for a name.
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let named = thread::Builder::new().name(format!("{}-{number}", self.name));
        let idle_timeout = self.idle_timeout;
        let handle = named.spawn(move || worker.serve(idle_timeout))?;
        let mut handles = self.handles();
        handles.retain(|handle| !handle.is_finished());
        handles.push(handle);
        Ok(())
    }

    /// Waits until all have ended, but this one if it is one of them.
    pub(crate) fn join(&self) {
        let here = thread::current().id();
        let handles = std::mem::take(&mut *self.handles());
        for handle in handles {
            // It ends by itself if this is one of them. No panic gets so far.
            if handle.thread().id() != here {
                let _ = handle.join();
            }
        }
    }
}

impl Queued for ThreadExecutor {
    fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    fn end(&self, how: Shutdown) {
        self.queue.close(how);
        if self.queue.wait_idle() {
            self.threads.join();
        }
    }
}

impl Executor for ThreadExecutor {}

impl Drop for ThreadExecutor {
    fn drop(&mut self) {
        self.end(Shutdown::Drain);
    }
}

impl fmt::Debug for ThreadExecutor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ThreadExecutor")
            .field("max_threads", &self.queue.workers())
            .field("queue_capacity", &self.queue.capacity())
            .field("threads", &self.threads.handles().len())
            .finish_non_exhaustive()
    }
}
