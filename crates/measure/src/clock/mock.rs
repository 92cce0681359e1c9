//! The hand that moves a mock clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Moves the [`Clock`](crate::Clock) it was made with by [`Clock::mock`](crate::Clock::mock), and
/// all clones of it.
///
/// May be cloned and used from any thread.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tuneup_measure::Clock;
///
/// let (clock, mock) = Clock::mock();
/// mock.set(Duration::from_secs(1));
/// mock.advance(Duration::from_nanos(5));
/// assert_eq!(clock.now().raw(), 1_000_000_005);
/// ```
#[derive(Debug, Clone)]
pub struct MockClock {
    elapsed_ns: Arc<AtomicU64>,
}

impl MockClock {
    pub(super) fn sharing(elapsed_ns: Arc<AtomicU64>) -> Self {
        Self { elapsed_ns }
    }

    /// Moves the clock forward; it stops at `u64::MAX` nanoseconds (584 years).
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let (clock, mock) = tuneup_measure::Clock::mock();
    /// mock.advance(Duration::from_micros(1));
    /// mock.advance(Duration::from_micros(1));
    /// assert_eq!(clock.now().raw(), 2_000);
    /// ```
    pub fn advance(&self, by: Duration) {
        let by_ns = whole_ns(by);
        // The closure always gives a value, so that the update cannot fail.
        let _ = self
            .elapsed_ns
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |ns| {
                Some(ns.saturating_add(by_ns))
            });
    }

    /// Sets the time since the clock was made, forward or back: going back is what a test of a
    /// broken counter needs.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let (clock, mock) = tuneup_measure::Clock::mock();
    /// mock.set(Duration::from_secs(3));
    /// assert_eq!(clock.now().raw(), 3_000_000_000);
    /// ```
    pub fn set(&self, elapsed: Duration) {
        self.elapsed_ns.store(whole_ns(elapsed), Ordering::Release);
    }
}

fn whole_ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
