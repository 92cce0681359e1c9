//! Sessions from start to end: counts, times, threads, snapshots.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tuneup_measure::Clock;
use tuneup_profiling::{Detail, Error, Profile, Profiler, SortKey, profile_fn};

use crate::alone::alone;

fn fib(n: u32) -> u64 {
    profile_fn("fib", || {
        if n < 2 {
            u64::from(n)
        } else {
            fib(n - 1) + fib(n - 2)
        }
    })
}

/// The figures of the promise: 242 785 calls, one of them primitive, and times that add up.
#[test]
fn recursion_is_counted_and_not_timed_twice() {
    let _alone = alone();
    let session = Profiler::builder().start().unwrap();
    let begin = Instant::now();
    assert_eq!(fib(25), 75_025);
    let wall = begin.elapsed();
    let profile = session.finish();
    let fib = profile.function("fib").unwrap();
    assert_eq!((fib.calls, fib.primitive_calls), (242_785, 1));
    // Bounds, not a race: the call lies within the measured span, and the span is a call and two clock readings.
    assert!(fib.cumulative <= wall, "{:?} of {wall:?}", fib.cumulative);
    let root = &profile.nodes[0];
    assert_eq!(root.cumulative, fib.cumulative);
    let own: Duration = profile
        .functions
        .iter()
        .map(|function| function.self_time)
        .sum();
    let rounding = Duration::from_nanos(profile.nodes.len() as u64);
    assert!(own.abs_diff(root.cumulative) <= rounding);
    assert_eq!(profile.nodes.len(), 26);
    let tells = cfg!(all(target_os = "linux", target_pointer_width = "64"));
    assert_eq!(
        profile.runnable_time.is_some_and(|time| !time.is_zero()),
        tells
    );
}

#[test]
fn times_are_exact_under_a_mock_clock() {
    let _alone = alone();
    let (clock, mock) = Clock::mock();
    let session = Profiler::builder().clock(clock).start().unwrap();
    let ms = Duration::from_millis;
    for pause in [1, 2, 9] {
        profile_fn("outer", || {
            mock.advance(ms(pause));
            profile_fn("inner", || mock.advance(ms(10)));
        });
    }
    let profile = session.finish();
    let outer = profile.function("outer").unwrap();
    assert_eq!((outer.self_time, outer.cumulative), (ms(12), ms(42)));
    assert_eq!(outer.cumulative_per_call(), ms(14));
    let times = outer.distribution.as_ref().unwrap();
    assert_eq!((times.min, times.max), (ms(11), ms(19)));
    assert!(times.p50.abs_diff(ms(12)) <= ms(12) / 20, "{:?}", times.p50);
    // Nothing was taken off: empty calls take no time on a clock that stands still.
    assert_eq!(outer.corrected_self, outer.self_time);
    assert_eq!(profile.duration, ms(42));
    let inner = profile.callees("outer").unwrap();
    assert_eq!(inner.as_slice()[0].calls, 3);
}

#[test]
fn every_call_of_every_thread_counts() {
    let _alone = alone();
    let session = Profiler::builder().start().unwrap();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..100_000 {
                    profile_fn("leaf", || ());
                }
            });
        }
    });
    let profile = session.finish();
    let leaf = profile.function("leaf").unwrap();
    assert_eq!((leaf.calls, leaf.threads), (200_000, 2));
    assert_eq!(
        leaf.distribution.as_ref().unwrap().histogram.count(),
        200_000
    );
    assert_eq!(profile.threads, 2);
}

#[test]
fn threads_that_come_and_go_share_memory_and_count_each() {
    let _alone = alone();
    let session = Profiler::builder().start().unwrap();
    for _ in 0..50 {
        thread::spawn(|| profile_fn("short", || ())).join().unwrap();
    }
    let profile = session.finish();
    let short = profile.function("short").unwrap();
    assert_eq!((short.calls, short.threads), (50, 50));
}

#[test]
fn a_snapshot_of_a_running_thread_has_its_calls_in_progress() {
    let _alone = alone();
    let session = Profiler::builder().start().unwrap();
    let (started, stop) = (Barrier::new(2), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            profile_fn("long", || {
                profile_fn("short", || ());
                started.wait();
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        });
        started.wait();
        let first = session.snapshot();
        let second = session.snapshot();
        stop.store(true, Ordering::Relaxed);
        let (first, second) = (
            first.function("long").unwrap(),
            second.function("long").unwrap(),
        );
        assert_eq!((first.calls, second.calls), (1, 1));
        assert!(first.cumulative > Duration::ZERO && first.cumulative < second.cumulative);
        assert!(first.distribution.is_none());
    });
    let profile = session.finish();
    let long = profile.function("long").unwrap();
    assert_eq!(long.calls, 1);
    assert!(long.distribution.is_some());
}

