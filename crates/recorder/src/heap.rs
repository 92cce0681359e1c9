//! What an allocator tells: counted in the thread that allocates, at the price of two additions.
//!
//! Whatever needs more is an event: the first allocation of a thread, every so many bytes for the peak, and each
//! allocation while sizes are sorted into classes or a measurement runs. One comparison of the
//! allocated bytes with the thread's next event finds them all. Frees are watched by one word of the process.
//!
//! Nothing in here allocates from the program's allocator, takes a lock that does, or panics.

mod fork;
mod late;
mod measurement;
mod reading;
mod size_classes;
pub(crate) mod spin_lock;
mod tally;
mod thread_heap;
mod thread_id;
mod threads;

use std::{
    cell::Cell,
    sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
};

use self::thread_heap::{Listing, ThreadHeap};

pub use self::{
    measurement::{Measured, Measurement},
    reading::{HeapReading, SizeClassReading, ThreadHeapReading, read_heap, reset_peak},
};
use crate::{
    allocations::AllocationCounters,
    trace::{self, Traced},
};

thread_local! {
    // Without a destructor and with a constant initial value: its fields are read relative to the thread pointer, and
    // for as long as the thread runs.
    static HEAP: ThreadHeap = const { ThreadHeap::new() };
    /// Takes the thread off the list when it ends.
    static LISTED: Cell<Option<OnTheList>> = const { Cell::new(None) };
}

struct OnTheList;

impl Drop for OnTheList {
    fn drop(&mut self) {
        HEAP.with(|heap| {
            heap.trace.leave();
            threads::lock().remove(heap);
        });
    }
}

/// What frees need besides counting.
static WATCH: AtomicU64 = AtomicU64::new(QUIET);
const QUIET: u64 = 0;
/// Those of blocks that may be sampled are events.
const WATCH_SAMPLED: u64 = 1;
/// All are events.
const WATCH_ALL: u64 = 2;

static IS_COUNTING: AtomicBool = AtomicBool::new(true);
static SORTS_BY_SIZE: AtomicBool = AtomicBool::new(false);
static LOOKS_FOR_PEAKS: AtomicBool = AtomicBool::new(true);
/// Which allocations are traced: see [`watch_blocks`].
static TRACED: AtomicU8 = AtomicU8::new(TRACED_NONE);
const TRACED_NONE: u8 = 0;
const TRACED_SAMPLES: u8 = 1;
const TRACED_ALL: u8 = 2;

/// Counts a block that the current thread has allocated. For a `GlobalAlloc`, after the block is there: two additions
/// and a comparison, and every so many bytes a look at the peak. Never allocates from the program's allocator, never
/// panics. `block` is what a trace knows it by; null is never traced.
///
/// ```
/// let bytes = Box::new([0_u8; 64]);
/// tuneup_recorder::allocated(bytes.as_ptr(), 64);
/// tuneup_recorder::freed(bytes.as_ptr(), 64);
/// ```
#[inline(always)]
pub fn allocated(block: *const u8, bytes: usize) {
    if !IS_COUNTING.load(Ordering::Relaxed) {
        return;
    }
    HEAP.with(|heap| {
        heap.allocated_blocks.add(1);
        if heap.allocated_bytes.add(bytes as u64) >= heap.next_event.get() {
            allocation_event(heap, block.addr(), bytes as u64);
        }
    });
}

/// Counts a block that the current thread is about to free: call it before the block is given back, because from then
/// on another thread may have its address. Costs what [`allocated`] does.
///
/// ```
/// tuneup_recorder::freed(std::ptr::null(), 64);
/// ```
#[inline(always)]
pub fn freed(block: *const u8, bytes: usize) {
    if !IS_COUNTING.load(Ordering::Relaxed) {
        return;
    }
    HEAP.with(|heap| {
        heap.freed_blocks.add(1);
        heap.freed_bytes.add(bytes as u64);
        if needs_an_event(heap, block) {
            let _ = free_event(heap, block.addr(), bytes as u64);
        }
    });
}

#[inline(always)]
fn needs_an_event(heap: &ThreadHeap, block: *const u8) -> bool {
    let watch = WATCH.load(Ordering::Relaxed);
    // A thread that is not listed is never quiet.
    watch != heap.quiet.get()
        && (watch != WATCH_SAMPLED
            || heap.quiet.get() != QUIET
            || trace::may_be_sampled(block.addr()))
}

/// A block that is being reallocated: freed and allocated, if that succeeds.
///
/// ```
/// let vector = vec![0_u8; 64];
/// let reallocation = tuneup_recorder::Reallocation::begin(vector.as_ptr());
/// // An allocator would try to move the block now.
/// reallocation.failed();
/// ```
#[derive(Debug)]
#[must_use = "say how it ended by `done` or `failed`"]
pub struct Reallocation {
    traced: Option<Traced>,
}

impl Reallocation {
    /// Before a block is reallocated: a trace forgets it, because its address may belong to another thread before this
    /// one knows.
    #[inline(always)]
    pub fn begin(block: *const u8) -> Self {
        let traced = HEAP.with(|heap| {
            if needs_an_event(heap, block) {
                traced_before_free(heap, block.addr(), 0)
            } else {
                None
            }
        });
        Self { traced }
    }

