//! Sampling the process that the sampler is in.

use std::{
    ops::RangeInclusive,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use tuneup_profiling::{FunctionKind, NativeSampler, Profile};

use crate::{
    call_tree::{all, along, assert_share, cumulative},
    processor_time::{thread_time_ns, user_time},
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
    let expected = used.as_secs_f64() * 1999.0;
    assert_share(samples, expected as u64, 0.8..=1.2);
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
fn work_in_this_thread(is_enough: impl Fn() -> bool) {
    while !is_enough() {
        workload::work(200_000);
    }
    std::hint::black_box("this");
}

/// The processor time that something takes in this thread, in nanoseconds.
fn time_ns(work: impl FnOnce()) -> u64 {
    let before = thread_time_ns();
    work();
    thread_time_ns() - before
}

/// How many short threads there were, and what they have worked.
#[derive(Default)]
struct ShortThreads {
    started: AtomicU64,
    ended: AtomicU64,
    time_ns: AtomicU64,
    are_enough: AtomicBool,
}

impl ShortThreads {
    /// Starts threads that work a little, three at a time, until it is enough. Before the last one ends there is a new one.
    fn come_and_go(&self) {
        let work = || {
            self.started.fetch_add(1, Ordering::Relaxed);
            let time = time_ns(work_in_short_threads);
            self.time_ns.fetch_add(time, Ordering::Relaxed);
            self.ended.fetch_add(1, Ordering::Relaxed);
        };
        thread::scope(|scope| {
            while !self.are_enough.load(Ordering::Relaxed) {
                for thread in [(); 3].map(|()| scope.spawn(work)) {
                    thread.join().unwrap();
                }
            }
        });
    }
}

/// What was sampled of this thread and of short ones that came and went meanwhile.
struct Sampled {
    profile: Profile,
    /// How many short threads must have been seen, and how many can have been: the sampler starts while they do.
    seen: RangeInclusive<u64>,
    /// The processor time of a short thread, in nanoseconds: their mean.
    short_ns: u64,
    /// The processor time of this thread.
    this_ns: u64,
}

fn sample_short_threads() -> Option<Sampled> {
    let short = ShortThreads::default();
    thread::scope(|scope| {
        let starter = scope.spawn(|| short.come_and_go());
        // A thread is seen first after a whole period, so that the threads must be much longer. The stacks that are
        // copied are small: the rings hold what comes while the reader is kept from the processor.
        let builder = NativeSampler::builder()
            .rate_hz(7999)
            .user_stack_bytes(2048);
        let ended_before = short.ended.load(Ordering::Relaxed);
        let sampler = start("threads_that_start_while_the_sampler_does", builder);
        let started_before = short.started.load(Ordering::Relaxed);
        let is_enough = || short.ended.load(Ordering::Relaxed) >= started_before + 60;
        let this_ns = match &sampler {
            Some(_) => time_ns(|| work_in_this_thread(is_enough)),
            None => 0,
        };
        // While the sampler finishes, nobody works.
        short.are_enough.store(true, Ordering::Relaxed);
        starter.join().unwrap();
        let all = short.started.load(Ordering::Relaxed);
        Some(Sampled {
            profile: sampler?.finish(),
            seen: all - started_before..=all - ended_before,
            short_ns: short.time_ns.load(Ordering::Relaxed) / all,
            this_ns,
        })
    })
}

#[test]
fn threads_that_start_while_the_sampler_does() {
    let _turn = turns::alone();
    for _ in 0..3 {
        let Some(sampled) = sample_short_threads() else {
            return;
        };
        let (profile, seen) = (&sampled.profile, &sampled.seen);
        // A sample is the same time in all threads. None is missed, and none is counted for each thread that it inherits from.
        let this = cumulative(profile, "native::own_process::work_in_this_thread");
        let name = "native::own_process::work_in_short_threads";
        let samples = cumulative(profile, name);
        let expected = |threads: &u64| this * threads * sampled.short_ns / sampled.this_ns;
        assert_share(samples, expected(seen.start()), 0.7..=f64::INFINITY);
        assert_share(samples, expected(seen.end()), 0.0..=1.4);
        let mut functions = profile.functions.iter();
        let short = functions.find(|function| function.name == name).unwrap();
        assert!(
            (seen.start() * 95 / 100..=*seen.end()).contains(&short.threads),
            "{} of {seen:?} threads",
            short.threads
        );
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
