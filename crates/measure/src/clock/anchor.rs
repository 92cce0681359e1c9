//! Pairs of (wall clock, counter): one taken early, one when a scale is asked for.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use super::{counter, scale::Scale};

/// A shorter baseline would make the width of two anchors (20 to 30 ns each on a
/// two-core AMD EPYC virtual machine) more than 0.03 % of it.
const SHORTEST_BASELINE: Duration = Duration::from_micros(200);
const FIRST_ATTEMPTS: u32 = 8;
const SECOND_ATTEMPTS: u32 = 16;

static FIRST: OnceLock<First> = OnceLock::new();

/// What is found out once in a process. Asking the processor is not free: `cpuid` traps in virtual
/// machines.
pub(super) struct First {
    pub(super) counter_is_reliable: bool,
    anchor: Anchor,
}

#[derive(Clone, Copy)]
pub(super) struct Anchor {
    pub(super) instant: Instant,
    pub(super) ticks: u64,
}

impl Anchor {
    /// The tightest of several sandwiches: whatever interrupts one of them makes it wider, and it
    /// loses.
    fn take(attempts: u32) -> Self {
        let mut best = None;
        let mut narrowest = u64::MAX;
        for _ in 0..attempts {
            let before = counter::read();
            let instant = Instant::now();
            let width = counter::read().saturating_sub(before);
            if best.is_none() || width < narrowest {
                narrowest = width;
                best = Some(Self {
                    instant,
                    ticks: before + width / 2,
                });
            }
        }
        best.unwrap_or_else(|| Self {
            instant: Instant::now(),
            ticks: counter::read(),
        })
    }
}

pub(super) fn first() -> &'static First {
    FIRST.get_or_init(|| First {
        counter_is_reliable: counter::is_reliable(),
        anchor: Anchor::take(FIRST_ATTEMPTS),
    })
}

pub(super) fn origin() -> Instant {
    first().anchor.instant
}

pub(super) fn scale() -> Scale {
    if let Some(hz) = counter::frequency_hz() {
        return Scale::new(1_000_000_000, hz);
    }
    let first = &first().anchor;
    while first.instant.elapsed() < SHORTEST_BASELINE {
        std::hint::spin_loop();
    }
    between(first, &Anchor::take(SECOND_ATTEMPTS))
}

/// A counter that did not move (a machine image restored elsewhere) counts as one tick, so that no
/// division is by zero.
pub(super) fn between(first: &Anchor, second: &Anchor) -> Scale {
    let elapsed = second.instant.saturating_duration_since(first.instant);
    Scale::new(
        u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX),
        second.ticks.saturating_sub(first.ticks).max(1),
    )
}
