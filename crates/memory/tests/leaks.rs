//! A leak in a program that is busy and has a warm cache. One test: a process has one trace at a time.

use std::{collections::HashMap, hint::black_box, time::Duration};

use tuneup_memory::{LeakWatch, Trace, TraceOptions, TrackingAllocator};

#[global_allocator]
static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();

#[inline(never)]
fn leaks(bytes: usize, forever: &mut Vec<Vec<u8>>) {
    forever.push(black_box(Vec::with_capacity(bytes)));
}

#[inline(never)]
fn answers(key: u64) -> Vec<u8> {
    black_box(Vec::with_capacity(512 + (key * 7919 % 1024) as usize))
}

/// Replaces some entries of a cache that is full: it stays as large as it is.
#[inline(never)]
fn refreshes(cache: &mut HashMap<u64, Vec<u8>>, round: u64, size: u64) {
    for number in 0..500 {
        let key = (round * 500 + number) * 0x9E37_79B9 % size;
        cache.insert(key, answers(key + round));
    }
}

#[inline(never)]
fn works(round: u64) {
    let rows = (0..200).map(|row| vec![1_u8; 100 + ((round * 31 + row) % 900) as usize]);
    drop(black_box(rows.collect::<Vec<_>>()));
}

/// What the watch says first after 60 snapshots of a program that leaks so much between two of them.
fn first_suspect(options: TraceOptions, leak_bytes: usize) {
    const CACHED: u64 = 100_000;
    let trace = Trace::start(options).unwrap();
    let mut cache = (0..CACHED)
        .map(|key| (key, answers(key)))
        .collect::<HashMap<_, _>>();
    let mut watch = LeakWatch::new();
    let mut forever = Vec::with_capacity(64);
    for round in 0..60 {
        refreshes(&mut cache, round, CACHED);
        works(round);
        leaks(leak_bytes, &mut forever);
        watch.observe(&trace.snapshot());
    }
    let report = watch.report();
    println!("{report}");
    assert!(report.suspects[0].site.contains("leaks::leaks"), "{report}");
    assert!(
        report.suspects[0].live_bytes >= 30.0 * leak_bytes as f64,
        "{report}"
    );
    let suspects = report.suspects.iter();
    assert!(
        suspects
            .clone()
            .all(|suspect| !suspect.site.contains("answers")),
        "{report}"
    );
}

fn a_watch_in_the_background() {
    let trace = Trace::start(TraceOptions::exact()).unwrap();
    let watch = LeakWatch::new().start(Duration::from_millis(2)).unwrap();
    let mut forever = Vec::with_capacity(10_000);
    while watch.observed() < 30 {
        leaks(100, &mut forever);
        std::thread::sleep(Duration::from_micros(500));
    }
    let report = watch.report();
    assert!(report.suspects[0].site.contains("leaks::leaks"), "{report}");
    drop(watch);
    drop(trace);
}

#[test]
fn the_leak_is_the_first_suspect_and_the_cache_is_none() {
    // A kibibyte a second, and a snapshot each second; then one each minute, of samples.
    first_suspect(TraceOptions::exact(), 1 << 10);
    first_suspect(TraceOptions::sampling(64 << 10).with_seed(1), 60 << 10);
    a_watch_in_the_background();
    let refused = LeakWatch::new().start(Duration::from_secs(1));
    assert!(refused.is_err());
}
