//! A clock whose reading costs one counter instruction, and whose ticks become time later.
//!
//! The hot path reads the raw counter. What a tick is worth is worked out when somebody asks, from
//! two pairs of (wall clock, counter) that lie as far apart as the program has run: no pause at
//! start-up, and the longer the run the better the ratio.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

mod anchor;
mod counter;
mod mock;
mod scale;
#[cfg(test)]
mod tests;

pub use self::{mock::MockClock, scale::Scale};

/// A clock for measuring short times: the time-stamp counter where it is reliable, else the
/// monotonic clock.
///
/// [`now`](Self::now) returns raw [`Ticks`]; [`scale`](Self::scale) says what they are worth. Which
/// counter is read is decided in [`new`](Self::new):
///
/// | where | source | what a reading costs |
/// |---|---|---|
/// | x86-64 with an invariant TSC (CPUID 0x80000007, EDX bit 8) | [`ClockSource::Tsc`] | one branch and `rdtsc` |
/// | AArch64 | [`ClockSource::VirtualCounter`] | one branch and a read of `cntvct_el0` |
/// | elsewhere | [`ClockSource::Monotonic`] | one branch and [`Instant::now`] |
///
/// The counter instructions do not wait for the instructions around them: a few nanoseconds of work
/// can move across a reading. Some processors advance the counter in steps (10 ns on the two-core AMD
/// EPYC virtual machine this was designed on), so that single short times are multiples of it. An invariant TSC runs at
/// one speed on all cores; a machine whose firmware left the cores' counters apart shows times that
/// are off by that difference, and differences that would be negative are reported as 0.
///
/// A clock is 24 bytes or less, cheap to clone, and may be shared between threads.
///
/// # Examples
/// ```
/// use tuneup_measure::Clock;
///
/// let clock = Clock::new();
/// let start = clock.now();
/// let sum: u64 = (0..1000).sum();
/// let end = clock.now();
/// assert_eq!(sum, 499_500);
/// println!("{:?}", clock.duration_between(start, end));
/// ```
#[doc(alias = "rdtsc")]
#[doc(alias = "TSC")]
#[derive(Clone)]
pub struct Clock {
    reading: Reading,
}

#[derive(Clone)]
enum Reading {
    Counter,
    Monotonic { origin: Instant },
    Mock { elapsed_ns: Arc<AtomicU64> },
}

impl Clock {
    /// The best clock of this machine.
    ///
    /// The first call in a process asks the processor what it has and takes the first anchor (about
    /// a microsecond, no pause); later calls cost a load. Neither allocates or blocks.
    ///
    /// # Examples
    /// ```
    /// let clock = tuneup_measure::Clock::new();
    /// println!("reading the {}", clock.source());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        if anchor::first().counter_is_reliable {
            Self {
                reading: Reading::Counter,
            }
        } else {
            Self::monotonic()
        }
    }

    /// The operating system's monotonic clock ([`Instant`]); a tick is one nanosecond.
    ///
    /// It costs about twice what a counter does. Use it where a virtual machine's counter is not to
    /// be trusted.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::{Clock, ClockSource};
    ///
    /// assert_eq!(Clock::monotonic().source(), ClockSource::Monotonic);
    /// ```
    #[must_use]
    pub fn monotonic() -> Self {
        // One origin for the process, so that the ticks of two monotonic clocks can be compared.
        Self {
            reading: Reading::Monotonic {
                origin: anchor::origin(),
            },
        }
    }

    /// A clock that stands still until its [`MockClock`] moves it; a tick is one nanosecond.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use tuneup_measure::Clock;
    ///
    /// let (clock, mock) = Clock::mock();
    /// let start = clock.now();
    /// mock.advance(Duration::from_millis(5));
    /// assert_eq!(clock.duration_between(start, clock.now()), Duration::from_millis(5));
    /// ```
    #[must_use]
    pub fn mock() -> (Self, MockClock) {
        let elapsed_ns = Arc::new(AtomicU64::new(0));
        let mock = MockClock::sharing(Arc::clone(&elapsed_ns));
        (
            Self {
                reading: Reading::Mock { elapsed_ns },
            },
            mock,
        )
    }

    /// The counter's value now.
    ///
    /// Costs one predictable branch and the counter instruction. Never allocates, locks or blocks.
    ///
    /// # Examples
    /// ```
    /// let clock = tuneup_measure::Clock::new();
    /// let earlier = clock.now();
    /// let ticks = clock.now().saturating_sub(earlier);
    /// println!("two readings are {} ns apart", clock.scale().ns(ticks));
    /// ```
    #[inline]
    #[must_use]
    pub fn now(&self) -> Ticks {
        match &self.reading {
            Reading::Counter => Ticks(counter::read()),
            other => other.now_slow(),
        }
    }

    /// What a tick is worth, fixed at this moment.
    ///
    /// For a TSC this takes the second anchor: the tightest of several readings of both clocks,
    /// about a microsecond. If less than 200 µs have passed since the process made its first clock,
    /// it spins until they have. Each anchor is at most 20 to 30 ns wide (two-core AMD EPYC virtual machine),
    /// so that the ratio is good to about 2 × 10⁻⁴ after 200 µs and to 5 × 10⁻⁸ after a second.
    /// Take one scale for one report rather than one per value.
    ///
    /// # Examples
    /// ```
    /// let clock = tuneup_measure::Clock::new();
    /// let scale = clock.scale();
    /// println!("{:.0} MHz", scale.ticks_per_second() / 1e6);
    /// ```
    #[must_use]
    pub fn scale(&self) -> Scale {
        match self.reading {
            Reading::Counter => anchor::scale(),
            Reading::Monotonic { .. } | Reading::Mock { .. } => Scale::NANOSECONDS,
        }
    }

    /// The time from `earlier` to `later`; zero if they are the wrong way round.
    ///
    /// Takes a new [`scale`](Self::scale) each time; to convert many differences, take the scale
    /// once.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let (clock, mock) = tuneup_measure::Clock::mock();
    /// let start = clock.now();
    /// mock.advance(Duration::from_micros(3));
    /// let end = clock.now();
    /// assert_eq!(clock.duration_between(start, end), Duration::from_micros(3));
    /// assert_eq!(clock.duration_between(end, start), Duration::ZERO);
    /// ```
    #[must_use]
    pub fn duration_between(&self, earlier: Ticks, later: Ticks) -> Duration {
        self.scale().duration(later.saturating_sub(earlier))
    }

    /// What this clock reads.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::{Clock, ClockSource};
    ///
    /// assert_eq!(Clock::mock().0.source(), ClockSource::Mock);
    /// ```
    #[must_use]
    pub fn source(&self) -> ClockSource {
        match self.reading {
            Reading::Counter => counter::SOURCE,
            Reading::Monotonic { .. } => ClockSource::Monotonic,
            Reading::Mock { .. } => ClockSource::Mock,
        }
    }
}

