//! Bench files run by hand, without a driver.

use std::process::Command;

use crate::workspace::executables;

#[test]
fn a_heap_bench_prints_its_counts() {
    let output = Command::new(&executables()[1])
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "\
case                      blocks     bytes      peak
────────────────────────────────────────────────────
tiny/vectors
  one block                    1  7.81 KiB  7.81 KiB
  two blocks                   2  15.6 KiB  15.6 KiB
  none                         0       0 B       0 B
  kept                         0       0 B       0 B
  none inside of a scope       0       0 B       0 B

gate/work
  spins                        0       0 B       0 B
  allocates                    1       8 B       8 B
"
    );
}

#[test]
fn a_timed_bench_is_a_criterion_bench() {
    let listed = Command::new(&executables()[0])
        .args(["--bench", "--list"])
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("tiny/sum/formula: benchmark\n"), "{listed}");
}

#[test]
fn a_bench_that_fails_ends_with_a_status_and_a_reason() {
    for (filter, reason) in [
        (
            "fail/answers",
            "error: `wrong` and `right` answer differently",
        ),
        (
            "fail/panics",
            "error: `fail/panics/boom` panicked: no room for 1",
        ),
    ] {
        // `--test` runs every case once.
        let output = Command::new(&executables()[0])
            .args(["--bench", "--test", filter])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(reason), "{message}");
    }
}
