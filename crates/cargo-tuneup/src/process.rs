//! Processes of others: which one is meant, whether it runs, and how it has ended.

use std::{
    ffi::OsString,
    fs,
    process::{Child, Command, ExitCode, ExitStatus},
};

use anyhow::{Context as _, Result};
use clap::Args;

/// A process that runs, or a program that is to be started.
#[derive(Args)]
pub(crate) struct Subject {
    /// Look at this process, until it ends or Ctrl-C
    #[arg(
        long,
        value_name = "PID",
        required_unless_present = "command",
        conflicts_with = "command"
    )]
    pub(crate) pid: Option<u32>,
    /// Start this program, and look at it
    #[arg(last = true, value_name = "PROGRAM")]
    pub(crate) command: Vec<OsString>,
}

/// Whether a process runs. One that has ended and that its parent has not asked about yet does not, though the system still lists it; proc_pid_stat(5).
pub(crate) fn is_running(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name before the state is in parentheses, and may have some in it.
    let state = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

/// Starts a program with the streams of this one.
pub(crate) fn start(command: &[OsString]) -> Result<Child> {
    let (program, arguments) = command.split_first().context("name a program after `--`")?;
    Command::new(program)
        .args(arguments)
        .spawn()
        .with_context(|| {
            format!(
                "cannot start `{}`; is it installed, and in a folder of PATH?",
                program.display()
            )
        })
}

/// As a shell has it: 128 and the number of the signal for a program that one has ended.
pub(crate) fn code_of(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    let code = status
        .code()
        .or(signal.map(|signal| 128 + signal))
        .unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
