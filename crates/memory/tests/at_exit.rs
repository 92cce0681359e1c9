//! Threads and processes that end while memory is allocated: each test starts processes that end in their own way.

mod guarded;
mod still;

use std::{
    cell::RefCell,
    env,
    hint::black_box,
    process::{Command, ExitStatus, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use guarded::Guarded;
use still::{Counts, assert_agree};
use tuneup_memory::{Filter, Trace, TraceOptions, measure, scope, stats};

#[global_allocator]
static ALLOCATOR: Guarded = Guarded::new();

fn counted_below() -> Counts {
    [
        &guarded::BLOCKS,
        &guarded::BYTES,
        &guarded::FREED_BLOCKS,
        &guarded::FREED_BYTES,
    ]
    .map(|count| count.load(Relaxed))
}

const CHILD: &str = "TUNEUP_TEST_AT_EXIT";
const TRACED: &str = "TUNEUP_TEST_TRACED";

/// What the child traces.
const TRACES: [&str; 3] = ["nothing", "samples", "all"];

/// A child that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs this test binary again, as the child that `what` describes.
#[track_caller]
fn run(what: &str, traced: &str) -> ExitStatus {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["the_child", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, what)
        .env(TRACED, traced)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if begin.elapsed() > LIMIT {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{what}, tracing {traced}, hangs");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Not a test: what the other tests start.
#[test]
fn the_child() {
    let Ok(what) = env::var(CHILD) else {
        return;
    };
    start_trace(&env::var(TRACED).unwrap());
    match what.as_str() {
        "returns" => start_allocating_threads(6),
        "exits" => {
            start_allocating_threads(6);
            std::process::exit(7);
        }
        "exits in a thread" => {
            start_allocating_threads(6);
            let exits = thread::spawn(|| std::process::exit(7));
            let _ = exits.join();
        }
        "tears down" => threads_allocate_while_they_are_torn_down(),
        #[cfg(target_os = "linux")]
        "forks" => forks::while_threads_allocate(4, 200),
        #[cfg(target_os = "linux")]
        "forks from many threads" => forks::while_threads_allocate(20, 10),
        other => panic!("no child is called {other}"),
    }
}

/// Runs until the process ends.
static TRACE: OnceLock<Trace> = OnceLock::new();

fn start_trace(traced: &str) {
    let options = match traced {
        "nothing" => return,
        "samples" => TraceOptions::sampling(1000),
        _ => TraceOptions::exact(),
    };
    TRACE.get_or_init(|| Trace::start(options).unwrap());
}

/// Starts threads that nobody waits for, and sees each of them at work.
fn start_allocating_threads(threads: u32) {
    static WORKING: AtomicU32 = AtomicU32::new(0);
    for seed in 0..threads {
        thread::spawn(move || {
            allocate(seed as usize);
            WORKING.fetch_add(1, Relaxed);
            loop {
                allocate(seed as usize);
            }
        });
    }
    while WORKING.load(Relaxed) < threads {
        thread::yield_now();
    }
}

fn allocate(number: usize) {
    let _scope = scope("allocate");
    let blocks = (0..10).map(|block| vec![1_u8; (number + block) * 7919 % 700]);
    let mut blocks = blocks.collect::<Vec<_>>();
    blocks.push(Vec::with_capacity(1 << 16));
    blocks.swap_remove(number % 10);
    let mut grows = String::new();
    (0..100).for_each(|_| grows.push('x'));
    black_box((blocks, grows));
}

#[test]
fn a_process_ends_while_its_threads_allocate() {
    for traced in TRACES {
        for _ in 0..10 {
            assert_eq!(run("returns", traced).code(), Some(0), "tracing {traced}");
            assert_eq!(run("exits", traced).code(), Some(7), "tracing {traced}");
            assert_eq!(
                run("exits in a thread", traced).code(),
                Some(7),
                "tracing {traced}"
            );
        }
    }
}

#[test]
fn what_threads_allocate_while_they_are_torn_down_is_counted() {
    for traced in TRACES {
        assert!(run("tears down", traced).success(), "tracing {traced}");
    }
}

/// A block of a thread that is torn down.
#[inline(never)]
fn torn(bytes: usize) -> Vec<u8> {
    black_box(Vec::with_capacity(bytes))
}

/// What is left by threads that have ended.
static LEFT: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Is dropped when its thread ends: frees what the thread has allocated, allocates, frees, moves, and leaves a block.
struct Torn(Vec<u8>);

impl Drop for Torn {
    fn drop(&mut self) {
        drop(torn(100));
        let mut grown = torn(200);
        grown.extend([1; 300]);
        // A value that is to be dropped too, if it was not.
        let _ = AFTER.try_with(|after| after.borrow_mut().0 = torn(50));
        let ((), measured) = measure(|| drop(torn(5000)));
        assert_eq!((measured.blocks, measured.peak_bytes), (1, 5000));
        LEFT.lock().unwrap().push(torn(400));
        drop((grown, std::mem::take(&mut self.0)));
    }
}

thread_local! {
    static BEFORE: RefCell<Torn> = const { RefCell::new(Torn(Vec::new())) };
    static AFTER: RefCell<Torn> = const { RefCell::new(Torn(Vec::new())) };
}

/// A value that the C library drops after all those of Rust: the thread is no longer known.
#[cfg(target_os = "linux")]
fn drop_last(torn: Torn) {
    use std::ffi::c_void;

    static KEY: OnceLock<libc::pthread_key_t> = OnceLock::new();

    extern "C" fn drop_it(torn: *mut c_void) {
        // SAFETY: it came from a box, and the C library gives it once.
        drop(unsafe { Box::from_raw(torn.cast::<Torn>()) });
    }

    let key = *KEY.get_or_init(|| {
        let mut key = 0;
        // SAFETY: the key is written, and the function is there as long as the program.
        let failed = unsafe { libc::pthread_key_create(&raw mut key, Some(drop_it)) };
        assert_eq!(failed, 0);
        key
    });
    let torn = Box::into_raw(Box::new(torn));
    // SAFETY: the key was made.
    let failed = unsafe { libc::pthread_setspecific(key, torn.cast()) };
    assert_eq!(failed, 0);
}

#[cfg(not(target_os = "linux"))]
fn drop_last(torn: Torn) {
    drop(torn);
}

fn threads_allocate_while_they_are_torn_down() {
    const ROUNDS: u64 = 20;
    let running = stats().threads.len();
    for _ in 0..ROUNDS {
        let threads = [(); 4].map(|()| {
            thread::spawn(|| {
                BEFORE.with(|before| before.borrow_mut().0 = vec![1; 1000]);
                drop_last(Torn(vec![1; 3000]));
            })
        });
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    }
    let reading = assert_agree("threads that were torn down", counted_below);
    assert_eq!(reading.stats.threads.len(), running);
    drop(std::mem::take(&mut *LEFT.lock().unwrap()));
    assert_agree("what they have left", counted_below);
    if let Some(trace) = TRACE.get() {
        let snapshot = trace.snapshot();
        let ours = Filter::include("^at_exit::torn$|^<at_exit::Torn |^at_exit::drop_last$");
        let total = snapshot.filter(&[ours.unwrap()]).total();
        // A block that is freed by a thread that is no longer known is gone all the same.
        assert_eq!((total.live.blocks, snapshot.missed), (0.0, 0), "{total:?}");
        assert!(total.allocated.blocks > 0.0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_fork_of_a_process_whose_threads_allocate_counts_on() {
    for traced in TRACES {
        assert!(run("forks", traced).success(), "tracing {traced}");
    }
    // More than can unwind at the same time.
    assert!(run("forks from many threads", "all").success());
}

/// Only the thread that forks is there in the child: locks that others held stay locked, unless somebody sees to it.
#[cfg(target_os = "linux")]
mod forks {
    use std::{
        ffi::c_int,
        hint::black_box,
        ptr,
        sync::atomic::{AtomicBool, Ordering::Relaxed},
        thread,
        time::{Duration, Instant},
    };

    use tuneup_memory::{AllocationCounters, Filter, Snapshot, stats};

    use super::{
        TRACE, allocate, counted_below, start_allocating_threads,
        still::{Counts, Reading, difference},
    };

    const LIMIT: Duration = Duration::from_secs(20);

    pub(super) fn while_threads_allocate(threads: u32, forks: u32) {
        start_allocating_threads(threads);
        for fork in 0..forks {
            // SAFETY: the child calls nothing that waits for a thread of the parent; that is what is tested.
            let child = unsafe { libc::fork() };
            assert!(child >= 0);
            if child == 0 {
                // Not by a panic: the message may wait for a lock of a thread that is not there.
                let mut done = work_in_the_child();
                if done.is_ok() && fork % 50 == 0 && TRACE.get().is_some() {
                    done = trace_in_the_child();
                }
                let place = done.err().unwrap_or(0);
                // SAFETY: ends the process at once.
                unsafe { libc::_exit(place) };
            }
            assert_eq!(status_of(child), Some(0), "fork {fork}");
        }
    }

    /// The exit code of a child; `None` if it was killed because it has taken too long, or by a signal.
    fn status_of(child: c_int) -> Option<c_int> {
        let begin = Instant::now();
        loop {
            let mut status = 0;
            // SAFETY: the status is written.
            let ended = unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) };
            if ended == child {
                return libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status));
            }
            if begin.elapsed() > LIMIT {
                // SAFETY: the child is there: nobody has waited for it.
                unsafe { libc::kill(child, libc::SIGKILL) };
                // SAFETY: as above.
                unsafe { libc::waitpid(child, ptr::null_mut(), 0) };
                return None;
            }
            thread::sleep(Duration::from_micros(200));
        }
    }

    /// Where the child failed.
    type Failed = Result<(), c_int>;

    fn ensure(is_true: bool, place: c_int) -> Failed {
        is_true.then_some(()).ok_or(place)
    }

    /// What was counted since a moment, by the allocator below and by all threads.
    struct Since {
        below: Counts,
        tracked: Counts,
    }

    impl Since {
        fn now() -> Self {
            let below = counted_below();
            let tracked = Reading::take().totals();
            Self { below, tracked }
        }

        fn agrees(&self) -> bool {
            let now = Self::now();
            difference(now.below, self.below) == difference(now.tracked, self.tracked)
        }
    }

    fn work_in_the_child() -> Failed {
        let before = AllocationCounters::of_this_thread();
        let since = Since::now();
        let begin = stats();
        ensure(begin.threads.len() == 1, 1)?;
        // What the others had counted is not lost.
        let total = begin.total.allocated_bytes;
        ensure(total > before.allocated_bytes + 100_000, 2)?;
        (0..5).for_each(allocate);
        ensure(since.agrees(), 3)?;

        let is_seen = AtomicBool::new(false);
        thread::scope(|scope| {
            let is_seen = &is_seen;
            let threads = [0, 1].map(|number| {
                scope.spawn(move || {
                    allocate(number);
                    while !is_seen.load(Relaxed) {
                        thread::yield_now();
                    }
                })
            });
            while stats().threads.len() < 3 {
                thread::yield_now();
            }
            is_seen.store(true, Relaxed);
            // The scope would wait for what they do, and not for what they free while they are torn down.
            threads
                .into_iter()
                .try_for_each(thread::ScopedJoinHandle::join)
        })
        .map_err(|_| 4)?;
        thread::spawn(|| allocate(1)).join().map_err(|_| 4)?;
        ensure(since.agrees(), 5)?;
        if TRACE.get().is_some() {
            let earlier = Snapshot::take().map_err(|_| 6)?;
            let kept = black_box((0..100).map(Box::new).collect::<Vec<_>>());
            let later = Snapshot::take().map_err(|_| 7)?;
            ensure(
                !later.is_exact() || later.samples > earlier.samples + 100,
                8,
            )?;
            drop(kept);
        }
        Ok(())
    }

    /// One block.
    #[inline(never)]
    fn leaf() -> Box<[u8; 300]> {
        black_box(Box::new([1; 300]))
    }

    /// To look names up takes long: not in each child.
    fn trace_in_the_child() -> Failed {
        let kept = (0..50).map(|_| leaf()).collect::<Vec<_>>();
        let snapshot = Snapshot::take().map_err(|_| 9)?;
        let leaves = Filter::include("^at_exit::forks::leaf$").map_err(|_| 10)?;
        let live = snapshot.filter(&[leaves]).total().live;
        drop(kept);
        ensure(!snapshot.is_exact() || live.blocks == 50.0, 11)
    }
}
