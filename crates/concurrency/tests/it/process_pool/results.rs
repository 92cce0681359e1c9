//! What comes back.

use std::time::Duration;

use tuneup_concurrency::{
    Error, ProcessError, ProcessJob, Refusal, ReturnWhen, Shutdown, TaskError, as_completed,
    wait_fallible,
};

use super::{BYTES, DELEGATE, DOUBLE, FORK, ID, INPUT, LENGTH, PANIC, PRINT, SLEEP, builder, pool};
use crate::{amounts::count, watchdog::Watchdog};

#[test]
fn ten_thousand_small_jobs_come_back_in_order() {
    let _watchdog = Watchdog::of("ten_thousand_small_jobs_come_back_in_order");
    let pool = pool(2);
    let doubled = pool.map(&DOUBLE, 0..10_000).map(Result::unwrap);
    assert!(doubled.eq((0..10_000).map(|n| 2 * n)));
}

#[test]
fn a_map_is_lazy_and_looks_no_further_ahead_than_its_window() {
    let _watchdog = Watchdog::of("a_map_is_lazy_and_looks_no_further_ahead_than_its_window");
    let pool = pool(1);
    let pulled = std::cell::Cell::new(0);
    let inputs = (0..100).inspect(|_| pulled.set(pulled.get() + 1));
    let mut doubled = pool.map(&DOUBLE, inputs).with_window(count(3));
    assert_eq!(pulled.get(), 0);
    assert_eq!(doubled.size_hint(), (100, Some(100)));
    for n in 0..5 {
        assert_eq!(doubled.next().unwrap().unwrap(), 2 * n);
        assert!(pulled.get() <= n + 3);
    }
    assert_eq!(doubled.size_hint(), (95, Some(95)));
}

#[test]
fn a_queue_smaller_than_the_window_loses_nothing() {
    let _watchdog = Watchdog::of("a_queue_smaller_than_the_window_loses_nothing");
    let pool = builder(2).queue_capacity(count(1)).build().unwrap();
    let inputs: Vec<u64> = (0..200).collect();
    let doubled = pool.map(&DOUBLE, &inputs).map(Result::unwrap);
    assert!(doubled.eq((0..200).map(|n| 2 * n)));
}

#[test]
fn a_panic_is_an_error_and_the_worker_lives() {
    let _watchdog = Watchdog::of("a_panic_is_an_error_and_the_worker_lives");
    let pool = pool(1);
    let before = pool.submit(&ID, &()).unwrap().result().unwrap();
    let panic = pool.submit(&PANIC, &"out of range".to_owned()).unwrap();
    let Err(ProcessError::Panicked(panic)) = panic.result() else {
        panic!("no panic");
    };
    assert_eq!(panic.message(), "out of range");
    let long = pool.submit(&PANIC, &"ä".repeat(1 << 20)).unwrap();
    let Err(ProcessError::Panicked(panic)) = long.result() else {
        panic!("no panic");
    };
    assert_eq!(panic.message(), "ä".repeat(16 << 10), "the beginning");
    let after = pool.submit(&ID, &()).unwrap().result().unwrap();
    assert_eq!(before, after);
    assert_ne!(before, std::process::id());
}

#[test]
fn what_a_job_prints_is_no_answer() {
    let _watchdog = Watchdog::of("what_a_job_prints_is_no_answer");
    let pool = pool(1);
    let garbage = "\u{0}\u{1}\u{7f}garbage\n".repeat(3);
    pool.submit(&PRINT, &garbage).unwrap().result().unwrap();
    assert_eq!(pool.submit(&DOUBLE, &4).unwrap().result().unwrap(), 8);
}

#[test]
fn a_job_finds_its_standard_input_empty() {
    let _watchdog = Watchdog::of("a_job_finds_its_standard_input_empty");
    assert_eq!(pool(1).submit(&INPUT, &()).unwrap().result().unwrap(), 0);
}

#[test]
fn a_program_that_a_job_starts_is_no_worker() {
    let _watchdog = Watchdog::of("a_program_that_a_job_starts_is_no_worker");
    assert!(pool(1).submit(&FORK, &()).unwrap().result().unwrap());
}

#[test]
fn a_job_may_have_a_pool_of_its_own() {
    let _watchdog = Watchdog::of("a_job_may_have_a_pool_of_its_own");
    let pool = pool(1);
    for n in 0..2 {
        let delegated = pool.submit(&DELEGATE, &n).unwrap();
        assert_eq!(delegated.result().unwrap(), 2 * n);
    }
}

#[test]
fn a_message_may_have_so_many_bytes_and_no_more() {
    let _watchdog = Watchdog::of("a_message_may_have_so_many_bytes_and_no_more");
    let pool = builder(1).max_message_bytes(1 << 20).build().unwrap();
    // The length takes three bytes of them.
    let most = (1 << 20) - 3;
    let task = pool.submit(&LENGTH, &vec![0; most]).unwrap();
    assert_eq!(task.result().unwrap(), most);
    assert_eq!(
        pool.submit(&BYTES, &most).unwrap().result().unwrap().len(),
        most
    );
    let before = pool.submit(&ID, &()).unwrap().result().unwrap();
    let input = pool.submit(&LENGTH, &vec![0; most + 1]).unwrap();
    let output = pool.submit(&BYTES, &(most + 1)).unwrap();
    for (name, error) in [
        ("length", input.result().map(drop).unwrap_err()),
        ("bytes", output.result().map(drop).unwrap_err()),
    ] {
        let ProcessError::TooLarge {
            job,
            bytes,
            max_bytes,
            ..
        } = error
        else {
            panic!("{error}");
        };
        assert_eq!((&*job, bytes, max_bytes), (name, (1 << 20) + 1, 1 << 20));
    }
    assert_eq!(pool.submit(&ID, &()).unwrap().result().unwrap(), before);
}