    /// It was: counts a block as freed and another one as allocated.
    #[inline(always)]
    pub fn done(self, old_bytes: usize, block: *const u8, bytes: usize) {
        freed(std::ptr::null(), old_bytes);
        allocated(block, bytes);
    }

    /// The block is as it was.
    #[inline(always)]
    pub fn failed(self) {
        if let Some(traced) = self.traced {
            HEAP.with(|heap| traced.put_back(&heap.trace));
        }
    }
}

/// Runs `work` without tracing what this thread allocates for it: what looks at a trace is not what is looked for. If
/// `work` panics, the thread is traced no more.
///
/// ```
/// let name = tuneup_recorder::without_tracing(|| "not in the trace".to_owned());
/// # drop(name);
/// ```
pub fn without_tracing<R>(work: impl FnOnce() -> R) -> R {
    HEAP.with(|heap| heap.trace.pause(work))
}

pub(crate) fn tag_stacks(tag: u32) -> u32 {
    HEAP.with(|heap| heap.trace.tag.replace(tag))
}

pub(crate) fn counters_of_this_thread() -> AllocationCounters {
    HEAP.with(ThreadHeap::counters)
}

#[cold]
#[inline(never)]
fn allocation_event(heap: &ThreadHeap, block: usize, bytes: u64) {
    // A thread that is torn down can measure too.
    if heap.measurements.get() > 0 {
        let peak = heap.measured_peak.get().max(heap.live_bytes());
        heap.measured_peak.set(peak);
    }
    match standing(heap) {
        Standing::Listed => {}
        Standing::Counted => return,
        Standing::Late => return late::allocated(bytes),
    }
    let traced = TRACED.load(Ordering::Relaxed);
    if traced != TRACED_NONE && block != 0 {
        let (allocated, blocks) = (heap.allocated_bytes.get(), heap.allocated_blocks.get());
        heap.trace.allocated(block, bytes, allocated, blocks);
    }
    if SORTS_BY_SIZE.load(Ordering::Relaxed) {
        heap.count_class_allocated(bytes);
    }
    // While each allocation is an event, the next one stays at 0.
    let is_due = heap.allocated_bytes.get() >= heap.next_publication.get();
    if is_due || !each_is_an_event(heap) {
        let mut threads = threads::lock();
        if is_due {
            threads.publish(heap);
        }
        set_next_event(heap);
    }
}

/// Under the lock of the list: who changes what is an event sets it to 0 for all threads under the lock, and after
/// what it depends on.
fn set_next_event(heap: &ThreadHeap) {
    let next = if each_is_an_event(heap) {
        0
    } else {
        let publication = match LOOKS_FOR_PEAKS.load(Ordering::Relaxed) {
            true => heap.next_publication.get(),
            false => u64::MAX,
        };
        match TRACED.load(Ordering::Relaxed) {
            TRACED_NONE => publication,
            _ => publication.min(heap.trace.next_sample(heap.allocated_bytes.get())),
        }
    };
    heap.next_event.set(next);
}

fn each_is_an_event(heap: &ThreadHeap) -> bool {
    // What a thread allocates that is not on the list is counted elsewhere.
    heap.listing.get() != Listing::Listed
        || heap.measurements.get() > 0
        || SORTS_BY_SIZE.load(Ordering::Relaxed)
        || TRACED.load(Ordering::Relaxed) == TRACED_ALL
}

#[inline(never)]
fn free_event(heap: &ThreadHeap, block: usize, bytes: u64) -> Option<Traced> {
    match standing(heap) {
        // A trace knows blocks of other threads even where this one is not known.
        Standing::Listed | Standing::Counted => {}
        Standing::Late => late::freed(bytes),
    }
    if SORTS_BY_SIZE.load(Ordering::Relaxed) {
        heap.count_class_freed(bytes);
    }
    if block != 0 {
        return traced_before_free(heap, block, bytes);
    }
    None
}

/// Takes a block out of the trace, before it is freed; `counted` bytes of it were counted as freed already.
#[inline]
fn traced_before_free(heap: &ThreadHeap, block: usize, counted: u64) -> Option<Traced> {
    let traced = TRACED.load(Ordering::Relaxed);
    if traced == TRACED_NONE {
        return None;
    }
    if heap.listing.get() == Listing::Left {
        return trace::Local::freed_late(block);
    }
    if traced == TRACED_ALL && !heap.trace.is_paused() {
        let live = threads::live_bytes(heap, heap.live_bytes() + counted.cast_signed());
        if trace::is_peak(live) {
            trace::meet_peak(live);
        }
    }
    let (allocated, blocks) = (heap.allocated_bytes.get(), heap.allocated_blocks.get());
    heap.trace.freed(block, allocated, blocks)
}

/// For a trace that begins.
pub(crate) fn begin_trace(now_ns: u64) {
    threads::lock().begin_trace(now_ns);
}

