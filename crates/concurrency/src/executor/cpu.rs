//! Work that computes, on a pool of rayon.

mod global;

use std::{
    fmt,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{
    DEFAULT_CAPACITY, Executor, Shutdown, inside,
    queue::{Queue, Worker},
    sealed::Queued,
};
use crate::{CoreBudget, CoreLease, Error};

/// Does work that computes, on as many threads as there are processors to be had.
///
/// It takes its workers from a [`CoreBudget`], of the process if not told otherwise, and gives them back when it is dropped: two executors in
/// one process do not both take all processors. The second gets what is left, and at least one worker.
///
/// Inside of a task, parallel iterators of rayon work on the pool of the executor. While a task waits
/// for such parallel work, its thread helps with that work, and begins no other task of an executor of this crate: a
/// lock that the task holds meanwhile is not wanted again by the same thread (as with bare rayon: rayon issue 592). One hole is
/// left: a thread that helps with a part of another thread's task, and waits inside of it, may begin a task. So do not hold a lock
/// across parallel work that itself waits for parallel work.
///
/// **Cost.** About what `rayon::spawn` with a channel for the result costs: some microseconds a task, and 20 µs for a result that is waited for
/// while the threads sleep. Measure before work of less than 20 µs is submitted item by item.
///
/// ```
/// use rayon::prelude::*;
/// use tuneup_concurrency::{CpuExecutor, Executor};
///
/// let executor = CpuExecutor::builder().build()?;
/// let sum = executor.submit(|| (0..1000_u64).into_par_iter().sum::<u64>())?;
/// assert_eq!(sum.result()?, 499_500);
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[must_use = "an executor that is dropped has ended"]
#[doc(alias = "ThreadPool")]
#[doc(alias = "ProcessPoolExecutor")]
pub struct CpuExecutor {
    queue: Arc<Queue>,
    own: Mutex<Option<OwnPool>>,
    lease: CoreLease,
}

struct OwnPool {
    pool: Arc<ThreadPool>,
    threads: Vec<JoinHandle<()>>,
}

/// What a [`CpuExecutor`] is to be.
///
/// ```
/// use std::num::NonZeroUsize;
/// use tuneup_concurrency::{CoreBudget, CpuExecutor, Executor};
///
/// let two = NonZeroUsize::new(2).unwrap();
/// let executor = CpuExecutor::builder()
///     .budget(&CoreBudget::new(two))
///     .workers(two)
///     .queue_capacity(NonZeroUsize::new(100).unwrap())
///     .thread_name("render")
///     .build()?;
/// assert_eq!(executor.workers(), two);
/// # Ok::<(), tuneup_concurrency::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct CpuExecutorBuilder {
    budget: CoreBudget,
    workers: Option<NonZeroUsize>,
    queue_capacity: NonZeroUsize,
    thread_name: String,
    global_pool: bool,
}

impl CpuExecutor {
    /// An executor with its own pool, all processors that are free, and a queue of 1024 tasks, unless told otherwise.
    ///
    /// See the example of [`CpuExecutorBuilder`].
    pub fn builder() -> CpuExecutorBuilder {
        CpuExecutorBuilder {
            budget: CoreBudget::global().clone(),
            workers: None,
            queue_capacity: DEFAULT_CAPACITY,
            thread_name: "tuneup-cpu".to_owned(),
            global_pool: false,
        }
    }
}

impl CpuExecutorBuilder {
    /// Where the workers are taken from. By default [`CoreBudget::global`].
    pub fn budget(mut self, budget: &CoreBudget) -> Self {
        self.budget = budget.clone();
        self
    }

    /// How many workers are wanted: it may get fewer, see [`CoreBudget::lease`]. By default as many as there are processors. It can have 65536 at most.
    pub fn workers(mut self, wanted: NonZeroUsize) -> Self {
        self.workers = Some(wanted);
        self
    }

    /// How many tasks can wait. By default 1024.
    pub fn queue_capacity(mut self, tasks: NonZeroUsize) -> Self {
        self.queue_capacity = tasks;
        self
    }

    /// What the threads are called, followed by `-` and their number. By default `tuneup-cpu`. Linux shows 15 bytes.
    pub fn thread_name(mut self, name: impl Into<String>) -> Self {
        self.thread_name = name.into();
        self
    }

