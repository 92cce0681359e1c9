//! The sampler: where threads are, without a clock in the functions.

use std::{
    hint::black_box,
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tuneup_profiling::{Detail, Profile, Profiler, profile_fn};

use crate::alone::alone;

/// Until the sampler has looked so often: no time is assumed to have passed.
fn until_looks(session: &tuneup_profiling::Session, looks: u64) {
    while session.snapshot().sampling.unwrap().ticks < looks {
        thread::sleep(Duration::from_millis(1));
    }
}

fn spin(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        black_box(());
    }
}

/// One thread spins, one waits, until the sampler has looked 200 times.
fn spinning_and_waiting(detail: Detail) -> Profile {
    let session = Profiler::builder()
        .detail(detail)
        .sample_rate(999.0)
        .start()
        .unwrap();
    let (started, ended) = (Barrier::new(3), Barrier::new(2));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            profile_fn("spins", || {
                started.wait();
                profile_fn("inside", || spin(&stop));
            });
        });
        scope.spawn(|| {
            profile_fn("waits", || {
                started.wait();
                ended.wait();
            });
        });
        started.wait();
        let begin = session.snapshot().sampling.unwrap().ticks;
        until_looks(&session, begin + 200);
        stop.store(true, Ordering::Relaxed);
        ended.wait();
    });
    session.finish()
}

#[test]
fn the_stack_is_seen_and_waiting_told_from_working() {
    let _alone = alone();
    for detail in [Detail::Full, Detail::Counted] {
        let profile = spinning_and_waiting(detail);
        let samples = |name: &str| profile.function(name).unwrap().samples.unwrap();
        let (outer, inner, waiting) = (samples("spins"), samples("inside"), samples("waits"));
        assert!(inner.self_wall >= 190, "{inner:?}");
        assert_eq!(outer.cumulative_wall, outer.self_wall + inner.self_wall);
        assert!(waiting.self_wall >= 190, "{waiting:?}");
        // A busy machine keeps the spinning thread from the processor at times, but never puts the waiting one on it.
        assert!(inner.self_cpu > 0);
        assert!(waiting.self_cpu <= waiting.self_wall / 10, "{waiting:?}");
    }
}

#[test]
fn looks_and_missed_looks_add_up_to_the_rate() {
    let _alone = alone();
    let session = Profiler::builder().sample_rate(500.0).start().unwrap();
    until_looks(&session, 100);
    let begin = Instant::now();
    let before = session.snapshot().sampling.unwrap();
    until_looks(&session, before.ticks + 200);
    let after = session.snapshot().sampling.unwrap();
    let due = begin.elapsed().as_secs_f64() * 500.0;
    let seen = (after.ticks + after.missed - before.ticks - before.missed) as f64;
    // Both ends lie between two looks.
    assert!((seen - due).abs() <= due * 0.05 + 2.0, "{seen} of {due}");
    drop(session);
}
