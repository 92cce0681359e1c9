//! What threads allocate and free while they are torn down, when nobody can look into their memory any more.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::allocations::AllocationCounters;

static ALLOCATED_BLOCKS: AtomicU64 = AtomicU64::new(0);
static ALLOCATED_BYTES: AtomicU64 = AtomicU64::new(0);
static FREED_BLOCKS: AtomicU64 = AtomicU64::new(0);
static FREED_BYTES: AtomicU64 = AtomicU64::new(0);

pub(super) fn allocated(bytes: u64) {
    ALLOCATED_BLOCKS.fetch_add(1, Relaxed);
    ALLOCATED_BYTES.fetch_add(bytes, Relaxed);
}

pub(super) fn freed(bytes: u64) {
    FREED_BLOCKS.fetch_add(1, Relaxed);
    FREED_BYTES.fetch_add(bytes, Relaxed);
}

pub(super) fn counters() -> AllocationCounters {
    AllocationCounters {
        allocated_blocks: ALLOCATED_BLOCKS.load(Relaxed),
        allocated_bytes: ALLOCATED_BYTES.load(Relaxed),
        freed_blocks: FREED_BLOCKS.load(Relaxed),
        freed_bytes: FREED_BYTES.load(Relaxed),
    }
}
