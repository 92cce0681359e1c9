//! The states against a plain model, stale reports, and panics.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use proptest::prelude::*;
use tuneup_measure::{Clock, MockClock};

use super::{CircuitBreaker, CircuitPermit, CircuitState};
use crate::Error;

const OPEN_FOR: Duration = Duration::from_millis(100);

fn breaker(failures: u32) -> (CircuitBreaker, MockClock) {
    let (clock, mock) = Clock::mock();
    let breaker = CircuitBreaker::builder()
        .failures(failures)
        .open_for(OPEN_FOR)
        .slow_after(Duration::from_millis(50))
        .clock(clock)
        .build()
        .unwrap();
    (breaker, mock)
}

fn open(breaker: &CircuitBreaker) {
    while breaker.info().state == CircuitState::Closed {
        breaker.acquire().unwrap().fail();
    }
}

#[test]
fn a_success_forgives_the_failures_before_it() {
    let (breaker, _mock) = breaker(2);
    for _ in 0..5 {
        breaker.acquire().unwrap().fail();
        breaker.acquire().unwrap().succeed();
    }
    assert_eq!(breaker.info().state, CircuitState::Closed);
    assert_eq!(breaker.info().failures, 5);
}

#[test]
fn one_trial_at_a_time_is_let_through() {
    let (breaker, mock) = breaker(1);
    open(&breaker);
    assert!(
        matches!(breaker.acquire(), Err(Error::CircuitOpen { retry_in }) if retry_in == OPEN_FOR)
    );
    mock.advance(OPEN_FOR);
    let trial = breaker.acquire().unwrap();
    assert!(breaker.acquire().is_err());
    trial.fail();
    assert_eq!(breaker.info().state, CircuitState::Open);
    assert_eq!(breaker.info().opens, 2);
    assert_eq!(breaker.info().refused, 2);
}

#[test]
fn a_cancelled_trial_makes_room_for_another() {
    let (breaker, mock) = breaker(1);
    open(&breaker);
    mock.advance(OPEN_FOR);
    drop(breaker.acquire().unwrap());
    breaker.acquire().unwrap().succeed();
    assert_eq!(breaker.info().state, CircuitState::Closed);
}

#[test]
fn what_began_before_a_change_of_state_changes_nothing() {
    let (breaker, mock) = breaker(1);
    let early = breaker.acquire().unwrap();
    let earlier = breaker.acquire().unwrap();
    open(&breaker);
    early.succeed();
    assert_eq!(breaker.info().state, CircuitState::Open);
    mock.advance(OPEN_FOR);
    let trial = breaker.acquire().unwrap();
    drop(earlier);
    assert!(
        breaker.acquire().is_err(),
        "a stale drop must not free the trial's place"
    );
    trial.succeed();
    assert_eq!(breaker.info().state, CircuitState::Closed);
}

#[test]
fn what_is_slow_counts_as_failed() {
    let (breaker, mock) = breaker(1);
    let permit = breaker.acquire().unwrap();
    mock.advance(Duration::from_millis(51));
    permit.succeed();
    let info = breaker.info();
    assert_eq!(
        (info.state, info.slow, info.failures),
        (CircuitState::Open, 1, 1)
    );
}

#[test]
fn a_panic_counts_as_failed() {
    let (breaker, _mock) = breaker(1);
    let result = catch_unwind(AssertUnwindSafe(|| {
        breaker.call(|| -> Result<(), Error> { panic!("of the call") })
    }));
    assert!(result.is_err());
    assert_eq!(breaker.info().state, CircuitState::Open);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Begin,
    Succeed(usize),
    Fail(usize),
    Cancel(usize),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Begin),
        2 => any::<usize>().prop_map(Step::Succeed),
        4 => any::<usize>().prop_map(Step::Fail),
        1 => any::<usize>().prop_map(Step::Cancel),
        2 => (0..120_u64).prop_map(Step::Wait),
    ]
}

proptest! {
    /// While open nothing is let through, while half-open one; nothing is refused while closed.
    #[test]
    fn never_lets_too_many_through(steps in prop::collection::vec(step(), 1..80)) {
        let (breaker, mock) = breaker(3);
        let mut running: Vec<(CircuitPermit, CircuitState)> = Vec::new();
        let mut trials_of_this_half_open = 0;
        for step in steps {
            let before = breaker.info().state;
            match step {
                Step::Begin => {
                    let permit = breaker.acquire();
                    match before {
                        CircuitState::Closed => prop_assert!(permit.is_ok()),
                        CircuitState::Open => prop_assert!(permit.is_err()),
                        CircuitState::HalfOpen => {
                            prop_assert_eq!(permit.is_ok(), trials_of_this_half_open == 0);
                        }
                    }
                    if let Ok(permit) = permit {
                        if before == CircuitState::HalfOpen {
                            trials_of_this_half_open += 1;
                        }
                        running.push((permit, before));
                    }
                }
                Step::Succeed(index) | Step::Fail(index) | Step::Cancel(index) if !running.is_empty() => {
                    let (permit, began_in) = running.swap_remove(index % running.len());
                    match step {
                        Step::Succeed(_) => permit.succeed(),
                        Step::Fail(_) => permit.fail(),
                        _ => drop(permit),
                    }
                    if began_in == CircuitState::HalfOpen {
                        trials_of_this_half_open -= 1;
                    }
                }
                Step::Wait(ms) => mock.advance(Duration::from_millis(ms)),
                _ => {}
            }
        }
        let info = breaker.info();
        prop_assert!(info.slow <= info.failures);
    }
}
