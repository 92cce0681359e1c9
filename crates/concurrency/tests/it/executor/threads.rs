//! The executor for calls that block.

use std::{
    sync::{Arc, Barrier},
    time::Duration,
};

use tuneup_concurrency::{Error, Executor, ThreadExecutor};

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

#[test]
fn a_name_with_a_nul_byte_is_an_error() {
    let built = ThreadExecutor::builder().thread_name("a\0b").build();
    assert!(matches!(built, Err(Error::ThreadName { .. })));
}
