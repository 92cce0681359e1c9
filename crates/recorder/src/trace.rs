//! Which stacks allocate how much, and what of it lives: every block, or samples that stand for all.
//!
//! Samples are drawn by bytes, as a Poisson process: a block of `k` bytes is in the sample with a probability of
//! `p = 1 − exp(−k / T)`, `T` being the mean distance, and stands for `1 / p` blocks (Horvitz and Thompson 1952), so that
//! counts and bytes are both without bias, whatever sizes a stack allocates.

mod live_blocks;
mod local;
mod peak;
mod reading;
mod stack_walk;
mod stacks;
mod thread_trace;
mod timeline;

use std::{
    mem::MaybeUninit,
    ops::Range,
    ptr,
    sync::{
        OnceLock,
        atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering},
    },
    time::Instant,
};

use self::{
    live_blocks::{Filter, LiveBlocks},
    stacks::Stacks,
    thread_trace::ThreadTrace,
};
use crate::{
    heap::{self, spin_lock::SpinLock},
    memory,
};

pub(crate) use self::{
    local::{Local, Traced},
    timeline::Timeline,
};
pub use self::{
    reading::{Estimate, LiveBlock, StackReading, TraceReading},
    stack_walk::{MOST_FRAMES, thread_stack},
    timeline::TimelineReading,
};

/// Finds the calls that a thread is in, where there are no frame pointers: fills the buffer with return addresses, from
/// the innermost outwards, and gives their number. The first argument is where the thread's stack lies;
/// it is empty if that is not known. It runs inside of the allocator: it must not allocate or panic.
pub type StackWalker = fn(Range<usize>, &mut [MaybeUninit<usize>]) -> usize;

/// What is traced.
///
/// ```
/// let options = tuneup_recorder::TraceOptions::default();
/// assert_eq!(options.interval_bytes, 512 << 10);
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct TraceOptions {
    /// The mean number of allocated bytes between two samples; 1 or less traces every block. Default: 512 KiB.
    pub interval_bytes: u64,
    /// Frames of a stack that are kept, up to [`MOST_FRAMES`]. Default: 32.
    pub depth: usize,
    /// Different stacks that are kept; what does not fit is counted as one. They stay for later traces. Default: 65 536.
    pub max_stacks: u32,
    /// Traced blocks that live at the same time; what does not fit is not traced, and counted. Default: 2²⁴.
    pub max_blocks: usize,
    /// Finds the stacks; `None`: along the frame pointers. Default: `None`.
    pub walker: Option<StackWalker>,
    /// What the samples of each thread begin with; 0: something else each time. Default: 0.
    pub seed: u64,
}

impl Default for TraceOptions {
    fn default() -> Self {
        Self {
            interval_bytes: 512 << 10,
            depth: 32,
            max_stacks: 1 << 16,
            max_blocks: 1 << 24,
            walker: None,
            seed: 0,
        }
    }
}

/// The trace that is running; 0 if none is. Options are written before it, under the lock.
static GENERATION: AtomicU64 = AtomicU64::new(0);
static INTERVAL_BYTES: AtomicU64 = AtomicU64::new(0);
static SEED: AtomicU64 = AtomicU64::new(0);
static DEPTH: AtomicUsize = AtomicUsize::new(0);
/// A `StackWalker`, or null.
static WALKER: AtomicPtr<()> = AtomicPtr::new(ptr::null_mut());
/// Null before the first trace. A set that is too small for a later trace gives way to a larger one, and stays where it
/// is, because a thread may be looking into it: sizes double, so that all together are not larger than the last one.
static STACKS: AtomicPtr<Stacks> = AtomicPtr::new(ptr::null_mut());
static LIVE: LiveBlocks = LiveBlocks::new();
static FILTER: Filter = Filter::new();
static YOUNGEST: AtomicPtr<ThreadTrace> = AtomicPtr::new(ptr::null_mut());
static REGISTRY: SpinLock<Registry> = SpinLock::new(Registry {
    generations: 0,
    started_ns: 0,
    is_running: false,
});

struct Registry {
    generations: u64,
    started_ns: u64,
    is_running: bool,
}

/// Nanoseconds since the first trace began. Read by the thread that looks at the clock last.
static LATEST_NS: AtomicU64 = AtomicU64::new(0);
static ORIGIN: OnceLock<Instant> = OnceLock::new();

pub(crate) fn now_ns() -> u64 {
    let now = ORIGIN
        .get()
        .map_or(0, |origin| origin.elapsed().as_nanos() as u64);
    LATEST_NS.store(now, Ordering::Relaxed);
    now
}

/// A trace that is running: the only one of the process. Dropped, it stops, and what was kept of it is forgotten.
///
/// ```
/// use tuneup_recorder::{Trace, TraceOptions};
///
/// let trace = Trace::start(TraceOptions::default()).expect("no other trace");
/// assert!(Trace::start(TraceOptions::default()).is_none());
/// // The standard allocator tells nothing.
/// assert_eq!(trace.read().stacks.len(), 0);
/// ```
#[derive(Debug)]
#[must_use = "the trace stops when it is dropped"]
pub struct Trace {
    generation: u64,
}

