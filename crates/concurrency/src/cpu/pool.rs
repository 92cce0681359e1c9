//! Threads that take closures from one bounded queue.

use std::{
    collections::VecDeque,
    fmt,
    mem::ManuallyDrop,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, oneshot};

use crate::{
    CoreBudget, Error, Failure, PanicInfo, contain::contain, executor::inside,
    failure::drop_quietly,
};

/// So long a thread without work looks for some before it sleeps: about twice what it takes to wake it.
const SPIN: Duration = Duration::from_micros(30);

/// A closure with the place its result goes to.
type Job = Box<dyn FnOnce() + Send>;

/// A job that no thread has taken yet.
struct Waiting {
    number: u64,
    job: Job,
}

/// A fixed number of threads for work that keeps processors busy, with a short queue.
///
/// [`cpu`](crate::cpu()) uses the one of the process. One of its own is for work that must not wait behind that of others.
///
/// The queue holds two closures a thread, enough that no thread waits for the next one; further callers wait as futures do. The
/// queue is under a lock that is held for an insertion. Shared by reference from any thread or task.
///
/// **Dropping** it cancels what has not begun, lets what has begun go on, and does not wait: its threads end by themselves.
///
/// # Examples
/// ```
/// use std::num::NonZeroUsize;
/// use tuneup_concurrency::CpuPool;
///
/// let pool = CpuPool::new(NonZeroUsize::new(2).unwrap())?;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert_eq!(pool.run(|| 6 * 7).await.unwrap(), 42);
/// # });
/// # Ok::<(), tuneup_concurrency::Error>(())
/// ```
pub struct CpuPool {
    shared: Arc<Shared>,
    threads: NonZeroUsize,
}

struct Shared {
    queue: Mutex<Queue>,
    has_work: Condvar,
    // Whether there may be something for a thread that spins; what is true stands in the queue.
    may_have_work: AtomicBool,
    // A permit for each free place of the queue.
    room: Semaphore,
}

struct Queue {
    /// In the order of their numbers.
    jobs: VecDeque<Waiting>,
    next_number: u64,
    // One thread at most looks for work without sleeping.
    has_spinner: bool,
    is_closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The body of a thread.
    fn work(&self) {
        inside::become_helper();
        while let Some(job) = self.next_job() {
            self.room.add_permits(1);
            // What the closure does is caught within; this is for the drop of what nobody wants any more.
            contain(job);
        }
    }

    fn next_job(&self) -> Option<Job> {
        let mut may_spin = true;
        let mut queue = self.lock();
        loop {
            if let Some(waiting) = queue.jobs.pop_front() {
                return Some(waiting.job);
            }
            if queue.is_closed {
                return None;
            }
            if may_spin && !queue.has_spinner {
                may_spin = false;
                queue.has_spinner = true;
                self.may_have_work.store(false, Ordering::Relaxed);
                drop(queue);
                self.spin();
                queue = self.lock();
                queue.has_spinner = false;
            } else {
                queue = self
                    .has_work
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Waits a moment for work that follows soon, which saves waking the thread.
    ///
    /// It gives the processor away each time it looks. The system likes to put who is woken on the processor of who woke it: the
    /// task whose result this thread has just sent would wait there until the spinning is over.
    fn spin(&self) {
        let until = Instant::now() + SPIN;
        while !self.may_have_work.load(Ordering::Relaxed) && Instant::now() < until {
            thread::yield_now();
        }
    }

    fn push(&self, job: Job) -> InQueue<'_> {
        let (number, is_awaited) = {
            let mut queue = self.lock();
            let number = queue.next_number;
            queue.next_number += 1;
            queue.jobs.push_back(Waiting { number, job });
            // The spinner looks at the queue before it sleeps. It takes one job, so that a second one needs another thread.
            (number, queue.has_spinner && queue.jobs.len() == 1)
        };
        self.may_have_work.store(true, Ordering::Relaxed);
        if !is_awaited {
            self.has_work.notify_one();
        }
        InQueue {
            shared: self,
            number,
        }
    }

    /// Takes a job out that no thread has taken yet.
    fn withdraw(&self, number: u64) -> Option<Job> {
        let mut queue = self.lock();
        let place = queue
            .jobs
            .binary_search_by_key(&number, |waiting| waiting.number);
        queue.jobs.remove(place.ok()?).map(|waiting| waiting.job)
    }
}

/// What a wait has in the queue: dropped, it takes its job out, unless that has begun.
struct InQueue<'a> {
    shared: &'a Shared,
    number: u64,
}

impl Drop for InQueue<'_> {
    fn drop(&mut self) {
        if let Some(job) = self.shared.withdraw(self.number) {
            self.shared.room.add_permits(1);
            drop_quietly(job);
        }
    }
}