    /// Works on the global pool of rayon, with no threads of its own.
    ///
    /// That shares the threads with parallel iterators elsewhere in the program, which come to their turn after 100 µs of tasks. The
    /// executor still keeps no more of them busy than it has leased. Its shutdown waits for its tasks, and ends no threads. Who submits on a thread
    /// of another pool pays for a thread that takes a worker over to the global one, some 50 µs, unless one is at work already.
    ///
    /// ```
    /// use tuneup_concurrency::{CpuExecutor, Executor};
    ///
    /// let executor = CpuExecutor::builder().on_global_pool().build()?;
    /// let thread = executor.submit(rayon::current_thread_index)?;
    /// assert!(thread.result()?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    pub fn on_global_pool(mut self) -> Self {
        self.global_pool = true;
        self
    }

    /// Takes the lease, and starts the threads.
    ///
    /// # Errors
    ///
    /// [`Error::Threads`] if the system gives no more threads; [`Error::ThreadName`] for a name with a NUL byte; [`Error::OutOfRange`] if a budget
    /// of one's own gave too many workers.
    pub fn build(self) -> Result<CpuExecutor, Error> {
        super::check_thread_name(&self.thread_name)?;
        let mut wanted = self.workers.unwrap_or_else(|| self.budget.cores());
        if self.global_pool {
            let threads = NonZeroUsize::new(rayon::current_num_threads());
            wanted = wanted.min(threads.unwrap_or(NonZeroUsize::MIN));
        }
        let lease = self.budget.lease(wanted);
        let workers = lease.cores().get();
        Error::check_workers("workers", workers)?;
        let capacity = self.queue_capacity.get();
        if self.global_pool {
            return Ok(CpuExecutor {
                queue: Queue::new(capacity, workers, global::start),
                own: Mutex::new(None),
                lease,
            });
        }
        let own = OwnPool::start(workers, &self.thread_name)?;
        let pool = Arc::downgrade(&own.pool);
        Ok(CpuExecutor {
            // Without the pool the worker is dropped, which only happens when there is nothing left to do.
            queue: Queue::new(capacity, workers, move |worker| {
                if let Some(pool) = pool.upgrade() {
                    pool.spawn(move || work(worker, Worker::drain));
                }
            }),
            own: Mutex::new(Some(own)),
            lease,
        })
    }
}

impl OwnPool {
    fn start(workers: usize, name: &str) -> Result<Self, Error> {
        let mut threads = Vec::with_capacity(workers);
        let pool = ThreadPoolBuilder::new()
            .num_threads(workers)
            .spawn_handler(|thread| {
                let named = std::thread::Builder::new().name(format!("{name}-{}", thread.index()));
                threads.push(named.spawn(|| thread.run())?);
                Ok(())
            })
            .build()
            .map_err(|source| Error::Threads {
                source: std::io::Error::other(source),
            })?;
        Ok(Self {
            pool: Arc::new(pool),
            threads,
        })
    }
}

/// Runs a worker on this thread of a pool.
fn work(worker: Worker, run: fn(Worker)) {
    if !inside::is_inside_any() {
        return run(worker);
    }
    // Rayon brought it here because the task that this thread is in the middle of waits for parallel work. It must not begin another
    // on top. Every thread of the pool is asked instead: one that has nothing to do comes at once, others when they have.
    if let Some(queue) = worker.retire() {
        inside::postpone(&queue);
        rayon::spawn_broadcast(move |_| {
            if inside::is_inside_any() {
                inside::postpone(&queue);
            } else if let Some(worker) = Worker::join_in(&queue) {
                run(worker);
            }
        });
    }
}

impl CpuExecutor {
    /// Whether this thread is one of those that do the work.
    fn is_on_own_thread(&self) -> bool {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let index = match &*own {
            Some(own) => own.pool.current_thread_index(),
            None => rayon::current_thread_index(),
        };
        index.is_some()
    }
}

impl Queued for CpuExecutor {
    fn queue(&self) -> &Arc<Queue> {
        &self.queue
    }

    fn end(&self, how: Shutdown) {
        self.queue.close(how);
        // A thread of the pool may be in a part of a task's parallel work, for which the task waits.
        if self.is_on_own_thread() || !self.queue.finish() {
            return;
        }
        let own = self
            .own
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(OwnPool { pool, threads }) = own {
            drop(pool);
            let here = std::thread::current().id();
            for thread in threads {
                // They end by themselves if this is one of them. A panic has been told of by the hook.
                if thread.thread().id() != here {
                    let _ = thread.join();
                }
            }
        }
    }
}

impl Executor for CpuExecutor {}

impl Drop for CpuExecutor {
    fn drop(&mut self) {
        self.end(Shutdown::Drain);
    }
}

impl fmt::Debug for CpuExecutor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("CpuExecutor")
            .field("workers", &self.queue.workers())
            .field("queue_capacity", &self.queue.capacity())
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}
