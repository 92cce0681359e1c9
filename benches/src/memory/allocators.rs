//! Several global allocators in one program: which of them works is chosen for each case.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicU8, Ordering},
};

use tuneup_memory::{StackSource, Trace, TraceOptions, TrackingAllocator, set_counting};

/// The subject.
pub(super) static TRACKING: TrackingAllocator = TrackingAllocator::system();
#[cfg(feature = "peers")]
pub(super) static STATS: stats_alloc::StatsAlloc<System> = stats_alloc::StatsAlloc::system();
#[cfg(feature = "peers")]
pub(super) static DHAT: dhat::Alloc = dhat::Alloc;

/// A global allocator that passes everything on to the one that is chosen: at first, the system's. All of them get their
/// blocks from there, so that each may free what another one has allocated.
///
/// Choosing costs each of them the same: a load and a comparison or two.
#[derive(Debug)]
pub struct Chosen;

/// Who allocates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Allocator {
    System,
    Tracking,
    #[cfg(feature = "peers")]
    StatsAlloc,
    #[cfg(feature = "peers")]
    Dhat,
}

static CHOSEN: AtomicU8 = AtomicU8::new(Allocator::System as u8);

macro_rules! with_chosen {
    ($allocator:ident => $call:expr) => {{
        let chosen = CHOSEN.load(Ordering::Relaxed);
        if chosen == Allocator::System as u8 {
            let $allocator = &System;
            return $call;
        }
        if chosen == Allocator::Tracking as u8 {
            let $allocator = &TRACKING;
            return $call;
        }
        #[cfg(feature = "peers")]
        if chosen == Allocator::StatsAlloc as u8 {
            let $allocator = &STATS;
            return $call;
        }
        #[cfg(feature = "peers")]
        if chosen == Allocator::Dhat as u8 {
            let $allocator = &DHAT;
            return $call;
        }
        let $allocator = &System;
        return $call;
    }};
}

// SAFETY: everything is passed on, and all allocators that can be chosen pass it on to the system's.
unsafe impl GlobalAlloc for Chosen {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        with_chosen!(allocator => unsafe { allocator.alloc(layout) })
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        with_chosen!(allocator => unsafe { allocator.alloc_zeroed(layout) })
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        with_chosen!(allocator => unsafe { allocator.dealloc(block, layout) })
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        with_chosen!(allocator => unsafe { allocator.realloc(block, layout, new_size) })
    }
}

/// An allocator that works, in some way, until it is dropped.
pub(super) struct Working {
    _trace: Option<Trace>,
    #[cfg(feature = "peers")]
    _profiler: Option<dhat::Profiler>,
}

impl Working {
    fn with(allocator: Allocator) -> Self {
        CHOSEN.store(allocator as u8, Ordering::Relaxed);
        Self {
            _trace: None,
            #[cfg(feature = "peers")]
            _profiler: None,
        }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        // While it is chosen: what it has for itself was allocated by it.
        self._trace = None;
        #[cfg(feature = "peers")]
        {
            self._profiler = None;
        }
        let _ = set_counting(true);
        CHOSEN.store(Allocator::System as u8, Ordering::Relaxed);
    }
}

/// The system's allocator.
pub(super) fn system() -> Working {
    Working::with(Allocator::System)
}

/// The subject, when counting is switched off.
pub(super) fn off() -> Working {
    let working = Working::with(Allocator::Tracking);
    set_counting(false).expect("no trace is running");
    working
}

/// The subject, when it counts.
pub(super) fn counting() -> Working {
    Working::with(Allocator::Tracking)
}

/// The subject, when it samples a block in 512 KiB.
pub(super) fn sampling() -> Working {
    tracing(TraceOptions::default())
}

/// The subject, when it traces every block with the innermost 16 frames of its stack.
pub(super) fn exact() -> Working {
    tracing(TraceOptions::exact().with_depth(16))
}

fn tracing(options: TraceOptions) -> Working {
    let mut working = Working::with(Allocator::Tracking);
    working._trace = Some(Trace::start(options).expect("no other trace is running"));
    working
}

/// How [`exact`] finds stacks in this build: along frame pointers if it was compiled with
/// `RUSTFLAGS="-C force-frame-pointers=yes"`.
pub(super) fn exact_name() -> &'static str {
    let _working = counting();
    match Trace::start(TraceOptions::exact()) {
        Ok(trace) if trace.stacks() == StackSource::FramePointers => "exact",
        _ => "exact, unwind tables",
    }
}

#[cfg(feature = "peers")]
pub(super) fn stats_alloc() -> Working {
    Working::with(Allocator::StatsAlloc)
}

#[cfg(feature = "peers")]
pub(super) fn dhat() -> Working {
    let profiler = dhat::Profiler::builder().testing().build();
    let mut working = Working::with(Allocator::Dhat);
    working._profiler = Some(profiler);
    working
}
