//! Which program the workers are.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::Error;

/// The program that the workers of a [`ProcessPool`](crate::ProcessPool) run.
///
/// Mostly it is this one, as [`ProcessJobs::run_if_worker`](crate::ProcessJobs::run_if_worker) returns it: who has it has shown that its
/// `main` hands workers over, so that none of them does the work of the program itself, and starts workers in turn.
///
/// **In tests** there is no `main` to write. A test can be the worker, if it alone is run in the process:
///
/// ```
/// use tuneup_concurrency::{ProcessJob, ProcessJobs, WorkerProgram};
///
/// static DOUBLE: ProcessJob<u32, u32> = ProcessJob::new("double", |n| 2 * n);
///
/// // In `tests/it/jobs.rs`; every test that wants a pool asks for it.
/// # #[expect(dead_code, reason = "shown")]
/// fn program() -> WorkerProgram {
///     ProcessJobs::new()
///         .with(&DOUBLE)
///         .run_if_worker()
///         .with_argument("--exact")
///         .with_argument("jobs::worker")
/// }
///
/// // #[test]
/// # #[expect(dead_code, reason = "shown")]
/// fn worker() {
///     // Does nothing unless a pool has started it.
///     let _ = program();
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "build a pool of it by `ProcessPool::builder`"]
pub struct WorkerProgram {
    /// None for this one.
    path: Option<PathBuf>,
    arguments: Vec<OsString>,
}

impl WorkerProgram {
    /// The running one.
    pub(super) fn of_this_process() -> Self {
        Self {
            path: None,
            arguments: Vec::new(),
        }
    }

    /// Another program, whose `main` calls [`run_if_worker`](crate::ProcessJobs::run_if_worker) with the same names and types of jobs. Types
    /// that differ are noticed only if the bytes make no sense. A path without a slash is looked for in `PATH`.
    ///
    /// It may be a wrapper that starts the worker, if it leaves descriptors open.
    ///
    /// ```no_run
    /// use tuneup_concurrency::{ProcessPool, WorkerProgram};
    ///
    /// let pool = ProcessPool::builder(WorkerProgram::other("libexec/render-worker")).build()?;
    /// # Ok::<(), tuneup_concurrency::Error>(())
    /// ```
    pub fn other(path: impl Into<PathBuf>) -> Self {
        Self {
            path: Some(path.into()),
            arguments: Vec::new(),
        }
    }

    /// One more argument for each worker. By default they have none: those of this process are not passed on.
    ///
    /// See the example of [`WorkerProgram`].
    pub fn with_argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(super) fn arguments(&self) -> &[OsString] {
        &self.arguments
    }

    /// What is to be executed, and what it is to be called if that is another path.
    ///
    /// This program is refused as [`other`](Self::other): whether its `main` hands workers over nobody has shown, and if it does not, each worker
    /// starts workers.
    pub(super) fn resolve(&self) -> Result<(PathBuf, Option<PathBuf>), Error> {
        let own = std::env::current_exe();
        let Some(path) = &self.path else {
            let own = own.map_err(|source| Error::WorkerProcess {
                source: Box::new(crate::ProcessError::Spawn {
                    program: PathBuf::from("this program"),
                    source,
                }),
            })?;
            // The very image that runs, even if its file was replaced meanwhile: its jobs are ours.
            let image = Path::new("/proc/self/exe");
            return Ok(if image.exists() {
                (image.to_owned(), Some(own))
            } else {
                (own, None)
            });
        };
        let is_own = || Some(path.canonicalize().ok()? == own.ok()?.canonicalize().ok()?);
        if is_own() == Some(true) {
            return Err(Error::OutOfRange {
                option: "the worker program",
                value: path.display().to_string(),
                allowed: "another program than the running one, for which take what `ProcessJobs::run_if_worker` returns",
            });
        }
        Ok((path.clone(), None))
    }
}
