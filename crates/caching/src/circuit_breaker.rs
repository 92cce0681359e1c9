//! Not asking again and again what has just failed.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tuneup_measure::{Clock, Ticks};

use crate::Error;

mod builder;
#[cfg(test)]
mod tests;

pub use self::builder::CircuitBreakerBuilder;

/// Stops asking a dependency that is down or slow, and tries it again now and then.
///
/// Without it, each request waits for the timeout of a dead server. The breaker is *closed* while calls succeed. After a
/// number of failures in a row it is *open*: calls are refused at once. After a time it is *half-open*: one call at a
/// time is let through as a trial, the others are still refused; a success closes it, a failure opens it again. Calls
/// that succeed too late can count as failures. What a call that began earlier reports after a change of state is
/// counted, and changes nothing.
///
/// A handle: clones share the state. Each call takes a mutex twice for a few instructions, which is little beside
/// what is worth a breaker; user code runs outside of it.
///
/// The pattern of M. Nygard, *Release It!* (2007), with the states of
/// <https://martinfowler.com/bliki/CircuitBreaker.html>.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tuneup_caching::{CircuitBreaker, CircuitState, Error};
///
/// let (clock, mock) = tuneup_measure::Clock::mock();
/// let breaker = CircuitBreaker::builder().failures(2).open_for(Duration::from_secs(1)).clock(clock).build()?;
/// let down = || Err::<(), _>(Error::StoreTimedOut {
///     store: "server",
///     operation: "answer",
///     timeout: Duration::from_millis(500),
/// });
/// for _ in 0..2 {
///     assert!(matches!(breaker.call(down), Err(Error::StoreTimedOut { .. })));
/// }
/// assert!(matches!(breaker.call(down), Err(Error::CircuitOpen { .. })));
///
/// mock.advance(Duration::from_secs(1));
/// breaker.call(|| Ok::<_, Error>(()))?;
/// assert_eq!(breaker.info().state, CircuitState::Closed);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct CircuitBreaker {
    inner: Arc<Inner>,
}

struct Inner {
    failures: u32,
    open_for: Duration,
    slow_after: Option<Duration>,
    clock: Clock,
    circuit: Mutex<Circuit>,
}

struct Circuit {
    phase: Phase,
    /// The number of changes of state: what a call reports counts only in the state in which it began.
    epoch: u64,
    info: CircuitInfo,
}

enum Phase {
    Closed { failures_in_row: u32 },
    Open { since: Ticks },
    HalfOpen { trial_runs: bool },
}

/// Whether calls are let through.
///
/// # Examples
/// ```
/// use tuneup_caching::{CircuitBreaker, CircuitState};
///
/// assert_eq!(CircuitBreaker::new().info().state, CircuitState::Closed);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum CircuitState {
    /// All are.
    #[default]
    Closed,
    /// None is, until its time is over.
    Open,
    /// One at a time is, as a trial.
    HalfOpen,
}

/// What a [`CircuitBreaker`] has seen since it was made.
///
/// # Examples
/// ```
/// let breaker = tuneup_caching::CircuitBreaker::new();
/// breaker.call(|| Ok::<_, tuneup_caching::Error>(()))?;
/// assert_eq!(breaker.info().successes, 1);
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CircuitInfo {
    /// Its state now. An open circuit whose time is over counts as half-open.
    pub state: CircuitState,
    /// Calls that succeeded in time.
    pub successes: u64,
    /// Calls that failed, or succeeded too late.
    pub failures: u64,
    /// Of the failures, those that only were too late.
    pub slow: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// How often it has opened, after a failed trial too.
    pub opens: u64,
}

