//! Does a profile stay small, and its counts exact, however many calls there are?
//!
//! `cargo run --release -p tuneup-profiling --example many_calls -- [CALLS] [THREADS]`, by default 100 million calls on one thread.
//! The time of a call is that of the slowest thread from its first call to its last, divided by its calls.

use std::{
    env,
    error::Error,
    hint::black_box,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use tuneup_profiling::{Profiler, Session, profile};

#[profile(name = "work")]
#[inline(never)]
fn work(x: u64) -> u64 {
    black_box(x.wrapping_mul(3))
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let calls: u64 = arguments.next().as_deref().unwrap_or("100000000").parse()?;
    let threads: u64 = arguments.next().as_deref().unwrap_or("1").parse()?;
    if threads == 0 || calls < threads {
        return Err("give at least one thread, and at least one call for each".into());
    }
    let session = Profiler::builder().start()?;
    let (growth, slowest) = run(calls, threads);
    report(session, growth, slowest, calls.div_ceil(threads))
}

/// How much the resident memory grew after the first call of every thread, if the system says so, and the time of the slowest.
fn run(calls: u64, threads: u64) -> (Option<i64>, Duration) {
    // The threads and the one that looks at the memory.
    let warm = Barrier::new(threads as usize + 1);
    let looked = Barrier::new(threads as usize + 1);
    let done = Barrier::new(threads as usize + 1);
    let ended = Barrier::new(threads as usize + 1);
    thread::scope(|scope| {
        let share = |thread| calls / threads + u64::from(thread < calls % threads);
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                let (warm, looked, done, ended) = (&warm, &looked, &done, &ended);
                scope.spawn(move || {
                    work(0);
                    warm.wait();
                    looked.wait();
                    let start = Instant::now();
                    for x in 1..share(thread) {
                        work(x);
                    }
                    let time = start.elapsed();
                    done.wait();
                    ended.wait();
                    time
                })
            })
            .collect();
        warm.wait();
        let before = resident_bytes();
        looked.wait();
        done.wait();
        // Before the threads end: what they give back then is not to hide what they took.
        let after = resident_bytes();
        ended.wait();
        let times = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_default());
        let growth = before.zip(after).map(|(before, after)| after - before);
        (growth, times.max().unwrap_or_default())
    })
}

fn report(
    session: Session,
    growth: Option<i64>,
    slowest: Duration,
    calls_of_one: u64,
) -> Result<(), Box<dyn Error>> {
    let profile = session.finish();
    let recorded = profile
        .function("work")
        .ok_or("no call of `work` was recorded")?;
    println!("calls recorded: {}", recorded.calls);
    println!("threads: {}", recorded.threads);
    match growth {
        Some(bytes) => println!(
            "growth of resident memory: {:.1} KiB",
            bytes as f64 / 1024.0
        ),
        None => println!("growth of resident memory: unknown"),
    }
    let per_call = slowest.as_secs_f64() * 1e9 / calls_of_one as f64;
    println!("time per call: {per_call:.1} ns");
    Ok(())
}

/// The memory of this process that is in RAM.
#[cfg(target_os = "linux")]
fn resident_bytes() -> Option<i64> {
    let kibibytes = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = kibibytes.lines().find(|line| line.starts_with("VmRSS:"))?;
    let number: i64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(number * 1024)
}

/// There is no portable way to ask.
#[cfg(not(target_os = "linux"))]
fn resident_bytes() -> Option<i64> {
    None
}
