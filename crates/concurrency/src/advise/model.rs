//! The ways to work.

use std::fmt;

/// A way to work through many items.
///
/// Its [`Display`](fmt::Display) names what to call.
///
/// ```
/// use tuneup_concurrency::Model;
///
/// assert_eq!(Model::Threads { workers: 8 }.to_string(), "`ThreadExecutor` or `par_imap`, 8 threads");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Model {
    /// One item after the other, on one thread.
    Serial,
    /// A thread for each processor: [`par::map`](crate::par::map), [`ParImap`](crate::ParImap).
    Parallel {
        /// Threads, the caller's among them.
        workers: usize,
    },
    /// More threads than processors, most of which wait: [`ThreadExecutor`](crate::ThreadExecutor), or
    /// [`Imap::workers`](crate::Imap::workers).
    Threads {
        /// Threads.
        workers: usize,
    },
    /// Futures instead of calls that block: `gather`, of the feature `async`.
    Async {
        /// Futures in flight.
        limit: usize,
    },
    /// Processes, which a crash of one does not bring down: `ProcessPool`.
    Processes {
        /// Processes.
        workers: usize,
    },
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serial => f.write_str("a plain loop"),
            Self::Parallel { workers } => {
                write!(f, "`par::map` or `par_imap`, {workers} threads")
            }
            Self::Threads { workers } => {
                write!(f, "`ThreadExecutor` or `par_imap`, {workers} threads")
            }
            Self::Async { limit } => write!(f, "`gather`, {limit} in flight"),
            Self::Processes { workers } => write!(f, "`ProcessPool`, {workers} processes"),
        }
    }
}
