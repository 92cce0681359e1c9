//! What is linked into a program that is profiled without being edited: it begins to record when the program begins, and writes what it has when the
//! program ends, however it does, but by SIGKILL or where memory is no longer what it was.
//!
//! Compiled by the command itself, with the sources of the recorder that travel inside of it; never by Cargo.

mod allocator;
mod heap;

pub use allocator::Tracked;
pub use tuneup_recorder::{
    Argument, ArgumentCounts, Arguments, Hashed, LineSite, LineTimer, LinedFuture, ProfiledFuture,
    Site, SiteKind, Unhashed, enter, is_recording, mark_line,
};

use std::{
    env,
    ffi::{OsString, c_int, c_long},
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
    process,
    sync::{
        Mutex,
        atomic::{
            AtomicBool, AtomicI32, AtomicUsize,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
    thread,
};

use tuneup_recorder::{Options, Session};

/// The folder for recordings, one for each process.
const VARIABLE: &str = "TUNEUP_RECORDINGS";

/// `flat` for no distributions, `counted` for no times; otherwise both.
const DETAIL: &str = "TUNEUP_DETAIL";

static SESSION: Mutex<Option<(Session, OsString)>> = Mutex::new(None);

/// Called by the loader, before `main`, whoever wrote that.
#[used]
#[cfg_attr(
    any(target_os = "linux", target_os = "android", target_os = "freebsd"),
    unsafe(link_section = ".init_array")
)]
#[cfg_attr(
    target_vendor = "apple",
    unsafe(link_section = "__DATA,__mod_init_func")
)]
static BEGIN: extern "C" fn() = begin;

extern "C" fn begin() {
    let Some(folder) = env::var_os(VARIABLE) else {
        return;
    };
    if heap::is_asked_for() {
        tuneup_recorder::on_exit(end);
        if guard_signals().is_ok() {
            heap::wait_for_thread();
        }
        return heap::begin(folder);
    }
    let detail = env::var_os(DETAIL).unwrap_or_default();
    let mut options = Options::default();
    options.distribution = detail != "flat";
    options.timed = detail != "counted";
    let Some(session) = Session::start(options) else {
        return;
    };
    if let Ok(mut kept) = SESSION.lock() {
        *kept = Some((session, folder));
    }
    tuneup_recorder::on_exit(end);
    let _ = guard_signals();
}

/// Writes what was recorded, once.
fn end() {
    heap::end();
    // A signal may come in the middle of an orderly end.
    let Ok(mut kept) = SESSION.try_lock() else {
        return;
    };
    if let Some((session, folder)) = kept.take()
        && let Err(error) = write(folder.as_ref(), "recording", |file| {
            session.read().write_dump(session.call_cost(), file)
        })
    {
        eprintln!("tuneup: cannot write the recording: {error}");
    }
}

/// Writes a file of this process, complete or not at all: a reader finds no half of it.
fn write(
    folder: &Path,
    extension: &str,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let path = folder.join(format!("{}.{extension}", process::id()));
    let unfinished = path.with_extension("unfinished");
    let mut file = BufWriter::new(File::create(&unfinished)?);
    write(&mut file)?;
    file.flush()?;
    drop(file);
    fs::rename(unfinished, path)
}

/// The writing end of a pipe. A handler may do little but write to it; a thread does the rest.
static PIPE: AtomicI32 = AtomicI32::new(-1);

/// The process that has the pipe: one that was forked off it writes to the same one, and must not end its parent.
static PROCESS: AtomicI32 = AtomicI32::new(0);

/// The thread that writes the recording when a signal comes.
static WRITER: AtomicUsize = AtomicUsize::new(0);

/// Whether it has, after an abort.
static WRITTEN: AtomicBool = AtomicBool::new(false);

const ABORT: c_int = 6;
const SIGNALS: [c_int; 4] = [1, 2, 15, ABORT];
const DEFAULT: usize = 0;
const IGNORED: usize = 1;

/// An abort waits for the recording: so often, and so long each time. The thread that aborts may hold a lock that the writer needs.
const LOOKS: usize = 5_000;
const PAUSE: Pause = Pause {
    seconds: 0,
    nanoseconds: 1_000_000,
};

/// `struct timespec`.
#[repr(C)]
struct Pause {
    seconds: c_long,
    nanoseconds: c_long,
}

unsafe extern "C" {
    fn pipe(ends: *mut c_int) -> c_int;
    fn read(file: c_int, to: *mut u8, len: usize) -> isize;
    #[link_name = "write"]
    fn write_to(file: c_int, from: *const u8, len: usize) -> isize;
    fn signal(number: c_int, handler: usize) -> usize;
    fn raise(number: c_int) -> c_int;
    fn nanosleep(pause: *const Pause, left: *mut Pause) -> c_int;
    safe fn getpid() -> c_int;
    safe fn pthread_self() -> usize;
}

/// SIGHUP, SIGINT, SIGTERM and SIGABRT end a program that does not handle them; what was recorded is written before. A program that handles them later
/// takes the handler's place.
fn guard_signals() -> io::Result<()> {
    let mut ends = [0; 2];
    // SAFETY: there is room for two.
    if unsafe { pipe(ends.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    PIPE.store(ends[1], Relaxed);
    PROCESS.store(getpid(), Relaxed);
    thread::Builder::new()
        .name("tuneup".to_owned())
        .stack_size(256 << 10)
        .spawn(move || heap::untraced(|| wait_for_signal(ends[0])))?;
    for number in SIGNALS {
        // SAFETY: the handler does nothing that a handler must not.
        let before = unsafe { signal(number, handle as extern "C" fn(c_int) as usize) };
        if before == IGNORED {
            // SAFETY: as it was.
            unsafe { signal(number, IGNORED) };
        }
    }
    Ok(())
}

/// What the one thread does that waits for signals.
fn wait_for_signal(pipe: c_int) {
    WRITER.store(pthread_self(), Relaxed);
    let mut number = 0_u8;
    // SAFETY: there is room for one byte.
    if unsafe { read(pipe, &mut number, 1) } != 1 {
        return;
    }
    end();
    match c_int::from(number) {
        // The thread that aborts ends the process: a debugger, and whoever reads a core, finds it there.
        ABORT => WRITTEN.store(true, Release),
        number => end_by(number),
    }
}

/// Ends the process by a signal, as it would have without a handler; inside of the signal's own handler, when that returns.
fn end_by(number: c_int) {
    // SAFETY: no pointer is involved, and both are safe in a handler.
    unsafe {
        signal(number, DEFAULT);
        raise(number);
    }
}

extern "C" fn handle(number: c_int) {
    if getpid() != PROCESS.load(Relaxed) {
        return end_by(number);
    }
    let byte = number as u8;
    // SAFETY: one byte is read from a variable; write(2) is safe in a handler.
    unsafe { write_to(PIPE.load(Relaxed), &byte, 1) };
    if number == ABORT {
        if pthread_self() != WRITER.load(Relaxed) {
            wait_for_writer();
        }
        end_by(number);
    }
}

/// Loads, and nanosleep(2), are all that it does: it runs in a handler.
fn wait_for_writer() {
    for _ in 0..LOOKS {
        if WRITTEN.load(Acquire) {
            return;
        }
        // SAFETY: a pause is read from a constant; there is no need to know what is left of it.
        unsafe { nanosleep(&PAUSE, std::ptr::null_mut()) };
    }
}