impl CircuitBreaker {
    /// With the defaults of [`builder`](Self::builder): open for one second after five failures.
    ///
    /// # Examples
    /// ```
    /// let breaker = tuneup_caching::CircuitBreaker::new();
    /// assert_eq!(breaker.info().opens, 0);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        CircuitBreakerBuilder::new().make()
    }

    /// Begins to describe a breaker.
    ///
    /// # Examples
    /// ```
    /// let breaker = tuneup_caching::CircuitBreaker::builder().failures(3).build()?;
    /// # drop(breaker);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn builder() -> CircuitBreakerBuilder {
        CircuitBreakerBuilder::new()
    }

    /// Makes the call if it is let through; an `Err` is a failure, and so is a panic.
    ///
    /// # Errors
    /// Those of `call`; [`Error::CircuitOpen`], turned into its type, if the call was refused.
    ///
    /// # Panics
    /// If `call` does.
    ///
    /// # Examples
    /// ```
    /// let breaker = tuneup_caching::CircuitBreaker::new();
    /// let answer = breaker.call(|| Ok::<_, tuneup_caching::Error>(42))?;
    /// assert_eq!(answer, 42);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn call<T, E: From<Error>>(&self, call: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let permit = self.acquire()?;
        // Until there is a result, it is a panic.
        let mut permit = FailingOnDrop(Some(permit));
        let result = call();
        if let Some(permit) = permit.0.take() {
            match &result {
                Ok(_) => permit.succeed(),
                Err(_) => permit.fail(),
            }
        }
        result
    }

    /// The permission for one call that is made elsewhere, such as an asynchronous one.
    ///
    /// # Errors
    /// [`Error::CircuitOpen`] if the call is refused.
    ///
    /// # Examples
    /// ```
    /// let breaker = tuneup_caching::CircuitBreaker::new();
    /// let permit = breaker.acquire()?;
    /// // … the call …
    /// permit.succeed();
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn acquire(&self) -> Result<CircuitPermit, Error> {
        let inner = &*self.inner;
        let now = inner.clock.now();
        let mut circuit = inner.lock();
        let retry_in = match &mut circuit.phase {
            Phase::Closed { .. } => None,
            Phase::Open { since } => {
                let passed = inner.clock.duration_between(*since, now);
                if passed >= inner.open_for {
                    circuit.enter(Phase::HalfOpen { trial_runs: true });
                    None
                } else {
                    Some(inner.open_for - passed)
                }
            }
            Phase::HalfOpen { trial_runs } => {
                if *trial_runs {
                    Some(Duration::ZERO)
                } else {
                    *trial_runs = true;
                    None
                }
            }
        };
        if let Some(retry_in) = retry_in {
            circuit.info.refused += 1;
            return Err(Error::CircuitOpen { retry_in });
        }
        Ok(CircuitPermit {
            epoch: circuit.epoch,
            begun: now,
            breaker: Some(Arc::clone(&self.inner)),
        })
    }

    /// Its state and counts. One mutex.
    ///
    /// # Examples
    /// ```
    /// let info = tuneup_caching::CircuitBreaker::new().info();
    /// assert_eq!((info.successes, info.failures, info.refused), (0, 0, 0));
    /// ```
    #[must_use]
    pub fn info(&self) -> CircuitInfo {
        let inner = &*self.inner;
        let now = inner.clock.now();
        let circuit = inner.lock();
        let state = match circuit.phase {
            Phase::Closed { .. } => CircuitState::Closed,
            Phase::Open { since } if inner.clock.duration_between(since, now) < inner.open_for => {
                CircuitState::Open
            }
            Phase::Open { .. } | Phase::HalfOpen { .. } => CircuitState::HalfOpen,
        };
        CircuitInfo {
            state,
            ..circuit.info
        }
    }
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker")
            .field("info", &self.info())
            .finish_non_exhaustive()
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, epoch: u64, begun: Ticks, succeeded: bool) {
        let now = self.clock.now();
        let late = self
            .slow_after
            .is_some_and(|limit| self.clock.duration_between(begun, now) > limit);
        let mut circuit = self.lock();
        if succeeded && !late {
            circuit.info.successes += 1;
        } else {
            circuit.info.failures += 1;
            circuit.info.slow += u64::from(succeeded);
        }
        if circuit.epoch != epoch {
            return;
        }
        if succeeded && !late {
            match &mut circuit.phase {
                Phase::Closed { failures_in_row } => *failures_in_row = 0,
                _ => circuit.enter(Phase::Closed { failures_in_row: 0 }),
            }
            return;
        }
        let opens = match &mut circuit.phase {
            Phase::Closed { failures_in_row } => {
                *failures_in_row += 1;
                *failures_in_row >= self.failures
            }
            Phase::HalfOpen { .. } => true,
            Phase::Open { .. } => false,
        };
        if opens {
            circuit.info.opens += 1;
            circuit.enter(Phase::Open { since: now });
        }
    }

    /// A call ended without saying how: a trial makes room for another.
    fn give_up(&self, epoch: u64) {
        let mut circuit = self.lock();
        if circuit.epoch == epoch
            && let Phase::HalfOpen { trial_runs } = &mut circuit.phase
        {
            *trial_runs = false;
        }
    }
}

impl Circuit {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.epoch += 1;
    }
}

/// The permission for one call; see [`CircuitBreaker::acquire`].
///
/// Dropped without a word, as when a future is cancelled, the call counts as neither success nor failure.
///
/// # Examples
/// ```
/// let breaker = tuneup_caching::CircuitBreaker::new();
/// breaker.acquire()?.fail();
/// assert_eq!(breaker.info().failures, 1);
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[must_use = "say how the call ended: `succeed` or `fail`"]
pub struct CircuitPermit {
    /// Taken when the call has ended.
    breaker: Option<Arc<Inner>>,
    epoch: u64,
    begun: Ticks,
}

impl CircuitPermit {
    /// The call succeeded, now.
    ///
    /// # Examples
    /// ```
    /// let breaker = tuneup_caching::CircuitBreaker::new();
    /// breaker.acquire()?.succeed();
    /// assert_eq!(breaker.info().successes, 1);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn succeed(mut self) {
        self.report(true);
    }

    /// The call failed, now.
    ///
    /// # Examples
    /// ```
    /// let breaker = tuneup_caching::CircuitBreaker::new();
    /// breaker.acquire()?.fail();
    /// assert_eq!(breaker.info().failures, 1);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn fail(mut self) {
        self.report(false);
    }

    fn report(&mut self, succeeded: bool) {
        if let Some(breaker) = self.breaker.take() {
            breaker.report(self.epoch, self.begun, succeeded);
        }
    }
}

impl Drop for CircuitPermit {
    fn drop(&mut self) {
        if let Some(breaker) = self.breaker.take() {
            breaker.give_up(self.epoch);
        }
    }
}

impl fmt::Debug for CircuitPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitPermit").finish_non_exhaustive()
    }
}

/// A permit whose call fails unless the permit is taken out.
struct FailingOnDrop(Option<CircuitPermit>);

impl Drop for FailingOnDrop {
    fn drop(&mut self) {
        if let Some(permit) = self.0.take() {
            permit.fail();
        }
    }
}
