//! How often, and after what pauses.

use std::{sync::Arc, time::Duration};

use super::{GiveUp, RetryBudget};
use crate::Error;

/// How often an operation is tried, and how long the pauses are: exponential backoff with full jitter.
///
/// The pause before retry number `n`, counted from 1, is drawn evenly from between nothing and `first_delay · 2ⁿ⁻¹`, and from no more
/// than `max_delay`. So those who failed together do not come back together. The source is
/// [Exponential Backoff and Jitter] by Marc Brooker.
///
/// **Defaults:** a first delay of 100 ms, at most 10 s, 5 attempts, no limit of time, no budget. Cheap to clone.
///
/// [Exponential Backoff and Jitter]: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
///
/// # Examples
/// See [`RetryPolicyBuilder`].
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    first_delay: Duration,
    max_delay: Duration,
    max_attempts: u32,
    max_elapsed: Option<Duration>,
    budget: Option<Arc<RetryBudget>>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(10),
            max_attempts: 5,
            max_elapsed: None,
            budget: None,
        }
    }
}

impl RetryPolicy {
    /// The defaults, to be changed.
    ///
    /// # Examples
    /// See [`RetryPolicyBuilder`].
    pub fn builder() -> RetryPolicyBuilder {
        RetryPolicyBuilder {
            policy: Self::default(),
        }
    }

    pub(super) fn succeeded(&self) {
        if let Some(budget) = &self.budget {
            budget.succeeded();
        }
    }

    /// The pause before the next try, if there is one.
    pub(super) fn after_failure(
        &self,
        attempts: u32,
        elapsed: Duration,
    ) -> Result<Duration, GiveUp> {
        if let Some(budget) = &self.budget {
            budget.failed();
        }
        if attempts >= self.max_attempts {
            return Err(GiveUp::Attempts);
        }
        if self
            .budget
            .as_ref()
            .is_some_and(|budget| !budget.has_room())
        {
            return Err(GiveUp::Budget);
        }
        let delay = self.longest_delay(attempts).mul_f64(fastrand::f64());
        if self
            .max_elapsed
            .is_some_and(|most| elapsed.saturating_add(delay) > most)
        {
            return Err(GiveUp::Time);
        }
        Ok(delay)
    }

    fn longest_delay(&self, attempts: u32) -> Duration {
        let mut delay = self.first_delay;
        let mut doublings = attempts - 1;
        // However many attempts there were, it is at the cap after less than a hundred doublings, or is nothing for ever.
        while doublings > 0 && !delay.is_zero() && delay < self.max_delay {
            delay = delay.saturating_mul(2);
            doublings -= 1;
        }
        delay.min(self.max_delay)
    }
}

/// The options of a [`RetryPolicy`].
///
/// # Examples
/// ```
/// use std::{num::NonZeroU32, sync::Arc, time::Duration};
/// use tuneup_concurrency::{RetryBudget, RetryPolicy};
///
/// let policy = RetryPolicy::builder()
///     .first_delay(Duration::from_millis(50))
///     .max_delay(Duration::from_secs(5))
///     .max_attempts(8)
///     .max_elapsed(Duration::from_secs(60))
///     .budget(Arc::new(RetryBudget::new(NonZeroU32::new(10).unwrap())))
///     .build()?;
/// # drop(policy);
/// # Ok::<(), tuneup_concurrency::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing before `build`"]
pub struct RetryPolicyBuilder {
    policy: RetryPolicy,
}

impl RetryPolicyBuilder {
    /// The longest pause before the first retry; it doubles with each. 100 ms by default. Of nothing, there are no pauses.
    ///
    /// # Examples
    /// See [`RetryPolicyBuilder`].
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.policy.first_delay = delay;
        self
    }

    /// The longest pause of all, not less than the first; 10 s by default.
    ///
    /// # Examples
    /// See [`RetryPolicyBuilder`].
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.policy.max_delay = delay;
        self
    }

    /// How often it is tried, the first time included: 1 or more, by default 5.
    ///
    /// # Examples
    /// See [`RetryPolicyBuilder`].
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.policy.max_attempts = attempts;
        self
    }

    /// No try begins later than this after the first; unlimited by default.
    ///
    /// # Examples
    /// See [`RetryPolicyBuilder`].
    pub fn max_elapsed(mut self, elapsed: Duration) -> Self {
        self.policy.max_elapsed = Some(elapsed);
        self
    }

    /// The budget shared with other operations; none by default.
    ///
    /// # Examples
    /// See [`RetryPolicyBuilder`].
    pub fn budget(mut self, budget: Arc<RetryBudget>) -> Self {
        self.policy.budget = Some(budget);
        self
    }

    /// Checks the options.
    ///
    /// # Errors
    /// No attempts, or a first delay that is longer than the longest.
    ///
    /// # Examples
    /// See [`RetryPolicyBuilder`].
    pub fn build(self) -> Result<RetryPolicy, Error> {
        let policy = self.policy;
        if policy.max_attempts == 0 {
            return Err(Error::OutOfRange {
                option: "max_attempts",
                value: "0".to_owned(),
                allowed: "1 or more",
            });
        }
        if policy.first_delay > policy.max_delay {
            return Err(Error::OutOfRange {
                option: "first_delay",
                value: format!("{:?}", policy.first_delay),
                allowed: "not more than max_delay",
            });
        }
        Ok(policy)
    }
}
