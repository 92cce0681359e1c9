//! Traces of known call sites. One test: a process has one trace at a time.

mod guarded;

use std::{hint::black_box, thread};

use guarded::Guarded;
use tuneup_memory::{
    Entry, Error, Filter, GroupBy, Mode, Order, Snapshot, StackSource, Trace, TraceOptions, mode,
    scope, set_counting,
};

#[global_allocator]
static ALLOCATOR: Guarded = Guarded::new();

/// Each leaf allocates in its own way; what is done after the call keeps it on the stack.
#[inline(never)]
fn thousand() -> Vec<u8> {
    black_box(vec![1; 1000])
}

#[inline(never)]
fn forty_thousand() -> Vec<u8> {
    black_box(vec![1; 40_000])
}

#[inline(never)]
fn at_once() {
    for _ in 0..100 {
        drop(black_box(Box::new([0_u8; 64])));
    }
}

#[inline(never)]
fn grows() -> Vec<u64> {
    let mut vector = Vec::new();
    (0..10_000).for_each(|number| vector.push(number));
    black_box(vector)
}

#[inline(never)]
fn through_one(count: usize) -> Vec<Vec<u8>> {
    let mut kept = Vec::with_capacity(count);
    (0..count).for_each(|_| kept.push(thousand()));
    black_box(kept)
}

#[inline(never)]
fn through_another(count: usize) -> Vec<Vec<u8>> {
    let mut kept = Vec::with_capacity(count);
    (0..count).for_each(|_| kept.push(thousand()));
    black_box(kept)
}

#[track_caller]
fn entry(snapshot: &Snapshot, by: GroupBy, name: &str) -> Entry {
    let groups = snapshot.by(by);
    let mut entries = groups.entries.iter();
    let entry = entries.find(|entry| entry.name.contains(name));
    entry
        .unwrap_or_else(|| panic!("no {name} in\n{groups}"))
        .clone()
}

fn every_block_is_at_its_site(stacks: StackSource) {
    let trace = Trace::start(TraceOptions::exact().with_stacks(stacks)).unwrap();
    assert!(matches!(
        Trace::start(TraceOptions::default()),
        Err(Error::AlreadyTracing)
    ));
    assert_eq!(mode(), Mode::Exact);
    assert!(matches!(set_counting(false), Err(Error::AlreadyTracing)));
    let (one, other) = (through_one(7), through_another(5));
    let large = forty_thousand();
    at_once();
    let grown = grows();
    let elsewhere = thread::spawn(forty_thousand).join().unwrap();
    let snapshot = trace.snapshot();
    assert!(snapshot.is_exact() && snapshot.missed == 0);

    let thousands = entry(&snapshot, GroupBy::Function, "tracing::thousand");
    assert_eq!(
        (thousands.live.blocks, thousands.live.bytes),
        (12.0, 12_000.0)
    );
    assert_eq!(
        (thousands.live.bytes_error, thousands.temporary_share),
        (0.0, 0.0)
    );
    let larger = entry(&snapshot, GroupBy::Function, "forty_thousand");
    assert_eq!((larger.live.blocks, larger.live.bytes), (2.0, 80_000.0));
    let boxes = entry(&snapshot, GroupBy::Function, "at_once");
    assert_eq!((boxes.live.blocks, boxes.allocated.blocks), (0.0, 100.0));
    assert_eq!(boxes.temporary_share, 1.0);
    // Moves are blocks, and one of them is left.
    let moved = entry(&snapshot, GroupBy::Function, "tracing::grows");
    assert_eq!(moved.live.blocks, 1.0);
    assert!(moved.allocated.blocks > 5.0 && moved.live.bytes >= 80_000.0);

    let by_stack = snapshot.by(GroupBy::Stack);
    let through = |name: &str| {
        let entries = by_stack.entries.iter();
        let blocks = entries.filter(|entry| {
            entry.name.starts_with("tracing::thousand") && entry.name.contains(name)
        });
        blocks.map(|entry| entry.live.blocks).sum::<f64>()
    };
    assert_eq!(
        (through("through_one"), through("through_another")),
        (7.0, 5.0),
        "{by_stack}"
    );
    assert!(entry(&snapshot, GroupBy::Crate, "tracing").live.bytes >= 172_000.0);
    // Without debug information there are names, and no files.
    if cfg!(debug_assertions) {
        assert!(
            entry(&snapshot, GroupBy::File, "tests/tracing.rs")
                .live
                .bytes
                >= 172_000.0
        );
        let line = format!("tests/tracing.rs:{}", line!() - line_distance());
        assert_eq!(entry(&snapshot, GroupBy::Site, &line).live.blocks, 12.0);
    }

    let filters = [
        Filter::include("through_").unwrap(),
        Filter::exclude("through_another").unwrap(),
    ];
    let filtered = snapshot.filter(&filters);
    assert_eq!(
        entry(&filtered, GroupBy::Function, "tracing::thousand")
            .live
            .blocks,
        7.0
    );
    let first = snapshot
        .by(GroupBy::Function)
        .sort_by(Order::TemporaryBlocks)
        .top(1);
    assert_eq!(first.entries[0].name, "tracing::at_once");
    drop((one, other, large, grown, elsewhere));
    // What is freed by another thread than its own is freed.
    let after = trace.snapshot();
    assert_eq!(
        entry(&after, GroupBy::Function, "forty_thousand")
            .live
            .blocks,
        0.0
    );
    drop(trace);
    assert!(matches!(Snapshot::take(), Err(Error::NotTracing)));
}

