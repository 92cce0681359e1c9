//! The documented semantics of `wait` and `as_completed` of Python's `concurrent.futures`, one test a row, and what is ours.
//!
//! | `concurrent.futures` (documentation of Python 3) | test |
//! |---|---|
//! | `FIRST_COMPLETED`: returns when any future finishes or is cancelled | `first_completed_…` |
//! | `FIRST_EXCEPTION`: returns when any future finishes by raising an exception | `first_error_…` |
//! | … if no future raises an exception then it is equivalent to `ALL_COMPLETED` | `without_an_error_…` |
//! | `ALL_COMPLETED`: returns when all futures finish or are cancelled | `all_…` |
//! | `done` contains the futures that completed (finished or cancelled) before the wait completed | `done_and_pending_…` |
//! | `timeout` controls the maximum number of seconds to wait before returning | `a_timeout_…` |
//! | if `timeout` is not specified or `None`, there is no limit to the wait time | `all_…` |
//! | `as_completed` yields futures as they complete (finished or cancelled) | `tasks_come_…` |
//! | any futures that completed before `as_completed` is called will be yielded first | `those_done_before_…` |
//! | `__next__` raises `TimeoutError` if the result isn't available after `timeout` seconds from the original call | `the_time_of_…` |
//! | futures given twice are returned once | a handle cannot be given twice |

use std::{sync::mpsc, time::Duration};

use tuneup_concurrency::{
    Executor, ReturnWhen, Task, TaskError, ThreadExecutor, Waited, as_completed,
    as_completed_timeout, wait, wait_fallible,
};

use crate::{amounts::count, executor::threads, watchdog::Watchdog};

/// Tasks that end when told to.
struct Bench {
    executor: ThreadExecutor,
    ends: Vec<mpsc::Sender<End>>,
    tasks: Vec<Task<Result<usize, ()>>>,
}

#[derive(Clone, Copy)]
enum End {
    Value,
    Failure,
    Panic,
}

impl Bench {
    /// `running` tasks that have begun, and as many behind them as `waiting` says.
    fn new(running: usize, waiting: usize) -> Self {
        let executor = threads(running, waiting.max(1));
        let (begun, begins) = mpsc::channel();
        let (ends, tasks) = (0..running + waiting)
            .map(|number| {
                let (end, ended) = mpsc::channel();
                let begun = begun.clone();
                let task = executor.submit(move || {
                    begun.send(()).unwrap();
                    match ended.recv().unwrap() {
                        End::Value => Ok(number),
                        End::Failure => Err(()),
                        End::Panic => panic!("as told"),
                    }
                });
                if number < running {
                    begins.recv().unwrap();
                }
                (end, task.unwrap())
            })
            .unzip();
        Self {
            executor,
            ends,
            tasks,
        }
    }

    fn end(&self, number: usize, how: End) {
        self.ends[number].send(how).unwrap();
    }

    /// Ends one, and returns when that is seen.
    fn end_and_wait(&self, number: usize, how: End) {
        self.end(number, how);
        while !self.tasks[number].is_done() {
            std::thread::yield_now();
        }
    }

    fn end_the_rest(self) {
        for end in &self.ends {
            let _ = end.send(End::Value);
        }
        drop(self.executor);
    }
}

fn places(waited: &Waited) -> (&[usize], &[usize]) {
    (&waited.done, &waited.pending)
}

const SOON: Option<Duration> = Some(Duration::from_millis(2));

#[test]
fn first_completed_returns_when_one_is_done() {
    let _watchdog = Watchdog::of("first_completed_returns_when_one_is_done");
    for how in [End::Value, End::Failure, End::Panic] {
        let bench = Bench::new(3, 0);
        bench.end(1, how);
        let waited = wait(&bench.tasks, ReturnWhen::FirstCompleted, None);
        assert_eq!(places(&waited), (&[1][..], &[0, 2][..]));
        bench.end_the_rest();
    }
}

#[test]
fn first_completed_returns_when_one_is_cancelled() {
    let _watchdog = Watchdog::of("first_completed_returns_when_one_is_cancelled");
    let bench = Bench::new(1, 1);
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| wait(&bench.tasks, ReturnWhen::FirstCompleted, None));
        assert!(bench.tasks[1].cancel());
        assert_eq!(places(&waiter.join().unwrap()), (&[1][..], &[0][..]));
    });
    bench.end_the_rest();
}

