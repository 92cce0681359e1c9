//! The command line from outside.

mod advise;
mod compare;
mod doctor;
#[cfg(target_os = "linux")]
mod heap;
#[cfg(unix)]
mod lines;
mod manual;
#[cfg(target_os = "linux")]
mod monitor;
#[cfg(unix)]
mod profile;
#[cfg(target_os = "linux")]
mod profiles;
#[cfg(target_os = "linux")]
mod readme;
mod remedies;
mod simulate;
mod skip;
#[cfg(unix)]
mod tables;
#[cfg(unix)]
mod targets;
#[cfg(target_os = "linux")]
mod terminal;
mod timeit;

use std::{
    process::{Command, Output},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Runs `cargo tuneup` with these arguments, as Cargo would.
fn tuneup(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-tuneup"))
        .arg("tuneup")
        .args(arguments)
        .output()
        .unwrap()
}

/// What was printed by a run that went well.
fn printed(arguments: &[&str]) -> String {
    let output = tuneup(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// What is said of a run that did not.
fn complaint(arguments: &[&str]) -> String {
    let output = tuneup(arguments);
    assert!(!output.status.success());
    assert!(
        output.stdout.is_empty(),
        "errors are not on standard output"
    );
    String::from_utf8(output.stderr).unwrap()
}

/// One test at a time records: there is one session in a process.
fn recording_alone() -> MutexGuard<'static, ()> {
    static RECORDING: Mutex<()> = Mutex::new(());
    RECORDING.lock().unwrap_or_else(PoisonError::into_inner)
}
