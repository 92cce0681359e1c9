//! Runs of Cargo whose failure is told without secrets.

use std::process::{Command, Output};

use crate::{
    Error, Runner,
    publishing::redaction::redact,
    runner::{line, not_run},
};

/// Of what Cargo says when it fails, so many bytes at the end are told.
const TOLD: usize = 6000;

/// A Cargo that has said that it failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) command: String,
    /// The end of what it has written, without secrets.
    pub(crate) said: String,
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::CommandFailed {
            command: failure.command,
            said: failure.said,
        }
    }
}

/// Runs one that may know secrets to its end. What it says in case of success is left to the caller.
///
/// # Errors
///
/// It cannot be started.
pub(crate) fn run(
    runner: &dyn Runner,
    command: &mut Command,
) -> Result<Result<Output, Failure>, Error> {
    let outcome = run_without_secrets(runner, command)?;
    Ok(outcome.map_err(|failure| Failure {
        command: redact(&failure.command),
        said: redact(&failure.said),
    }))
}

/// Runs one to which nobody's secrets were handed: a compiler's complaint about a variable called `token` stays readable.
///
/// # Errors
///
/// It cannot be started.
pub(crate) fn run_without_secrets(
    runner: &dyn Runner,
    command: &mut Command,
) -> Result<Result<Output, Failure>, Error> {
    let output = runner
        .run(command)
        .map_err(|source| not_run(command, redact(&line(command)), source))?;
    if output.status.success() {
        return Ok(Ok(output));
    }
    // The tests of a program write to standard output.
    let mut said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let printed = String::from_utf8_lossy(&output.stdout);
    if !printed.trim().is_empty() {
        said = format!("{}\n{said}", printed.trim());
    }
    if said.is_empty() {
        said = format!("it said nothing, and ended with {}", output.status);
    }
    let from = said.ceil_char_boundary(said.len().saturating_sub(TOLD));
    Ok(Err(Failure {
        command: line(command),
        said: said[from..].to_owned(),
    }))
}

#[cfg(test)]
mod tests;
