//! The driver's side against scripts that behave as no bench should; real ones are in `tests/it`.
#![cfg(unix)]

use super::*;

const LISTING: &str = r#"tuneup:{"Listing":{"version":1,"heap":false,"groups":[]}}"#;

/// Starts a shell script as if it were a bench executable.
fn start(script: &str) -> Result<Session, Error> {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    Session::start_with(
        command,
        Path::new("/benches/odd"),
        &[("GREETING".to_owned(), "hello".to_owned())],
    )
}

/// Answers the listing, and then every request with the same text.
fn answering(text: &str) -> String {
    format!("read r; echo '{LISTING}'; while read r; do printf '%b' '{text}'; done")
}

fn reason(outcome: Result<impl Sized, Error>) -> String {
    match outcome {
        Err(Error::Session { program, reason }) => {
            assert_eq!(program, "/benches/odd");
            reason
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was believed"),
    }
}

#[test]
fn it_is_started_with_its_argument_and_environment() {
    // The argument after the script is its `$0`.
    let session = start(&format!(
        r#"[ "$0" = --tuneup-serve ] && [ "$GREETING" = hello ] && read r && [ "$r" = '"List"' ] && echo '{LISTING}'"#
    ))
    .unwrap();
    assert_eq!(session.listing.groups.len(), 0);
}

#[test]
fn what_a_case_prints_is_skipped() {
    let mut session = start(&answering(
        r#"a line\n\n\0377\0376 no text\nwithout an end: tuneup:{"Ran":{"ns":12.5}}\n"#,
    ))
    .unwrap();
    assert_eq!(session.run(0, 0, 1, 1).unwrap(), 12.5);
    assert_eq!(session.run(0, 0, 1, 1).unwrap(), 12.5);
}

#[test]
fn a_failure_is_told_in_its_own_words() {
    let mut session = start(&answering(
        r#"tuneup:{"Failed":{"message":"`a/b` panicked: tuneup: no"}}\n"#,
    ))
    .unwrap();
    let expected = "`a/b` panicked: tuneup: no";
    assert_eq!(reason(session.run(0, 0, 1, 1)), expected);
    assert_eq!(reason(session.check(0, 1)), expected);
    assert_eq!(reason(session.heap(0, 0, 1)), expected);
}

#[test]
fn an_answer_to_something_else_is_not_believed() {
    let mut session = start(&answering(r#"tuneup:"Checked"\n"#)).unwrap();
    session.check(0, 1).unwrap();
    let expected = "it answered a request that was not made";
    assert_eq!(reason(session.run(0, 0, 1, 1)), expected);
    assert_eq!(reason(session.heap(0, 0, 1)), expected);
    assert_eq!(
        reason(start(r#"read r; echo 'tuneup:"Checked"'"#)),
        expected
    );
}

#[test]
fn an_unreadable_answer_is_an_error() {
    let mut session = start(&answering(r#"tuneup:{"Ran":{}}\n"#)).unwrap();
    assert_eq!(
        reason(session.run(0, 0, 1, 1)),
        "unreadable answer: missing field `ns` at line 1 column 9"
    );
}

#[test]
fn another_version_is_refused() {
    let script = format!("read r; echo '{}'", LISTING.replace(":1,", ":2,"));
    assert_eq!(
        reason(start(&script)),
        "it speaks version 2 of the protocol, not 1"
    );
}

#[test]
fn one_that_goes_away_is_noticed() {
    assert_eq!(reason(start("exit 3")), "it went away");
    assert_eq!(reason(start("read r; echo 'no answer'")), "it went away");
    let mut session = start(&format!("read r; echo '{LISTING}'")).unwrap();
    assert_eq!(reason(session.run(0, 0, 1, 1)), "it went away");
}

#[test]
fn one_that_prints_without_end_is_ended() {
    assert_eq!(
        reason(start("yes")),
        "it prints without end; is it a bench with `harness::main`?"
    );
}

#[test]
fn a_program_that_does_not_exist_is_named() {
    let error = Session::start(Path::new("/nowhere/bench"), &[]).map(|_| ());
    assert!(matches!(error, Err(Error::Start { program, .. }) if program == "/nowhere/bench"));
}

#[test]
fn dropping_a_session_ends_a_process_that_is_busy() {
    let session = start(&format!("read r; echo '{LISTING}'; exec sleep 600")).unwrap();
    let id = session.child.id();
    drop(session);
    // Its exit was waited for, so that not even a zombie is left.
    assert!(!Path::new(&format!("/proc/{id}")).exists());
}