/// What a [`Clock`] of the processor's counter reads, for who knows already that its clock is one.
#[inline(always)]
#[must_use]
pub fn read_counter() -> u64 {
    counter::read()
}

impl Reading {
    // Out of line, so that the counter's path stays small enough to be inlined everywhere.
    #[cold]
    #[inline(never)]
    fn now_slow(&self) -> Ticks {
        match self {
            Self::Counter => Ticks(counter::read()),
            Self::Monotonic { origin } => {
                Ticks(u64::try_from(origin.elapsed().as_nanos()).unwrap_or(u64::MAX))
            }
            Self::Mock { elapsed_ns } => Ticks(elapsed_ns.load(Ordering::Acquire)),
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock")
            .field("source", &self.source())
            .finish_non_exhaustive()
    }
}

/// A reading of a [`Clock`]: a number of ticks whose worth its [`Scale`] knows.
///
/// Only readings of the same source in the same process can be compared.
///
/// # Examples
/// ```
/// use tuneup_measure::Ticks;
///
/// let earlier = Ticks::from_raw(100);
/// let later = Ticks::from_raw(130);
/// assert!(earlier < later);
/// assert_eq!(later.saturating_sub(earlier), 30);
/// assert_eq!(earlier.saturating_sub(later), 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Ticks(u64);

impl Ticks {
    /// A reading that was stored with [`raw`](Self::raw).
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Ticks;
    ///
    /// assert_eq!(Ticks::from_raw(7).raw(), 7);
    /// ```
    #[inline]
    #[must_use]
    pub const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    /// The counter's value.
    ///
    /// # Examples
    /// ```
    /// assert_eq!(tuneup_measure::Ticks::default().raw(), 0);
    /// ```
    #[inline]
    #[must_use]
    pub const fn raw(self) -> u64 {
        self.0
    }

    /// The ticks from `earlier` to this reading, 0 if `earlier` is the later one.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::Ticks;
    ///
    /// assert_eq!(Ticks::from_raw(9).saturating_sub(Ticks::from_raw(4)), 5);
    /// ```
    #[inline]
    #[must_use]
    pub const fn saturating_sub(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// What a [`Clock`] reads.
///
/// # Examples
/// ```
/// use tuneup_measure::ClockSource;
///
/// assert_eq!(ClockSource::Tsc.to_string(), "time-stamp counter");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ClockSource {
    /// The invariant time-stamp counter of an x86-64 processor (`rdtsc`).
    Tsc,
    /// The virtual counter of an AArch64 processor (`cntvct_el0`).
    VirtualCounter,
    /// The operating system's monotonic clock, in nanoseconds.
    Monotonic,
    /// A clock that a test moves, in nanoseconds.
    Mock,
}

impl fmt::Display for ClockSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tsc => "time-stamp counter",
            Self::VirtualCounter => "virtual counter",
            Self::Monotonic => "monotonic clock",
            Self::Mock => "mock clock",
        })
    }
}
