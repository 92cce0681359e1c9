//! Tracking where work is stolen: what is counted and traced does not depend on who does it. One test: a process has one
//! trace at a time.

mod guarded;
mod still;

use std::{
    hint::black_box,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
};

use guarded::Guarded;
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};
use still::{Counts, Reading, assert_agree, counts, difference};
use tuneup_memory::{
    AllocationCounters, GroupBy, ScopeStats, Snapshot, StackSource, Trace, TraceOptions, scope,
    scopes,
};

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

/// What the leaves say that they have allocated.
static LEAF_BLOCKS: AtomicU64 = AtomicU64::new(0);
static LEAF_BYTES: AtomicU64 = AtomicU64::new(0);

/// One block.
#[inline(never)]
fn leaf(number: usize) -> Vec<u8> {
    let bytes = 16 + number * 7919 % 900;
    LEAF_BLOCKS.fetch_add(1, Relaxed);
    LEAF_BYTES.fetch_add(bytes as u64, Relaxed);
    black_box(Vec::with_capacity(bytes))
}

/// A pool whose threads have ended when it is closed.
struct Pool {
    pool: ThreadPool,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    fn new(threads: usize) -> Self {
        let mut handles = Vec::new();
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .spawn_handler(|worker| {
                let thread = thread::Builder::new().name(format!("worker {}", worker.index()));
                handles.push(thread.spawn(|| worker.run())?);
                Ok(())
            })
            .build()
            .unwrap();
        Self {
            pool,
            threads: handles,
        }
    }

    fn close(self) {
        drop(self.pool);
        self.threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    }
}

/// Nested joins; half of the blocks are freed by whoever goes on with them.
fn tree(depth: u32, number: usize) -> Vec<Vec<u8>> {
    if depth == 0 {
        let _scope = scope("leaf of a tree");
        return vec![leaf(number)];
    }
    let (mut left, mut right) = rayon::join(
        || tree(depth - 1, 2 * number),
        || tree(depth - 1, 2 * number + 1),
    );
    left.append(&mut right);
    left.truncate(left.len().div_ceil(2));
    left
}

/// Blocks of all workers in one list, which all workers free.
fn list(len: usize) {
    let blocks = (0..len).into_par_iter().map(|number| {
        let _scope = scope("item of a list");
        let kept = {
            let _scope = scope("kept item");
            leaf(number)
        };
        drop(leaf(number));
        kept
    });
    let blocks = blocks.collect::<Vec<_>>();
    blocks.into_par_iter().for_each(drop);
}

const DEPTH: u32 = 9;
const ITEMS: usize = 1000;

fn pools_come_and_go() {
    let drivers = [1, 3, 16].map(|threads| {
        thread::spawn(move || {
            for _ in 0..3 {
                let pool = Pool::new(threads);
                pool.pool.install(|| {
                    let kept = tree(DEPTH, 1);
                    assert_eq!(kept.len(), 1);
                    list(ITEMS);
                });
                pool.close();
            }
        })
    });
    drivers
        .into_iter()
        .for_each(|driver| driver.join().unwrap());
}

/// What threads have counted that have ended.
fn ended(reading: &Reading) -> Counts {
    let rows = reading.stats.threads.iter();
    rows.fold(counts(reading.stats.total), |rest, row| {
        difference(rest, counts(row.counters))
    })
}

/// The rows of a pool's workers.
fn workers(reading: &Reading) -> Vec<Counts> {
    let rows = reading.stats.threads.iter();
    let workers = rows.filter(|row| row.name.starts_with("worker "));
    workers.map(|row| counts(row.counters)).collect()
}