impl CpuPool {
    /// Starts so many threads, 65536 at most.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for more, and [`Error::Threads`] if the system gives no more threads.
    ///
    /// # Examples
    /// See [`CpuPool`].
    pub fn new(threads: NonZeroUsize) -> Result<Self, Error> {
        Error::check_workers("threads", threads.get())?;
        let pool = Self {
            shared: Arc::new(Shared {
                queue: Mutex::new(Queue {
                    jobs: VecDeque::new(),
                    next_number: 0,
                    has_spinner: false,
                    is_closed: false,
                }),
                has_work: Condvar::new(),
                may_have_work: AtomicBool::new(false),
                room: Semaphore::new(threads.get() * 2),
            }),
            threads,
        };
        for _ in 0..threads.get() {
            let shared = Arc::clone(&pool.shared);
            thread::Builder::new()
                .name("tuneup-cpu".to_owned())
                .spawn(move || shared.work())
                .map_err(|source| Error::Threads { source })?;
        }
        Ok(pool)
    }

    /// The one pool of the process, with a thread for each core of [`CoreBudget::global`]; started when first used.
    ///
    /// It leases nothing from the budget: it is there until the process ends, and sleeps most of the time.
    ///
    /// # Panics
    /// If its threads cannot be started.
    ///
    /// # Examples
    /// ```
    /// use tuneup_concurrency::{CoreBudget, CpuPool};
    ///
    /// assert_eq!(CpuPool::global().threads(), CoreBudget::global().cores());
    /// ```
    #[must_use]
    pub fn global() -> &'static Self {
        static GLOBAL: OnceLock<CpuPool> = OnceLock::new();
        GLOBAL.get_or_init(|| {
            Self::new(CoreBudget::global().cores()).expect("the system has room for a few threads")
        })
    }

    /// How many threads there are.
    ///
    /// # Examples
    /// See [`global`](Self::global).
    #[must_use]
    pub fn threads(&self) -> NonZeroUsize {
        self.threads
    }

    /// Runs a closure on one of the threads; see [`cpu`](crate::cpu()), which does so on the pool of the process.
    ///
    /// # Errors
    /// [`Failure::Panicked`] if the closure panicked.
    ///
    /// # Examples
    /// See [`CpuPool`].
    pub async fn run<F, T>(&self, work: F) -> Result<T, Failure>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let Ok(place) = self.shared.room.acquire().await else {
            unreachable!("the semaphore is never closed");
        };
        // From here on the place belongs to the job: who takes it from the queue gives the place back.
        place.forget();
        let (sender, receiver) = oneshot::channel();
        let in_queue = self.shared.push(Box::new(move || {
            if !sender.is_closed() {
                let result = catch_unwind(AssertUnwindSafe(work));
                // If nobody waits any more, the result is dropped here.
                let _ = sender.send(result.map_err(PanicInfo::new));
            }
        }));
        let outcome = receiver.await;
        // It has left the queue. To find that out would take the lock once more; and nothing is leaked.
        let _ = ManuallyDrop::new(in_queue);
        match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(panic)) => Err(Failure::Panicked(panic)),
            Err(_) => Err(Failure::Cancelled),
        }
    }
}

impl Drop for CpuPool {
    fn drop(&mut self) {
        let jobs = {
            let mut queue = self.shared.lock();
            queue.is_closed = true;
            std::mem::take(&mut queue.jobs)
        };
        self.shared.has_work.notify_all();
        for waiting in jobs {
            drop_quietly(waiting);
        }
    }
}

impl fmt::Debug for CpuPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CpuPool")
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}
