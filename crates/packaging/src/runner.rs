//! How the crate runs other programs: through a trait, so that a test can answer in their place.

use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, SystemTime},
};

use crate::{Error, GIT_REDIRECTIONS};

/// Runs programs to their end.
///
/// [`System`] does; a test may look at the command ([`Command::get_program`], [`Command::get_args`], [`Command::get_envs`]) and answer itself.
///
/// ```
/// use std::{io, process::{Command, ExitStatus, Output}};
/// use tuneup_packaging::Runner;
///
/// struct Silent;
///
/// impl Runner for Silent {
///     fn run(&self, _: &mut Command) -> io::Result<Output> {
///         Ok(Output { status: ExitStatus::default(), stdout: Vec::new(), stderr: Vec::new() })
///     }
/// }
///
/// assert!(Silent.run(&mut Command::new("git")).unwrap().status.success());
/// ```
pub trait Runner: Sync {
    /// Runs a program with no standard input, and waits for its end.
    ///
    /// # Errors
    ///
    /// It cannot be started. That it fails is no error of this function.
    fn run(&self, command: &mut Command) -> io::Result<Output>;
}

/// The clock that waits go by, so that a test need not wait.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tuneup_packaging::{Clock, System};
///
/// System.sleep(Duration::from_millis(1));
/// assert!(System.now() > SystemTime::UNIX_EPOCH);
/// ```
pub trait Clock: Sync {
    /// The time of day.
    fn now(&self) -> SystemTime;

    /// Returns after this time.
    fn sleep(&self, time: Duration);
}

/// This machine: its programs and its clock.
///
/// ```
/// use std::process::Command;
/// use tuneup_packaging::{Runner, System};
///
/// let output = System.run(Command::new("git").arg("--version")).unwrap();
/// assert!(output.stdout.starts_with(b"git version"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Runner for System {
    fn run(&self, command: &mut Command) -> io::Result<Output> {
        command.stdin(Stdio::null()).output()
    }
}

impl Clock for System {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, time: Duration) {
        thread::sleep(time);
    }
}

/// Of what a program says when it fails, so many bytes at the end are told.
const TOLD: usize = 4000;

/// What a program has written to standard output, as text; an error if it has failed.
pub(crate) fn answer(runner: &dyn Runner, command: &mut Command) -> Result<String, Error> {
    let written = answer_bytes(runner, command)?;
    String::from_utf8(written).map_err(|error| Error::Answer {
        command: line(command),
        reason: error.to_string(),
    })
}

/// What a program has written to standard output, of which names of files need not be text; an error if it has failed.
pub(crate) fn answer_bytes(runner: &dyn Runner, command: &mut Command) -> Result<Vec<u8>, Error> {
    let output = outcome(runner, command)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(failure(command, &output))
}

/// What a program has done, be it that it has failed.
pub(crate) fn outcome(runner: &dyn Runner, command: &mut Command) -> Result<Output, Error> {
    runner
        .run(command)
        .map_err(|source| not_run(command, line(command), source))
}

/// The error for a program that was not run to its end, of which this is told.
pub(crate) fn not_run(command: &Command, told: String, source: io::Error) -> Error {
    let missing = command.get_current_dir().filter(|folder| !folder.is_dir());
    match (source.kind(), missing) {
        (io::ErrorKind::TimedOut, _) => Error::TookTooLong {
            command: told,
            source,
        },
        // The system says the same of a program and of a folder that is not there.
        (io::ErrorKind::NotFound | io::ErrorKind::NotADirectory, Some(folder)) => Error::NoFolder {
            folder: folder.to_owned(),
            command: told,
        },
        _ => Error::CannotStart {
            command: told,
            source,
        },
    }
}

/// The error for a program that has failed.
pub(crate) fn failure(command: &Command, output: &Output) -> Error {
    let said = String::from_utf8_lossy(&output.stderr);
    Error::CommandFailed {
        command: line(command),
        said: without_passwords(end_of(said.trim())),
    }
}

/// The program, without its folder, with its arguments. Variables of the environment, among which tokens are, are not in it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or_default().to_string_lossy();
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy());
    let words: Vec<_> = std::iter::once(program).chain(arguments).collect();
    without_passwords(&words.join(" "))
}

/// A text whose addresses (`https://name:password@host`) have lost what stands before the host.
fn without_passwords(text: &str) -> String {
    let mut parts = text.split("://");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let host_ends = part.find(|c: char| c == '/' || c.is_whitespace());
        let authority = &part[..host_ends.unwrap_or(part.len())];
        kept.push_str("://");
        kept.push_str(&part[authority.rfind('@').map_or(0, |at| at + 1)..]);
    }
    kept
}

fn end_of(text: &str) -> &str {
    let from = text.len().saturating_sub(TOLD);
    let from = (from..=text.len()).find(|at| text.is_char_boundary(*at));
    &text[from.unwrap_or(text.len())..]
}

/// git in a folder, for the repository around it and no other, even if a hook of git has started this process.
pub(crate) fn git_in(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder);
    without_redirections(&mut command);
    command
}

/// Has a program that may ask git find the repository around its folder.
pub(crate) fn without_redirections(command: &mut Command) {
    for name in GIT_REDIRECTIONS {
        command.env_remove(name);
    }
}

/// A name of a file, as a program has written it. It need not be text where the system does not ask for it.
#[cfg(unix)]
pub(crate) fn path_of_bytes(name: &[u8]) -> PathBuf {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    PathBuf::from(OsStr::from_bytes(name))
}

#[cfg(not(unix))]
pub(crate) fn path_of_bytes(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests;
