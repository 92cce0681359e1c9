//! Which steps are run, and what is said at the end.

use std::time::Duration;

use super::{Counts, Options, Outcome, StepName, summary};

fn options(only: &[StepName], skip: &[StepName]) -> Options {
    Options {
        list: false,
        only: only.to_vec(),
        skip: skip.to_vec(),
        keep_going: false,
    }
}

#[test]
fn only_and_skip_choose_steps() {
    assert!(options(&[], &[]).wants(StepName::Fmt));
    assert!(options(&[StepName::Fmt], &[]).wants(StepName::Fmt));
    assert!(!options(&[StepName::Fmt], &[]).wants(StepName::Clippy));
    assert!(!options(&[], &[StepName::Fmt]).wants(StepName::Fmt));
}

#[test]
fn the_last_line_is_the_sum_of_all_tests() {
    let outcome = |name, passed, ms, tests: (u64, u64)| Outcome {
        name,
        passed,
        took: Duration::from_millis(ms),
        counts: Counts {
            passed: tests.0,
            failed: tests.1,
            ignored: 0,
        },
    };
    let text = summary(&[
        outcome(StepName::Fmt, Some(true), 400, (0, 0)),
        outcome(StepName::Test, Some(false), 61_000, (10, 2)),
        outcome(StepName::Doctest, Some(true), 100, (5, 0)),
        outcome(StepName::Rustdoc, None, 0, (0, 0)),
    ]);
    assert_eq!(
        text,
        "Summary\n\
         \x20 fmt       ok          0.4 s\n\
         \x20 test      FAILED     61.0 s  test result: FAILED. 10 passed; 2 failed; 0 ignored\n\
         \x20 doctest   ok          0.1 s  test result: ok. 5 passed; 0 failed; 0 ignored\n\
         \x20 rustdoc   not run     0.0 s\n\
         \x20 all       FAILED     61.5 s\n\n\
         15 passed, 2 failed\n"
    );
}
