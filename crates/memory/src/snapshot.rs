//! What a trace has recorded, as data.

mod entry;
mod export;
mod filter;
mod grouping;
mod growth;
mod names;
mod summary;
mod table;
mod tree;

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tuneup_recorder::{AllocationCounters, HeapDump, TraceReading};
use tuneup_symbols::CodeMap;

pub(crate) use self::names::Names;
pub use self::{
    entry::{Entry, Estimate},
    filter::Filter,
    grouping::{GroupBy, Groups, Order},
    growth::{Growth, Growths, SnapshotDiff},
};
use crate::{Error, scope};

/// What a [`Trace`](crate::Trace) has recorded up to a moment: stacks, what each has allocated, and what of it lives.
///
/// Plain data, which costs nothing more to keep than its size: about 100 bytes and 8 a frame for each stack, and 32 bytes
/// for each sample that lives. Names of functions are looked up when a view first needs them, which takes as long as a
/// debugger takes to start, and once in a snapshot.
///
/// ```
/// use tuneup_memory::{GroupBy, Trace, TraceOptions, TrackingAllocator};
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// let trace = Trace::start(TraceOptions::exact())?;
/// let earlier = trace.snapshot();
/// let kept: Vec<String> = (0..100).map(|number| number.to_string()).collect();
/// let later = trace.snapshot();
/// println!("{}", later.by(GroupBy::Function).top(10));
/// let growths = later.compare_to(&earlier).by(GroupBy::Site);
/// assert!(growths.entries[0].bytes > 0.0);
/// # drop(kept);
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Snapshot {
    /// The name of the program's file.
    pub program: String,
    /// When it was taken, in nanoseconds since 1970.
    pub taken_unix_ns: u64,
    /// For how long the trace had run.
    pub elapsed: Duration,
    /// The mean number of allocated bytes between two samples; 1 if every block was recorded.
    pub interval_bytes: u64,
    /// Blocks that were recorded.
    pub samples: u64,
    /// Blocks that should have been recorded and found no room.
    pub missed: u64,
    /// The memory of the trace itself, in bytes.
    pub trace_bytes: u64,
    /// What the whole process has allocated and freed since the trace began, by its counters: exact where blocks were sampled, too. Blocks that
    /// are older and were freed are among them.
    pub counted: AllocationCounters,
    /// When the program had the most live bytes, and how many, of all blocks of the process; those of each site are
    /// [`Entry::at_peak`].
    pub peak: Peak,
    /// The live bytes over time.
    pub timeline: Timeline,
    pub(crate) stacks: Vec<Stack>,
    /// The samples that live, by what tells them apart; empty if every block was recorded.
    pub(crate) live: Vec<LiveSample>,
    /// The names of scopes, if the snapshot was loaded; else they are known to this process.
    scopes: Option<Vec<String>>,
    names: OnceLock<Names>,
}

/// The most bytes that were live at once while a trace ran.
///
/// Where every block is recorded, in one thread, it is exact; what several threads allocate at the same moment is known to 16 KiB a
/// thread or 0.4 %, whichever is more. Where blocks are sampled, so it is in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peak {
    /// Bytes, those of blocks included that are older than the trace.
    pub bytes: u64,
    /// When, since the trace began.
    pub after: Duration,
}

/// The live bytes of a program over the time of a trace, in spans of one width: at most 256, whose width doubles as time goes by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeline {
    /// The width of a span.
    pub span: Duration,
    /// The most live bytes in each span.
    pub most_bytes: Vec<u64>,
}

/// One stack and what it allocated.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Stack {
    /// Addresses within the calls, from the innermost outwards. None for the stacks that found no room.
    pub(crate) calls: Vec<u64>,
    pub(crate) scope: u32,
    pub(crate) sums: entry::Sums,
}

/// A sample that lives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LiveSample {
    pub(crate) stack: usize,
    pub(crate) address: u64,
    pub(crate) born_ns: u64,
    pub(crate) bytes: u64,
    pub(crate) weight: f64,
}

impl Snapshot {
    /// What the trace that is running has recorded so far, wherever it was started.
    ///
    /// # Errors
    ///
    /// [`Error::NotTracing`] if no trace is running.
    ///
    /// ```
    /// use tuneup_memory::{Error, Snapshot};
    ///
    /// assert!(matches!(Snapshot::take(), Err(Error::NotTracing)));
    /// ```
    #[doc(alias = "take_snapshot")]
    pub fn take() -> Result<Self, Error> {
        tuneup_recorder::without_tracing(|| {
            let reading = tuneup_recorder::read_trace().ok_or(Error::NotTracing)?;
            Ok(Self::of(&reading))
        })
    }

