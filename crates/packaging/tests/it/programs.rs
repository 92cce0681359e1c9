//! Other programs, and what they need.

#[cfg(feature = "registry")]
use std::process::Command;
use std::{
    env,
    io::{self, Write as _},
};

/// Says past the test harness that a test was left out; on CI, where everything is to be there, that fails.
pub(crate) fn skip(test: &str, reason: &str) {
    assert!(env::var_os("CI").is_none(), "{test}: {reason}");
    say_skipped(test, reason);
}

/// Says it of a test that needs rights which not every CI gives.
pub(crate) fn say_skipped(test: &str, reason: &str) {
    // Nobody reads it if it cannot be written.
    let _ = writeln!(io::stderr(), "skipped: {test}: {reason}");
}

/// Whether a program can be started.
#[cfg(feature = "full")]
pub(crate) fn is_there(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

/// What a program prints, on both streams; it has to succeed.
#[cfg(feature = "registry")]
pub(crate) fn output(command: &mut Command) -> String {
    let (succeeded, text) = outcome(command);
    assert!(succeeded, "{command:?}: {text}");
    text
}

/// What a program prints that has to fail.
#[cfg(feature = "registry")]
pub(crate) fn failed(command: &mut Command) -> String {
    let (succeeded, text) = outcome(command);
    assert!(!succeeded, "{command:?}: {text}");
    text
}

/// Whether a program succeeds, and what it prints.
#[cfg(feature = "registry")]
pub(crate) fn outcome(command: &mut Command) -> (bool, String) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// How the test harness names a test, for a test that starts another one in a process of its own.
pub(crate) fn name_of(module: &str, test: &str) -> String {
    let (_, inside) = module.split_once("::").unwrap();
    format!("{inside}::{test}")
}
