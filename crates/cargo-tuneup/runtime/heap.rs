//! The trace of what a program allocates, from its begin to its end.

use std::{
    env,
    ffi::OsString,
    fs,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use tuneup_recorder::{HeapDump, MOST_FRAMES, Trace, TraceOptions, without_tracing};

use crate::write;

/// The mean number of bytes between two samples; 1 for every block.
const VARIABLE: &str = "TUNEUP_HEAP";

/// As many as make a tree that begins with `main` in all but the deepest recursion.
const DEPTH: usize = MOST_FRAMES;
const MOST_STACKS: u32 = 1 << 17;
const MOST_BLOCKS: usize = 1 << 25;

static TRACE: Mutex<Option<(Trace, OsString)>> = Mutex::new(None);

pub(crate) fn is_asked_for() -> bool {
    env::var_os(VARIABLE).is_some()
}

/// Whether the runtime's own thread has begun.
static HAS_BEGUN: AtomicBool = AtomicBool::new(false);

/// What the runtime's own thread does: no business of the program.
pub(crate) fn untraced(work: impl FnOnce()) {
    without_tracing(|| {
        HAS_BEGUN.store(true, Relaxed);
        work();
    });
}

/// The thread takes memory when it begins, which would be traced if it was late.
pub(crate) fn wait_for_thread() {
    const LOOKS: u32 = 10_000;
    const PAUSE: Duration = Duration::from_micros(10);
    for _ in 0..LOOKS {
        if HAS_BEGUN.load(Relaxed) {
            return;
        }
        thread::sleep(PAUSE);
    }
}

/// The last thing before the program: whatever is allocated from now on is its own.
pub(crate) fn begin(folder: OsString) {
    let interval = env::var(VARIABLE).ok().and_then(|text| text.parse().ok());
    let mut options = TraceOptions::default();
    options.interval_bytes = interval.unwrap_or(1);
    options.depth = DEPTH;
    options.max_stacks = MOST_STACKS;
    options.max_blocks = MOST_BLOCKS;
    if let Ok(mut kept) = TRACE.lock()
        && let Some(trace) = Trace::start(options)
    {
        *kept = Some((trace, folder));
    }
}

/// Writes what was traced, once.
pub(crate) fn end() {
    without_tracing(|| {
        // A signal may come in the middle of an orderly end.
        let Ok(mut kept) = TRACE.try_lock() else {
            return;
        };
        let Some((trace, folder)) = kept.take() else {
            return;
        };
        // Before the file is made, which allocates.
        let reading = trace.read();
        let written = write(folder.as_ref(), "heap", |file| {
            HeapDump::new(reading, code()).write(file)
        });
        if let Err(error) = written {
            eprintln!("tuneup: cannot write the trace of the heap: {error}");
        }
    });
}

/// Where code lies in this process, as far as the system tells.
fn code() -> String {
    let maps = fs::read("/proc/self/maps").unwrap_or_default();
    let maps = String::from_utf8_lossy(&maps);
    let is_code = |line: &&str| {
        line.split(' ')
            .nth(1)
            .is_some_and(|permissions| permissions.contains('x'))
    };
    maps.lines()
        .filter(is_code)
        .flat_map(|line| [line, "\n"])
        .collect()
}
