//! How the output of a step is judged.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{judge, last_line, run_command, watch};
use crate::test::plan::{CommandLine, StepName};

const SKIPPED: &str =
    "test result: ok. 1 passed; 0 failed; 0 ignored\nskipped: draws: chromium is not installed\n";

#[test]
fn a_skipped_test_is_shown_and_fails_on_ci_alone() {
    let here = judge(StepName::Test, true, SKIPPED.to_owned(), false);
    assert!(here.passed);
    assert_eq!(here.notes, ["skipped: draws: chromium is not installed"]);
    assert!(!judge(StepName::Test, true, SKIPPED.to_owned(), true).passed);
}

#[test]
fn a_command_that_failed_is_never_a_pass() {
    assert!(!judge(StepName::Fmt, false, String::new(), false).passed);
    assert!(judge(StepName::Fmt, true, String::new(), true).passed);
}

#[test]
fn warnings_of_tidy_are_shown() {
    let output = "warning[length]: src/lib.rs: 500 lines of code, above 400\n    mend: split it\ntidy: 1 warnings\n";
    assert_eq!(
        judge(StepName::Tidy, true, output.to_owned(), false).notes,
        ["warning[length]: src/lib.rs: 500 lines of code, above 400"]
    );
}

#[test]
fn tables_of_tests_are_shown() {
    let output = "test result: ok. 1 passed; 0 failed; 0 ignored\ntable: project  recorded\ntable: ripgrep     1,048\n";
    assert_eq!(
        judge(StepName::Projects, true, output.to_owned(), true).notes,
        ["project  recorded", "ripgrep     1,048"]
    );
}

#[test]
fn a_step_of_tests_in_which_none_ran_has_failed() {
    let empty = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out\n";
    let ran = judge(StepName::Models, true, empty.to_owned(), false);
    assert!(!ran.passed);
    assert_eq!(
        ran.notes,
        ["no test ran: a step that tests nothing has not passed"]
    );
    assert!(judge(StepName::Benches, true, empty.to_owned(), false).passed);
}

#[test]
fn the_output_of_a_command_goes_to_the_log_and_its_status_is_kept() {
    let path = std::env::temp_dir().join(format!("tuneup-step-{}.log", std::process::id()));
    let log = File::create(&path).unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(run_command(here, &CommandLine::new("--version"), &log, None, || ()).unwrap());
    assert!(
        !run_command(
            here,
            &CommandLine::new("no-such-command"),
            &log,
            None,
            || ()
        )
        .unwrap()
    );
    let text = fs::read_to_string(&path).unwrap();
    let last = last_line(&path);
    fs::remove_file(&path).unwrap();
    assert!(text.starts_with("cargo "), "{text}");
    assert!(text.contains("no-such-command"), "{text}");
    assert!(
        text.lines().last().unwrap().trim().starts_with(&last),
        "{last}"
    );
}

#[cfg(unix)]
#[test]
fn a_command_that_says_nothing_for_too_long_is_killed_with_its_children() {
    let path = std::env::temp_dir().join(format!("tuneup-quiet-{}.log", std::process::id()));
    let log = File::create(&path).unwrap();
    let mut hangs = Command::new("sh");
    hangs.args(["-c", "echo here; sleep 1000 & echo $!; wait"]);
    assert!(!watch(&mut hangs, &log, Some(Duration::from_secs(1)), || ()).unwrap());
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "here");
    assert!(
        text.contains("killed, after it had said nothing for 1 s"),
        "{text}"
    );
    let child = Command::new("ps")
        .args(["-o", "stat=", "-p", lines[1]])
        .output()
        .unwrap();
    let state = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(state.is_empty() || state.starts_with('Z'), "{state}");
}
