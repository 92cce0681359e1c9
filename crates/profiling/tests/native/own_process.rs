//! Sampling the process that the sampler is in.

use std::{
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use tuneup_profiling::{FunctionKind, NativeSampler, Profile};

use crate::{
    call_tree::{all, along, assert_rate, assert_share, cumulative},
    processor_time::user_time,
    skip::start,
    turns, workload,
};

const HEAVY: &str = "native::workload::heavy";
const LIGHT: &str = "native::workload::light";
const WORK: &str = "native::workload::work";

/// Works for so much time on the processor.
fn work_for(time: Duration) {
    let pid = std::process::id();
    let end = user_time(pid) + time;
    workload::work_until(|| user_time(pid) >= end);
}

#[inline(never)]
fn early(time: Duration) {
    work_for(time);
    // What is done after the call keeps the caller on the stack, and two functions two.
    std::hint::black_box("early");
}

#[inline(never)]
fn late(time: Duration) {
    work_for(time);
    std::hint::black_box("late");
}

#[track_caller]
fn assert_three_to_one(profile: &Profile) {
    let (heavy, light) = (cumulative(profile, HEAVY), cumulative(profile, LIGHT));
    assert_share(heavy + light, all(profile), 0.9..=1.0);
    assert_share(heavy, heavy + light, 0.68..=0.82);
}

#[test]
fn threads_from_before_and_after_the_start() {
    let _turn = turns::alone();
    let (begin, begins) = mpsc::channel();
    let before = thread::spawn(move || begins.recv().map(early));
    let builder = NativeSampler::builder().rate_hz(1999);
    let Some(sampler) = start("threads_from_before_and_after_the_start", builder) else {
        return;
    };
    let used_before = user_time(std::process::id());
    let each = Duration::from_millis(700);
    begin.send(each).unwrap();
    let after = thread::spawn(move || late(each));
    before.join().unwrap().unwrap();
    after.join().unwrap();
    let used = user_time(std::process::id()) - used_before;
    let profile = sampler.finish();

    assert_three_to_one(&profile);
    let samples = all(&profile);
    // Both worked until the process had used the time.
    for name in ["native::own_process::early", "native::own_process::late"] {
        assert_share(cumulative(&profile, name), samples, 0.2..=0.8);
        let path = [name, WORK, HEAVY];
        assert_share(
            along(&profile, &path),
            cumulative(&profile, name),
            0.6..=0.85,
        );
        assert_eq!(
            along(&profile, &[WORK, name]),
            0,
            "callers stand above what they call"
        );
    }
    assert_rate(samples, used, 1999);
    let sampling = profile.sampling.unwrap();
    assert_eq!((sampling.rate_hz, sampling.ticks), (1999.0, samples));
    assert!(profile.threads >= 2);
    let heavy = profile
        .functions
        .iter()
        .find(|function| function.name == HEAVY)
        .unwrap();
    assert_eq!((heavy.kind, heavy.threads), (FunctionKind::Native, 2));
}

#[test]
fn a_snapshot_while_it_runs() {
    let _turn = turns::alone();
    let builder = NativeSampler::builder().rate_hz(1999);
    let Some(sampler) = start("a_snapshot_while_it_runs", builder) else {
        return;
    };
    thread::scope(|scope| {
        let half = Duration::from_millis(300);
        work_for(half);
        // From another thread, while this one works on.
        let snapshot = scope.spawn(|| sampler.snapshot());
        work_for(half);
        let first = snapshot.join().unwrap();
        assert_three_to_one(&first);
        let second = sampler.snapshot();
        assert_three_to_one(&second);
        assert!(
            all(&first) < all(&second),
            "{} and {}",
            all(&first),
            all(&second)
        );
        // Looking up names takes long in this program. None of it is in the profile.
        let own = second
            .functions
            .iter()
            .find(|function| function.name.contains("::symbols::Symbols::resolve"));
        assert_eq!(own, None);
    });
    assert!(all(&sampler.finish()) > 0);
}

#[test]
fn a_sampler_that_is_dropped_stops() {
    let _turn = turns::alone();
    let threads = || {
        let threads = std::fs::read_dir("/proc/self/task").unwrap();
        let names =
            threads.map(|thread| std::fs::read_to_string(thread.unwrap().path().join("comm")));
        names
            .filter(|name| name.as_ref().is_ok_and(|name| name == "tuneup-native\n"))
            .count()
    };
    let files = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = (threads(), files());
    assert_eq!(before.0, 0);
    let Some(sampler) = start("a_sampler_that_is_dropped_stops", NativeSampler::builder()) else {
        return;
    };
    assert_eq!(threads(), 1);
    assert!(files() > before.1);
    drop(sampler);
    assert_eq!((threads(), files()), before);
    // Another one may follow.
    drop(start(
        "a_sampler_that_is_dropped_stops",
        NativeSampler::builder(),
    ));
}

#[inline(never)]
fn work_in_short_threads() {
    workload::work(200_000);
    std::hint::black_box("short");
}

#[inline(never)]
fn work_in_this_thread(times: u64) {
    for _ in 0..times {
        workload::work(200_000);
    }
    std::hint::black_box("this");
}

#[test]
fn threads_that_start_while_the_sampler_does() {
    static STARTED: AtomicU64 = AtomicU64::new(0);
    static ENDED: AtomicU64 = AtomicU64::new(0);
    static IS_ENOUGH: AtomicBool = AtomicBool::new(false);
    let _turn = turns::alone();
    let work = || {
        STARTED.fetch_add(1, Ordering::Relaxed);
        work_in_short_threads();
        ENDED.fetch_add(1, Ordering::Relaxed);
    };
    // Before the last thread ends there is a new one.
    let starter = thread::spawn(move || {
        while !IS_ENOUGH.load(Ordering::Relaxed) {
            for thread in [(); 3].map(|()| thread::spawn(work)) {
                thread.join().unwrap();
            }
        }
    });
    let sampled = || {
        // A thread is seen first after a whole period, so that the threads must be much longer. Their stacks are
        // small, and so are the records: none is lost when the reader is kept from the processor.
        let builder = NativeSampler::builder()
            .rate_hz(7999)
            .user_stack_bytes(4096);
        let ended_before = ENDED.load(Ordering::Relaxed);
        let used_before = user_time(std::process::id());
        let sampler = start("threads_that_start_while_the_sampler_does", builder)?;
        let started_before = STARTED.load(Ordering::Relaxed);
        work_in_this_thread(60);
        let whole = ENDED.load(Ordering::Relaxed) - started_before;
        let used = user_time(std::process::id()) - used_before;
        let profile = sampler.finish();
        let touched = STARTED.load(Ordering::Relaxed) - ended_before;
        Some((whole..=touched, used, profile))
    };
    let rounds = (0..3).map_while(|_| sampled()).collect::<Vec<_>>();
    IS_ENOUGH.store(true, Ordering::Relaxed);
    starter.join().unwrap();
    for (threads, used, profile) in rounds {
        let name = "native::own_process::work_in_short_threads";
        let mut functions = profile.functions.iter();
        let short = functions.find(|function| function.name == name).unwrap();
        // No thread is missed, but for one whose few looks the machine may have taken from it.
        let least = threads.start() - threads.start() / 20;
        assert!(
            (least..=*threads.end()).contains(&short.threads),
            "{} of {threads:?} threads",
            short.threads
        );
        // None is counted for each thread that it inherits from.
        assert_rate(all(&profile), used, 7999);
    }
}

#[test]
fn the_largest_samples() {
    let _turn = turns::alone();
    // 600 MB a second on each processor: more than is read in time.
    let builder = NativeSampler::builder()
        .rate_hz(10_000)
        .user_stack_bytes(61_440)
        .max_depth(1024);
    let Some(sampler) = start("the_largest_samples", builder) else {
        return;
    };
    work_for(Duration::from_millis(400));
    let profile = sampler.finish();
    let sampling = profile.sampling.unwrap();
    assert_three_to_one(&profile);
    assert_eq!(all(&profile), sampling.ticks);
    assert_share(sampling.ticks + sampling.missed, 4000, 0.3..=1.2);
}
