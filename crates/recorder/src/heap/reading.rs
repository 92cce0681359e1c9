//! The counters of all threads, for others to read.

use super::{
    size_classes::{CLASSES, largest_of},
    threads,
};
use crate::allocations::AllocationCounters;

/// What the whole process has allocated, from [`read_heap`].
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct HeapReading {
    /// Of all threads, those included that have ended.
    pub total: AllocationCounters,
    /// The most bytes that were live at once since the process began, or since [`reset_peak`].
    pub peak_bytes: u64,
    /// The peak may have been higher by so much at most: threads say what they allocate in steps.
    pub peak_error_bytes: u64,
    /// By size, while [`sort_by_size`](crate::sort_by_size) is or was on: the classes that were met.
    pub size_classes: Vec<SizeClassReading>,
    /// The threads that are running and have allocated or freed, the oldest first.
    pub threads: Vec<ThreadHeapReading>,
}

/// Blocks of similar size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SizeClassReading {
    /// The largest size; the smallest is one byte more than the largest of the class before.
    pub largest_bytes: u64,
    /// What was counted of them.
    pub counters: AllocationCounters,
}

/// What one thread has allocated and freed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThreadHeapReading {
    /// From 1 on, in the order in which threads were met.
    pub number: u64,
    /// The number by which the system knows it; 0 where that is not known.
    pub system_id: u64,
    /// What it has counted.
    pub counters: AllocationCounters,
}

/// Reads the counters of all threads. A lock is held while they are read, which threads that begin, end, or look for a
/// peak wait for; O(threads).
///
/// ```
/// tuneup_recorder::count_allocation(64); // what the program's allocator calls
/// assert!(tuneup_recorder::read_heap().total.allocated_bytes >= 64);
/// ```
#[must_use]
pub fn read_heap() -> HeapReading {
    let mut reading = HeapReading::default();
    // What reading needs is allocated outside of the lock: the allocator may have to wait for it.
    loop {
        let wanted = threads::lock().listed() + 8;
        reading.threads = Vec::with_capacity(wanted);
        reading.size_classes = Vec::with_capacity(CLASSES);
        let mut threads = threads::lock();
        if threads.listed() > wanted {
            continue;
        }
        reading.total = threads.total();
        for heap in threads.heaps() {
            reading.threads.push(ThreadHeapReading {
                number: heap.number.get(),
                system_id: heap.system_id.get(),
                counters: heap.counters(),
            });
        }
        for class in 0..CLASSES {
            let counters = threads.class(class);
            if counters != AllocationCounters::ZERO {
                reading.size_classes.push(SizeClassReading {
                    largest_bytes: largest_of(class),
                    counters,
                });
            }
        }
        reading.peak_bytes = threads.peak_bytes();
        reading.peak_error_bytes = threads.peak_error_bytes();
        break;
    }
    reading.threads.sort_unstable_by_key(|thread| thread.number);
    reading
}

/// Makes the peak what is live now, for all threads. Takes a lock for a moment.
///
/// ```
/// tuneup_recorder::reset_peak();
/// let reading = tuneup_recorder::read_heap();
/// assert!(reading.peak_bytes >= reading.total.live_bytes());
/// ```
pub fn reset_peak() {
    threads::lock().reset_peak();
}
