//! Jobs in processes of their own: what crashes, leaks or hangs there does no harm here.

mod builder;
mod call;
mod crew;
#[cfg(not(unix))]
mod elsewhere;
mod error;
mod frame;
mod job;
mod map;
mod program;
mod slot;
mod task;
#[cfg(unix)]
mod unix;

use std::{borrow::Borrow, fmt, num::NonZeroUsize, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

#[cfg(not(unix))]
use self::elsewhere as system;
#[cfg(unix)]
use self::unix as system;
pub use self::{
    builder::ProcessPoolBuilder,
    error::ProcessError,
    job::{ProcessJob, ProcessJobs},
    map::ProcessMap,
    program::WorkerProgram,
    task::ProcessTask,
};
use self::{
    call::Call,
    crew::{Crew, Launch},
    frame::Frame,
    slot::Slot,
};
use crate::{
    Error, Refusal, Rejected, Shutdown,
    executor::{Queue, Threads, WhenFull, inside},
    task::{Home, Job},
};

/// Worker processes that do jobs: a job that crashes, leaks, hangs or corrupts its memory takes one worker along, and nothing else.
///
/// The workers are this program, executed anew. [`ProcessJobs::run_if_worker`] at the head of `main` tells them from it:
///
/// ```standalone_crate
/// use std::{error::Error, time::Duration};
/// use tuneup_concurrency::{ProcessError, ProcessJob, ProcessJobs, ProcessPool};
///
/// static PARSE: ProcessJob<Vec<u8>, usize> = ProcessJob::new("parse", parse);
///
/// fn parse(bytes: Vec<u8>) -> usize {
///     if bytes.is_empty() {
///         std::process::abort(); // as a C library would
///     }
///     bytes.len()
/// }
///
/// fn main() -> Result<(), Box<dyn Error>> {
///     let program = ProcessJobs::new().with(&PARSE).run_if_worker();
///
///     let pool = ProcessPool::builder(program).time_limit(Duration::from_secs(5)).build()?;
///     let good = pool.submit(&PARSE, &vec![1, 2, 3])?;
///     let bad = pool.submit(&PARSE, &vec![])?;
///     assert_eq!(good.result()?, 3);
///     assert!(matches!(bad.result(), Err(ProcessError::Crashed { .. })));
///     Ok(())
/// }
/// ```
///
/// **What a worker is.** A process in a group of its own, whose standard input is empty; standard output and error, the folder, the user and the
/// environment are those of this process. Ctrl-C at the terminal goes to this process, with whose end the workers end. Its connection to the pool is another descriptor, so that a job may print. The first worker is started
/// by [`build`](ProcessPoolBuilder::build), others when there is work for them, each by `fork` and `exec`: some milliseconds. Statics, threads and open files
/// are not shared; they live as long as the worker, over many jobs.
///
/// **What a job may cost.** A panic is an error, and the worker goes on. A crash, an `exit` or a kill is an error of the one job that ran, or this is tried
/// again on another worker, up to [`retries`](ProcessPoolBuilder::retries) times. A job that is cancelled or runs longer than
/// [`time_limit`](ProcessPoolBuilder::time_limit) is killed with its worker. With a worker goes what its jobs have started or forked, unless it
/// has left the worker's process group. A worker has one job at a time, and no job is sent ahead: which one a crash is due to is never in doubt. What
/// leaks is freed every [`jobs_per_worker`](ProcessPoolBuilder::jobs_per_worker) jobs, and limited by [`memory_limit_bytes`](ProcessPoolBuilder::memory_limit_bytes).
///
/// **The queue is bounded.** [`submit`](Self::submit) waits for room, [`try_submit`](Self::try_submit) does not.
///
/// **The end.** [`shutdown`](Self::shutdown) says how. To drop the pool is `shutdown(Shutdown::Cancel)`: it kills and reaps, and leaves no process, as the
/// end of a `with` block does for Python's `multiprocessing.Pool`. If this process is killed, its workers kill themselves.
///
/// **Cost.** For a small job two messages through a socket and four changes of thread or process: some tens of microseconds. The input is encoded by
/// who submits it, the result decoded by a thread of the pool. So a job should take a millisecond or be dangerous; what is smaller goes in
/// batches, as a job whose input is a `Vec`. For safe code that only computes, take a [`CpuExecutor`](crate::CpuExecutor).
///
/// `Send` and `Sync`. Unix; elsewhere `build` fails with [`ProcessError::Unsupported`].
///
/// It follows `multiprocessing.Pool` and `concurrent.futures.ProcessPoolExecutor` of Python, whose `BrokenProcessPool` ends everything when one worker
/// crashes.
#[must_use = "a pool that is dropped has ended"]
#[doc(alias = "ProcessPoolExecutor")]
#[doc(alias = "multiprocessing")]
#[doc(alias = "fork")]
#[doc(alias = "sandbox")]
pub struct ProcessPool {
    queue: Arc<Queue>,
    threads: Arc<Threads>,
    crew: Arc<Crew>,
}

impl ProcessPool {
    /// A pool of as many workers as processors are free, without limits of time and memory and without retries, unless told otherwise.
    ///
    /// See the example of [`ProcessPool`].
    pub fn builder(program: WorkerProgram) -> ProcessPoolBuilder {
        ProcessPoolBuilder::new(program)
    }

    /// Hands a job over, and waits until there is room for it.
    ///
    /// The input is encoded here, and not kept. If that fails, the task is done with the error. On a thread of the pool itself, in a callback
    /// of [`Task::on_done`](crate::Task::on_done), it does not wait and is refused: the thread would wait for itself.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] after a shutdown.
    ///
    /// See the example of [`ProcessPool`].
    #[doc(alias = "apply_async")]
    pub fn submit<I, O>(&self, job: &ProcessJob<I, O>, input: &I) -> Result<ProcessTask<O>, Error>
    where
        I: Serialize,
        O: DeserializeOwned + Send + 'static,
    {
        self.hand_over(job, input, WhenFull::Wait)
    }

    /// Hands a job over if there is room for it now.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if there is none, and after a shutdown.
    ///
    /// See the example of [`ProcessPoolBuilder`].
    pub fn try_submit<I, O>(
        &self,
        job: &ProcessJob<I, O>,
        input: &I,
    ) -> Result<ProcessTask<O>, Error>
    where
        I: Serialize,
        O: DeserializeOwned + Send + 'static,
    {
        self.hand_over(job, input, WhenFull::Refuse)
    }

    /// Has a job done for every input, and yields the results in the order of the inputs, which may be owned or borrowed.
    ///
    /// See [`ProcessMap`] for how many are under way, and how it ends.
    ///
    /// ```standalone_crate
    /// use std::num::NonZeroUsize;
    /// use tuneup_concurrency::{ProcessJob, ProcessJobs, ProcessPool};
    ///
    /// static SQUARE: ProcessJob<u64, u64> = ProcessJob::new("square", |n| n * n);
    ///
    /// let program = ProcessJobs::new().with(&SQUARE).run_if_worker();
    /// let pool = ProcessPool::builder(program).build()?;
    /// let squares: Vec<u64> = pool.map(&SQUARE, 1..=3).collect::<Result<_, _>>()?;
    /// assert_eq!(squares, [1, 4, 9]);
    /// let one_ahead = pool.map(&SQUARE, [7]).with_window(NonZeroUsize::MIN).next();
    /// assert!(matches!(one_ahead, Some(Ok(49))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "imap")]
    pub fn map<'a, T, I, O>(
        &'a self,
        job: &'a ProcessJob<I, O>,
        inputs: T,
    ) -> ProcessMap<'a, T::IntoIter, I, O>
    where
        T: IntoIterator,
        T::Item: Borrow<I>,
        I: Serialize,
        O: DeserializeOwned + Send + 'static,
    {
        ProcessMap::new(self, job, inputs.into_iter())
    }

    /// Ends the pool: nothing can be submitted from now on, who waits for room is refused, and the call waits until nothing runs and no worker
    /// is left.
    ///
    /// [`Shutdown::Drain`] does what was submitted, and lets the workers end by themselves, for 5 s at most. [`Shutdown::Cancel`] cancels what
    /// has not begun *and what runs*, and kills. A second call may turn the one into the other. In a callback on a thread of the pool it does
    /// not wait.
    ///
    /// See the example of [`ProcessPoolBuilder`].
    #[doc(alias = "close")]
    #[doc(alias = "terminate")]
    #[doc(alias = "join")]
    pub fn shutdown(&self, how: Shutdown) {
        self.queue.close(how);
        if how == Shutdown::Cancel {
            self.crew.cancel();
        }
        if !self.queue.wait_idle() {
            return;
        }
        self.threads.join();
        match how {
            Shutdown::Drain => self.crew.dismiss(),
            Shutdown::Cancel => self.crew.kill(),
        }
    }

    /// How many jobs can run at once.
    ///
    /// See the example of [`ProcessPoolBuilder`].
    #[must_use]
    #[doc(alias = "max_workers")]
    pub fn workers(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.queue.workers()).unwrap_or(NonZeroUsize::MIN)
    }

    /// How many jobs can wait for a worker before [`submit`](Self::submit) waits.
    ///
    /// See the example of [`ProcessPoolBuilder`].
    #[must_use]
    pub fn queue_capacity(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.queue.capacity()).unwrap_or(NonZeroUsize::MIN)
    }

    fn hand_over<I, O>(
        &self,
        job: &ProcessJob<I, O>,
        input: &I,
        when_full: WhenFull,
    ) -> Result<ProcessTask<O>, Error>
    where
        I: Serialize,
        O: DeserializeOwned + Send + 'static,
    {
        match self.call_of(job, input) {
            Err(error) => Ok(ProcessTask::failed(error)),
            Ok(call) => self
                .push(call, when_full)
                .map_err(|(_, refusal)| Rejected::new((), refusal).into()),
        }
    }

    fn call_of<I, O>(&self, job: &ProcessJob<I, O>, input: &I) -> Result<Arc<Call<O>>, ProcessError>
    where
        I: Serialize,
        O: DeserializeOwned + Send + 'static,
    {
        let input = Frame::of(input).map_err(|error| ProcessError::input(job.name(), error))?;
        let max_bytes = self.crew.max_message_bytes();
        if input.body_bytes() > max_bytes {
            return Err(ProcessError::TooLarge {
                job: job.name().to_owned(),
                bytes: input.body_bytes() as u64,
                max_bytes: max_bytes as u64,
            });
        }
        let home: Arc<dyn Home> = self.queue.clone();
        let home = Arc::downgrade(&home);
        Ok(Arc::new(Call::new(home, &self.crew, job.name(), input)))
    }

    fn push<O>(
        &self,
        call: Arc<Call<O>>,
        when_full: WhenFull,
    ) -> Result<ProcessTask<O>, (Arc<Call<O>>, Refusal)>
    where
        O: DeserializeOwned + Send + 'static,
    {
        let when_full = if inside::is_inside(self.queue.id()) {
            WhenFull::Refuse
        } else {
            when_full
        };
        let task = call.task();
        self.queue
            .push(call, when_full, |call| -> Arc<dyn Job> { call })?;
        Ok(task)
    }
}

impl Drop for ProcessPool {
    fn drop(&mut self) {
        self.shutdown(Shutdown::Cancel);
    }
}

impl fmt::Debug for ProcessPool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ProcessPool")
            .field("workers", &self.queue.workers())
            .field("queue_capacity", &self.queue.capacity())
            .finish_non_exhaustive()
    }
}