#[test]
fn first_completed_returns_at_once_if_one_was_done_before() {
    let bench = Bench::new(2, 0);
    bench.end_and_wait(0, End::Value);
    let waited = wait(&bench.tasks, ReturnWhen::FirstCompleted, None);
    assert_eq!(waited.done, [0]);
    bench.end_the_rest();
}

#[test]
fn first_error_returns_when_one_has_panicked() {
    let _watchdog = Watchdog::of("first_error_returns_when_one_has_panicked");
    let bench = Bench::new(3, 0);
    bench.end_and_wait(0, End::Value);
    let waited = wait(&bench.tasks, ReturnWhen::FirstError, SOON);
    assert_eq!(
        places(&waited),
        (&[0][..], &[1, 2][..]),
        "a value is no error"
    );
    bench.end(2, End::Panic);
    let waited = wait(&bench.tasks, ReturnWhen::FirstError, None);
    assert_eq!(places(&waited), (&[0, 2][..], &[1][..]));
    bench.end_the_rest();
}

#[test]
fn first_error_returns_at_once_if_one_had_panicked_before() {
    let _watchdog = Watchdog::of("first_error_returns_at_once_if_one_had_panicked_before");
    let bench = Bench::new(2, 0);
    bench.end_and_wait(1, End::Panic);
    let waited = wait(&bench.tasks, ReturnWhen::FirstError, None);
    assert_eq!(waited.done, [1]);
    bench.end_the_rest();
}

#[test]
fn first_error_does_not_count_a_cancellation() {
    let _watchdog = Watchdog::of("first_error_does_not_count_a_cancellation");
    let bench = Bench::new(1, 1);
    bench.tasks[1].cancel();
    let waited = wait(&bench.tasks, ReturnWhen::FirstError, SOON);
    assert_eq!(places(&waited), (&[1][..], &[0][..]), "the time was over");
    bench.end(0, End::Value);
    assert!(
        wait(&bench.tasks, ReturnWhen::FirstError, None)
            .pending
            .is_empty()
    );
}

#[test]
fn first_error_counts_an_err_where_it_is_asked_to() {
    let _watchdog = Watchdog::of("first_error_counts_an_err_where_it_is_asked_to");
    let bench = Bench::new(2, 0);
    bench.end_and_wait(1, End::Failure);
    let waited = wait(&bench.tasks, ReturnWhen::FirstError, SOON);
    assert_eq!(waited.pending, [0], "to `wait` it is a value");
    let waited = wait_fallible(&bench.tasks, ReturnWhen::FirstError, None);
    assert_eq!(places(&waited), (&[1][..], &[0][..]));
    bench.end_the_rest();
}

#[test]
fn without_an_error_all_are_waited_for() {
    let _watchdog = Watchdog::of("without_an_error_all_are_waited_for");
    let bench = Bench::new(3, 0);
    for number in 0..3 {
        bench.end(number, End::Value);
    }
    let waited = wait(&bench.tasks, ReturnWhen::FirstError, None);
    assert_eq!(places(&waited), (&[0, 1, 2][..], &[][..]));
}

#[test]
fn all_are_waited_for_however_they_end() {
    let _watchdog = Watchdog::of("all_are_waited_for_however_they_end");
    let bench = Bench::new(3, 1);
    bench.tasks[3].cancel();
    for (number, how) in [End::Panic, End::Failure, End::Value]
        .into_iter()
        .enumerate()
    {
        bench.end(number, how);
    }
    let waited = wait(&bench.tasks, ReturnWhen::All, None);
    assert_eq!(places(&waited), (&[0, 1, 2, 3][..], &[][..]));
}

#[test]
fn done_and_pending_are_all_tasks_and_nothing_is_taken() {
    let bench = Bench::new(2, 0);
    bench.end_and_wait(0, End::Value);
    for when in [
        ReturnWhen::FirstCompleted,
        ReturnWhen::FirstError,
        ReturnWhen::All,
    ] {
        let waited = wait(&bench.tasks, when, SOON);
        assert_eq!(places(&waited), (&[0][..], &[1][..]));
    }
    assert!(matches!(
        bench.tasks[0].result_timeout(Duration::ZERO),
        Ok(Ok(0))
    ));
    assert_eq!(
        wait(&bench.tasks, ReturnWhen::All, SOON).done,
        [0],
        "taken is done"
    );
    bench.end_the_rest();
}

