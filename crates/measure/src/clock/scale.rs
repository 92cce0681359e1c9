//! The worth of a tick.

use std::time::Duration;

/// What the ticks of a [`Clock`](crate::Clock) are worth, fixed at the moment it was taken.
///
/// A ratio of two integers, so that a clock that counts nanoseconds converts exactly. Two scales of one clock differ by the anchors'
/// width: convert everything that is to be compared with the same one.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tuneup_measure::Clock;
///
/// let scale = Clock::monotonic().scale();
/// assert_eq!(scale.duration(1_500), Duration::from_nanos(1_500));
/// assert_eq!(scale.ns(1_500), 1_500.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    elapsed_ns: u64,
    elapsed_ticks: u64,
    ns_per_tick: f64,
}

impl Scale {
    pub(super) const NANOSECONDS: Self = Self {
        elapsed_ns: 1,
        elapsed_ticks: 1,
        ns_per_tick: 1.0,
    };

    pub(super) fn new(elapsed_ns: u64, elapsed_ticks: u64) -> Self {
        Self {
            elapsed_ns,
            elapsed_ticks,
            ns_per_tick: elapsed_ns as f64 / elapsed_ticks as f64,
        }
    }

    /// `ticks` in nanoseconds. One multiplication.
    ///
    /// # Examples
    /// ```
    /// let (clock, _mock) = tuneup_measure::Clock::mock();
    /// assert_eq!(clock.scale().ns(250), 250.0);
    /// ```
    #[inline]
    #[must_use]
    pub fn ns(&self, ticks: u64) -> f64 {
        ticks as f64 * self.ns_per_tick
    }

    /// `ticks` as a duration, rounded down to the nanosecond. One 128-bit division.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let (clock, _mock) = tuneup_measure::Clock::mock();
    /// assert_eq!(clock.scale().duration(2_000_000_000), Duration::from_secs(2));
    /// ```
    #[must_use]
    pub fn duration(&self, ticks: u64) -> Duration {
        const NS_PER_SECOND: u128 = 1_000_000_000;
        let ns = u128::from(ticks) * u128::from(self.elapsed_ns) / u128::from(self.elapsed_ticks);
        match u64::try_from(ns / NS_PER_SECOND) {
            Ok(seconds) => Duration::new(seconds, (ns % NS_PER_SECOND) as u32),
            Err(_) => Duration::MAX,
        }
    }

    /// The counter's frequency.
    ///
    /// # Examples
    /// ```
    /// assert_eq!(tuneup_measure::Clock::monotonic().scale().ticks_per_second(), 1e9);
    /// ```
    #[doc(alias = "frequency")]
    #[must_use]
    pub fn ticks_per_second(&self) -> f64 {
        1e9 / self.ns_per_tick
    }
}
