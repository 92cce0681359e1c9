//! Jobs in other processes.

mod ends;
mod limits;
mod results;
mod soak;
mod starts;

use std::{
    fs::{self, File},
    io::Write as _,
    panic::resume_unwind,
    path::Path,
    process::{Command, abort, exit},
    thread,
    time::Duration,
};

use rustix::process::{Pid, test_kill_process};
use tuneup_concurrency::{ProcessJob, ProcessJobs, ProcessPool, ProcessPoolBuilder, WorkerProgram};

use crate::amounts::count;

static DOUBLE: ProcessJob<u64, u64> = ProcessJob::new("double", |n| 2 * n);
static LENGTH: ProcessJob<Vec<u8>, usize> = ProcessJob::new("length", |bytes| bytes.len());
static BYTES: ProcessJob<usize, Vec<u8>> = ProcessJob::new("bytes", |n| vec![7; n]);
static ID: ProcessJob<(), u32> = ProcessJob::new("id", |()| std::process::id());
static CRASH: ProcessJob<Crash, ()> = ProcessJob::new("crash", crash);
/// Aborts until its file has as many bytes as the number says, one more at each attempt.
static FLAKY: ProcessJob<(String, u64), u64> = ProcessJob::new("flaky", flaky);
/// Without the hook, whose words would stand among those of the tests.
static PANIC: ProcessJob<String, ()> =
    ProcessJob::new("panic", |text| resume_unwind(Box::new(text)));
static SLEEP: ProcessJob<u64, ()> =
    ProcessJob::new("sleep", |ms| thread::sleep(Duration::from_millis(ms)));
/// Writes its id into the file, and the id of a process that it has started, and waits for that.
static NEST: ProcessJob<String, ()> = ProcessJob::new("nest", nest);
/// Forks a process that has all open that this one has, writes the id of both into the file, and crashes if it is told to.
static LEAVE: ProcessJob<(String, bool), ()> = ProcessJob::new("leave", leave);
/// Asks a pool of its own.
static DELEGATE: ProcessJob<u64, u64> = ProcessJob::new("delegate", |n| {
    pool(1).submit(&DOUBLE, &n).unwrap().result().unwrap()
});
static PRINT: ProcessJob<String, ()> = ProcessJob::new("print", |text| {
    print!("{text}");
    eprint!("{text}");
});
/// Writes to the descriptor of the pool.
static GARBLE: ProcessJob<Vec<u8>, ()> = ProcessJob::new("garble", garble);
static FORK: ProcessJob<(), bool> = ProcessJob::new("fork", |()| starts_no_worker());
static INPUT: ProcessJob<(), usize> =
    ProcessJob::new("input", |()| std::io::stdin().lines().count());

#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
enum Crash {
    Segfault,
    Abort,
    Exit,
    Overflow,
}

fn crash(how: Crash) {
    match how {
        // SAFETY: it is not sound, and so ends the process: nothing is ever there.
        Crash::Segfault => unsafe {
            std::ptr::with_exposed_provenance_mut::<u8>(8).write_volatile(1);
        },
        Crash::Abort => abort(),
        Crash::Exit => exit(3),
        Crash::Overflow => drop(overflow(1)),
    }
}

#[expect(unconditional_recursion, reason = "that is what it is for")]
fn overflow(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 100]);
    overflow(depth + 1) + room[99]
}

fn flaky((path, attempts): (String, u64)) -> u64 {
    append(Path::new(&path), "x");
    let attempt = fs::metadata(path).unwrap().len();
    if attempt < attempts {
        abort();
    }
    attempt
}

fn nest(path: String) {
    let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
    append(
        Path::new(&path),
        &format!("{} {}\n", std::process::id(), child.id()),
    );
    child.wait().unwrap();
}

