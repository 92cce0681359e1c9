//! Which code allocates: samples, or every block.

use std::{
    mem::MaybeUninit,
    ops::Range,
    sync::{Mutex, OnceLock, PoisonError},
};

use tuneup_recorder::MOST_FRAMES;
use tuneup_symbols::OwnStack;

use crate::{Error, Mode, fork::around_forks, is_tracking, mode, snapshot::Snapshot};

/// How a trace finds the calls that an allocation is in. On Linux, on x86-64 and AArch64; elsewhere it finds none, and all
/// blocks of a scope are one stack.
///
/// ```
/// use tuneup_memory::{StackSource, TraceOptions};
///
/// let options = TraceOptions::default().with_stacks(StackSource::UnwindTables);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum StackSource {
    /// Along the frame pointers if the program was compiled with them (`-C force-frame-pointers=yes`), else by its unwind
    /// tables. Which of the two it is, is tried out when the trace starts.
    #[default]
    Auto,
    /// Along the frame pointers: about half a nanosecond a frame. In code without them stacks are cut short.
    FramePointers,
    /// By the unwind tables that every program has: about 50 ns a frame.
    UnwindTables,
}

/// What a [`Trace`] traces, and how much it may keep. The ranges are checked by [`Trace::start`].
///
/// ```
/// use tuneup_memory::TraceOptions;
///
/// let every_block = TraceOptions::exact().with_depth(16);
/// let one_in_a_megabyte = TraceOptions::sampling(1 << 20);
/// assert_eq!(TraceOptions::default(), TraceOptions::sampling(512 << 10));
/// # assert_ne!(every_block, one_in_a_megabyte);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceOptions {
    interval_bytes: u64,
    depth: usize,
    max_stacks: usize,
    max_blocks: usize,
    stacks: StackSource,
    seed: u64,
}

impl Default for TraceOptions {
    /// Samples, one in 512 KiB.
    fn default() -> Self {
        Self::sampling(512 << 10)
    }
}

impl TraceOptions {
    /// Samples at a mean distance of so many allocated bytes, from 2 on (1 is every block); for programs in production. The
    /// relative error of what a site allocates is about `1 / √samples`: 10 % for a hundred.
    #[must_use]
    pub fn sampling(interval_bytes: u64) -> Self {
        Self {
            interval_bytes,
            depth: 32,
            max_stacks: 1 << 16,
            max_blocks: 1 << 22,
            stacks: StackSource::default(),
            seed: 0,
        }
    }

    /// Every block; for tests, and for programs that may take half as long again to twice as long.
    #[must_use]
    pub fn exact() -> Self {
        Self {
            max_blocks: 1 << 25,
            ..Self::sampling(1)
        }
    }

    /// The most frames of a stack, from the innermost outwards; 1 to 128. Default: 32.
    #[must_use]
    pub fn with_depth(self, depth: usize) -> Self {
        Self { depth, ..self }
    }

    /// The most different stacks, 16 to 1 048 576; what finds no room counts as one stack. They stay known for later
    /// traces: 8 bytes a frame. Default: 65 536.
    #[must_use]
    pub fn with_max_stacks(self, max_stacks: usize) -> Self {
        Self { max_stacks, ..self }
    }

    /// The most traced blocks that are live at the same time, 1024 or more; what finds no room is counted as missed. Each
    /// takes 64 to 128 bytes. Default: 2²² of samples, 2²⁵ where every block is traced.
    #[must_use]
    pub fn with_max_live(self, max_blocks: usize) -> Self {
        Self { max_blocks, ..self }
    }

    /// How stacks are found. Default: [`StackSource::Auto`].
    #[must_use]
    pub fn with_stacks(self, stacks: StackSource) -> Self {
        Self { stacks, ..self }
    }

    /// Begins the samples of each thread with this number instead of another one each time, so that a program which allocates
    /// the same has the same samples. Default: 0, which is another one each time.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    fn check(&self) -> Result<(), Error> {
        let within = |option, value: usize, is_within: bool, allowed| match is_within {
            true => Ok(()),
            false => Err(Error::OutOfRange {
                option,
                value: value.to_string(),
                allowed,
            }),
        };
        let interval = self.interval_bytes as usize;
        within("interval_bytes", interval, interval >= 1, "2 or more")?;
        let is_depth = (1..=MOST_FRAMES).contains(&self.depth);
        within("depth", self.depth, is_depth, "1 to 128")?;
        let is_number = (16..=1 << 20).contains(&self.max_stacks);
        within("max_stacks", self.max_stacks, is_number, "16 to 1048576")?;
        within(
            "max_live",
            self.max_blocks,
            self.max_blocks >= 1024,
            "1024 or more",
        )
    }
}

