use std::process::Command;

use super::*;

#[test]
fn a_program_that_fails_is_named_with_what_it_said() {
    let mut command = Command::new("sh");
    command
        .args(["-c", "echo no disk >&2; exit 3"])
        .env("TOKEN", "secret");
    let error = answer(&System, &mut command).unwrap_err().to_string();
    assert_eq!(
        error,
        "`sh -c echo no disk >&2; exit 3` has failed: no disk"
    );
    assert!(!error.contains("secret"));
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let error = answer(&System, &mut Command::new("no-such-program")).unwrap_err();
    assert!(error.to_string().contains("`no-such-program`"), "{error}");
}

#[test]
fn of_a_long_complaint_the_end_is_told() {
    let text = format!("{}é{}", "x".repeat(10), "y".repeat(TOLD - 1));
    assert_eq!(end_of(&text), "y".repeat(TOLD - 1));
}

#[test]
fn addresses_are_told_without_passwords() {
    let told = without_passwords(
        "cannot read 'https://name:pass@host/a@b' nor ssh://git@other nor file:///a",
    );
    assert_eq!(
        told,
        "cannot read 'https://host/a@b' nor ssh://other nor file:///a"
    );
    let mut command = Command::new("sh");
    command.args(["-c", "echo https://t0ken@host >&2; false"]);
    let error = answer(&System, &mut command).unwrap_err().to_string();
    assert!(!error.contains("t0ken"), "{error}");
}

#[test]
fn a_folder_that_is_not_there_is_told_from_a_program_that_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let mut command = Command::new("git");
    let error = answer(&System, command.arg("--version").current_dir(&missing)).unwrap_err();
    assert!(
        matches!(&error, Error::NoFolder { folder, .. } if *folder == missing),
        "{error}"
    );
    let mut command = Command::new("no-such-program");
    let error = answer(&System, command.current_dir(folder.path())).unwrap_err();
    assert!(matches!(error, Error::CannotStart { .. }), "{error}");
}