fn leave((path, crashes): (String, bool)) {
    // SAFETY: the new process, in which other threads may have left locks taken, makes system calls and nothing else.
    let child = unsafe { libc::fork() };
    if child == 0 {
        loop {
            // SAFETY: it waits.
            unsafe { libc::pause() };
        }
    }
    append(
        Path::new(&path),
        &format!("{} {child}\n", std::process::id()),
    );
    if crashes {
        abort();
    }
}

fn garble(bytes: Vec<u8>) {
    let variable = std::env::var("TUNEUP_PROCESS_WORKER").unwrap();
    let (descriptor, _) = variable.split_once(':').unwrap();
    let mut pool = File::options()
        .write(true)
        .open(format!("/proc/self/fd/{descriptor}"));
    if pool.is_err() {
        // A socket cannot be opened by its name.
        let number: i32 = descriptor.parse().unwrap();
        // SAFETY: it is open as long as this process serves its pool.
        let borrowed = unsafe { std::os::fd::BorrowedFd::borrow_raw(number) };
        pool = Ok(File::from(borrowed.try_clone_to_owned().unwrap()));
    }
    pool.unwrap().write_all(&bytes).unwrap();
}

/// Whether this test binary, started by a job, is an ordinary process, though it has inherited the variable.
fn starts_no_worker() -> bool {
    let mut inner = Command::new(std::env::current_exe().unwrap());
    inner.args(["--exact", "process_pool::worker"]);
    inner.output().unwrap().status.success()
}

fn append(path: &Path, text: &str) {
    let mut file = File::options()
        .append(true)
        .create(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn program() -> WorkerProgram {
    ProcessJobs::new()
        .with(&DOUBLE)
        .with(&LENGTH)
        .with(&BYTES)
        .with(&ID)
        .with(&CRASH)
        .with(&FLAKY)
        .with(&PANIC)
        .with(&SLEEP)
        .with(&NEST)
        .with(&LEAVE)
        .with(&DELEGATE)
        .with(&PRINT)
        .with(&GARBLE)
        .with(&FORK)
        .with(&INPUT)
        .with(&soak::STEP)
        .run_if_worker()
        .with_argument("--exact")
        .with_argument("process_pool::worker")
        .with_argument("--nocapture")
}

/// What the workers of all these tests run: it never ends in one.
#[test]
fn worker() {
    let _ = program();
}

fn builder(workers: usize) -> ProcessPoolBuilder {
    ProcessPool::builder(program()).workers(count(workers))
}

fn pool(workers: usize) -> ProcessPool {
    builder(workers).build().unwrap()
}

/// Also a zombie.
fn exists(process: u32) -> bool {
    let process = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    test_kill_process(process).is_ok()
}

/// Waits until processes that were killed, and are reaped by somebody else, are gone. The watchdog ends it otherwise.
fn wait_until_gone(processes: &[u32]) {
    while processes.iter().any(|process| runs(*process)) {
        thread::sleep(Duration::from_millis(2));
    }
}

/// Not a zombie: whoever takes over orphans may be slow to reap them.
fn runs(process: u32) -> bool {
    match fs::read_to_string(format!("/proc/{process}/stat")) {
        Ok(stat) => !stat
            .rsplit_once(')')
            .is_some_and(|(_, rest)| rest.trim_start().starts_with('Z')),
        Err(_) => !cfg!(target_os = "linux") && exists(process),
    }
}

/// The two processes that [`NEST`] and [`LEAVE`] tell of.
fn nested(path: &Path) -> Vec<u32> {
    loop {
        let text = fs::read_to_string(path).unwrap_or_default();
        if text.ends_with('\n') {
            return text
                .split_whitespace()
                .map(|id| id.parse().unwrap())
                .collect();
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Runs a test in a process of its own, where nothing else starts processes or opens files. True there.
fn is_alone(test: &str) -> bool {
    const VARIABLE: &str = "TUNEUP_TEST_ALONE";
    if std::env::var_os(VARIABLE).is_some() {
        return true;
    }
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(VARIABLE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{test}: {status}");
    false
}
