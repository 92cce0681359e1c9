//! Scopes of futures that move from thread to thread. One test: a process has one trace at a time.

mod guarded;
mod still;

use std::{
    future::{Future, pending, poll_fn},
    hint::black_box,
    pin::pin,
    ptr,
    sync::{
        Arc, Barrier,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::Poll,
};

use guarded::Guarded;
use still::{Counts, assert_agree, counts};
use tokio::{
    runtime::{Builder, Runtime},
    sync::Semaphore,
    task::JoinHandle,
};
use tuneup_memory::{Filter, GroupBy, ScopedFuture, Snapshot, Trace, TraceOptions, scope, scopes};

#[global_allocator]
static ALLOCATOR: Guarded = Guarded::new();

const WORKERS: usize = 4;

fn counted_below() -> Counts {
    [
        &guarded::BLOCKS,
        &guarded::BYTES,
        &guarded::FREED_BLOCKS,
        &guarded::FREED_BYTES,
    ]
    .map(|count| count.load(Relaxed))
}

fn runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(WORKERS).build().unwrap()
}

/// One block, of a task with a scope.
#[inline(never)]
fn scoped(bytes: usize) -> Vec<u8> {
    black_box(Vec::with_capacity(bytes))
}

/// One block, of a task without.
#[inline(never)]
fn unscoped(bytes: usize) -> Vec<u8> {
    black_box(Vec::with_capacity(bytes))
}

/// What each round of a scoped task waits for: an unscoped one has run.
static TURNS: Semaphore = Semaphore::const_new(0);
/// Turns that ended in another thread than they had begun in.
static MIGRATIONS: AtomicU64 = AtomicU64::new(0);

/// A number of the current thread.
fn thread() -> usize {
    thread_local! {
        static HERE: u8 = const { 0 };
    }
    HERE.with(|here| ptr::from_ref(here).addr())
}