#[test]
fn what_does_not_decode_is_an_error_of_its_job() {
    static OTHER_INPUT: ProcessJob<String, u64> = ProcessJob::new("double", |_| 0);
    static OTHER_OUTPUT: ProcessJob<u64, (u64, u64)> = ProcessJob::new("double", |_| (0, 0));
    static UNKNOWN: ProcessJob<u64, u64> = ProcessJob::new("halve", |n| n / 2);
    let _watchdog = Watchdog::of("what_does_not_decode_is_an_error_of_its_job");
    let pool = pool(1);
    let input = pool.submit(&OTHER_INPUT, &"secret".to_owned()).unwrap();
    let error = input.result().unwrap_err();
    assert!(matches!(&error, ProcessError::Input { job, .. } if job == "double"));
    assert!(!format!("{error} {error:?}").contains("secret"));
    let output = pool.submit(&OTHER_OUTPUT, &1).unwrap().result();
    assert!(matches!(output, Err(ProcessError::Output { .. })));
    let unknown = pool.submit(&UNKNOWN, &1).unwrap().result();
    assert!(matches!(unknown, Err(ProcessError::UnknownJob { job }) if job == "halve"));
    assert_eq!(pool.submit(&DOUBLE, &4).unwrap().result().unwrap(), 8);
}

#[test]
fn what_does_not_encode_is_an_error_of_its_job() {
    struct Mute;
    impl serde::Serialize for Mute {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }
    static MUTE: ProcessJob<Mute, u64> = ProcessJob::new("double", |_| 0);
    let _watchdog = Watchdog::of("what_does_not_encode_is_an_error_of_its_job");
    let outcome = pool(1).submit(&MUTE, &Mute).unwrap().result();
    assert!(matches!(outcome, Err(ProcessError::Input { .. })));
}

#[test]
fn a_queue_that_is_full_refuses() {
    let _watchdog = Watchdog::of("a_queue_that_is_full_refuses");
    let pool = builder(1).queue_capacity(count(1)).build().unwrap();
    let first = pool.submit(&SLEEP, &1_000_000).unwrap();
    let second = pool.submit(&DOUBLE, &1).unwrap();
    let Err(Error::Rejected { refusal }) = pool.try_submit(&DOUBLE, &2) else {
        panic!("not refused");
    };
    assert_eq!(refusal, Refusal::Full);
    assert!(second.cancel(), "which frees its place");
    let third = pool.try_submit(&DOUBLE, &3).unwrap();
    assert!(first.cancel());
    assert_eq!(third.result().unwrap(), 6);
    pool.shutdown(Shutdown::Drain);
    let Err(Error::Rejected { refusal }) = pool.submit(&DOUBLE, &2) else {
        panic!("not refused");
    };
    assert_eq!(refusal, Refusal::ShutDown);
    let left = pool.map(&DOUBLE, [1]).next();
    assert!(matches!(left, Some(Err(ProcessError::Cancelled))));
}

#[test]
fn tasks_can_be_waited_for_like_all_others() {
    let _watchdog = Watchdog::of("tasks_can_be_waited_for_like_all_others");
    let pool = pool(2);
    let panics = pool.submit(&PANIC, &"early".to_owned()).unwrap();
    let sleeps = pool.submit(&SLEEP, &1_000_000).unwrap();
    let tasks = [sleeps.into_task(), panics.into_task()];
    let waited = wait_fallible(&tasks, ReturnWhen::FirstError, None);
    assert_eq!((waited.done, waited.pending), (vec![1], vec![0]));
    tasks[0].cancel();
    let outcomes: Vec<_> = as_completed(tasks).map(|(_, task)| task.result()).collect();
    assert!(
        outcomes
            .iter()
            .any(|outcome| matches!(outcome, Err(TaskError::Cancelled)))
    );
}

#[test]
fn a_result_that_is_not_there_in_time_comes_later() {
    let _watchdog = Watchdog::of("a_result_that_is_not_there_in_time_comes_later");
    let pool = pool(1);
    let task = pool.submit(&SLEEP, &100).unwrap();
    assert!(matches!(
        task.result_timeout(Duration::ZERO),
        Err(ProcessError::TimedOut)
    ));
    task.result_timeout(Duration::from_secs(100)).unwrap();
    assert!(matches!(task.result(), Err(ProcessError::Taken)));
}

#[cfg(feature = "async")]
#[tokio::test]
async fn tasks_can_be_awaited() {
    let _watchdog = Watchdog::of("tasks_can_be_awaited");
    let pool = pool(1);
    assert_eq!(pool.submit(&DOUBLE, &21).unwrap().await.unwrap(), 42);
}

#[test]
fn a_callback_submits_without_waiting_for_itself() {
    let _watchdog = Watchdog::of("a_callback_submits_without_waiting_for_itself");
    let pool = std::sync::Arc::new(builder(1).queue_capacity(count(1)).build().unwrap());
    let (send, receive) = std::sync::mpsc::channel();
    let task = pool.submit(&SLEEP, &50).unwrap().into_task();
    task.on_done({
        let pool = std::sync::Arc::clone(&pool);
        move |_| {
            let submitted: Vec<_> = (0..3).map(|n| pool.submit(&DOUBLE, &n)).collect();
            send.send(submitted).unwrap();
        }
    });
    let submitted = receive.recv().unwrap();
    let mut results = Vec::new();
    for task in submitted {
        match task {
            Ok(task) => results.push(task.result().unwrap()),
            Err(error) => assert!(matches!(
                error,
                Error::Rejected {
                    refusal: Refusal::Full
                }
            )),
        }
    }
    assert_eq!(results, [0]);
}
