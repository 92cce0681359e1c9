//! The allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};

use tuneup_recorder::{Reallocation, allocated, freed};

/// A global allocator that passes everything on to another one and counts what goes through. With it, everything else in
/// this crate that looks at allocations works, and profiles of `tuneup-profiling` have columns of allocations.
///
/// ```
/// use tuneup_memory::TrackingAllocator;
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// let before = tuneup_memory::stats();
/// let vector = vec![0_u8; 1000];
/// let after = tuneup_memory::stats();
/// assert!(after.total.allocated_bytes - before.total.allocated_bytes >= 1000);
/// # drop(vector);
/// ```
///
/// Any other allocator can be inside: `TrackingAllocator::new(mimalloc::MiMalloc)`.
///
/// All four methods are passed on as they are: a block is zeroed or moved by the inner allocator if that can do it better.
/// A reallocation counts as a block freed and another one allocated, and only if it succeeds.
///
/// # Cost
///
/// Two additions to memory of the thread, and a comparison, for each block; every 16 KiB that a thread allocates a look
/// at the peak under a lock. Nothing is allocated, in no mode: what tracing needs comes from the system's allocator. What
/// threads allocate while their thread-local values are dropped is counted like the rest.
///
/// # Sources
///
/// An allocator that counts and passes on is what [`stats_alloc`](https://docs.rs/stats_alloc) and
/// [`dhat`](https://docs.rs/dhat) are made of; counters of each thread's own are those of jemalloc (`thread.allocated`).
#[derive(Debug, Default, Clone, Copy)]
pub struct TrackingAllocator<A = System> {
    inner: A,
}

impl TrackingAllocator {
    /// Around the system's allocator.
    ///
    /// ```
    /// static ALLOCATOR: tuneup_memory::TrackingAllocator = tuneup_memory::TrackingAllocator::system();
    /// # let _ = &ALLOCATOR;
    /// ```
    #[must_use]
    pub const fn system() -> Self {
        Self { inner: System }
    }
}

impl<A> TrackingAllocator<A> {
    /// Around any allocator.
    ///
    /// ```
    /// use std::alloc::System; // or another one
    /// use tuneup_memory::TrackingAllocator;
    ///
    /// static ALLOCATOR: TrackingAllocator<System> = TrackingAllocator::new(System);
    /// # let _ = &ALLOCATOR;
    /// ```
    #[must_use]
    pub const fn new(inner: A) -> Self {
        Self { inner }
    }
}

// SAFETY: blocks come from the inner allocator and go back to it unchanged; counting never panics, and allocates nothing
// from a global allocator.
unsafe impl<A: GlobalAlloc> GlobalAlloc for TrackingAllocator<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe { self.inner.alloc(layout) };
        if !block.is_null() {
            allocated(block, layout.size());
        }
        block
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe { self.inner.alloc_zeroed(layout) };
        if !block.is_null() {
            allocated(block, layout.size());
        }
        block
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        freed(block, layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.dealloc(block, layout) };
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let reallocation = Reallocation::begin(block);
        // SAFETY: the caller's promise is passed on.
        let moved = unsafe { self.inner.realloc(block, layout, new_size) };
        if moved.is_null() {
            reallocation.failed();
        } else {
            reallocation.done(layout.size(), moved, new_size);
        }
        moved
    }
}
