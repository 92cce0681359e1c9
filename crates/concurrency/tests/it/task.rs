//! Tasks from outside.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use tuneup_concurrency::{Executor, Task, TaskError, TaskStatus};

use crate::executor::{occupy, threads};
use crate::watchdog::Watchdog;

fn is_send_sync_unpin<T: Send + Sync + Unpin>() {}

#[test]
fn handles_and_errors_go_everywhere() {
    is_send_sync_unpin::<Task<std::cell::Cell<u32>>>();
    is_send_sync_unpin::<TaskError>();
    is_send_sync_unpin::<tuneup_concurrency::Rejected<std::cell::Cell<u32>>>();
    let executor = threads(1, 1);
    drop(executor);
}

#[test]
fn messages_of_panics() {
    let executor = threads(1, 8);
    let message = |work: fn()| match executor.submit(work).unwrap().result() {
        Err(TaskError::Panicked(panic)) => panic.message().to_owned(),
        other => unreachable!("{other:?}"),
    };
    assert_eq!(message(|| panic!("text")), "text");
    assert_eq!(message(|| panic!("{}", 7)), "7");
    assert_eq!(
        message(|| std::panic::panic_any(7)),
        "a value that is no text"
    );
}

#[test]
fn errors_read_well() {
    let executor = threads(1, 8);
    let panicked = executor.submit(|| panic!("no such key")).unwrap().result();
    let texts = [
        panicked.unwrap_err(),
        TaskError::Cancelled,
        TaskError::TimedOut,
        TaskError::Taken,
    ]
    .map(|error| error.to_string());
    assert_eq!(
        texts,
        [
            "the task panicked: no such key",
            "the task was cancelled",
            "the task had no result in time",
            "the result of the task was taken before",
        ]
    );
}

#[test]
fn a_result_that_comes_late_can_be_asked_for_again() {
    let _watchdog = Watchdog::of("a_result_that_comes_late_can_be_asked_for_again");
    let executor = threads(1, 1);
    let (release, task) = occupy(&executor);
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        assert!(matches!(
            task.result_timeout(timeout),
            Err(TaskError::TimedOut)
        ));
    }
    assert_eq!(task.status(), TaskStatus::Running);
    assert!(!task.cancel(), "it has begun");
    drop(release);
    assert!(task.result_timeout(Duration::MAX).is_ok());
}

#[test]
fn several_threads_see_one_task() {
    let _watchdog = Watchdog::of("several_threads_see_one_task");
    let executor = threads(1, 1);
    let (release, task) = occupy(&executor);
    let task = Arc::new(task);
    let (send, receive) = mpsc::channel();
    let waiters: Vec<_> = (0..3)
        .map(|_| {
            let (task, send) = (Arc::clone(&task), send.clone());
            std::thread::spawn(move || {
                send.send(()).unwrap();
                task.result_timeout(Duration::MAX).is_ok()
            })
        })
        .collect();
    assert_eq!(receive.iter().take(3).count(), 3);
    drop(release);
    let winners = waiters
        .into_iter()
        .filter_map(|waiter| waiter.join().ok())
        .filter(|won| *won);
    assert_eq!(
        winners.count(),
        1,
        "the result goes out once, and nobody sleeps on"
    );
}

#[test]
fn a_callback_of_a_cancellation_runs_on_the_thread_that_cancels() {
    let executor = threads(1, 1);
    let (release, _running) = occupy(&executor);
    let waiting = executor.submit(|| ()).unwrap();
    let (send, receive) = mpsc::channel();
    waiting.on_done(move |status| {
        send.send((status, std::thread::current().id())).unwrap();
    });
    waiting.cancel();
    let here = std::thread::current().id();
    assert_eq!(receive.recv().unwrap(), (TaskStatus::Cancelled, here));
    drop(release);
}