/// Lets all others go first that could go on.
async fn step_back() {
    let mut is_later = false;
    poll_fn(|context| {
        context.waker().wake_by_ref();
        match std::mem::replace(&mut is_later, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
}

async fn turn() {
    let begin = thread();
    TURNS.acquire().await.unwrap().forget();
    step_back().await;
    MIGRATIONS.fetch_add(u64::from(thread() != begin), Relaxed);
}

const ROUNDS: usize = 3;

/// A block a round, each of which is freed a turn later.
async fn rounds(bytes: usize) {
    let mut kept = Vec::new();
    for _ in 0..ROUNDS {
        drop(std::mem::replace(&mut kept, scoped(bytes)));
        turn().await;
    }
}

/// Scopes in scopes, as a request has them.
async fn request(bytes: usize) {
    let body = scoped(2 * bytes);
    ScopedFuture::new("parse", rounds(bytes)).await;
    {
        let _scope = scope("answer");
        drop(scoped(3 * bytes));
    }
    turn().await;
    drop(body);
}

const TASKS: usize = 400;
const SIZES: [usize; 3] = [100, 1000, 3000];
const NAMES: [&str; 3] = ["small request", "request", "large request"];

fn scoped_tasks_among_others(runtime: &Runtime) {
    let spawn_scoped = |number: usize| {
        let size = number % NAMES.len();
        runtime.spawn(ScopedFuture::new(NAMES[size], request(SIZES[size])))
    };
    let spawn_unscoped = |number: usize| {
        runtime.spawn(async move {
            let block = unscoped(number % 500 + 1);
            TURNS.add_permits(1);
            step_back().await;
            drop(unscoped(block.capacity()));
        })
    };
    let scoped = (0..NAMES.len() * TASKS).map(spawn_scoped);
    let scoped = scoped.collect::<Vec<_>>();
    let turns = NAMES.len() * TASKS * (ROUNDS + 1);
    let unscoped = (0..turns).map(spawn_unscoped).collect::<Vec<_>>();
    runtime.block_on(all(scoped));
    runtime.block_on(all(unscoped));
}

async fn all(tasks: Vec<JoinHandle<()>>) {
    for task in tasks {
        task.await.unwrap();
    }
}

/// What a scope has counted: alone, and with the scopes in it.
fn counted(name: &str) -> [Counts; 2] {
    let scopes = scopes();
    let scope = scopes.iter().find(|scope| scope.name == name);
    scope.map_or([[0; 4]; 2], |scope| {
        [counts(scope.own), counts(scope.cumulative)]
    })
}

fn scopes_have_what_is_theirs() {
    let tasks = TASKS as u64;
    let rounds = ROUNDS as u64;
    for (name, bytes) in NAMES.into_iter().zip(SIZES) {
        let bytes = bytes as u64;
        let own = [tasks, 2 * bytes * tasks];
        let inner = [(rounds + 1) * tasks, (rounds + 3) * bytes * tasks];
        let all = [own[0] + inner[0], own[1] + inner[1]];
        assert_eq!(
            counted(name),
            [
                [own[0], own[1], own[0], own[1]],
                [all[0], all[1], all[0], all[1]]
            ],
            "{name}"
        );
    }
    let bytes = SIZES.iter().sum::<usize>() as u64;
    let tasks_of_all = tasks * NAMES.len() as u64;
    for (name, blocks, bytes) in [
        ("parse", rounds * tasks_of_all, rounds * bytes * tasks),
        ("answer", tasks_of_all, 3 * bytes * tasks),
    ] {
        let own = [blocks, bytes, blocks, bytes];
        assert_eq!(counted(name), [own, own], "{name}");
    }
}

/// The scopes of the blocks that a function has allocated, and their bytes.
fn traced(snapshot: &Snapshot, function: &str) -> Vec<(String, u64)> {
    let filter = Filter::include(&format!("^tokio::{function}$")).unwrap();
    let scopes = snapshot.filter(&[filter]).by(GroupBy::Scope);
    let entries = scopes.entries.into_iter();
    let mut scopes = entries
        .map(|entry| (entry.name, entry.allocated.bytes as u64))
        .collect::<Vec<_>>();
    scopes.sort();
    scopes
}

fn the_trace_has_the_same(snapshot: &Snapshot) {
    assert_eq!(snapshot.missed, 0);
    let mut expected = [
        "answer",
        "large request",
        "parse",
        "request",
        "small request",
    ]
    .map(|name| (name.to_owned(), counted(name)[0][1]));
    expected.sort();
    assert_eq!(traced(snapshot, "scoped"), expected);
    let scopes = traced(snapshot, "unscoped");
    assert_eq!(scopes.len(), 1, "{scopes:?}");
    assert_eq!(scopes[0].0, "(no scope)");
}

/// Blocks that a future holds, in a scope in a scope, until it is dropped.
async fn never_ends() {
    let outer = scoped(500);
    let inner = async {
        let inner = scoped(700);
        TURNS.add_permits(1);
        pending::<()>().await;
        drop(inner);
    };
    ScopedFuture::new("cancelled inside", inner).await;
    drop(outer);
}

fn cancelled() -> ScopedFuture<impl Future<Output = ()>> {
    ScopedFuture::new("cancelled", never_ends())
}

fn cancelled_futures_free_in_their_scopes(runtime: &Runtime) {
    const TASKS: usize = 300;
    let wait = || runtime.block_on(async { TURNS.acquire().await.unwrap().forget() });
    // A third is aborted from here, a third is dropped by the task that polls it, and a third dies with the runtime.
    let aborted = (0..TASKS).map(|_| runtime.spawn(cancelled()));
    let aborted = aborted.collect::<Vec<_>>();
    (0..TASKS).for_each(|_| wait());
    aborted.iter().for_each(JoinHandle::abort);
    for task in aborted {
        assert!(runtime.block_on(task).unwrap_err().is_cancelled());
    }
    let dropped = (0..TASKS).map(|_| {
        runtime.spawn(async {
            let polled_once = {
                let mut future = pin!(cancelled());
                poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
            };
            assert!(polled_once.is_pending());
            // It was dropped, and the scope is left.
            drop(unscoped(77));
        })
    });
    let dropped = dropped.collect::<Vec<_>>();
    runtime.block_on(all(dropped));
    (0..TASKS).for_each(|_| wait());
    assert_counts_of_cancelled(2 * TASKS as u64);

    let dying = self::runtime();
    (0..TASKS).for_each(|_| drop(dying.spawn(cancelled())));
    (0..TASKS).for_each(|_| wait());
    drop(dying);
    assert_counts_of_cancelled(3 * TASKS as u64);
}

fn assert_counts_of_cancelled(tasks: u64) {
    let of = |bytes: u64| [tasks, bytes * tasks, tasks, bytes * tasks];
    let both = [2 * tasks, 1200 * tasks, 2 * tasks, 1200 * tasks];
    assert_eq!(counted("cancelled inside"), [of(700), of(700)]);
    assert_eq!(counted("cancelled"), [of(500), both]);
}

fn panics_leave_their_scopes(runtime: &Runtime) {
    let panics = (0..100).map(|_| {
        runtime.spawn(ScopedFuture::new("panics", async {
            let _block = scoped(900);
            let _inner = scope("panics inside");
            // Without the message.
            std::panic::resume_unwind(Box::new(()));
        }))
    });
    for task in panics.collect::<Vec<_>>() {
        assert!(runtime.block_on(task).unwrap_err().is_panic());
    }
}

/// At the same time on each worker.
fn no_worker_is_in_a_scope(runtime: &Runtime) {
    let all_scopes = || {
        let scopes = scopes();
        let sums = scopes.iter().map(|scope| scope.cumulative.allocated_bytes);
        sums.sum::<u64>()
    };
    let before = all_scopes();
    let barrier = Arc::new(Barrier::new(WORKERS));
    let tasks = (0..WORKERS).map(|_| {
        let barrier = Arc::clone(&barrier);
        runtime.spawn(async move {
            barrier.wait();
            drop(unscoped(123_456));
        })
    });
    let tasks = tasks.collect::<Vec<_>>();
    runtime.block_on(all(tasks));
    assert_eq!(all_scopes(), before);
}

#[test]
fn scopes_follow_their_futures() {
    let runtime = runtime();
    let trace = Trace::start(TraceOptions::exact()).unwrap();
    scoped_tasks_among_others(&runtime);
    assert!(MIGRATIONS.load(Relaxed) > 0);
    scopes_have_what_is_theirs();
    the_trace_has_the_same(&trace.snapshot());
    assert_agree("tasks that have ended", counted_below);

    drop(trace);
    let trace = Trace::start(TraceOptions::exact()).unwrap();
    cancelled_futures_free_in_their_scopes(&runtime);
    panics_leave_their_scopes(&runtime);
    no_worker_is_in_a_scope(&runtime);
    let unscoped = traced(&trace.snapshot(), "unscoped");
    assert_eq!(
        unscoped,
        [("(no scope)".to_owned(), 300 * 77 + 4 * 123_456)]
    );
    assert_agree("tasks that were cancelled", counted_below);
    drop(runtime);
    let reading = assert_agree("a runtime that has ended", counted_below);
    let workers = reading.stats.threads.iter();
    let workers = workers.filter(|thread| thread.name == "tokio-rt-worker");
    assert_eq!(workers.count(), 0);
}
