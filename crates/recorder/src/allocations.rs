//! What a thread has allocated, counted by an allocator and read by the recorder.

use crate::heap;

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

/// Counts a block of `bytes` that the current thread allocated, as [`allocated`](crate::allocated) does for one whose
/// address is not known: it is never traced.
///
/// ```
/// tuneup_recorder::count_allocation(64);
/// ```
#[inline]
pub fn count_allocation(bytes: usize) {
    heap::allocated(std::ptr::null(), bytes);
}

/// Counts a block of `bytes` that the current thread freed. Costs what [`count_allocation`] does.
///
/// ```
/// tuneup_recorder::count_deallocation(64);
/// ```
#[inline]
pub fn count_deallocation(bytes: usize) {
    heap::freed(std::ptr::null(), bytes);
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
        heap::counters_of_this_thread()
    }

    pub(crate) const ZERO: Self = Self {
        allocated_blocks: 0,
        allocated_bytes: 0,
        freed_blocks: 0,
        freed_bytes: 0,
    };

    /// What has come since then.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            allocated_blocks: self.allocated_blocks.wrapping_sub(before.allocated_blocks),
            allocated_bytes: self.allocated_bytes.wrapping_sub(before.allocated_bytes),
            freed_blocks: self.freed_blocks.wrapping_sub(before.freed_blocks),
            freed_bytes: self.freed_bytes.wrapping_sub(before.freed_bytes),
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.allocated_blocks = self.allocated_blocks.wrapping_add(other.allocated_blocks);
        self.allocated_bytes = self.allocated_bytes.wrapping_add(other.allocated_bytes);
        self.freed_blocks = self.freed_blocks.wrapping_add(other.freed_blocks);
        self.freed_bytes = self.freed_bytes.wrapping_add(other.freed_bytes);
    }

    /// The live blocks: allocated less freed, at least 0. Of one thread it may be 0 although blocks live, because others may
    /// have freed what it allocated.
    ///
    /// ```
    /// let counters = tuneup_recorder::AllocationCounters::default();
    /// assert_eq!((counters.live_blocks(), counters.live_bytes()), (0, 0));
    /// ```
    #[must_use]
    pub fn live_blocks(&self) -> u64 {
        let live = self.allocated_blocks.wrapping_sub(self.freed_blocks);
        live.cast_signed().max(0).cast_unsigned()
    }

    /// The live bytes: allocated less freed, at least 0, as [`live_blocks`](Self::live_blocks).
    #[must_use]
    pub fn live_bytes(&self) -> u64 {
        let live = self.allocated_bytes.wrapping_sub(self.freed_bytes);
        live.cast_signed().max(0).cast_unsigned()
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