/// Records from which code blocks are allocated, in all threads, until it is dropped; snapshots stay. One trace can run in a
/// process. Blocks that were allocated before it are not in it.
///
/// # Cost
///
/// While none runs, nothing. A block that is not sampled costs what counting costs, a traced one a walk along its stack
/// ([`StackSource`]) and a place in a table; a thread that frees a traced block waits at most for others at the same part of
/// the table. The memory of the trace comes from the system, not from the program's allocator:
/// [`Snapshot::trace_bytes`] says how much.
///
/// # Sources
///
/// What it tells is what Python's `tracemalloc` and memray tell. Samples are drawn by bytes as in TCMalloc and jemalloc, and
/// each stands for as many blocks as its size makes likely (Horvitz and Thompson 1952).
///
/// ```
/// use tuneup_memory::{GroupBy, Trace, TraceOptions, TrackingAllocator};
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// let trace = Trace::start(TraceOptions::exact())?;
/// let kept = vec![0_u8; 1 << 20];
/// let snapshot = trace.snapshot();
/// let sites = snapshot.by(GroupBy::Site);
/// assert_eq!(sites.entries[0].live.bytes, 1048576.0);
/// # drop(kept);
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[doc(alias = "tracemalloc")]
#[derive(Debug)]
#[must_use = "the trace stops when it is dropped"]
pub struct Trace {
    trace: tuneup_recorder::Trace,
    stacks: StackSource,
}

impl Trace {
    /// Starts a trace. If it needs unwind tables, or has to try out whether it does, it first reads those of the whole program:
    /// some milliseconds and about half a megabyte for a small one, once in a process; they stay.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] for an option; [`Error::CountingOff`] after [`set_counting(false)`](crate::set_counting);
    /// [`Error::NotTracking`] if the program's global allocator is not a
    /// [`TrackingAllocator`](crate::TrackingAllocator); [`Error::AlreadyTracing`] if a trace is running.
    pub fn start(options: TraceOptions) -> Result<Self, Error> {
        options.check()?;
        if mode() == Mode::Off {
            return Err(Error::CountingOff);
        }
        if !is_tracking() {
            return Err(Error::NotTracking);
        }
        let mut recorded = tuneup_recorder::TraceOptions::default();
        recorded.interval_bytes = options.interval_bytes;
        recorded.depth = options.depth;
        recorded.max_stacks = options.max_stacks as u32;
        recorded.max_blocks = options.max_blocks;
        recorded.seed = options.seed;
        let stacks = match options.stacks {
            StackSource::Auto if frame_pointers_lead_as_far() => StackSource::FramePointers,
            StackSource::Auto => StackSource::UnwindTables,
            asked => asked,
        };
        if stacks == StackSource::UnwindTables {
            unwind_tables();
            recorded.walker = Some(unwind);
        }
        match tuneup_recorder::Trace::start(recorded) {
            Some(trace) => Ok(Self { trace, stacks }),
            None => Err(Error::AlreadyTracing),
        }
    }

    /// How the trace finds stacks: what [`StackSource::Auto`] has chosen, or what was asked for.
    #[must_use]
    pub fn stacks(&self) -> StackSource {
        self.stacks
    }

    /// What was recorded so far; from any thread, at any time. O(stacks + live samples), and threads that allocate wait at most
    /// for a part of it. See [`Snapshot`].
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        tuneup_recorder::without_tracing(|| Snapshot::of(&self.trace.read()))
    }
}

static UNWIND_TABLES: OnceLock<OwnStack> = OnceLock::new();

/// Where more threads allocate than there are processors, those that the system has interrupted may hold all that is
/// needed to unwind: whoever needs it too lets them go on, so often at most.
const MOST_YIELDS: u32 = 1000;

fn unwind_tables() -> &'static OwnStack {
    static LOADING: Mutex<()> = Mutex::new(());
    let _loading = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
    UNWIND_TABLES.get_or_init(|| {
        around_forks(None, None, unwind_alone);
        OwnStack::load().with_most_yields(MOST_YIELDS)
    })
}

/// In the child of a fork.
extern "C" fn unwind_alone() {
    if let Some(tables) = UNWIND_TABLES.get() {
        // SAFETY: there is no other thread, and this one is not unwinding: it has forked.
        tuneup_recorder::without_tracing(|| unsafe { tables.forget_other_threads() });
    }
}

/// The tables were loaded before it is used.
fn unwind(stack: Range<usize>, frames: &mut [MaybeUninit<usize>]) -> usize {
    UNWIND_TABLES.get().map_or(0, |tables| {
        // SAFETY: the recorder gives where the current thread's stack lies; nothing if it does not know.
        unsafe { tables.unwind_here(stack, frames) }
    })
}

/// Whether frame pointers lead from here to the same callers as the unwind tables do.
fn frame_pointers_lead_as_far() -> bool {
    let stack = tuneup_recorder::thread_stack();
    // SAFETY: it is where the current thread's stack lies.
    unsafe { unwind_tables().frame_pointers_reach(stack) }
}
