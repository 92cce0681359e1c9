//! When the program had the most live bytes, and how many.
//!
//! A new peak is a new number, and nothing else happens: what each stack had then is kept by whoever changes it next
//! ([`StackSums::keep_peak`](super::thread_trace::StackSums::keep_peak)). A program whose heap only grows pays for its many peaks with one addition
//! for each; it is in fact the first free behind a peak that makes it one.

use std::sync::atomic::{
    AtomicI64, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

use super::now_ns;

/// From 1 on: 0 is the peak of sums that were never changed. It goes on through all traces.
static NUMBER: AtomicU64 = AtomicU64::new(1);
static BYTES: AtomicI64 = AtomicI64::new(i64::MIN);
/// Since the first trace began.
static TIME_NS: AtomicU64 = AtomicU64::new(0);

/// The peak that is the highest so far.
#[inline(always)]
pub(super) fn number() -> u64 {
    NUMBER.load(Acquire)
}

/// For a trace that begins: no peak is known.
pub(super) fn forget() {
    BYTES.store(i64::MIN, Relaxed);
    NUMBER.fetch_add(1, Release);
}

/// Whether so many live bytes would be a new peak.
#[inline(always)]
pub(super) fn is_above(live_bytes: i64) -> bool {
    live_bytes > BYTES.load(Relaxed)
}

/// The program has so many live bytes, and the sums say so. Of two threads that have more than was known, both make a peak.
#[cold]
pub(super) fn meet(live_bytes: i64) {
    if BYTES.fetch_max(live_bytes, Relaxed) < live_bytes {
        TIME_NS.store(now_ns(), Relaxed);
        NUMBER.fetch_add(1, Release);
    }
}

/// Its number, its bytes, and its time since the first trace began. Nothing was met: 0 bytes.
pub(super) fn read() -> (u64, u64, u64) {
    let number = number();
    let bytes = BYTES.load(Relaxed).max(0).cast_unsigned();
    (number, bytes, TIME_NS.load(Relaxed))
}
