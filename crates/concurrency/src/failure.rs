//! Why a piece of work has no result.

mod catch;

use std::{convert::Infallible, error::Error, fmt, time::Duration};

pub(crate) use self::catch::{Caught, drop_quietly};
use crate::PanicInfo;

/// Why a future or closure that was run as a task has no result.
///
/// `E` is the error of the work itself; work that cannot fail has [`Infallible`], so that `Failed` never occurs.
/// The variants tell apart what asyncio calls an exception, a `TimeoutError` and a `CancelledError`.
///
/// ```
/// use tuneup_concurrency::{Failure, gather};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let error = gather([async { panic!("no such page") }]).await.unwrap_err();
/// assert!(matches!(error.source, Failure::<_>::Panicked(panic) if panic.message() == "no such page"));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure<E = Infallible> {
    /// The work returned this error.
    Failed(E),
    /// The work panicked.
    Panicked(PanicInfo),
    /// The work took longer than it was allowed to, and was dropped.
    TimedOut {
        /// What was allowed.
        after: Duration,
    },
    /// The work was dropped before it was done: since a sibling failed, since it was told to stop, or since the
    /// runtime was shut down.
    Cancelled,
}

impl Failure<Infallible> {
    /// The same, of work that could have failed and did not.
    pub(crate) fn widen<E>(self) -> Failure<E> {
        match self {
            Self::Failed(never) => match never {},
            Self::Panicked(panic) => Failure::Panicked(panic),
            Self::TimedOut { after } => Failure::TimedOut { after },
            Self::Cancelled => Failure::Cancelled,
        }
    }
}

impl<E> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(_) => f.write_str("failed"),
            Self::Panicked(panic) => write!(f, "panicked: {panic}"),
            Self::TimedOut { after } => write!(f, "took longer than {after:?}"),
            Self::Cancelled => f.write_str("was cancelled before it was done"),
        }
    }
}

impl<E: Error + 'static> Error for Failure<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => Some(error),
            _ => None,
        }
    }
}
