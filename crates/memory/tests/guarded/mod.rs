//! A global allocator that aborts if the tracking allocator comes back to it, and counts for itself.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use tuneup_memory::TrackingAllocator;

/// What the program calls.
pub(crate) struct Guarded(TrackingAllocator<Counted>);

impl Guarded {
    pub(crate) const fn new() -> Self {
        Self(TrackingAllocator::new(Counted))
    }
}

/// What the tracking allocator calls: the system's allocator, with counters of its own.
pub(crate) struct Counted;

pub(crate) static BLOCKS: AtomicU64 = AtomicU64::new(0);
pub(crate) static BYTES: AtomicU64 = AtomicU64::new(0);
pub(crate) static FREED_BLOCKS: AtomicU64 = AtomicU64::new(0);
pub(crate) static FREED_BYTES: AtomicU64 = AtomicU64::new(0);
pub(crate) static ZEROED: AtomicU64 = AtomicU64::new(0);
pub(crate) static MOVED: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Runs a call of the tracking allocator. If it allocated from the global allocator, this would be called again.
fn once<R>(call: impl FnOnce() -> R) -> R {
    if DEPTH.replace(1) != 0 {
        std::process::abort();
    }
    let result = call();
    DEPTH.set(0);
    result
}

// SAFETY: passes everything on.
unsafe impl GlobalAlloc for Guarded {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        once(|| unsafe { self.0.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        once(|| unsafe { self.0.alloc_zeroed(layout) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        once(|| unsafe { self.0.dealloc(block, layout) });
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        once(|| unsafe { self.0.realloc(block, layout, size) })
    }
}

/// Refuses what is larger.
const LARGEST: usize = 1 << 40;

fn count(block: *mut u8, bytes: usize) -> *mut u8 {
    if !block.is_null() {
        BLOCKS.fetch_add(1, Relaxed);
        BYTES.fetch_add(bytes as u64, Relaxed);
    }
    block
}

fn count_freed(bytes: usize) {
    FREED_BLOCKS.fetch_add(1, Relaxed);
    FREED_BYTES.fetch_add(bytes as u64, Relaxed);
}

// SAFETY: passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > LARGEST {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promise is passed on.
        count(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ZEROED.fetch_add(1, Relaxed);
        // SAFETY: the caller's promise is passed on.
        count(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count_freed(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(block, layout) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size > LARGEST {
            return std::ptr::null_mut();
        }
        MOVED.fetch_add(1, Relaxed);
        // SAFETY: the caller's promise is passed on.
        let moved = unsafe { System.realloc(block, layout, size) };
        if !moved.is_null() {
            count_freed(layout.size());
            count(moved, size);
        }
        moved
    }
}
