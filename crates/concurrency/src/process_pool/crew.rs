//! The workers of a pool: those that are idle, and what is done with the others.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{ProcessError, Slot, frame::Frame, system::WorkerProcess};
use crate::{CoreLease, task::Job};

/// What each worker is started with.
pub(super) struct Launch {
    pub(super) program: PathBuf,
    /// What it is called, if not as the program.
    pub(super) name: Option<PathBuf>,
    pub(super) arguments: Vec<OsString>,
    pub(super) max_message_bytes: usize,
    pub(super) start_timeout: Duration,
    pub(super) memory_limit_bytes: Option<u64>,
}

impl Launch {
    /// The program as people know it.
    pub(super) fn shown(&self) -> &Path {
        self.name.as_ref().unwrap_or(&self.program)
    }
}

/// What jobs may, and workers.
pub(super) struct Rules {
    pub(super) time_limit: Option<Duration>,
    pub(super) retries: u32,
    pub(super) jobs_per_worker: Option<u64>,
}

pub(super) struct Crew {
    launch: Launch,
    rules: Rules,
    idle: Mutex<Vec<WorkerProcess>>,
    running: Mutex<Running>,
    _lease: CoreLease,
}

#[derive(Default)]
struct Running {
    /// No more than there are workers.
    jobs: Vec<Arc<dyn Job>>,
    /// Whether what would begin is cancelled.
    is_over: bool,
}

/// The answer of a worker: of what kind, and what.
pub(super) type Answer = (u32, Vec<u8>);

/// A worker that has done the jobs that it may, and should be let go when the result is out.
pub(super) struct Veteran(WorkerProcess);

/// Whether a worker has ended before it had read all of a job: it was ending already when the job was sent, so that the job is not what
/// ended it. A socket that is closed with something unread in it says so to the other end.
fn has_not_begun(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
    )
}

impl Veteran {
    /// Waits until it has ended.
    pub(super) fn retire(mut self) {
        self.0.dismiss();
        self.0.wait();
    }
}

impl Crew {
    /// Starts the first worker, so that one that cannot be started is noticed here.
    pub(super) fn new(
        launch: Launch,
        rules: Rules,
        lease: CoreLease,
    ) -> Result<Self, ProcessError> {
        let first = WorkerProcess::start(&launch, &Slot::default())?;
        Ok(Self {
            launch,
            rules,
            idle: Mutex::new(vec![first]),
            running: Mutex::default(),
            _lease: lease,
        })
    }

    pub(super) fn max_message_bytes(&self) -> usize {
        self.launch.max_message_bytes
    }

    fn idle(&self) -> MutexGuard<'_, Vec<WorkerProcess>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a worker do a job, another one if that crashes and the job may be tried again.
    pub(super) fn perform(
        &self,
        job: &str,
        input: &mut Frame,
        slot: &Slot,
    ) -> (Result<Answer, ProcessError>, Option<Veteran>) {
        let mut attempts = 1;
        loop {
            let (mut worker, was_idle) = match self.take(slot) {
                Ok(taken) => taken,
                Err(error) => return (Err(error), None),
            };
            let answer = self.ask(&mut worker, job, input);
            if slot.detach() {
                worker.end();
                return (Err(ProcessError::Cancelled), None);
            }
            let error = match answer {
                Ok(answer) => return (answer, self.put_back(worker)),
                Err(error) => error,
            };
            let status = worker.end();
            if was_idle && has_not_begun(&error) {
                continue;
            }
            let job = job.to_owned();
            let failure = match (error.kind(), self.rules.time_limit) {
                (io::ErrorKind::TimedOut, Some(limit)) => ProcessError::TimeLimit { job, limit },
                (io::ErrorKind::InvalidData, _) => ProcessError::Garbled { job, source: error },
                _ if attempts <= self.rules.retries => {
                    attempts += 1;
                    continue;
                }
                _ => ProcessError::Crashed {
                    job,
                    status,
                    attempts,
                },
            };
            return (Err(failure), None);
        }
    }

    /// The outer error is the end of the worker.
    fn ask(
        &self,
        worker: &mut WorkerProcess,
        job: &str,
        input: &mut Frame,
    ) -> io::Result<Result<Answer, ProcessError>> {
        let Some(number) = worker.number_of(job) else {
            let job = job.to_owned();
            return Ok(Err(ProcessError::UnknownJob { job }));
        };
        let limit = self.rules.time_limit;
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        worker
            .call(number, input, deadline, self.launch.max_message_bytes)
            .map(Ok)
    }

    /// A worker that is alive, attached to the slot, and whether it was idle before.
    fn take(&self, slot: &Slot) -> Result<(WorkerProcess, bool), ProcessError> {
        loop {
            let idle = self.idle().pop();
            let Some(worker) = idle else {
                let started = WorkerProcess::start(&self.launch, slot);
                if started.is_err() && slot.detach() {
                    return Err(ProcessError::Cancelled);
                }
                return started.map(|worker| (worker, false));
            };
            // One that has died since its last job has cost nobody anything.
            if !worker.is_alive() {
                continue;
            }
            if slot.is_cancelled() {
                self.idle().push(worker);
                return Err(ProcessError::Cancelled);
            }
            slot.attach(worker.life());
            return Ok((worker, true));
        }
    }

    fn put_back(&self, worker: WorkerProcess) -> Option<Veteran> {
        let most = self.rules.jobs_per_worker;
        if most.is_some_and(|most| worker.jobs_done() >= most) {
            return Some(Veteran(worker));
        }
        self.idle().push(worker);
        None
    }

    /// A job begins. It is cancelled at once if the pool is.
    pub(super) fn enter(&self, job: &Arc<dyn Job>) {
        let mut running = self.running();
        if running.is_over {
            drop(running);
            job.cancel();
        } else {
            running.jobs.push(Arc::clone(job));
        }
    }

    /// It has ended.
    pub(super) fn leave(&self, job: &Arc<dyn Job>) {
        let mut running = self.running();
        running.jobs.retain(|other| !Arc::ptr_eq(other, job));
    }

    /// Cancels what runs, and what will begin.
    pub(super) fn cancel(&self) {
        let mut running = self.running();
        running.is_over = true;
        let jobs = running.jobs.clone();
        drop(running);
        for job in jobs {
            job.cancel();
        }
    }

    /// Ends the workers that are idle, in good order, all at once.
    pub(super) fn dismiss(&self) {
        let mut workers = std::mem::take(&mut *self.idle());
        for worker in &mut workers {
            worker.dismiss();
        }
        for worker in workers {
            worker.wait();
        }
    }

    /// Ends them by force.
    pub(super) fn kill(&self) {
        let workers = std::mem::take(&mut *self.idle());
        drop(workers);
    }
}
