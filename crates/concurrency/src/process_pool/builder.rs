//! What a pool is to be.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use super::{
    ProcessPool, WorkerProgram,
    crew::{Crew, Launch, Rules},
    frame,
};
use crate::{
    CoreBudget, Error,
    executor::{Queue, Threads, Worker},
};

/// How many jobs can wait: enough for no worker to be idle, and not so many as their inputs may fill the memory.
const DEFAULT_CAPACITY: NonZeroUsize = NonZeroUsize::new(64).expect("not zero");

/// After how long without work a thread of the pool ends. Its process stays.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// What a [`ProcessPool`] is to be.
///
/// ```standalone_crate
/// use std::{num::{NonZeroU64, NonZeroUsize}, time::Duration};
/// use tuneup_concurrency::{ProcessJob, ProcessJobs, ProcessPool, Shutdown};
///
/// static DECODE: ProcessJob<Vec<u8>, Vec<u8>> = ProcessJob::new("decode", |image| image);
///
/// let program = ProcessJobs::new().with(&DECODE).run_if_worker();
/// let pool = ProcessPool::builder(program)
///     .workers(NonZeroUsize::new(4).unwrap())
///     .queue_capacity(NonZeroUsize::new(100).unwrap())
///     .time_limit(Duration::from_secs(10))
///     .retries(1)
///     .jobs_per_worker(NonZeroU64::new(1_000).unwrap())
///     .memory_limit_bytes(2 << 30)
///     .build()?;
/// assert_eq!((pool.workers().get(), pool.queue_capacity().get()), (4, 100));
/// let image = pool.try_submit(&DECODE, &vec![1, 2, 3])?;
/// pool.shutdown(Shutdown::Drain);
/// assert_eq!(image.result()?, [1, 2, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ProcessPoolBuilder {
    program: WorkerProgram,
    budget: CoreBudget,
    workers: Option<NonZeroUsize>,
    queue_capacity: NonZeroUsize,
    time_limit: Option<Duration>,
    retries: u32,
    jobs_per_worker: Option<u64>,
    memory_limit_bytes: Option<u64>,
    max_message_bytes: usize,
    start_timeout: Duration,
}

impl ProcessPoolBuilder {
    pub(super) fn new(program: WorkerProgram) -> Self {
        Self {
            program,
            budget: CoreBudget::global().clone(),
            workers: None,
            queue_capacity: DEFAULT_CAPACITY,
            time_limit: None,
            retries: 0,
            jobs_per_worker: None,
            memory_limit_bytes: None,
            max_message_bytes: 64 << 20,
            start_timeout: Duration::from_secs(10),
        }
    }

    /// Where processors are leased for the workers. By default [`CoreBudget::global`].
    pub fn budget(mut self, budget: &CoreBudget) -> Self {
        self.budget = budget.clone();
        self
    }

    /// How many workers there may be: exactly so many, and as many processors are leased for them as are free. By default as many as were
    /// granted of all processors.
    #[doc(alias = "max_workers")]
    #[doc(alias = "processes")]
    pub fn workers(mut self, workers: NonZeroUsize) -> Self {
        self.workers = Some(workers);
        self
    }

    /// How many jobs can wait, with their inputs. By default 64.
    pub fn queue_capacity(mut self, jobs: NonZeroUsize) -> Self {
        self.queue_capacity = jobs;
        self
    }

    /// How long a job may run, from when its input is sent until its result is here; longer, and it is killed:
    /// [`ProcessError::TimeLimit`](crate::ProcessError::TimeLimit). By default for ever. More than zero.
    #[doc(alias = "timeout")]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// How often a job whose worker has crashed is tried again, at once, on another worker. By default never. One that has panicked, or was
    /// killed for its time, is not.
    ///
    /// What is tried again is done again: set it for jobs that may be done twice.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// After how many jobs a worker is replaced by a new one, against what leaks. By default never.
    #[doc(alias = "maxtasksperchild")]
    #[doc(alias = "max_tasks_per_child")]
    pub fn jobs_per_worker(mut self, jobs: std::num::NonZeroU64) -> Self {
        self.jobs_per_worker = Some(jobs.get());
        self
    }

    /// How many bytes of addresses a worker may have (`RLIMIT_AS`); an allocation beyond aborts it. By default as many as this process. More than
    /// zero. Not every system heeds it: Linux does, macOS does not.
    pub fn memory_limit_bytes(mut self, bytes: u64) -> Self {
        self.memory_limit_bytes = Some(bytes);
        self
    }

    /// What an input or a result may have, encoded: 64 KiB to 4 GiB less a byte. By default 64 MiB.
    pub fn max_message_bytes(mut self, bytes: usize) -> Self {
        self.max_message_bytes = bytes;
        self
    }

    /// How long a worker may take from its start to [`run_if_worker`](crate::ProcessJobs::run_if_worker), with its setup. By default 10 s.
    /// More than zero.
    pub fn start_timeout(mut self, timeout: Duration) -> Self {
        self.start_timeout = timeout;
        self
    }

    /// Starts the first worker, and waits until it is ready.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`]; [`Error::WorkerProcess`] if the worker does not come, which says what to do; [`Error::Threads`] if the system gives no
    /// more threads.
    pub fn build(self) -> Result<ProcessPool, Error> {
        self.check()?;
        let (program, name) = self.program.resolve()?;
        let wanted = self.workers.unwrap_or_else(|| self.budget.cores());
        let lease = self.budget.lease(wanted);
        let workers = self.workers.unwrap_or_else(|| lease.cores());
        let launch = Launch {
            program,
            name,
            arguments: self.program.arguments().to_vec(),
            max_message_bytes: self.max_message_bytes,
            start_timeout: self.start_timeout,
            memory_limit_bytes: self.memory_limit_bytes,
        };
        let rules = Rules {
            time_limit: self.time_limit,
            retries: self.retries,
            jobs_per_worker: self.jobs_per_worker,
        };
        let crew = Crew::new(launch, rules, lease).map_err(|source| Error::WorkerProcess {
            source: Box::new(source),
        })?;
        let threads = Arc::new(Threads::new("tuneup-process".to_owned(), IDLE_TIMEOUT));
        let queue = Queue::new(self.queue_capacity.get(), workers.get(), {
            let threads = Arc::clone(&threads);
            // Without this thread the others do the work: there is always one.
            move |worker| drop(threads.start(worker))
        });
        threads
            .start(Worker::first(&queue))
            .map_err(|source| Error::Threads { source })?;
        Ok(ProcessPool {
            queue,
            threads,
            crew: Arc::new(crew),
        })
    }

    fn check(&self) -> Result<(), Error> {
        let allowed = 64 << 10..=frame::MOST_BYTES;
        if !allowed.contains(&self.max_message_bytes) {
            return Err(Error::OutOfRange {
                option: "max_message_bytes",
                value: self.max_message_bytes.to_string(),
                allowed: "65536 to 4294967295",
            });
        }
        let times = [
            ("time_limit", self.time_limit),
            ("start_timeout", Some(self.start_timeout)),
        ];
        for (option, time) in times {
            if time == Some(Duration::ZERO) {
                return Err(Error::OutOfRange {
                    option,
                    value: "0".to_owned(),
                    allowed: "more than zero",
                });
            }
        }
        if self.memory_limit_bytes == Some(0) {
            return Err(Error::OutOfRange {
                option: "memory_limit_bytes",
                value: "0".to_owned(),
                allowed: "more than zero",
            });
        }
        Ok(())
    }
}
