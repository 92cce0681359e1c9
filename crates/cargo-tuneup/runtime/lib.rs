//! What is linked into a program that is profiled without being edited: it begins to record when the program begins, and writes what it has when the
//! program ends, however it does, but by SIGKILL or an abort.
//!
//! Compiled by the command itself, with the sources of the recorder that travel inside of it; never by Cargo.

pub use tuneup_recorder::{ProfiledFuture, Site, SiteKind, enter};

use std::{
    env,
    ffi::{OsString, c_int},
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::PathBuf,
    process,
    sync::{
        Mutex,
        atomic::{AtomicI32, Ordering::Relaxed},
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
    // A signal may come in the middle of an orderly end.
    let Ok(mut kept) = SESSION.try_lock() else {
        return;
    };
    if let Some((session, folder)) = kept.take()
        && let Err(error) = write(&session, PathBuf::from(folder))
    {
        eprintln!("tuneup: cannot write the recording: {error}");
    }
}

/// Complete or not there: a reader finds no half of it.
fn write(session: &Session, folder: PathBuf) -> io::Result<()> {
    let path = folder.join(format!("{}.recording", process::id()));
    let unfinished = path.with_extension("unfinished");
    let mut file = BufWriter::new(File::create(&unfinished)?);
    session.read().write_dump(session.call_cost(), &mut file)?;
    file.flush()?;
    drop(file);
    fs::rename(unfinished, path)
}

/// The writing end of a pipe. A handler may do little but write to it; a thread does the rest.
static PIPE: AtomicI32 = AtomicI32::new(-1);

const SIGNALS: [c_int; 3] = [1, 2, 15];
const DEFAULT: usize = 0;
const IGNORED: usize = 1;

unsafe extern "C" {
    fn pipe(ends: *mut c_int) -> c_int;
    fn read(file: c_int, to: *mut u8, len: usize) -> isize;
    #[link_name = "write"]
    fn write_to(file: c_int, from: *const u8, len: usize) -> isize;
    fn signal(number: c_int, handler: usize) -> usize;
    fn raise(number: c_int) -> c_int;
}

/// SIGHUP, SIGINT and SIGTERM end a program that does not handle them; what was recorded is written before. A program that handles them later takes the
/// handler's place.
fn guard_signals() -> io::Result<()> {
    let mut ends = [0; 2];
    // SAFETY: there is room for two.
    if unsafe { pipe(ends.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    PIPE.store(ends[1], Relaxed);
    thread::Builder::new()
        .name("tuneup".to_owned())
        .stack_size(256 << 10)
        .spawn(move || {
            let mut number = 0_u8;
            // SAFETY: there is room for one byte.
            if unsafe { read(ends[0], &mut number, 1) } == 1 {
                end();
                let number = c_int::from(number);
                // SAFETY: no pointer is involved; the process ends as it would have.
                unsafe {
                    signal(number, DEFAULT);
                    raise(number);
                }
            }
        })?;
    for number in SIGNALS {
        // SAFETY: the handler does nothing but write to a pipe.
        let before = unsafe { signal(number, handle as extern "C" fn(c_int) as usize) };
        if before == IGNORED {
            // SAFETY: as it was.
            unsafe { signal(number, IGNORED) };
        }
    }
    Ok(())
}

extern "C" fn handle(number: c_int) {
    let byte = number as u8;
    // SAFETY: one byte is read from a variable; write(2) is safe in a handler.
    unsafe { write_to(PIPE.load(Relaxed), &byte, 1) };
}
