//! The one error type of the crate.

use std::path::PathBuf;

/// More workers than a system has threads are a mistake, which should not first take all of its memory.
const MOST_WORKERS: usize = 1 << 16;

/// What can go wrong when work is set up.
///
/// Messages are lower case, carry the names involved and say what to do.
///
/// ```
/// let error = tuneup_concurrency::Error::OutOfRange {
///     option: "workers",
///     value: "0".to_owned(),
///     allowed: "1 or more",
/// };
/// assert_eq!(error.to_string(), "workers is 0; allowed is 1 or more");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A number was outside of what it may be.
    #[error("{option} is {value}; allowed is {allowed}")]
    OutOfRange {
        /// What was set.
        option: &'static str,
        /// To what.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },

    /// A file could not be opened or read.
    #[error("cannot read {}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },

    /// A line is longer than it may be.
    #[error("{} has a line of more than {max_bytes} bytes at byte {offset}; is it text? else allow longer lines by max_line_bytes", path.display())]
    LineTooLong {
        /// The file.
        path: PathBuf,
        /// Where the line begins.
        offset: u64,
        /// What it may have.
        max_bytes: usize,
    },

    /// An executor did not take work.
    #[error("{refusal}")]
    Rejected {
        /// Why.
        refusal: crate::Refusal,
    },

    /// The system gave no thread.
    #[error("a thread could not be started; allow the process more threads, or ask for fewer")]
    Threads {
        /// What the system said.
        source: std::io::Error,
    },

    /// A thread cannot have this name.
    #[error("{name:?} cannot be the name of a thread; leave out the NUL byte")]
    ThreadName {
        /// What was asked for.
        name: String,
    },

    /// The first worker process of a [`ProcessPool`](crate::ProcessPool) could not be started.
    #[cfg(feature = "process")]
    #[error("no worker process can be started")]
    WorkerProcess {
        /// Why.
        #[source]
        source: Box<crate::ProcessError>,
    },
}

impl Error {
    /// That there are not too many workers, nor none.
    pub(crate) fn check_workers(option: &'static str, workers: usize) -> Result<(), Self> {
        if (1..=MOST_WORKERS).contains(&workers) {
            return Ok(());
        }
        Err(Self::OutOfRange {
            option,
            value: workers.to_string(),
            allowed: "1 to 65536",
        })
    }

    /// As [`check_workers`](Self::check_workers), where there is nobody to return an error to.
    #[track_caller]
    pub(crate) fn assert_workers(option: &'static str, workers: usize) {
        if let Err(error) = Self::check_workers(option, workers) {
            panic!("{error}");
        }
    }
}