/// From the line of `thousand`'s allocation to the line that asks.
fn line_distance() -> u32 {
    let text = include_str!("tracing.rs");
    let line_of = |what: &str| text.lines().position(|line| line.contains(what)).unwrap();
    (line_of("line!() - line_distance()") - line_of("black_box(vec![1; 1000])")) as u32
}

fn growth_is_between_two_snapshots() {
    let trace = Trace::start(TraceOptions::exact()).unwrap();
    let before = through_one(3);
    let earlier = trace.snapshot();
    let more = through_one(4);
    drop(before);
    let large = forty_thousand();
    let later = Snapshot::take().unwrap();
    let growths = later.compare_to(&earlier).by(GroupBy::Function);
    let of = |name: &str| {
        let entry = growths.entries.iter().find(|growth| growth.name == name);
        entry.map(|growth| (growth.bytes, growth.blocks, growth.allocated_bytes))
    };
    assert_eq!(
        of("tracing::forty_thousand"),
        Some((40_000.0, 1.0, 40_000.0)),
        "{growths}"
    );
    assert_eq!(
        of("tracing::thousand"),
        Some((1000.0, 1.0, 4000.0)),
        "{growths}"
    );
    assert_eq!(growths.entries[0].name, "tracing::forty_thousand");
    drop((more, large, trace));
}

fn blocks_know_their_scope() {
    let trace = Trace::start(TraceOptions::exact()).unwrap();
    let (inside, outside) = {
        let _scope = scope("request");
        let inside = {
            let _scope = scope("parse");
            forty_thousand()
        };
        (inside, forty_thousand())
    };
    let none = forty_thousand();
    let snapshot = trace.snapshot();
    let filtered = snapshot.filter(&[Filter::include("forty_thousand").unwrap()]);
    for name in ["request", "parse", "(no scope)"] {
        assert_eq!(entry(&filtered, GroupBy::Scope, name).live.bytes, 40_000.0);
    }
    let scopes = tuneup_memory::scopes();
    let request = scopes.iter().find(|scope| scope.name == "request").unwrap();
    assert_eq!(
        (
            request.own.allocated_bytes,
            request.cumulative.allocated_bytes
        ),
        (40_000, 80_000)
    );
    drop((inside, outside, none, trace));
}