/// For a trace that is read: its timeline, and what was counted since it began. It knows its peak from then on.
pub(crate) fn of_trace() -> (trace::Timeline, AllocationCounters) {
    threads::lock().read_trace()
}

/// What an event is to a thread.
enum Standing {
    Listed,
    /// It was listed for a moment only; what it has counted was added to the ended threads'.
    Counted,
    /// It is being torn down.
    Late,
}

#[inline]
fn standing(heap: &ThreadHeap) -> Standing {
    match heap.listing.get() {
        Listing::Listed => Standing::Listed,
        Listing::Left => Standing::Late,
        Listing::Unknown => list(heap),
    }
}

/// Puts a thread on the list, when it is met first.
#[cold]
#[inline(never)]
fn list(heap: &ThreadHeap) -> Standing {
    fork::prepare_for_forks();
    heap.system_id.set(thread_id::of_this_thread());
    threads::lock().add(heap);
    // Only now: should keeping the destructor allocate, it finds the thread on the list.
    if LISTED
        .try_with(|listed| listed.set(Some(OnTheList)))
        .is_ok()
    {
        return Standing::Listed;
    }
    threads::lock().remove(heap);
    Standing::Counted
}

/// What the allocator does for each block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeapMode {
    /// Nothing, but to ask whether it is to count.
    Off,
    /// It counts.
    Counting,
    /// It counts, and a trace samples blocks.
    Sampling,
    /// It counts, and a trace records every block.
    Exact,
}

/// What the allocator does for each block. Two loads.
///
/// ```
/// assert_eq!(tuneup_recorder::heap_mode(), tuneup_recorder::HeapMode::Counting);
/// ```
#[must_use]
pub fn heap_mode() -> HeapMode {
    if !IS_COUNTING.load(Ordering::Relaxed) {
        return HeapMode::Off;
    }
    match TRACED.load(Ordering::Relaxed) {
        TRACED_NONE => HeapMode::Counting,
        TRACED_SAMPLES => HeapMode::Sampling,
        _ => HeapMode::Exact,
    }
}

/// Whether blocks are counted from now on. What is not counted costs a load and a comparison. Counting cannot be switched
/// off while a trace is running, which would miss what is freed: `false` says so, and then nothing has changed. Default:
/// blocks are counted.
///
/// What lives is what was counted as allocated less what was counted as freed: it is wrong after blocks were allocated
/// and not counted, or freed and not counted.
///
/// ```
/// assert!(tuneup_recorder::set_counting(false));
/// assert_eq!(tuneup_recorder::heap_mode(), tuneup_recorder::HeapMode::Off);
/// assert!(tuneup_recorder::set_counting(true));
/// ```
#[must_use = "`false`: a trace is running, and nothing has changed"]
pub fn set_counting(on: bool) -> bool {
    let mut is_possible = true;
    change(|| {
        is_possible = on || TRACED.load(Ordering::Relaxed) == TRACED_NONE;
        if is_possible {
            IS_COUNTING.store(on, Ordering::Relaxed);
        }
    });
    is_possible
}

/// Lets each allocation and each free be looked at by the trace that was started (`Some(true)`), those that may be
/// sampled (`Some(false)`), or none. `false`: nothing is counted, and so nothing can be traced.
pub(crate) fn watch_blocks(all: Option<bool>) -> bool {
    let mut is_possible = true;
    change(|| {
        let traced = match all {
            None => TRACED_NONE,
            Some(false) => TRACED_SAMPLES,
            Some(true) => TRACED_ALL,
        };
        is_possible = traced == TRACED_NONE || IS_COUNTING.load(Ordering::Relaxed);
        if is_possible {
            TRACED.store(traced, Ordering::Relaxed);
        }
    });
    is_possible
}

/// Whether blocks are sorted into size classes from now on. Each allocation and each free then costs a few nanoseconds
/// more. Default: they are not.
///
/// ```
/// tuneup_recorder::sort_by_size(true);
/// # tuneup_recorder::sort_by_size(false);
/// ```
pub fn sort_by_size(on: bool) {
    change(|| SORTS_BY_SIZE.store(on, Ordering::Relaxed));
}

/// Whether the process looks for new peaks of its live bytes, every so many bytes. What remains without is two additions.
/// Default: it does.
///
/// ```
/// tuneup_recorder::look_for_peaks(true);
/// ```
pub fn look_for_peaks(on: bool) {
    change(|| LOOKS_FOR_PEAKS.store(on, Ordering::Relaxed));
}

/// Changes what is an event, and lets all threads find that out at their next allocation.
fn change(set: impl FnOnce()) {
    let threads = threads::lock();
    set();
    let watch = if SORTS_BY_SIZE.load(Ordering::Relaxed) {
        WATCH_ALL
    } else {
        match TRACED.load(Ordering::Relaxed) {
            TRACED_NONE => QUIET,
            TRACED_SAMPLES => WATCH_SAMPLED,
            _ => WATCH_ALL,
        }
    };
    WATCH.store(watch, Ordering::Relaxed);
    threads.heaps().for_each(|heap| heap.next_event.set(0));
}