fn rows_and_what_has_ended_are_everything() {
    let pool = Pool::new(4);
    pool.pool.broadcast(|_| drop(black_box(Box::new(1))));
    let begin = assert_agree("a pool that has begun", counted_below);
    assert_eq!(workers(&begin).len(), 4);
    let own = Mutex::new(Vec::with_capacity(4));
    pool.pool.install(|| list(ITEMS));
    pool.pool.broadcast(|_| {
        let counters = AllocationCounters::of_this_thread();
        own.lock().unwrap().push(counters.allocated_bytes);
    });
    let worked = assert_agree("a pool that has worked", counted_below);
    assert_eq!(ended(&worked), ended(&begin));
    // Each row is what its thread sees.
    let mut own = own.into_inner().unwrap();
    let rows = workers(&worked);
    let mut rows_bytes = rows.iter().map(|row| row[1]).collect::<Vec<_>>();
    own.sort_unstable();
    rows_bytes.sort_unstable();
    assert_eq!(rows_bytes, own);

    pool.close();
    let closed = assert_agree("a pool that has ended", counted_below);
    assert!(workers(&closed).is_empty());
    let left = difference(ended(&closed), ended(&worked));
    for (place, count) in left.into_iter().enumerate() {
        let rows = rows.iter().map(|row| row[place]).sum::<u64>();
        // They may free something while they end.
        assert!(count >= rows, "{left:?} of {rows:?}");
    }
}

/// Blocks and bytes that were allocated by the leaves, as a snapshot knows them, and the blocks that live.
fn leaves(snapshot: &Snapshot) -> (f64, f64, f64) {
    let functions = snapshot.by(GroupBy::Function);
    let mut entries = functions.entries.iter();
    let leaf = entries.find(|entry| entry.name == "rayon::leaf");
    let leaf = leaf.unwrap_or_else(|| panic!("no leaf in\n{functions}"));
    (
        leaf.allocated.blocks,
        leaf.allocated.bytes,
        leaf.live.blocks,
    )
}

fn leaves_by_their_own_count() -> [u64; 2] {
    [LEAF_BLOCKS.load(Relaxed), LEAF_BYTES.load(Relaxed)]
}

fn every_leaf_is_traced(stacks: StackSource) {
    let trace = Trace::start(TraceOptions::exact().with_stacks(stacks)).unwrap();
    let before = leaves_by_their_own_count();
    pools_come_and_go();
    let after = leaves_by_their_own_count();
    let (blocks, bytes) = (after[0] - before[0], after[1] - before[1]);
    assert_eq!(blocks, 9 * ((1 << DEPTH) + 2 * ITEMS as u64));
    let snapshot = trace.snapshot();
    assert_eq!(snapshot.missed, 0);
    assert_eq!(leaves(&snapshot), (blocks as f64, bytes as f64, 0.0));
    assert_agree("while a trace runs", counted_below);
}

fn own(scopes: &[ScopeStats], name: &str) -> [u64; 4] {
    let scope = scopes.iter().find(|scope| scope.name == name);
    scope.map_or([0; 4], |scope| counts(scope.own))
}

/// The sizes of the blocks of one list.
fn list_bytes() -> u64 {
    let bytes = (0..ITEMS).map(|number| 16 + number * 7919 % 900);
    bytes.sum::<usize>() as u64
}

/// A scope that is entered and left within a task is in no other task, whichever steals the thread.
fn scopes_have_what_is_theirs() {
    let before = scopes();
    pools_come_and_go();
    let after = scopes();
    let counted = |name: &str| difference(own(&after, name), own(&before, name));
    let (items, bytes) = (9 * ITEMS as u64, 9 * list_bytes());
    assert_eq!(counted("kept item"), [items, bytes, 0, 0]);
    assert_eq!(counted("item of a list"), [items, bytes, items, bytes]);
    // Each leaf of a tree has a list of its own.
    let trees = 9 << DEPTH;
    let leaf = counted("leaf of a tree");
    assert_eq!((leaf[0], leaf[2], leaf[3]), (2 * trees, 0, 0));
    let cumulative = |scopes: &[ScopeStats]| {
        let mut scopes = scopes.iter();
        let list = scopes.find(|scope| scope.name == "item of a list");
        list.map_or([0; 4], |scope| counts(scope.cumulative))
    };
    assert_eq!(
        difference(cumulative(&after), cumulative(&before)),
        [2 * items, 2 * bytes, items, bytes]
    );
}

#[test]
fn stolen_work_is_counted_and_traced() {
    assert_agree("before anything", counted_below);
    pools_come_and_go();
    assert_agree("after pools that have ended", counted_below);
    rows_and_what_has_ended_are_everything();
    scopes_have_what_is_theirs();
    every_leaf_is_traced(StackSource::UnwindTables);
    every_leaf_is_traced(StackSource::Auto);
    assert_agree("after everything", counted_below);
}
