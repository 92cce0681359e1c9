//! All orders in which submitters, workers and who ends the queue can meet, tried by loom. Run by `cargo xtask test --only models`.
//!
//! That nobody sleeps for ever is checked too: loom reports a deadlock. Times do not pass in a model: a worker sleeps until it is woken.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use loom::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    thread,
};

use super::{Queue, Refusal, Shutdown, WhenFull, Worker};
use crate::{
    TaskError,
    model_checking::check,
    task::{Core, Home, Job},
};

type Number = Arc<Core<usize>>;

/// Workers end when there is nothing to do, as those of the processors do.
fn draining(capacity: usize, workers: usize) -> Arc<Queue> {
    Queue::new(capacity, workers, |worker| {
        thread::spawn(move || worker.drain());
    })
}

/// Workers sleep when there is nothing to do, as threads for calls that block do.
fn serving(capacity: usize, workers: usize) -> Arc<Queue> {
    Queue::new(capacity, workers, serve)
}

fn serve(worker: Worker) {
    thread::spawn(move || worker.serve(Duration::from_secs(1)));
}

/// Puts work in, when there is room.
fn push(
    queue: &Arc<Queue>,
    work: impl FnOnce() -> usize + Send + 'static,
) -> Result<Number, Refusal> {
    let home: Arc<dyn Home> = queue.clone();
    let home: Weak<dyn Home> = Arc::downgrade(&home);
    let mut pushed = None;
    queue
        .push(work, WhenFull::Wait, |work| -> Arc<dyn Job> {
            let core = Arc::new(Core::of_work(Box::new(work), Some(home)));
            pushed = Some(Arc::clone(&core));
            core
        })
        .map_err(|(_, refusal)| refusal)?;
    Ok(pushed.expect("what was pushed was made"))
}

/// Counts, and says how many there were before.
fn count(counter: &Arc<AtomicUsize>) -> impl FnOnce() -> usize + Send + 'static {
    let counter = Arc::clone(counter);
    move || counter.fetch_add(1, Relaxed)
}

#[test]
fn loom_model_of_submitters_that_wait_for_room() {
    check(2, || {
        let queue = draining(1, 1);
        let ran = Arc::new(AtomicUsize::new(0));
        let other = thread::spawn({
            let (queue, ran) = (Arc::clone(&queue), Arc::clone(&ran));
            move || drop(push(&queue, count(&ran)).unwrap())
        });
        let tasks = [(); 2].map(|()| push(&queue, count(&ran)).unwrap());
        other.join().unwrap();
        assert!(queue.wait_idle());
        assert_eq!(ran.load(Relaxed), 3);
        assert!(tasks.iter().all(|task| task.result(None).is_ok()));
    });
}

#[test]
fn loom_model_of_a_worker_that_sleeps_and_is_woken() {
    check(2, || {
        let queue = serving(2, 1);
        serve(Worker::first(&queue));
        let ran = Arc::new(AtomicUsize::new(0));
        // Nobody waits for these: the worker alone runs them.
        push(&queue, count(&ran)).unwrap();
        push(&queue, count(&ran)).unwrap();
        assert!(queue.wait_idle());
        assert_eq!(ran.load(Relaxed), 2);
        queue.close(Shutdown::Drain);
    });
}

#[test]
fn loom_model_of_an_end_that_drains() {
    check(2, || {
        let queue = serving(1, 2);
        serve(Worker::first(&queue));
        let ran = Arc::new(AtomicUsize::new(0));
        let submitter = thread::spawn({
            let (queue, ran) = (Arc::clone(&queue), Arc::clone(&ran));
            move || usize::from(push(&queue, count(&ran)).is_ok())
        });
        queue.close(Shutdown::Drain);
        assert!(queue.wait_idle());
        let accepted = submitter.join().unwrap();
        assert_eq!(ran.load(Relaxed), accepted);
    });
}

#[test]
fn loom_model_of_an_end_that_cancels() {
    check(2, || {
        let queue = serving(1, 1);
        serve(Worker::first(&queue));
        let ran = Arc::new(AtomicUsize::new(0));
        let submitter = thread::spawn({
            let (queue, ran) = (Arc::clone(&queue), Arc::clone(&ran));
            move || [(); 2].map(|()| push(&queue, count(&ran)))
        });
        queue.close(Shutdown::Cancel);
        assert!(queue.wait_idle());
        // Of all that was accepted the end is known, and it is the right one.
        let accepted = submitter.join().unwrap().into_iter().flatten();
        let succeeded = accepted.filter(|task| match task.result(None) {
            Ok(_) => true,
            Err(TaskError::Cancelled) => false,
            Err(other) => panic!("{other}"),
        });
        assert_eq!(succeeded.count(), ran.load(Relaxed));
    });
}

/// A submitter waits for room, which there will be only when the first task has ended, by what is done to it here: there are no workers.
fn check_that_room_is_made(end: fn(&Number) -> bool) {
    check(3, move || {
        let queue = draining(1, 0);
        let first = push(&queue, || 1).unwrap();
        let submitter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || push(&queue, || 2).map(|task| task.help())
        });
        assert!(end(&first));
        // Who waits for a task that has not begun runs it.
        assert_eq!(submitter.join().unwrap(), Ok(true));
    });
}

#[test]
fn loom_model_of_a_cancelled_task_that_makes_room() {
    check_that_room_is_made(|first| first.cancel());
}

#[test]
fn loom_model_of_a_helped_task_that_makes_room() {
    check_that_room_is_made(|first| first.help());
}

#[test]
fn loom_model_of_an_end_during_which_the_last_task_is_cancelled() {
    check(2, || {
        let queue = draining(1, 1);
        let first = push(&queue, || 1).unwrap();
        let submitter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || drop(push(&queue, || 2))
        });
        let canceller = thread::spawn(move || first.cancel());
        queue.close(Shutdown::Drain);
        assert!(queue.wait_idle());
        submitter.join().unwrap();
        canceller.join().unwrap();
    });
}

#[test]
fn loom_model_of_a_task_that_is_helped_or_worked_on() {
    check(3, || {
        let queue = draining(1, 1);
        let ran = Arc::new(AtomicUsize::new(0));
        let task = push(&queue, count(&ran)).unwrap();
        task.help();
        assert!(matches!(task.result(None), Ok(0)));
        assert!(queue.wait_idle());
        assert_eq!(ran.load(Relaxed), 1);
    });
}
