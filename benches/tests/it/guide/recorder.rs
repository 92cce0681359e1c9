//! `docs/src/guide/recorder.md`.

use std::alloc::{GlobalAlloc, Layout, System};

use tuneup_recorder::{
    AllocationCounters, Options, Recording, Session, Site, SiteKind, count_allocation,
    count_deallocation, enter,
};

use super::alone;

// ANCHOR: site
fn work() -> u64 {
    static SITE: Site = Site::new(|| "work", SiteKind::Function, file!(), line!());
    let _frame = enter(&SITE);
    (0..1000).sum()
}
// ANCHOR_END: site

// ANCHOR: session
fn record() -> Option<Recording> {
    let session = Session::start(Options::default())?; // there is one at most
    work();
    Some(session.read())
}
// ANCHOR_END: session

#[test]
fn a_recording_has_the_call() {
    let _alone = alone();
    let recording = record().unwrap();
    let nodes = recording.threads.iter().flat_map(|thread| &thread.nodes);
    let mut works = nodes.filter(|node| node.site.is_some_and(|site| site.name() == "work"));
    assert_eq!(works.next().unwrap().calls, 1);
}

// ANCHOR: allocator
struct Counting;

// SAFETY: every method forwards to the system's allocator.
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
// ANCHOR_END: allocator

#[test]
fn the_counters_move() {
    let before = AllocationCounters::of_this_thread();
    let layout = Layout::new::<u64>();
    // SAFETY: the layout has a size, and the block is freed with the same layout.
    let pointer = unsafe { Counting.alloc(layout) };
    // SAFETY: as above.
    unsafe { Counting.dealloc(pointer, layout) };
    let after = AllocationCounters::of_this_thread();
    assert_eq!(after.allocated_bytes - before.allocated_bytes, 8);
    assert_eq!(after.freed_bytes - before.freed_bytes, 8);
}
