//! One run of a command, and what it took.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    process::Stdio,
    time::{Duration, Instant},
};

use wait4::Wait4 as _;

use crate::{CommandLine, Error};

/// What one run took. Processor time and memory are those of the process and of all of its children that it has waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) wall: Duration,
    pub(super) user: Duration,
    pub(super) system: Duration,
    pub(super) peak_bytes: u64,
}

/// What becomes of what a command writes.
pub(super) enum Output<'a> {
    /// Nothing.
    Dropped,
    /// Standard output goes there.
    Kept(&'a File),
}

/// So much of the end of standard error is shown.
const SHOWN_BYTES: i64 = 2_048;

/// Runs a command whose output is to be kept, or dropped, without anything to read. If it fails, the error says what it wrote to
/// standard error.
pub(super) fn try_out(
    command: &CommandLine,
    output: &Output<'_>,
    ignores_failure: bool,
) -> Result<(), Error> {
    let cannot_keep = |source| Error::CommandOutput {
        command: command.to_string(),
        source,
    };
    let stdout = match output {
        Output::Dropped => Stdio::null(),
        Output::Kept(file) => file.try_clone().map_err(cannot_keep)?.into(),
    };
    let mut said = tempfile::tempfile().map_err(cannot_keep)?;
    let stderr = said.try_clone().map_err(cannot_keep)?;
    let (_, status) = start_and_wait(command, stdout, stderr.into())?;
    if status.success() || ignores_failure {
        return Ok(());
    }
    Err(Error::CommandFailed {
        command: command.to_string(),
        status,
        stderr: end_of(&mut said).map_err(cannot_keep)?,
    })
}

/// Runs a command whose output is dropped, and measures it.
pub(super) fn measure(command: &CommandLine, ignores_failure: bool) -> Result<Run, Error> {
    let (run, status) = start_and_wait(command, Stdio::null(), Stdio::null())?;
    if status.success() || ignores_failure {
        return Ok(run);
    }
    Err(Error::CommandFailed {
        command: command.to_string(),
        status,
        stderr: String::new(),
    })
}

fn start_and_wait(
    command: &CommandLine,
    stdout: Stdio,
    stderr: Stdio,
) -> Result<(Run, std::process::ExitStatus), Error> {
    let not_started = |source| Error::CommandNotStarted {
        command: command.to_string(),
        source,
    };
    let mut prepared = command.command();
    prepared.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
    let start = Instant::now();
    let child = prepared.spawn().map_err(not_started)?;
    let used = child.wait4().map_err(not_started)?;
    let run = Run {
        wall: start.elapsed(),
        user: used.rusage.utime,
        system: used.rusage.stime,
        peak_bytes: used.rusage.maxrss,
    };
    Ok((run, used.status))
}

/// The last lines of a file, as text.
fn end_of(file: &mut File) -> io::Result<String> {
    let len = file.seek(SeekFrom::End(0))? as i64;
    file.seek(SeekFrom::Start((len - SHOWN_BYTES).max(0) as u64))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// The most memory that this process has had. Linux counts it as a child's too, which starts as a copy of this process: a peak that is no
/// larger is an upper bound alone.
pub(super) fn own_peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok());
    kib.unwrap_or(0_u64) * 1024
}
