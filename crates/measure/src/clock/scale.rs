//! The worth of a tick.

use std::time::Duration;

use crate::Error;

/// What the ticks of a [`Clock`](crate::Clock) are worth, fixed at the moment it was taken.
///
/// A ratio of two integers, so that a clock that counts nanoseconds converts exactly. Two scales of
/// one clock differ by the anchors' width: convert everything that is to be compared with the same
/// one.
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "(u64, u64)", into = "(u64, u64)"))]
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

    /// A scale of a recorded ratio: `elapsed_ticks` ticks took `elapsed_ns` nanoseconds. The
    /// inverse of [`ratio`](Self::ratio), for ticks that were stored and are read in another
    /// process.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if there are no ticks.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Scale;
    ///
    /// let scale = Scale::from_ratio(1_000, 3_000)?;
    /// assert_eq!(scale.ticks_per_second(), 3e9);
    /// assert_eq!(scale.duration(600).as_nanos(), 200);
    /// # Ok::<(), tuneup_measure::Error>(())
    /// ```
    pub fn from_ratio(elapsed_ns: u64, elapsed_ticks: u64) -> Result<Self, Error> {
        if elapsed_ticks == 0 {
            return Err(Error::OutOfRange {
                option: "number of ticks of a scale",
                value: 0.0,
                allowed: "the ticks of some time that has passed",
            });
        }
        Ok(Self::new(elapsed_ns, elapsed_ticks))
    }

    /// Nanoseconds, and the ticks they took: what [`from_ratio`](Self::from_ratio) needs.
    ///
    /// # Examples
    /// ```
    /// assert_eq!(tuneup_measure::Clock::monotonic().scale().ratio(), (1, 1));
    /// ```
    #[must_use]
    pub fn ratio(&self) -> (u64, u64) {
        (self.elapsed_ns, self.elapsed_ticks)
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

#[cfg(feature = "serde")]
impl TryFrom<(u64, u64)> for Scale {
    type Error = Error;

    fn try_from((elapsed_ns, elapsed_ticks): (u64, u64)) -> Result<Self, Error> {
        Self::from_ratio(elapsed_ns, elapsed_ticks)
    }
}

#[cfg(feature = "serde")]
impl From<Scale> for (u64, u64) {
    fn from(scale: Scale) -> Self {
        scale.ratio()
    }
}
