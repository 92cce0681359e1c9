use super::*;
use crate::System;

#[test]
fn a_failure_is_told_without_secrets_unless_there_are_none() {
    let mut command = Command::new("sh");
    command.args(["-c", "echo out; echo 'token = abc' >&2; exit 1"]);
    let failure = run(&System, &mut command).unwrap().unwrap_err();
    assert_eq!(failure.said, "out\ntoken = [hidden]");
    assert!(!failure.command.contains("abc"));
    let failure = run_without_secrets(&System, &mut command)
        .unwrap()
        .unwrap_err();
    assert_eq!(failure.said, "out\ntoken = abc");
}

#[test]
fn one_that_dies_in_silence_is_told_by_its_status() {
    let failure = run(&System, Command::new("sh").args(["-c", "kill -9 $$"])).unwrap();
    assert!(failure.unwrap_err().said.contains("signal: 9"));
}

#[test]
fn of_much_the_end_is_told() {
    let script = "yes é | head -n 5000 >&2; echo end >&2; exit 1";
    let failure = run(&System, Command::new("sh").args(["-c", script])).unwrap();
    let said = failure.unwrap_err().said;
    assert!(
        said.len() <= TOLD && said.ends_with("end"),
        "{} bytes",
        said.len()
    );
}
