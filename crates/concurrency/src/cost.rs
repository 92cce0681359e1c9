//! What an item has cost where the program called for it last.
//!
//! A map of a few items cannot find out by itself whether it is worth a second thread: once an item is measured, it is done, and
//! if it was one of two, half of the gain is lost. A place in the program mostly does the same work again, though.

use std::{
    cell::Cell,
    panic::Location,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use tuneup_measure::__private::read_counter;

#[cfg(all(test, not(loom)))]
mod tests;

/// A power of two, so that the place is a shift. Two places that share a slot mislead each other; the harm is one hand-over
/// too many, or one item that was not shared.
const SLOTS_LOG2: u32 = 10;

/// Nanoseconds an item as the bits of an `f32`; 0 is for "not known", and never the cost of anything.
static COSTS: [AtomicU32; 1 << SLOTS_LOG2] = [const { AtomicU32::new(0) }; 1 << SLOTS_LOG2];

/// Work that is expected to be over sooner is not timed at every call.
const TINY_NS: f32 = 1_000.0;

/// An item that takes more ticks of the processor's counter is none of those that together take no time. Where a counter is fast, as on x86-64, it is
/// about as much as all of them may take; at 24 MHz, the slowest, 170 µs.
const TINY_TICKS: u64 = 4_096;

/// A cost that differs by less is not written: the line stays shared between the processors.
const WORTH_A_WRITE: f64 = 0.25;

/// A place in the program that asks for the same work again and again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site(&'static AtomicU32);

impl Site {
    /// The place that called the function that called this, which must be `#[track_caller]`.
    #[inline]
    #[track_caller]
    pub(crate) fn of_caller() -> Self {
        let address = std::ptr::from_ref(Location::caller()).addr() as u64;
        // Fibonacci hashing: neighbouring locations are 24 bytes apart, and land far from each other.
        let hash = address.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SLOTS_LOG2);
        Self(&COSTS[hash as usize & (COSTS.len() - 1)])
    }

    /// What an item cost the last time, if there was one.
    #[inline]
    pub(crate) fn cost_ns(self) -> Option<f64> {
        match self.0.load(Relaxed) {
            0 => None,
            bits => Some(f64::from(f32::from_bits(bits))),
        }
    }

    /// Whether so many items are to be worked on right here, without a look at the clock, because they are known to take no time, unless the
    /// [first](FirstItem) shows that they are others. Reading the clock three times takes longer than a hundred additions.
    #[inline]
    pub(crate) fn is_tiny(self, items: usize) -> bool {
        // The bits of 0 are those of "not known".
        let cost_ns = f32::from_bits(self.0.load(Relaxed));
        cost_ns > 0.0 && cost_ns * (items as f32) < TINY_NS && !is_sampled()
    }

    /// What was known was wrong: the next call is timed, whatever the items after the first have cost.
    pub(crate) fn distrust(self) {
        let known = self.cost_ns().unwrap_or(0.0);
        self.learn(known.max(f64::from(TINY_NS)));
    }

    pub(crate) fn learn(self, cost_ns: f64) {
        let cost_ns = cost_ns.max(f64::from(f32::MIN_POSITIVE));
        let known = self.cost_ns().unwrap_or(f64::INFINITY);
        // Not a comparison of the difference with the sum: the first, infinite one must pass too.
        if cost_ns < known * (1.0 - WORTH_A_WRITE) || cost_ns > known * (1.0 + WORTH_A_WRITE) {
            self.0.store((cost_ns as f32).to_bits(), Relaxed);
        }
    }
}

/// The first of several items of which each is expected to take next to no time.
///
/// The counter of the processor tells how long it takes, at half the price of a clock, which would be more than that of the items. Where none is known
/// it stands still: then every item is tiny.
pub(crate) struct FirstItem {
    begun: u64,
}

impl FirstItem {
    #[inline]
    pub(crate) fn begin() -> Self {
        Self {
            begun: read_counter(),
        }
    }

    /// To be called when it is done.
    #[inline]
    pub(crate) fn is_tiny(&self) -> bool {
        // Counters of two processors may differ.
        read_counter().saturating_sub(self.begun) <= TINY_TICKS
    }
}

/// One in sixty-four, at random: of the calls that are known to be tiny, those that are measured nevertheless.
///
/// At random, because of two places that take turns a counter would measure only one.
#[inline]
fn is_sampled() -> bool {
    const ONE_IN_LOG2: u32 = 6;
    thread_local!(static STATE: Cell<u32> = const { Cell::new(0x9e37_79b9) });
    // Numerical Recipes' generator; its high bits are the good ones.
    let next = STATE
        .get()
        .wrapping_mul(1_664_525)
        .wrapping_add(1_013_904_223);
    STATE.set(next);
    next >> (u32::BITS - ONE_IN_LOG2) == 0
}
