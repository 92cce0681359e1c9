//! How often a case is run, and on what.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::AtomicU64;

use super::*;

#[test]
fn a_pure_case_runs_as_often_as_asked() {
    let calls = Cell::new(0);
    let mut routine = Pure {
        input: Rc::new(3_u64),
        f: |n: &u64| calls.set(calls.get() + n),
    };
    assert!(tuneup_measured_block(&mut routine, 0) >= 0.0);
    assert_eq!(calls.get(), 0);
    tuneup_measured_block(&mut routine, 5);
    assert_eq!(calls.get(), 15);
}

#[test]
fn a_stateful_case_keeps_its_state() {
    let mut routine = Stateful {
        input: Rc::new(2_u64),
        state: Vec::new(),
        f: |seen: &mut Vec<u64>, n: &u64| seen.push(*n),
    };
    routine.run(3);
    routine.run(4);
    assert_eq!(routine.state, [2; 7]);
}

#[test]
fn every_thread_does_all_the_iterations() {
    for threads in [1, 2, 5] {
        let mut routine = Concurrent {
            input: Rc::new(()),
            state: AtomicU64::new(0),
            threads,
            f: |count: &AtomicU64, (): &()| count.fetch_add(1, Ordering::Relaxed),
        };
        assert!(routine.run(100) >= 0.0);
        assert_eq!(routine.state.load(Ordering::Relaxed), 100 * threads as u64);
    }
}

#[test]
fn the_threads_run_at_once() {
    // Each waits for the other inside the case: one after the other, this would never end.
    let mut routine = Concurrent {
        input: Rc::new(()),
        state: std::sync::Barrier::new(3),
        threads: 3,
        f: |barrier: &std::sync::Barrier, (): &()| barrier.wait().is_leader(),
    };
    routine.run(10);
}

#[test]
#[should_panic(expected = "the second thread")]
fn a_panic_of_another_thread_is_passed_on() {
    let mut routine = Concurrent {
        input: Rc::new(()),
        state: std::thread::current().id(),
        threads: 2,
        f: |main: &std::thread::ThreadId, (): &()| {
            assert!(std::thread::current().id() == *main, "the second thread");
        },
    };
    routine.run(1);
}

/// What happens, in the order in which it does.
type Events = Rc<std::cell::RefCell<Vec<String>>>;

/// A routine that records when it is timed.
struct Recorded(Events);

impl Routine for Recorded {
    fn run(&mut self, iterations: u64) -> f64 {
        self.0.borrow_mut().push(format!("run {iterations}"));
        assert!(iterations != 13, "unlucky");
        0.0
    }
}

/// A scope that records when it is closed.
struct Scope(Events);

impl Drop for Scope {
    fn drop(&mut self) {
        self.0.borrow_mut().push("close".to_owned());
    }
}

fn recorded() -> (Prepared, Events) {
    let events = Events::default();
    let entered = Rc::clone(&events);
    let prepared = Prepared {
        routine: Box::new(Recorded(Rc::clone(&events))),
        enter: Some(Rc::new(move || {
            entered.borrow_mut().push("open".to_owned());
            Box::new(Scope(Rc::clone(&entered)))
        })),
    };
    (prepared, events)
}

#[test]
fn a_scope_is_opened_before_the_timing_of_each_block_and_closed_after_it() {
    let (mut prepared, events) = recorded();
    prepared.measure(3);
    assert_eq!(*events.borrow(), ["open", "run 3", "close"]);
    prepared.measure(4);
    assert_eq!(events.borrow()[3..], ["open", "run 4", "close"]);
}

#[test]
fn a_scope_is_closed_when_the_case_panics() {
    let (mut prepared, events) = recorded();
    caught("group", "case", || prepared.measure(13)).unwrap_err();
    assert_eq!(*events.borrow(), ["open", "run 13", "close"]);
}
