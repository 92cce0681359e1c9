//! The executor for calls that block.

use std::{
    sync::{Arc, Barrier, mpsc},
    thread,
    time::Duration,
};

use tuneup_concurrency::{Error, Executor, Task, ThreadExecutor};

use super::threads;
use crate::{amounts::count, soak::threads_named, watchdog::Watchdog};

#[test]
fn it_grows_to_as_many_threads_as_are_needed() {
    let _watchdog = Watchdog::of("it_grows_to_as_many_threads_as_are_needed");
    let executor = threads(8, 8);
    let meeting = Arc::new(Barrier::new(8));
    let waits: Vec<_> = (0..8)
        .map(|_| {
            let meeting = Arc::clone(&meeting);
            executor.submit(move || meeting.wait().is_leader()).unwrap()
        })
        .collect();
    let leaders = waits
        .into_iter()
        .filter(|_| true)
        .map(|wait| wait.result().unwrap());
    assert_eq!(leaders.filter(|leads| *leads).count(), 1);
}

/// The only worker does itself what waits in the only place, and then waits for somebody who waits for that place.
#[test]
fn a_task_that_is_done_by_who_waits_for_it_makes_room() {
    let _watchdog = Watchdog::of("a_task_that_is_done_by_who_waits_for_it_makes_room");
    let executor = Arc::new(threads(1, 1));
    let (hand, handed) = mpsc::channel::<Task<()>>();
    let (submitted, is_submitted) = mpsc::channel();
    let running = executor.submit(move || {
        handed.recv().unwrap().result().unwrap();
        is_submitted.recv().unwrap();
    });
    let waiting = executor.submit(|| ()).unwrap();
    let submitter = thread::spawn({
        let executor = Arc::clone(&executor);
        move || {
            let last = executor.submit(|| ()).unwrap();
            submitted.send(()).unwrap();
            last.result().unwrap();
        }
    });
    // Nobody outside can see that it waits for room. Should it come later, there is nothing to be seen.
    thread::sleep(Duration::from_millis(50));
    hand.send(waiting).unwrap();
    running.unwrap().result().unwrap();
    submitter.join().unwrap();
}

#[test]
fn idle_threads_end_but_the_last() {
    let _watchdog = Watchdog::of("idle_threads_end_but_the_last");
    let executor = ThreadExecutor::builder()
        .max_threads(count(6))
        .idle_timeout(Duration::from_millis(1))
        .thread_name("idle-ends")
        .build()
        .unwrap();
    for _ in 0..3 {
        let meeting = Arc::new(Barrier::new(6));
        let results = executor.map(0..6, move |_| meeting.wait().is_leader());
        assert_eq!(
            results
                .with_window(count(6))
                .filter_map(Result::ok)
                .filter(|l| *l)
                .count(),
            1
        );
        while threads_named("idle-ends").is_some_and(|threads| threads > 1) {
            std::thread::yield_now();
        }
        if let Some(threads) = threads_named("idle-ends") {
            assert_eq!(threads, 1);
        }
    }
}

/// However short the time, the last thread is not woken by it again and again.
#[cfg(target_os = "linux")]
#[test]
fn the_last_thread_sleeps_whatever_the_idle_timeout() {
    use std::fs;

    let _watchdog = Watchdog::of("the_last_thread_sleeps_whatever_the_idle_timeout");
    for timeout in [Duration::ZERO, Duration::from_nanos(1)] {
        let executor = ThreadExecutor::builder()
            .max_threads(count(3))
            .idle_timeout(timeout)
            .thread_name("never-idle")
            .build()
            .unwrap();
        let meeting = Arc::new(Barrier::new(3));
        let results = executor.map(0..3, move |_| meeting.wait().is_leader());
        assert_eq!(results.with_window(count(3)).count(), 3);
        while threads_named("never-idle") != Some(1) {
            std::thread::yield_now();
        }
        crate::asleep::wait_until_asleep(|| {
            let threads = fs::read_dir("/proc/self/task").unwrap();
            let threads = threads.map(|thread| thread.unwrap().path());
            let is_named = |thread: &std::path::PathBuf| {
                fs::read_to_string(thread.join("comm"))
                    .is_ok_and(|name| name.starts_with("never-idle"))
            };
            threads.filter(is_named).collect()
        });
    }
}

#[test]
fn a_name_with_a_nul_byte_is_an_error() {
    let built = ThreadExecutor::builder().thread_name("a\0b").build();
    assert!(matches!(built, Err(Error::ThreadName { .. })));
}