impl Trace {
    /// Starts to trace, in all threads; `None` if a trace is running, if there is no memory for what it keeps, which comes from
    /// the system, or if [`set_counting`](crate::set_counting) has switched off what it depends on. A depth beyond its range
    /// is cut to it.
    pub fn start(options: TraceOptions) -> Option<Self> {
        ORIGIN.get_or_init(Instant::now);
        let depth = options.depth.clamp(1, MOST_FRAMES);
        let mut registry = REGISTRY.lock();
        if registry.is_running || !make_room(options.max_stacks, depth) {
            return None;
        }
        registry.is_running = true;
        registry.generations += 1;
        registry.started_ns = now_ns();
        let generation = registry.generations;
        LIVE.clear(options.max_blocks);
        FILTER.clear();
        peak::forget();
        DEPTH.store(depth, Ordering::Relaxed);
        SEED.store(options.seed, Ordering::Relaxed);
        INTERVAL_BYTES.store(options.interval_bytes.max(1), Ordering::Relaxed);
        let walker = options
            .walker
            .map_or(ptr::null_mut(), |walker| walker as *mut ());
        WALKER.store(walker, Ordering::Relaxed);
        GENERATION.store(generation, Ordering::Release);
        let started_ns = registry.started_ns;
        drop(registry);
        heap::begin_trace(started_ns);
        // From here on it ends as every trace does.
        let trace = Self { generation };
        heap::watch_blocks(Some(options.interval_bytes <= 1)).then_some(trace)
    }

    /// What was traced so far. O(stacks + live blocks); allocating threads wait at most for a part of the table to be read.
    #[must_use]
    pub fn read(&self) -> TraceReading {
        heap::without_tracing(|| reading::read(self.generation))
    }
}

/// Reads the trace that is running; `None` if none is.
///
/// ```
/// assert!(tuneup_recorder::read_trace().is_none());
/// ```
#[must_use]
pub fn read_trace() -> Option<TraceReading> {
    let generation = GENERATION.load(Ordering::Acquire);
    (generation != 0).then(|| heap::without_tracing(|| reading::read(generation)))
}

/// Marks the stacks that the current thread allocates with from now on, and gives the mark before. A stack with another
/// mark is another stack. Default: 0.
///
/// ```
/// assert_eq!(tuneup_recorder::tag_stacks(7), 0);
/// assert_eq!(tuneup_recorder::tag_stacks(0), 7);
/// ```
#[must_use = "the mark before is what to go back to"]
pub fn tag_stacks(tag: u32) -> u32 {
    heap::tag_stacks(tag)
}

impl Drop for Trace {
    fn drop(&mut self) {
        GENERATION.store(0, Ordering::Release);
        heap::watch_blocks(None);
        LIVE.clear(0);
        REGISTRY.lock().is_running = false;
    }
}

/// For a fork: takes all locks, in the order in which they are taken elsewhere.
pub(crate) fn hold() {
    REGISTRY.hold();
    LIVE.hold();
    if let Some(stacks) = stacks() {
        stacks.hold();
    }
}

/// # Safety
///
/// As of [`SpinLock::let_go`], after [`hold`].
pub(crate) unsafe fn let_go() {
    if let Some(stacks) = stacks() {
        // SAFETY: the caller's promise; sets change only under the lock of the registry.
        unsafe { stacks.let_go() };
    }
    // SAFETY: the caller's promise.
    unsafe { LIVE.let_go() };
    // SAFETY: the caller's promise.
    unsafe { REGISTRY.let_go() };
}

fn make_room(most: u32, depth: usize) -> bool {
    if stacks().is_some_and(|stacks| stacks.fits(most, depth)) {
        return true;
    }
    let (known_most, known_depth) = stacks().map_or((0, 0), Stacks::room);
    let most = most.max(known_most).next_power_of_two();
    let depth = depth.max(known_depth).next_power_of_two();
    match Stacks::new(most, depth).and_then(memory::leak) {
        Some(stacks) => {
            STACKS.store(ptr::from_ref(stacks).cast_mut(), Ordering::Release);
            true
        }
        None => false,
    }
}

fn stacks() -> Option<&'static Stacks> {
    // SAFETY: null, or a set that is never freed.
    unsafe { STACKS.load(Ordering::Acquire).as_ref() }
}

fn threads() -> impl Iterator<Item = &'static ThreadTrace> {
    // SAFETY: null, or a block that is never freed.
    let youngest = unsafe { YOUNGEST.load(Ordering::Acquire).as_ref() };
    std::iter::successors(youngest, |thread| thread.older.get())
}

/// Whether a trace is running that has seen no more live bytes than so many.
#[inline]
pub(crate) fn is_peak(live_bytes: i64) -> bool {
    is_running() && peak::is_above(live_bytes)
}

/// The process has so many live bytes, and what is traced of them was counted.
#[cold]
pub(crate) fn meet_peak(live_bytes: i64) {
    peak::meet(live_bytes);
}

/// Whether a trace is running.
pub(crate) fn is_running() -> bool {
    GENERATION.load(Ordering::Relaxed) != 0
}

/// Whether a block may be traced, where samples are; never wrong when it says no.
#[inline(always)]
pub(crate) fn may_be_sampled(address: usize) -> bool {
    FILTER.may_have(address)
}
