//! Time of day for expiry that outlives the process, which a test can still move.

use std::{
    sync::LazyLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tuneup_measure::{Clock, ClockSource, Ticks};

use super::ttl_ms;

/// Never: the moment of expiry of what has no time to live.
pub(crate) const NEVER_MS: u64 = 0;

/// Milliseconds since 1970, by the system or, with a mock clock, by what the mock adds to one moment of the process.
///
/// Expiry in a store is time of day and no monotonic time, because other processes and later runs must understand it.
#[derive(Debug, Clone, Default)]
pub(crate) struct WallClock {
    mocked: Option<Clock>,
}

impl WallClock {
    pub(crate) fn new(clock: &Clock) -> Self {
        Self {
            mocked: (clock.source() == ClockSource::Mock).then(|| clock.clone()),
        }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        /// The same for all, so that those of one mock agree, whenever they were made.
        static ORIGIN_MS: LazyLock<u64> = LazyLock::new(system_ms);
        match &self.mocked {
            None => system_ms(),
            Some(clock) => {
                let passed = clock.duration_between(Ticks::default(), clock.now());
                ORIGIN_MS.saturating_add(millis(passed))
            }
        }
    }

    /// When something that lives for `ttl` from now on expires: [`NEVER_MS`] for no limit.
    pub(crate) fn expiry_ms(&self, ttl: Option<Duration>) -> u64 {
        ttl.map_or(NEVER_MS, |ttl| self.now_ms().saturating_add(ttl_ms(ttl)))
    }

    pub(crate) fn is_over(&self, expiry_ms: u64) -> bool {
        expiry_ms != NEVER_MS && expiry_ms <= self.now_ms()
    }

    /// How long something lives yet; none if it has no limit.
    pub(crate) fn remaining(&self, expiry_ms: u64) -> Option<Duration> {
        (expiry_ms != NEVER_MS)
            .then(|| Duration::from_millis(expiry_ms.saturating_sub(self.now_ms())))
    }
}

fn system_ms() -> u64 {
    // A clock before 1970 is a broken one: everything with a limit then lives long rather than not at all.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(1, millis)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
