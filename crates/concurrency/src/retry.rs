//! Trying again, but not all at once, not for ever, and not against a server that is down.

mod budget;
mod policy;

use std::{error::Error, fmt, time::Duration};

use tokio::time::Instant;

pub use self::{
    budget::RetryBudget,
    policy::{RetryPolicy, RetryPolicyBuilder},
};

/// Why an operation is not tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GiveUp {
    /// The error is not worth it, by the predicate of [`retry_if`].
    NotWorthIt,
    /// It was tried as often as it might be.
    Attempts,
    /// The next try would begin too late.
    Time,
    /// The [`RetryBudget`] is used up: too many operations fail.
    Budget,
}

/// An operation failed and is not tried again.
#[derive(Debug)]
#[non_exhaustive]
pub struct RetryError<E> {
    /// How often it was tried, 1 or more.
    pub attempts: u32,
    /// How long all of it took, waits included.
    pub elapsed: Duration,
    /// Why it ended.
    pub reason: GiveUp,
    /// The error of the last try.
    pub source: E,
}

impl<E> fmt::Display for RetryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            GiveUp::NotWorthIt => "its error is not worth another",
            GiveUp::Attempts => "it may have no more",
            GiveUp::Time => "the next one would be too late",
            GiveUp::Budget => "the budget of retries is used up",
        };
        write!(
            f,
            "failed after {} tries in {:?}; {reason}",
            self.attempts, self.elapsed
        )
    }
}

impl<E: Error + 'static> Error for RetryError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// Tries an operation until it succeeds or the policy says that it is enough.
///
/// Every error is worth another try; see [`retry_if`]. Each try is a new future. Dropping the wait drops the try or the pause under way.
/// A try is not cut short: give it a [`timeout`](crate::timeout()). Panics are not caught.
///
/// # Errors
/// The error of the last try, and why there is no other.
///
/// # Panics
/// If it has to wait outside of a tokio runtime, or without its timer.
///
/// # Examples
/// ```
/// use std::{cell::Cell, time::Duration};
/// use tuneup_concurrency::{RetryPolicy, retry};
///
/// let policy = RetryPolicy::builder()
///     .first_delay(Duration::from_millis(1))
///     .max_attempts(3)
///     .build()?;
/// let tries = Cell::new(0);
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let answer = retry(&policy, || async {
///     tries.set(tries.get() + 1);
///     if tries.get() < 3 { Err("busy") } else { Ok("hello") }
/// });
/// assert_eq!(answer.await.unwrap(), "hello");
/// # });
/// # Ok::<(), tuneup_concurrency::Error>(())
/// ```
#[doc(alias = "backoff")]
pub async fn retry<O, F, T, E>(policy: &RetryPolicy, operation: O) -> Result<T, RetryError<E>>
where
    O: FnMut() -> F,
    F: Future<Output = Result<T, E>>,
{
    retry_if(policy, |_| true, operation).await
}

/// Tries an operation again if its error is worth it, by a predicate, and the policy allows it.
///
/// As [`retry`] in all else. What is not worth another try, such as a request that is wrong, takes nothing from a budget.
///
/// # Errors
/// As [`retry`].
///
/// # Panics
/// As [`retry`].
///
/// # Examples
/// ```
/// use tuneup_concurrency::{GiveUp, RetryPolicy, retry_if};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let is_temporary = |status: &u16| *status >= 500;
/// let policy = RetryPolicy::default();
/// let answer = retry_if(&policy, is_temporary, || async { Err::<(), _>(404) });
/// let error = answer.await.unwrap_err();
/// assert_eq!((error.attempts, error.reason), (1, GiveUp::NotWorthIt));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn retry_if<O, F, T, E, P>(
    policy: &RetryPolicy,
    mut is_worth_it: P,
    mut operation: O,
) -> Result<T, RetryError<E>>
where
    O: FnMut() -> F,
    F: Future<Output = Result<T, E>>,
    P: FnMut(&E) -> bool,
{
    let began = Instant::now();
    let mut attempts = 0;
    loop {
        attempts += 1;
        let source = match operation().await {
            Ok(value) => {
                policy.succeeded();
                return Ok(value);
            }
            Err(error) => error,
        };
        let elapsed = began.elapsed();
        let next = if is_worth_it(&source) {
            policy.after_failure(attempts, elapsed)
        } else {
            Err(GiveUp::NotWorthIt)
        };
        match next {
            Ok(delay) => tokio::time::sleep(delay).await,
            Err(reason) => {
                return Err(RetryError {
                    attempts,
                    elapsed,
                    reason,
                    source,
                });
            }
        }
    }
}
