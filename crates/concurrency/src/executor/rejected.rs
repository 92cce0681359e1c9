//! Work that an executor did not take.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

/// Work that an executor did not take, given back.
///
/// It becomes the crate's [`Error`](crate::Error) by `?`.
///
/// ```
/// use tuneup_concurrency::{Executor, Refusal, Shutdown, ThreadExecutor};
///
/// let executor = ThreadExecutor::builder().build()?;
/// executor.shutdown(Shutdown::Drain);
/// let Err(rejected) = executor.submit(|| 6 * 7) else { unreachable!() };
/// assert_eq!(rejected.refusal(), Refusal::ShutDown);
/// let work = rejected.into_inner();
/// assert_eq!(work(), 42, "done here instead");
/// # Ok::<(), tuneup_concurrency::Error>(())
/// ```
///
/// It follows `TrySendError` of the standard library, and Java's `RejectedExecutionException`.
pub struct Rejected<F> {
    /// Behind a lock that is never waited for, so that the error is `Sync` whatever the work holds, and goes where errors go.
    work: Mutex<F>,
    refusal: Refusal,
}

/// Why an executor did not take work.
///
/// See the example of [`Rejected`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The queue has no room, and the call does not wait for it.
    Full,
    /// The executor was shut down, or the runtime under it has ended.
    ShutDown,
}

impl<F> Rejected<F> {
    pub(crate) fn new(work: F, refusal: Refusal) -> Self {
        Self {
            work: Mutex::new(work),
            refusal,
        }
    }

    /// Why it was not taken.
    ///
    /// See the example of [`Rejected`].
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        self.refusal
    }

    /// The closure, or the future, as it was.
    ///
    /// See the example of [`Rejected`].
    #[must_use]
    pub fn into_inner(self) -> F {
        self.work
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Full => {
                "the queue of the executor is full; wait by `submit`, or raise its capacity"
            }
            Self::ShutDown => "the executor is shut down; submit before that, or to another",
        })
    }
}

impl<F> fmt::Display for Rejected<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(out)
    }
}

impl<F> fmt::Debug for Rejected<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Rejected")
            .field("refusal", &self.refusal)
            .finish_non_exhaustive()
    }
}

impl<F> std::error::Error for Rejected<F> {}

impl<F> From<Rejected<F>> for crate::Error {
    fn from(rejected: Rejected<F>) -> Self {
        Self::Rejected {
            refusal: rejected.refusal,
        }
    }
}