#[test]
fn a_timeout_ends_the_wait_with_what_there_is() {
    let bench = Bench::new(2, 0);
    for when in [
        ReturnWhen::FirstCompleted,
        ReturnWhen::FirstError,
        ReturnWhen::All,
    ] {
        for timeout in [Some(Duration::ZERO), SOON] {
            assert_eq!(wait(&bench.tasks, when, timeout).pending, [0, 1]);
        }
    }
    bench.end_the_rest();
}

#[test]
fn no_tasks_are_done_at_once() {
    let _watchdog = Watchdog::of("no_tasks_are_done_at_once");
    for when in [
        ReturnWhen::FirstCompleted,
        ReturnWhen::FirstError,
        ReturnWhen::All,
    ] {
        assert_eq!(places(&wait::<()>(&[], when, None)), (&[][..], &[][..]));
    }
    assert!(as_completed(Vec::<Task<()>>::new()).next().is_none());
    assert!(
        as_completed_timeout(Vec::<Task<()>>::new(), Duration::ZERO)
            .next()
            .is_none()
    );
}

#[test]
fn tasks_come_in_the_order_in_which_they_end() {
    let _watchdog = Watchdog::of("tasks_come_in_the_order_in_which_they_end");
    let mut bench = Bench::new(3, 1);
    bench.tasks[3].cancel();
    let mut completed = as_completed(std::mem::take(&mut bench.tasks));
    let (place, cancelled) = completed.next().unwrap();
    assert_eq!((place, completed.len()), (3, 3));
    assert!(matches!(cancelled.result(), Err(TaskError::Cancelled)));
    for (number, how) in [(1, End::Panic), (2, End::Value), (0, End::Failure)] {
        bench.end(number, how);
        let (place, task) = completed.next().unwrap();
        assert_eq!(place, number);
        match (how, task.result_timeout(Duration::ZERO)) {
            (End::Panic, Err(TaskError::Panicked(_))) | (End::Failure, Ok(Err(()))) => {}
            (End::Value, Ok(Ok(value))) => assert_eq!(value, number),
            (_, other) => unreachable!("{other:?}"),
        }
    }
    assert!(completed.next().is_none());
    assert!(completed.next().is_none());
}

#[test]
fn those_done_before_come_first() {
    let _watchdog = Watchdog::of("those_done_before_come_first");
    let mut bench = Bench::new(3, 0);
    bench.end_and_wait(2, End::Value);
    bench.end_and_wait(1, End::Panic);
    let mut completed = as_completed(std::mem::take(&mut bench.tasks));
    bench.end(0, End::Value);
    let places: Vec<_> = completed.by_ref().map(|(place, _)| place).collect();
    assert_eq!(places, [1, 2, 0], "in the order given, whenever they ended");
}

#[test]
fn the_time_of_as_completed_counts_from_its_call() {
    let _watchdog = Watchdog::of("the_time_of_as_completed_counts_from_its_call");
    let mut bench = Bench::new(3, 0);
    bench.end_and_wait(1, End::Value);
    let tasks = std::mem::take(&mut bench.tasks);
    let mut completed = as_completed_timeout(tasks, Duration::from_millis(2));
    assert_eq!(completed.next().unwrap().unwrap().0, 1);
    let unfinished = completed.next().unwrap().unwrap_err();
    assert_eq!(unfinished.to_string(), "2 of 3 tasks had no result in time");
    assert!(completed.next().is_none());
    let left: Vec<_> = unfinished.tasks.iter().map(|(place, _)| *place).collect();
    assert_eq!(left, [0, 2]);
    bench.end(0, End::Value);
    let (_, first) = unfinished.tasks.into_iter().next().unwrap();
    assert!(matches!(first.result(), Ok(Ok(0))), "it went on");
    bench.end_the_rest();
}

#[test]
fn threads_may_wait_for_the_same_tasks() {
    let _watchdog = Watchdog::of("threads_may_wait_for_the_same_tasks");
    let executor = threads(2, 64);
    let tasks: Vec<_> = (0..64)
        .map(|number| executor.submit(move || number).unwrap())
        .collect();
    std::thread::scope(|scope| {
        for when in [ReturnWhen::All, ReturnWhen::FirstError, ReturnWhen::All] {
            let tasks = &tasks;
            scope.spawn(move || assert_eq!(wait(tasks, when, None).done.len(), 64));
        }
    });
    assert_eq!(executor.workers(), count(2));
}