#[test]
fn snapshots_during_calls_lose_no_call_and_invent_no_time() {
    let _alone = alone();
    let session = Profiler::builder().start().unwrap();
    let stop = AtomicBool::new(false);
    let calls = |name, profile: &Profile| profile.function(name).map_or(0, |found| found.calls);
    let snapshots: Vec<_> = thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                profile_fn("outer", || profile_fn("inner", || ()));
            }
        });
        let mut snapshots = vec![session.snapshot()];
        // Long enough to meet calls in every state.
        while calls("outer", &snapshots[snapshots.len() - 1]) < 10_000 || snapshots.len() < 300 {
            snapshots.push(session.snapshot());
        }
        stop.store(true, Ordering::Relaxed);
        snapshots
    });
    assert!(snapshots.is_sorted_by_key(|profile| calls("outer", profile)));
    assert!(snapshots.is_sorted_by_key(|profile| calls("inner", profile)));
    for profile in &snapshots {
        assert!(profile.nodes[0].cumulative <= profile.duration);
    }
    let last = session.finish();
    assert_eq!(calls("outer", &last), calls("inner", &last));
}

#[test]
fn sessions_follow_each_other_and_share_nothing() {
    let _alone = alone();
    for round in 1..=3_u64 {
        let session = Profiler::builder().start().unwrap();
        for _ in 0..round {
            profile_fn("again", || ());
        }
        assert!(matches!(
            Profiler::builder().start(),
            Err(Error::AlreadyRecording)
        ));
        let profile = session.finish();
        assert_eq!(profile.function("again").unwrap().calls, round);
        assert_eq!(profile.functions.len(), 2);
    }
    profile_fn("again", || ());
}

#[test]
fn a_panic_ends_the_calls_that_it_leaves() {
    let _alone = alone();
    let session = Profiler::builder().start().unwrap();
    let panicked = std::panic::catch_unwind(|| {
        profile_fn("fails", || std::panic::resume_unwind(Box::new(())))
    });
    assert!(panicked.is_err());
    profile_fn("goes on", || ());
    let profile = session.finish();
    assert_eq!(profile.function("fails").unwrap().calls, 1);
    // Beside it, not below it.
    let node = profile
        .nodes
        .iter()
        .find(|node| profile.functions[node.function].name == "goes on");
    assert_eq!(node.unwrap().parent, Some(0));
}

#[test]
fn counted_sessions_count_and_do_not_time() {
    let _alone = alone();
    let session = Profiler::builder().detail(Detail::Counted).start().unwrap();
    for _ in 0..7 {
        profile_fn("outer", || profile_fn("inner", || ()));
    }
    let profile = session.finish();
    let inner = profile.function("inner").unwrap();
    assert_eq!((inner.calls, inner.cumulative), (7, Duration::ZERO));
    assert_eq!(profile.nodes.len(), 3);
}

#[test]
fn options_that_cannot_work_are_refused_by_name() {
    let _alone = alone();
    let message = |refused: Result<_, Error>| refused.map(drop).unwrap_err().to_string();
    let builder = Profiler::builder;
    let rate = message(builder().sample_rate(0.0).start());
    assert!(
        rate.contains("sampling rate is 0") && rate.contains("1 to 10000"),
        "{rate}"
    );
    assert!(message(builder().sample_rate(f64::NAN).start()).contains("NaN"));
    let nodes = message(builder().max_nodes(3).start());
    assert!(nodes.contains("16 to 1048576"), "{nodes}");
    let interval = message(builder().interval(Duration::from_secs(1)).start());
    assert!(interval.contains("save_to"), "{interval}");
    let format = message(builder().save_to("profile.doc").start());
    assert!(
        format.contains("profile.doc") && format.contains(".speedscope.json"),
        "{format}"
    );
    let folder = message(builder().save_to("no/such/folder/profile.folded").start());
    assert!(folder.contains("no/such/folder/profile.folded"), "{folder}");
    // Whatever was refused has left nothing behind.
    drop(builder().start().unwrap());
}

#[test]
fn the_table_shows_what_was_recorded() {
    let _alone = alone();
    let session = Profiler::builder().start().unwrap();
    profile_fn("load", || profile_fn("parse", || ()));
    let profile = session.finish();
    let text = profile.sort_by(SortKey::Calls).table().to_markdown();
    for word in ["ncalls", "tottime", "cumtime", "parse", "load"] {
        assert!(text.contains(word), "{text}");
    }
}
