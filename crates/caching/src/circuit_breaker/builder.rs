//! The options of a circuit breaker.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tuneup_measure::Clock;

use super::{Circuit, CircuitBreaker, CircuitInfo, Inner, Phase};
use crate::Error;

/// The options of a [`CircuitBreaker`]; see [`CircuitBreaker::builder`].
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// let breaker = tuneup_caching::CircuitBreaker::builder()
///     .failures(10)
///     .open_for(Duration::from_secs(5))
///     .slow_after(Duration::from_millis(250))
///     .build()?;
/// # drop(breaker);
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing before `build`"]
pub struct CircuitBreakerBuilder {
    failures: u32,
    open_for: Duration,
    slow_after: Option<Duration>,
    clock: Clock,
}

impl CircuitBreakerBuilder {
    pub(super) fn new() -> Self {
        Self {
            failures: 5,
            open_for: Duration::from_secs(1),
            slow_after: None,
            clock: Clock::new(),
        }
    }

    /// After how many failures in a row to open: 1 or more, by default 5.
    ///
    /// # Examples
    /// ```
    /// let builder = tuneup_caching::CircuitBreaker::builder().failures(1);
    /// # drop(builder);
    /// ```
    pub fn failures(mut self, failures: u32) -> Self {
        self.failures = failures;
        self
    }

    /// How long to stay open before the next trial: more than zero, by default 1 s.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let builder = tuneup_caching::CircuitBreaker::builder().open_for(Duration::from_secs(10));
    /// # drop(builder);
    /// ```
    pub fn open_for(mut self, time: Duration) -> Self {
        self.open_for = time;
        self
    }

    /// What takes longer than this counts as failed, even if it succeeds: more than zero, by default no limit.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let builder = tuneup_caching::CircuitBreaker::builder().slow_after(Duration::from_millis(50));
    /// # drop(builder);
    /// ```
    pub fn slow_after(mut self, time: Duration) -> Self {
        self.slow_after = Some(time);
        self
    }

    /// What time is counted by: by default [`Clock::new`].
    ///
    /// # Examples
    /// ```
    /// let (clock, _mock) = tuneup_measure::Clock::mock();
    /// let builder = tuneup_caching::CircuitBreaker::builder().clock(clock);
    /// # drop(builder);
    /// ```
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The breaker, closed.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if a number or time is zero.
    ///
    /// # Examples
    /// ```
    /// assert!(tuneup_caching::CircuitBreaker::builder().failures(0).build().is_err());
    /// ```
    pub fn build(self) -> Result<CircuitBreaker, Error> {
        if self.failures == 0 {
            return Err(Error::OutOfRange {
                option: "failures",
                value: "0".to_owned(),
                allowed: "1 or more",
            });
        }
        for (option, time) in [
            ("open_for", Some(self.open_for)),
            ("slow_after", self.slow_after),
        ] {
            if time.is_some_and(|time| time.is_zero()) {
                return Err(Error::OutOfRange {
                    option,
                    value: "0 s".to_owned(),
                    allowed: "more than zero",
                });
            }
        }
        Ok(self.make())
    }

    /// Without checks, for options that are known to be good.
    pub(super) fn make(self) -> CircuitBreaker {
        CircuitBreaker {
            inner: Arc::new(Inner {
                failures: self.failures,
                open_for: self.open_for,
                slow_after: self.slow_after,
                clock: self.clock,
                circuit: Mutex::new(Circuit {
                    phase: Phase::Closed { failures_in_row: 0 },
                    epoch: 0,
                    info: CircuitInfo::default(),
                }),
            }),
        }
    }
}
