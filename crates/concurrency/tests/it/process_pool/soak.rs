//! Everything at once.

use std::{
    collections::HashMap,
    fs,
    num::NonZeroU64,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tuneup_concurrency::{ProcessError, ProcessJob, TaskError, TaskStatus};

use super::{CRASH, Crash, append, builder};
use crate::watchdog::Watchdog;

/// What becomes of a job: the same numbers give the same end.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) enum Fate {
    Succeeds,
    Panics,
    Crashes,
    Hangs,
    IsCancelled,
}

pub(super) static STEP: ProcessJob<(String, usize, Fate), usize> = ProcessJob::new("step", step);

fn step((path, number, fate): (String, usize, Fate)) -> usize {
    append(Path::new(&path), &format!("{number}\n"));
    match fate {
        Fate::Succeeds => {}
        Fate::Panics => super::PANIC.call(number.to_string()),
        Fate::Crashes => CRASH.call([Crash::Abort, Crash::Exit, Crash::Segfault][number % 3]),
        Fate::Hangs => std::thread::sleep(Duration::from_secs(1_000)),
        Fate::IsCancelled => std::thread::sleep(Duration::from_millis(5)),
    }
    number
}

#[test]
fn each_job_ends_exactly_once() {
    let _watchdog = Watchdog::of("each_job_ends_exactly_once");
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let pool = builder(3)
        .time_limit(Duration::from_secs(3))
        .jobs_per_worker(NonZeroU64::new(50).unwrap())
        .build()
        .unwrap();
    let ends: Vec<_> = (0..600).map(|_| Arc::new(AtomicUsize::new(0))).collect();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut tasks = Vec::new();
    for (number, end) in ends.iter().enumerate() {
        // xorshift
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let fate = match random % 100 {
            0..75 => Fate::Succeeds,
            75..85 => Fate::Panics,
            85..92 => Fate::Crashes,
            92 => Fate::Hangs,
            _ => Fate::IsCancelled,
        };
        let input = (log.to_str().unwrap().to_owned(), number, fate);
        let task = pool.submit(&STEP, &input).unwrap().into_task();
        let end = Arc::clone(end);
        task.on_done(move |status| {
            assert_ne!(status, TaskStatus::Running);
            // Relaxed: read when all tasks have ended.
            end.fetch_add(1, Ordering::Relaxed);
        });
        if fate == Fate::IsCancelled {
            if random.is_multiple_of(2) {
                std::thread::sleep(Duration::from_millis(3));
            }
            task.cancel();
        }
        tasks.push((fate, task));
    }
    for (number, (fate, task)) in tasks.into_iter().enumerate() {
        let outcome = task.result();
        let fits = match fate {
            Fate::Succeeds => matches!(outcome, Ok(Ok(n)) if n == number),
            Fate::Panics => {
                matches!(&outcome, Err(TaskError::Panicked(p)) if p.message() == number.to_string())
            }
            Fate::Crashes => matches!(outcome, Ok(Err(ProcessError::Crashed { attempts: 1, .. }))),
            Fate::Hangs => matches!(outcome, Ok(Err(ProcessError::TimeLimit { .. }))),
            Fate::IsCancelled => {
                matches!(outcome, Err(TaskError::Cancelled))
                    || matches!(outcome, Ok(Ok(n)) if n == number)
            }
        };
        assert!(fits, "{number} {fate:?}: {outcome:?}");
    }
    drop(pool);
    let ends = ends.iter().map(|end| end.load(Ordering::Relaxed));
    assert!(ends.into_iter().all(|times| times == 1));
    let mut begun = HashMap::new();
    for number in fs::read_to_string(log).unwrap().lines() {
        *begun.entry(number.to_owned()).or_insert(0) += 1;
    }
    assert!(
        begun.values().all(|times| *times == 1),
        "none is done twice"
    );
    assert!(begun.len() > 500);
}
