//! What is said at the end.

use std::time::Duration;

use tuneup_report::Terminal;

use super::{Counts, Outcome, StepName, table, total};

fn outcome(name: StepName, passed: Option<bool>, ms: u64, tests: (u64, u64)) -> Outcome {
    let counts = Counts {
        passed: tests.0,
        failed: tests.1,
        ignored: 0,
    };
    Outcome {
        name,
        passed,
        took: Duration::from_millis(ms),
        counts,
    }
}

fn outcomes() -> [Outcome; 4] {
    [
        outcome(StepName::Fmt, Some(true), 400, (0, 0)),
        outcome(StepName::Test, Some(false), 61_000, (10, 2)),
        outcome(StepName::Doctest, Some(true), 100, (5, 0)),
        Outcome::not_run(StepName::Rustdoc),
    ]
}

#[test]
fn every_step_has_a_row() {
    assert_eq!(
        table(&outcomes()).render(&Terminal::plain(80)),
        "\
step     result     time  passed  failed  ignored
─────────────────────────────────────────────────
fmt      ok        0.4 s       –       –        –
test     FAILED   61.0 s      10       2        0
doctest  ok        0.1 s       5       0        0
rustdoc  not run       –       –       –        –
all      FAILED   61.5 s      15       2        0
"
    );
}

#[test]
fn the_total_is_the_sum_of_all_tests() {
    assert_eq!(total(&outcomes()), "15 passed, 2 failed");
}

#[test]
fn a_step_ends_with_one_line() {
    assert_eq!(outcomes()[1].line(), "FAILED after 61.0 s");
}