/// One site of 99.9 % small and 0.1 % large blocks: bytes alone would say little about counts, and the other way round.
fn estimates_are_right_on_average_and_their_errors_honest() {
    const SEEDS: u32 = 100;
    const BLOCKS: usize = 50_000;
    let (mut blocks, mut bytes, mut within) = (0.0, 0.0, [0, 0]);
    for seed in 0..SEEDS {
        let options = TraceOptions::sampling(64 << 10).with_seed(u64::from(seed) + 1);
        let trace = Trace::start(options).unwrap();
        let kept = skewed(BLOCKS, seed);
        let estimate = trace.snapshot().total().live;
        drop(trace);
        // The list itself is traced too.
        let list = size_of_val(&kept[..]) as f64;
        let true_bytes = list + kept.iter().map(|block| block.len() as f64).sum::<f64>();
        blocks += estimate.blocks / BLOCKS as f64;
        bytes += estimate.bytes / true_bytes;
        let is_within =
            |estimated: f64, error: f64, truth: f64| (estimated - truth).abs() <= 2.0 * error;
        within[0] += u32::from(is_within(
            estimate.blocks,
            estimate.blocks_error,
            BLOCKS as f64,
        ));
        within[1] += u32::from(is_within(estimate.bytes, estimate.bytes_error, true_bytes));
    }
    let (blocks, bytes) = (blocks / f64::from(SEEDS), bytes / f64::from(SEEDS));
    println!(
        "blocks {blocks:.4} and bytes {bytes:.4} of the truth; within two errors {within:?} of {SEEDS}"
    );
    assert!(
        (blocks - 1.0).abs() < 0.05 && (bytes - 1.0).abs() < 0.05,
        "{blocks} {bytes}"
    );
    assert!(within.iter().all(|within| *within >= 90), "{within:?}");
}

#[inline(never)]
fn skewed(count: usize, seed: u32) -> Vec<Vec<u8>> {
    let mut kept = Vec::with_capacity(count);
    for number in 0..count {
        // Each thousandth, beginning elsewhere for each seed.
        let size = match (number + seed as usize * 7) % 1000 {
            0 => 1 << 20,
            _ => 64,
        };
        kept.push(black_box(Vec::<u8>::with_capacity(size)));
        let last = kept.len() - 1;
        // SAFETY: zeroes are bytes, and there is room for them; they are never read.
        unsafe { kept[last].set_len(size) };
    }
    kept
}

fn samples_know_which_blocks_are_temporary() {
    let trace = Trace::start(TraceOptions::sampling(1000).with_seed(1)).unwrap();
    (0..100).for_each(|_| at_once());
    let kept = through_one(200);
    let snapshot = trace.snapshot();
    drop(kept);
    let after = trace.snapshot();
    // Both are freed before the next sample, most of the time, but only one of them before the next block.
    let temporary = |snapshot, name| entry(snapshot, GroupBy::Function, name).temporary_share;
    assert_eq!(temporary(&snapshot, "tracing::at_once"), 1.0);
    assert_eq!(temporary(&after, "tracing::thousand"), 0.0);
}

fn threads_that_trace_while_traces_come_and_go() {
    let work = || {
        for round in 0..3000_usize {
            let blocks = (0..20).map(|number| vec![1_u8; (round + number) % 900]);
            drop(black_box(blocks.collect::<Vec<_>>()));
        }
    };
    let threads = [(); 3].map(|()| thread::spawn(work));
    for round in 0..30 {
        let options = match round % 2 {
            0 => TraceOptions::exact(),
            _ => TraceOptions::sampling(4096),
        };
        let trace = Trace::start(options).unwrap();
        let snapshot = trace.snapshot();
        assert!(snapshot.total().live.bytes >= 0.0);
    }
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
}

fn without_counting_there_is_no_trace() {
    set_counting(false).unwrap();
    assert!(matches!(
        Trace::start(TraceOptions::exact()),
        Err(Error::CountingOff)
    ));
    set_counting(true).unwrap();
    let trace = Trace::start(TraceOptions::default()).unwrap();
    assert_eq!(mode(), Mode::Sampling);
    drop(trace);
    assert_eq!(mode(), Mode::Counting);
}

#[test]
fn traces_are_right() {
    every_block_is_at_its_site(StackSource::UnwindTables);
    every_block_is_at_its_site(StackSource::Auto);
    growth_is_between_two_snapshots();
    blocks_know_their_scope();
    estimates_are_right_on_average_and_their_errors_honest();
    samples_know_which_blocks_are_temporary();
    threads_that_trace_while_traces_come_and_go();
    without_counting_there_is_no_trace();
}
