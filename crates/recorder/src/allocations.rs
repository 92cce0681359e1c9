//! What a thread has allocated, counted by an allocator and read by the recorder.

use std::cell::Cell;

/// What one thread has allocated and freed since it began. Counters wrap.
///
/// ```
/// use tuneup_recorder::{AllocationCounters, count_allocation};
///
/// let before = AllocationCounters::of_this_thread();
/// count_allocation(64); // what an allocator calls
/// let after = AllocationCounters::of_this_thread();
/// assert_eq!(after.allocated_bytes - before.allocated_bytes, 64);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AllocationCounters {
    /// Blocks allocated.
    pub allocated_blocks: u64,
    /// Bytes allocated.
    pub allocated_bytes: u64,
    /// Blocks freed.
    pub freed_blocks: u64,
    /// Bytes freed.
    pub freed_bytes: u64,
}

struct Counters {
    allocated_blocks: Cell<u64>,
    allocated_bytes: Cell<u64>,
    freed_blocks: Cell<u64>,
    freed_bytes: Cell<u64>,
}

// Without a destructor and with a constant initial value: reading it never allocates, and it can be
// read for as long as the thread runs.
thread_local! {
    static COUNTERS: Counters = const {
        Counters {
            allocated_blocks: Cell::new(0),
            allocated_bytes: Cell::new(0),
            freed_blocks: Cell::new(0),
            freed_bytes: Cell::new(0),
        }
    };
}

fn add(counter: &Cell<u64>, value: u64) {
    counter.set(counter.get().wrapping_add(value));
}

/// Counts a block of `bytes` that the current thread allocated. For a `GlobalAlloc`: a few
/// additions; never allocates, locks or panics.
///
/// ```
/// tuneup_recorder::count_allocation(64);
/// ```
#[inline]
pub fn count_allocation(bytes: usize) {
    COUNTERS.with(|counters| {
        add(&counters.allocated_blocks, 1);
        add(&counters.allocated_bytes, bytes as u64);
    });
}

/// Counts a block of `bytes` that the current thread freed. Costs what [`count_allocation`] does.
///
/// ```
/// tuneup_recorder::count_deallocation(64);
/// ```
#[inline]
pub fn count_deallocation(bytes: usize) {
    COUNTERS.with(|counters| {
        add(&counters.freed_blocks, 1);
        add(&counters.freed_bytes, bytes as u64);
    });
}

impl AllocationCounters {
    /// The counters of the current thread. Four loads.
    ///
    /// ```
    /// let counters = tuneup_recorder::AllocationCounters::of_this_thread();
    /// assert!(counters.freed_bytes <= counters.allocated_bytes);
    /// ```
    #[inline]
    #[must_use]
    pub fn of_this_thread() -> Self {
        COUNTERS.with(|counters| Self {
            allocated_blocks: counters.allocated_blocks.get(),
            allocated_bytes: counters.allocated_bytes.get(),
            freed_blocks: counters.freed_blocks.get(),
            freed_bytes: counters.freed_bytes.get(),
        })
    }

    /// Whether the program's global allocator counts here: allocates one byte and looks.
    ///
    /// ```
    /// // The standard allocator does not.
    /// assert!(!tuneup_recorder::AllocationCounters::are_running());
    /// ```
    #[must_use]
    pub fn are_running() -> bool {
        let before = Self::of_this_thread();
        drop(std::hint::black_box(Box::new(0_u8)));
        Self::of_this_thread().allocated_blocks != before.allocated_blocks
    }
}
