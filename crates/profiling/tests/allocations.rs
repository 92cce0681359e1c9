//! Allocations by function and line, with an allocator that keeps the recorder's counters: a process of its own.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
};

use tuneup_profiling::{Profiler, profile_fn};
use tuneup_recorder::{AllocationCounters, count_allocation, count_deallocation};

struct Counting;

// SAFETY: every method forwards to the system's allocator; counting neither allocates nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_allocation(layout.size());
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count_deallocation(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocate(bytes: usize) {
    drop(black_box(Vec::<u8>::with_capacity(bytes)));
}

#[cfg(feature = "macros")]
#[tuneup_profiling::profile_lines]
fn keeps_some(kept: &mut Vec<Vec<u8>>) {
    allocate(1000);
    kept.push(Vec::with_capacity(64));
}

/// One test: sessions and counters of a process.
#[test]
fn functions_and_lines_know_what_they_allocated() {
    let session = Profiler::builder().start().unwrap();
    profile_fn("outer", || {
        allocate(10);
        for _ in 0..3 {
            profile_fn("inner", || allocate(100));
        }
        // In progress: what it allocated so far is there.
        let during = session.snapshot();
        let outer = during.function("outer").unwrap().allocations.unwrap();
        assert_eq!((outer.cumulative_blocks, outer.cumulative_bytes), (4, 310));
    });
    let profile = session.finish();
    let inner = profile.function("inner").unwrap().allocations.unwrap();
    assert_eq!((inner.self_blocks, inner.self_bytes), (3, 300));
    assert_eq!((inner.cumulative_blocks, inner.cumulative_bytes), (3, 300));

    warm_calls_allocate_nothing();
    #[cfg(feature = "macros")]
    lines();
}

fn warm_calls_allocate_nothing() {
    let session = Profiler::builder().start().unwrap();
    let call = || profile_fn("warm", || profile_fn("inside", || ()));
    call();
    let before = AllocationCounters::of_this_thread();
    for _ in 0..1000 {
        call();
    }
    let after = AllocationCounters::of_this_thread();
    assert_eq!(before, after);
    let profile = session.finish();
    assert_eq!(profile.function("inside").unwrap().calls, 1001);
}

#[cfg(feature = "macros")]
fn lines() {
    let mut kept = Vec::with_capacity(4);
    let session = Profiler::builder().start().unwrap();
    keeps_some(&mut kept);
    keeps_some(&mut kept);
    let profile = session.finish();
    let table = profile.line_table("keeps_some").unwrap();
    let bytes: Vec<_> = table
        .lines
        .iter()
        .map(|line| {
            (
                line.hits,
                line.allocated_bytes.unwrap(),
                line.net_bytes.unwrap(),
            )
        })
        .collect();
    assert_eq!(bytes, [(0, 0, 0), (2, 2000, 0), (2, 128, 128)]);
}
