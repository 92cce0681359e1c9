//! How a job in another process fails.

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use crate::{PanicInfo, TaskError};

/// Why there is no result of a [`ProcessTask`](crate::ProcessTask).
///
/// No input, no result and no environment is part of an error or its text, but what a panic said.
///
/// See the example of [`ProcessPool`](crate::ProcessPool).
///
/// The cases are those of Python: an exception, `CancelledError`, `TimeoutError`, `PicklingError`; where Python has `BrokenProcessPool` and
/// all that was submitted fails, here one job is [`Crashed`](Self::Crashed).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// The job panicked. Its worker lives. The payload is the text of the panic, as `String`.
    ///
    /// In a program that is built with `panic = "abort"` it is [`Crashed`](Self::Crashed) instead.
    #[error("the job panicked: {0}")]
    Panicked(PanicInfo),

    /// The worker ended in the middle of the job, as often as it was tried: by a signal, such as a segmentation fault or that of
    /// the kernel when memory is short, or because the job called `exit`.
    #[doc(alias = "BrokenProcessPool")]
    #[error("the worker process ended in the middle of job {job} ({}) at attempt {attempts}", Status(*status))]
    Crashed {
        /// The name of the job.
        job: String,
        /// How the last worker ended, its code or signal; none if somebody else has reaped it, as where the program ignores `SIGCHLD`.
        status: Option<ExitStatus>,
        /// How often it was tried.
        attempts: u32,
    },

    /// The job ran longer than it may, and its worker was killed.
    #[error("job {job} ran for more than {limit:?} and was killed; raise `time_limit` if it may")]
    TimeLimit {
        /// The name of the job.
        job: String,
        /// What it may.
        limit: Duration,
    },

    /// The job was cancelled, by its handle, or by the end of its pool.
    #[error("the job was cancelled")]
    Cancelled,

    /// The result was not there in time. The job goes on, and can be asked again.
    #[error("the job had no result in time")]
    TimedOut,

    /// The result was taken before.
    #[error("the result of the job was taken before")]
    Taken,

    /// The worker has no job of this name.
    #[error("the worker has no job {job}; register it with `ProcessJobs::with`")]
    UnknownJob {
        /// The name that was asked for.
        job: String,
    },

    /// The input could not be encoded, or the worker could not decode it.
    #[error(
        "the input of job {job} cannot be sent ({reason}); use the same types in the worker, and none that ask the format what comes next"
    )]
    #[doc(alias = "PicklingError")]
    Input {
        /// The name of the job.
        job: String,
        /// What the encoding says.
        reason: String,
    },

    /// The result could not be encoded, or not decoded here.
    #[error(
        "the result of job {job} cannot be sent ({reason}); use the same types in the worker, and none that ask the format what comes next"
    )]
    Output {
        /// The name of the job.
        job: String,
        /// What the encoding says.
        reason: String,
    },

    /// The input or the result has too many bytes.
    #[error(
        "a message of job {job} has {bytes} bytes, and may have {max_bytes}; send a path instead, or raise `max_message_bytes`"
    )]
    TooLarge {
        /// The name of the job.
        job: String,
        /// What it has, encoded.
        bytes: u64,
        /// What it may have.
        max_bytes: u64,
    },

    /// Bytes came from the worker that are no answer: the job has written to a descriptor that is not its own. The worker was killed.
    #[error(
        "the worker process wrote to the pool's descriptor in the middle of job {job}, and was killed"
    )]
    Garbled {
        /// The name of the job.
        job: String,
        /// What was wrong.
        source: io::Error,
    },

    /// The system started no process.
    #[error("{} could not be started", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// The process ended before it was a worker.
    #[error("{} ended before it was a worker ({}); it has to call `ProcessJobs::run_if_worker` at the head of its `main`", program.display(), Status(*status))]
    EndedEarly {
        /// The program.
        program: PathBuf,
        /// How it ended.
        status: Option<ExitStatus>,
    },

    /// The process did not become a worker in time, and was killed.
    #[error("{} was no worker within {timeout:?}; it has to call `ProcessJobs::run_if_worker` at the head of its `main`, or needs a longer `start_timeout`", program.display())]
    NotReady {
        /// The program.
        program: PathBuf,
        /// How long it had.
        timeout: Duration,
    },

    /// The worker speaks another version of the protocol, or has two jobs of one name.
    #[error("{} is a worker that does not fit: {reason}", program.display())]
    Unfit {
        /// The program.
        program: PathBuf,
        /// What does not fit, and what to do.
        reason: &'static str,
    },

    /// Worker processes need Unix.
    #[error("worker processes need Unix; take a `CpuExecutor` here")]
    Unsupported,
}

impl ProcessError {
    pub(super) fn input(job: &str, error: postcard::Error) -> Self {
        Self::Input {
            job: job.to_owned(),
            reason: error.to_string(),
        }
    }

    pub(super) fn output(job: &str, reason: String) -> Self {
        let job = job.to_owned();
        Self::Output { job, reason }
    }

    pub(super) fn unfit(program: &Path, reason: &'static str) -> Self {
        let program = program.to_owned();
        Self::Unfit { program, reason }
    }
}

impl From<TaskError> for ProcessError {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::Panicked(panic) => Self::Panicked(panic),
            TaskError::Cancelled => Self::Cancelled,
            TaskError::TimedOut => Self::TimedOut,
            TaskError::Taken => Self::Taken,
        }
    }
}

/// The words for how a process ended.
struct Status(Option<ExitStatus>);

impl std::fmt::Display for Status {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(status) => status.fmt(out),
            None => out.write_str("nobody knows how"),
        }
    }
}
