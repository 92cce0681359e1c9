//! So much in a time, shared by all, first come first served.

use std::{
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Semaphore, time::Instant};

/// Lets pass so many in each period, evenly, whoever asks.
///
/// A token bucket in the form of the generic cell rate algorithm (GCRA, ITU-T I.371): no task fills the bucket, one number tells
/// when it will be full. At most `burst` pass at once after a rest, by default 1; in any time `t`, no more than `t · rate + burst`
/// become due.
///
/// - **Fair:** who waits is served in order of arrival, and [`try_acquire`](Self::try_acquire) does not overtake.
/// - **No drift:** a timer that fires late does not delay those behind. The times are exact, in fractions of nanoseconds; the timer of tokio wakes
///   after them, by about a millisecond. At more than 1000 a second, those who wait pass in groups a millisecond apart.
/// - **Cancel-safe:** who is dropped while waiting has taken nothing and holds nobody up.
///
/// Shared by reference from any task. **Cost:** two locks for an instant each, no task, no allocation. Waiters are as many as callers
/// make them.
///
/// # Examples
/// ```
/// use std::{num::NonZeroU32, time::Duration};
/// use tuneup_concurrency::RateLimiter;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// let limiter = RateLimiter::new(NonZeroU32::new(100).unwrap(), Duration::from_secs(1));
/// let began = tokio::time::Instant::now();
/// for _ in 0..11 {
///     limiter.acquire(NonZeroU32::MIN).await;
/// }
/// assert_eq!(began.elapsed(), Duration::from_millis(100));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "throttle")]
#[doc(alias = "token bucket")]
pub struct RateLimiter {
    // Who has the permit is the first of those who wait; the semaphore keeps their order.
    turn: Semaphore,
    // When the bucket will be full, in ticks since `origin`. Written by who has the turn alone.
    full_at: Mutex<u128>,
    origin: Instant,
    // A nanosecond has `count` ticks, so that the tick of a token is a whole number: nothing is rounded.
    count: u32,
    ticks_per_token: u128,
    burst: u32,
}

impl RateLimiter {
    /// Lets `count` pass in each `period`, one after the other.
    ///
    /// A period of zero limits nothing.
    ///
    /// # Examples
    /// See [`RateLimiter`].
    #[must_use]
    pub fn new(count: NonZeroU32, period: Duration) -> Self {
        Self {
            turn: Semaphore::new(1),
            full_at: Mutex::new(0),
            origin: Instant::now(),
            count: count.get(),
            ticks_per_token: period.as_nanos(),
            burst: 1,
        }
    }

    /// How many may pass at once after a rest: 1 by default.
    ///
    /// # Examples
    /// ```
    /// use std::{num::NonZeroU32, time::Duration};
    /// use tuneup_concurrency::RateLimiter;
    ///
    /// let ten = NonZeroU32::new(10).unwrap();
    /// let limiter = RateLimiter::new(ten, Duration::from_secs(60)).with_burst(ten);
    /// assert!(limiter.try_acquire(ten));
    /// assert!(!limiter.try_acquire(NonZeroU32::MIN));
    /// ```
    #[must_use]
    pub fn with_burst(mut self, burst: NonZeroU32) -> Self {
        self.burst = burst.get();
        self
    }

    /// Waits until so many may pass.
    ///
    /// More than the burst may be asked for: they pass when those beyond the burst have become due too.
    ///
    /// # Panics
    /// If it has to wait outside of a tokio runtime, or without its timer.
    ///
    /// # Examples
    /// See [`RateLimiter`].
    pub async fn acquire(&self, tokens: NonZeroU32) {
        // Who has been waiting is served as if at its time: what the timer is late by is not lost.
        let arrived = self.ticks(Instant::now());
        let Ok(_turn) = self.turn.acquire().await else {
            unreachable!("the semaphore is never closed");
        };
        // Dropped before the turn, whether the wait ends or is given up.
        let mut waiting = Waiting {
            limiter: self,
            full_at: 0,
        };
        let (due, full_at) = self.claim(tokens, arrived);
        // Rounded up, so that nobody passes too early.
        let due = Duration::from_nanos(saturate(due.div_ceil(u128::from(self.count))));
        if let Some(due) = self.origin.checked_add(due)
            && due > Instant::now()
        {
            tokio::time::sleep_until(due).await;
        }
        waiting.full_at = full_at;
    }

    /// Passes if so many may pass now and nobody waits; says whether it did.
    ///
    /// # Examples
    /// See [`with_burst`](Self::with_burst).
    #[must_use = "false means that nothing was taken"]
    pub fn try_acquire(&self, tokens: NonZeroU32) -> bool {
        let Ok(_turn) = self.turn.try_acquire() else {
            return false;
        };
        let now = self.ticks(Instant::now());
        let (due, full_at) = self.claim(tokens, now);
        if due > now {
            return false;
        }
        *self.lock() = full_at;
        true
    }

    /// When somebody who came at a time may pass, and when the bucket is full after that.
    fn claim(&self, tokens: NonZeroU32, arrived: u128) -> (u128, u128) {
        let taken = u128::from(tokens.get()) * self.ticks_per_token;
        let full_at = (*self.lock()).max(arrived).saturating_add(taken);
        let due = full_at.saturating_sub(u128::from(self.burst) * self.ticks_per_token);
        (due, full_at)
    }

    fn lock(&self) -> MutexGuard<'_, u128> {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ticks(&self, time: Instant) -> u128 {
        time.saturating_duration_since(self.origin).as_nanos() * u128::from(self.count)
    }
}

/// The first of those who wait.
struct Waiting<'a> {
    limiter: &'a RateLimiter,
    // Zero until it has passed.
    full_at: u128,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let full_at = if self.full_at == 0 {
            // It gave up, and took nothing. Those behind came when the bucket may have been full already: what it
            // would have held beyond its burst meanwhile is not theirs.
            self.limiter.ticks(Instant::now())
        } else {
            self.full_at
        };
        let mut state = self.limiter.lock();
        *state = full_at.max(*state);
    }
}

fn saturate(nanos: u128) -> u64 {
    u64::try_from(nanos).unwrap_or(u64::MAX)
}
