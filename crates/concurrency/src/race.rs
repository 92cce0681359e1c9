//! Several ways to one result, of which the first is enough.

use std::{error::Error, fmt};

use tokio::task::JoinSet;

use crate::{Failure, failure::Caught};

/// Every future of a [`race`] failed, or there was none.
#[derive(Debug)]
#[non_exhaustive]
pub struct RaceError<E> {
    /// Why each failed, in the order they were given.
    pub failures: Vec<Failure<E>>,
}

impl<E> fmt::Display for RaceError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.failures.len() {
            0 => f.write_str("there is no future in the race; give at least one"),
            1 => f.write_str("the only future of the race did not succeed"),
            count => write!(f, "none of the {count} futures of the race succeeded"),
        }
    }
}

impl<E: Error + 'static> Error for RaceError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.failures
            .first()
            .map(|failure| failure as &(dyn Error + 'static))
    }
}

/// Runs futures at the same time, as tasks, and returns the value of the first that succeeds.
///
/// One that fails or panics does not end the race. When one succeeds, the others are cancelled: each is dropped at its next
/// wait, maybe a moment after this has returned. The same holds if the race itself is dropped.
///
/// All futures run at once, so a race is for a few. What JavaScript calls `Promise.any`.
///
/// # Errors
/// None succeeded: with all failures, those of panics included.
///
/// # Panics
/// Outside of a tokio runtime.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tuneup_concurrency::race;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let mirrors = [("broken", 1), ("slow", 500), ("fast", 5)];
/// let fetch = |(mirror, millis)| async move {
///     tokio::time::sleep(Duration::from_millis(millis)).await;
///     if mirror == "broken" { Err("no answer") } else { Ok(mirror) }
/// };
/// assert_eq!(race(mirrors.map(fetch)).await.unwrap(), "fast");
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "select_ok")]
#[doc(alias = "any")]
#[doc(alias = "FIRST_COMPLETED")]
pub async fn race<I, F, T, E>(futures: I) -> Result<T, RaceError<E>>
where
    I: IntoIterator<Item = F>,
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    let mut tasks = JoinSet::new();
    for (index, future) in futures.into_iter().enumerate() {
        tasks.spawn(async move { (index, Caught::new(future).await) });
    }
    // What is left at the end was dropped by its runtime.
    let mut failures: Vec<_> = (0..tasks.len()).map(|_| Failure::Cancelled).collect();
    while let Some(joined) = tasks.join_next().await {
        let Ok((index, outcome)) = joined else {
            continue;
        };
        failures[index] = match outcome {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => Failure::Failed(error),
            Err(panic) => Failure::Panicked(panic),
        };
    }
    Err(RaceError { failures })
}
