//! What one stretch of a thread's work allocates, its peak included.

use std::marker::PhantomData;

use super::{HEAP, set_next_event, threads};
use crate::allocations::AllocationCounters;

/// Measures what the current thread allocates until [`end`](Self::end). Measurements may be nested, and are to end in the
/// opposite order of their begins. While one runs, each allocation of the thread is looked at for a new peak, which costs a
/// few nanoseconds; begin and end take a lock for a moment. Stays in its thread. One that is dropped just ends.
///
/// ```
/// use tuneup_recorder::{Measurement, count_allocation, count_deallocation};
///
/// let measurement = Measurement::begin();
/// count_allocation(100); // what the program's allocator calls
/// count_deallocation(100);
/// count_allocation(20);
/// let measured = measurement.end();
/// assert_eq!((measured.counters.allocated_blocks, measured.peak_bytes), (2, 100));
/// assert_eq!(measured.net_bytes, 20);
/// ```
#[derive(Debug)]
#[must_use = "a measurement is read by `end`"]
pub struct Measurement {
    before: AllocationCounters,
    live_before: i64,
    outer_peak: i64,
    /// The counters are the thread's.
    not_send: PhantomData<*const ()>,
}

/// What a stretch of work has allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Measured {
    /// Blocks and bytes that were allocated and freed.
    pub counters: AllocationCounters,
    /// The most bytes that were live at once beyond those at the begin.
    pub peak_bytes: u64,
    /// Bytes that were allocated and not freed; negative if what was there before was freed.
    pub net_bytes: i64,
}

impl Measurement {
    /// Begins on the current thread. Allocates nothing.
    pub fn begin() -> Self {
        HEAP.with(|heap| {
            let live = heap.live_bytes();
            heap.measurements.set(heap.measurements.get() + 1);
            let threads = threads::lock();
            heap.next_event.set(0);
            drop(threads);
            Self {
                before: heap.counters(),
                live_before: live,
                outer_peak: heap.measured_peak.replace(live),
                not_send: PhantomData,
            }
        })
    }

    /// Ends, and says what was allocated since the begin.
    #[must_use]
    pub fn end(self) -> Measured {
        HEAP.with(|heap| {
            let (now, before) = (heap.counters(), self.before);
            Measured {
                counters: AllocationCounters {
                    allocated_blocks: now.allocated_blocks.wrapping_sub(before.allocated_blocks),
                    allocated_bytes: now.allocated_bytes.wrapping_sub(before.allocated_bytes),
                    freed_blocks: now.freed_blocks.wrapping_sub(before.freed_blocks),
                    freed_bytes: now.freed_bytes.wrapping_sub(before.freed_bytes),
                },
                peak_bytes: (heap.measured_peak.get() - self.live_before).cast_unsigned(),
                net_bytes: heap.live_bytes() - self.live_before,
            }
        })
    }
}

impl Drop for Measurement {
    fn drop(&mut self) {
        HEAP.with(|heap| {
            let peak = heap.measured_peak.get().max(self.outer_peak);
            heap.measured_peak.set(peak);
            heap.measurements.set(heap.measurements.get() - 1);
            let _threads = threads::lock();
            set_next_event(heap);
        });
    }
}
