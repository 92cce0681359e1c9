//! What libtest prints, and what a test says that could not run.

use super::{Counts, skipped};

const OUTPUT: &str = "\
running 3 tests
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
  test result: ok. 99 passed; inside a test's own output
skipped: chromium_opens_it: chromium is not installed
test callgrind ... skipped: callgrind: valgrind is not installed
test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 4 filtered out; finished in 0.01s
";

#[test]
fn result_lines_are_added_up() {
    let counts = Counts::of(OUTPUT);
    assert_eq!(
        counts,
        Counts {
            passed: 15,
            failed: 2,
            ignored: 1
        }
    );
    assert_eq!(
        counts.result_line(),
        "test result: FAILED. 15 passed; 2 failed; 1 ignored"
    );
    assert_eq!(
        Counts::of("nothing").result_line(),
        "test result: ok. 0 passed; 0 failed; 0 ignored"
    );
}

#[test]
fn output_without_tests_counts_nothing() {
    assert!(Counts::of("Compiling tuneup-measure").is_empty());
    assert!(!Counts::of(OUTPUT).is_empty());
}

#[test]
fn skipped_tests_are_listed() {
    assert_eq!(
        skipped(OUTPUT),
        [
            "chromium_opens_it: chromium is not installed",
            "callgrind: valgrind is not installed"
        ]
    );
}
