//! Workers that do not come, and pools that are not built.

use std::{error::Error as _, time::Duration};

use tuneup_concurrency::{
    CoreBudget, Error, ProcessError, ProcessJobs, ProcessPool, WorkerProgram,
};

use super::{DOUBLE, builder, program};
use crate::{amounts::count, watchdog::Watchdog};

fn refusal(error: Error) -> ProcessError {
    match error {
        Error::WorkerProcess { source } => *source,
        other => panic!("{other}"),
    }
}

#[test]
fn a_program_that_is_no_worker_is_told_what_to_do() {
    let _watchdog = Watchdog::of("a_program_that_is_no_worker_is_told_what_to_do");
    let ends = WorkerProgram::other("true");
    let error = refusal(ProcessPool::builder(ends).build().unwrap_err());
    assert!(
        matches!(&error, ProcessError::EndedEarly { status: Some(status), .. } if status.success())
    );
    assert!(error.to_string().contains("run_if_worker"), "{error}");

    let stays = WorkerProgram::other("sleep").with_argument("1000");
    let building = ProcessPool::builder(stays).start_timeout(Duration::from_millis(50));
    let error = refusal(building.build().unwrap_err());
    assert!(matches!(error, ProcessError::NotReady { .. }), "{error}");
    assert!(error.to_string().contains("run_if_worker"), "{error}");
}

#[test]
fn a_program_that_does_not_exist_is_named() {
    let _watchdog = Watchdog::of("a_program_that_does_not_exist_is_named");
    let missing = WorkerProgram::other("/no/such/program");
    let error = refusal(ProcessPool::builder(missing).build().unwrap_err());
    assert!(matches!(error, ProcessError::Spawn { .. }), "{error}");
    assert!(error.to_string().contains("/no/such/program"), "{error}");
    assert!(error.source().is_some());
}

#[test]
fn this_program_is_a_worker_only_if_it_says_so() {
    let itself = WorkerProgram::other(std::env::current_exe().unwrap());
    let error = ProcessPool::builder(itself).build().unwrap_err();
    assert!(error.to_string().contains("run_if_worker"), "{error}");
}

/// The worker of [`two_jobs_of_one_name_are_an_error`].
#[test]
fn ambiguous_worker() {
    let _ = ambiguous();
}

fn ambiguous() -> WorkerProgram {
    ProcessJobs::new()
        .with(&DOUBLE)
        .with(&DOUBLE)
        .run_if_worker()
        .with_argument("--exact")
        .with_argument("process_pool::starts::ambiguous_worker")
}

#[test]
fn two_jobs_of_one_name_are_an_error() {
    let _watchdog = Watchdog::of("two_jobs_of_one_name_are_an_error");
    let error = refusal(ProcessPool::builder(ambiguous()).build().unwrap_err());
    assert!(matches!(error, ProcessError::Unfit { .. }), "{error}");
}

/// The worker of [`a_setup_that_fails_is_an_early_end`].
#[test]
fn failing_worker() {
    let _ = failing();
}

fn failing() -> WorkerProgram {
    ProcessJobs::new()
        .with(&DOUBLE)
        .with_setup(|| std::process::exit(9))
        .run_if_worker()
        .with_argument("--exact")
        .with_argument("process_pool::starts::failing_worker")
}

#[test]
fn a_setup_that_fails_is_an_early_end() {
    let _watchdog = Watchdog::of("a_setup_that_fails_is_an_early_end");
    let error = refusal(ProcessPool::builder(failing()).build().unwrap_err());
    let ProcessError::EndedEarly { status, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(status.unwrap().code(), Some(9));
}

#[test]
fn what_is_out_of_range_is_refused() {
    for (building, option) in [
        (builder(1).time_limit(Duration::ZERO), "time_limit"),
        (builder(1).start_timeout(Duration::ZERO), "start_timeout"),
        (builder(1).memory_limit_bytes(0), "memory_limit_bytes"),
        (builder(1).max_message_bytes(0), "max_message_bytes"),
        (builder(1).max_message_bytes(1 << 32), "max_message_bytes"),
    ] {
        let error = building.build().unwrap_err();
        assert!(
            matches!(error, Error::OutOfRange { option: o, .. } if o == option),
            "{error}"
        );
    }
}

#[test]
fn workers_take_processors_of_the_budget() {
    let _watchdog = Watchdog::of("workers_take_processors_of_the_budget");
    let budget = CoreBudget::new(count(3));
    let first = ProcessPool::builder(program())
        .budget(&budget)
        .build()
        .unwrap();
    assert_eq!((first.workers(), budget.in_use()), (count(3), 3));
    let second = builder(2).budget(&budget).build().unwrap();
    assert_eq!((second.workers(), budget.in_use()), (count(2), 4));
    drop((first, second));
    assert_eq!(budget.in_use(), 0);
}
