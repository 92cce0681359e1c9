//! Runs one step: its commands one after the other, their output in one log.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tuneup_report::Progress;

use crate::tidy;
use crate::workspace::{Workspace, cargo};

use super::counts::{Counts, left_out, skipped, tables};
use super::plan::{CommandLine, Step, StepName};

/// How often a running command is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A command that has said nothing for so long hangs. The longest silence of one that does not is the build of a large crate.
const QUIET_AT_MOST: Duration = Duration::from_secs(600);

/// How much of a command's last line is shown while it runs.
const MESSAGE_CHARS: usize = 30;

/// What a step did.
pub(super) struct Ran {
    pub(super) passed: bool,
    pub(super) output: String,
    /// Lines that are worth showing though the step passed.
    pub(super) notes: Vec<String>,
}

pub(super) fn run(workspace: &Workspace, step: &Step) -> Result<Ran> {
    let path = log_path(&workspace.target, step.name)?;
    let on_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    let finished = match step.name {
        StepName::Tidy => run_tidy(&path)?,
        _ => run_commands(&workspace.root, step, &path, on_ci.then_some(QUIET_AT_MOST))?,
    };
    let output = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
    Ok(judge(step.name, finished, output, on_ci))
}

/// On CI a test that could not run counts as failed: there is nobody to see that it was left out. So does a step of tests in
/// which none ran, anywhere.
fn judge(name: StepName, finished: bool, output: String, on_ci: bool) -> Ran {
    let warnings = output.lines().filter(|line| line.starts_with("warning["));
    let mut notes: Vec<String> = warnings.map(str::to_owned).collect();
    let missing = skipped(&output);
    notes.extend(missing.iter().map(|what| format!("skipped: {what}")));
    notes.extend(tables(&output).map(str::to_owned));
    notes.extend(left_out(&output).map(|what| format!("left out: {what}")));
    let mut passed = finished && (missing.is_empty() || !on_ci);
    if finished && name.has_tests() && Counts::of(&output).is_empty() {
        passed = false;
        notes.push("no test ran: a step that tests nothing has not passed".to_owned());
    }
    Ran {
        passed,
        output,
        notes,
    }
}

fn log_path(target: &Path, name: StepName) -> Result<PathBuf> {
    let folder = target.join("tuneup/test");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder.join(format!("{}.log", name.text())))
}

/// In this process: while tests are built, Cargo may replace the program that would be called.
fn run_tidy(path: &Path) -> Result<bool> {
    let findings = tidy::findings()?;
    fs::write(path, &findings.text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(findings.errors == 0)
}

/// Runs all of them, so that a failing feature does not hide the next.
fn run_commands(root: &Path, step: &Step, path: &Path, quiet: Option<Duration>) -> Result<bool> {
    let mut log = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let progress = Progress::stderr(step.commands.len() as u64, &step.name.text());
    let mut passed = true;
    for command in &step.commands {
        if step.commands.len() > 1 {
            writeln!(log, "$ {command}")?;
        }
        passed &= run_command(root, command, &log, quiet, || {
            progress.set_message(last_line(path));
        })?;
        progress.inc(1);
    }
    progress.finish();
    Ok(passed)
}

/// Runs one command with its output in the log, and calls `meanwhile` every now and then.
fn run_command(
    root: &Path,
    command: &CommandLine,
    log: &File,
    quiet: Option<Duration>,
    meanwhile: impl Fn(),
) -> Result<bool> {
    let mut cargo = Command::new(cargo());
    cargo
        .current_dir(root)
        .args(&command.arguments)
        .envs(command.environment.iter().map(|(key, value)| (key, value)));
    watch(&mut cargo, log, quiet, meanwhile).with_context(|| format!("cannot run {command}"))
}

/// Runs a command to its end, and whether that was a good one.
///
/// With a limit to its silence the command is killed, with all that it has started, where a person would press Ctrl-C. For that
/// it has a process group of its own, which Ctrl-C does not reach: a run that somebody watches has no limit.
fn watch(
    command: &mut Command,
    mut log: &File,
    quiet: Option<Duration>,
    meanwhile: impl Fn(),
) -> io::Result<bool> {
    command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?);
    if quiet.is_some() {
        lead_a_group(command);
    }
    let mut child = command.spawn()?;
    let mut said = (0, Instant::now());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        let length = log.metadata()?.len();
        if length > said.0 {
            said = (length, Instant::now());
        }
        if quiet.is_some_and(|quiet| said.1.elapsed() > quiet) {
            kill_group(&mut child)?;
            writeln!(
                log,
                "\nkilled, after it had said nothing for {} s; if it was testing, the tests above that have no result hang",
                said.1.elapsed().as_secs()
            )?;
            return Ok(false);
        }
        meanwhile();
        thread::sleep(LOOK_EVERY);
    }
}

#[cfg(unix)]
fn lead_a_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    command.process_group(0);
}

#[cfg(not(unix))]
fn lead_a_group(_: &mut Command) {}

/// Kills the child and, where there are process groups, everything that it has started.
fn kill_group(child: &mut Child) -> io::Result<()> {
    if cfg!(unix) {
        let group = format!("-{}", child.id());
        Command::new("kill")
            .args(["-KILL", "--", &group])
            .status()?;
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// What a running command said last, cut to what fits beside the bar.
fn last_line(path: &Path) -> String {
    let text = end_of(path).unwrap_or_default();
    let line = text.trim_end().lines().next_back().unwrap_or_default();
    line.trim().chars().take(MESSAGE_CHARS).collect()
}

/// The last kilobyte of a file: a log may be long, and is looked at often.
fn end_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(1024)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests;