    pub(crate) fn of(reading: &TraceReading) -> Self {
        let stacks = reading.stacks.iter().map(|stack| Stack {
            // The byte before a return address is in the call.
            calls: stack
                .frames
                .iter()
                .map(|frame| (*frame as u64).wrapping_sub(1))
                .collect(),
            scope: stack.tag,
            sums: entry::Sums::of(stack),
        });
        let live = reading.live_blocks.iter().map(|block| LiveSample {
            stack: block.stack,
            address: block.address as u64,
            born_ns: block.born_ns,
            bytes: block.bytes,
            weight: f64::from(block.weight),
        });
        Self {
            program: tuneup_symbols::Process::current().program(),
            taken_unix_ns: unix_ns(SystemTime::now()),
            elapsed: Duration::from_nanos(reading.elapsed_ns),
            interval_bytes: reading.interval_bytes,
            samples: reading.samples,
            missed: reading.missed,
            trace_bytes: reading.used_bytes,
            counted: reading.counted,
            peak: Peak {
                bytes: reading.peak_bytes,
                after: Duration::from_nanos(reading.peak_ns),
            },
            timeline: Timeline {
                span: Duration::from_nanos(reading.timeline.span_ns),
                most_bytes: reading.timeline.most_bytes.clone(),
            },
            stacks: stacks.collect(),
            live: live.collect(),
            scopes: None,
            names: OnceLock::new(),
        }
    }

    /// What the trace of another program has kept, which has ended since: `program` is its name, and `taken` when it wrote that. The trace is taken
    /// to have run from the program's begin to its end: blocks that are older count for nothing, where every block was recorded. Names are looked up at once, in the files that it has left, as [`by`](Self::by) does.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use tuneup_memory::Snapshot;
    /// use tuneup_recorder::HeapDump;
    ///
    /// let snapshot = Snapshot::from_dump(&HeapDump::default(), "server", SystemTime::now());
    /// assert_eq!((snapshot.program.as_str(), snapshot.total().allocated.blocks), ("server", 0.0));
    /// ```
    #[must_use]
    pub fn from_dump(dump: &HeapDump, program: impl Into<String>, taken: SystemTime) -> Self {
        let mut snapshot = Self::of(&dump.trace);
        snapshot.program = program.into();
        snapshot.taken_unix_ns = unix_ns(taken);
        snapshot.scopes = Some(Vec::new());
        // Blocks that are older than the trace are those of whoever has traced the program.
        if snapshot.is_exact() {
            snapshot.peak.bytes = snapshot.total().at_peak.bytes as u64;
        }
        let code = CodeMap::of_maps(&dump.maps);
        let calls = snapshot.stacks.iter().flat_map(|stack| &stack.calls);
        snapshot.names = Names::look_up_in(&code, calls.copied()).into();
        snapshot
    }

    /// With other names of source files: those of a program that has ended are as the compiler was given them, which may be longer than anybody wants to
    /// read. Looks names up, if that has not been done.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use tuneup_memory::Snapshot;
    /// use tuneup_recorder::HeapDump;
    ///
    /// let snapshot = Snapshot::from_dump(&HeapDump::default(), "server", SystemTime::now());
    /// let shorter = snapshot.rename_files(|file| file.trim_start_matches("/src/").to_owned());
    /// # let _ = shorter;
    /// ```
    #[must_use]
    pub fn rename_files(mut self, rename: impl Fn(&str) -> String) -> Self {
        let mut names = self.names().clone();
        for function in &mut names.functions {
            function.file = rename(&function.file);
        }
        self.names = names.into();
        self
    }

    /// A snapshot of sites that have each one stack of one call, with their live bytes.
    #[cfg(test)]
    pub(crate) fn of_sites(elapsed: Duration, sites: impl Iterator<Item = (u64, f64)>) -> Self {
        let stacks = sites.map(|(call, bytes)| {
            let mut sums = entry::Sums::default();
            sums.live.bytes = bytes;
            sums.live.blocks = bytes / 64.0;
            Stack {
                calls: vec![call],
                scope: 0,
                sums,
            }
        });
        Self {
            stacks: stacks.collect(),
            elapsed,
            ..Self::of(&TraceReading::default())
        }
    }

    /// Everything that was recorded, as one entry. O(stacks).
    #[must_use]
    pub fn total(&self) -> Entry {
        let mut sums = entry::Sums::default();
        self.stacks.iter().for_each(|stack| sums.add(&stack.sums));
        sums.entry("all".to_owned())
    }

    /// Whether every block was recorded, so that numbers are no estimates.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.interval_bytes <= 1
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(|| {
            tuneup_recorder::without_tracing(|| {
                Names::look_up(
                    self.stacks
                        .iter()
                        .flat_map(|stack| stack.calls.iter().copied()),
                )
            })
        })
    }

    /// The name of a scope, by the mark of its stacks.
    fn scope(&self, scope: u32) -> Option<String> {
        match &self.scopes {
            Some(names) => names.get((scope as usize).checked_sub(1)?).cloned(),
            None => scope::name_of(scope),
        }
    }
}

fn unix_ns(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos() as u64)
}
