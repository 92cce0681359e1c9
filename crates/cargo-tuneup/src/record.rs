//! `cargo tuneup record`: the native stacks of a program, taken by the kernel.

use std::{
    ffi::OsString,
    path::PathBuf,
    process::{Child, Command, ExitCode, ExitStatus},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use clap::Args;
use signal_hook::{consts::SIGINT, flag};
use tuneup_measure::parse_duration;
use tuneup_profiling::{NativeSampler, NativeSamplerBuilder, Profile};

use crate::{
    format::{Format, Stream},
    view::View,
};

/// What is sampled, and for how long.
#[derive(Args)]
#[command(
    after_help = "The program's own time on the processors is sampled, in all of its threads; it need not be built in any special way, but names need symbols, and lines debug\n\
    information (`debug = \"line-tables-only\"` in the profile of Cargo).\n\n\
    Example: cargo tuneup record -o flame.svg -- target/release/server --port 8080"
)]
pub(crate) struct Options {
    /// Sample this process, until it ends or Ctrl-C
    #[arg(
        long,
        value_name = "PID",
        required_unless_present = "command",
        conflicts_with = "command"
    )]
    pid: Option<u32>,
    /// How many looks a second, 1 to 10000
    #[arg(long, value_name = "HZ", default_value_t = 999)]
    rate: u32,
    /// Stop after so long; a program that was started goes on
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    duration: Option<Duration>,
    /// Write the profile to this file: .svg, .json, .pb.gz, .speedscope.json, .folded, .html or .txt
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    #[command(flatten)]
    view: View,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Start this program, and sample it
    #[arg(last = true, value_name = "PROGRAM")]
    command: Vec<OsString>,
}

/// Between two looks at whether it is over.
const PAUSE: Duration = Duration::from_millis(5);

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    // The kernel's permission is asked for before a program is started in vain.
    drop(sampler(options).start()?.finish());
    let is_interrupted = Arc::new(AtomicBool::new(false));
    flag::register(SIGINT, Arc::clone(&is_interrupted))?;
    match options.pid {
        Some(pid) => {
            let running = sampler(options).pid(pid).start()?;
            let begun = Instant::now();
            while !is_interrupted.load(Relaxed) && !is_over(options, begun) && is_there(pid) {
                sleep(PAUSE);
            }
            tell(options, &running.finish(), Stream::Output)?;
            Ok(ExitCode::SUCCESS)
        }
        None => record_program(options),
    }
}

fn sampler(options: &Options) -> NativeSamplerBuilder {
    NativeSampler::builder().rate_hz(options.rate)
}

/// Standard output is the program's: what was found goes to standard error.
fn record_program(options: &Options) -> Result<ExitCode> {
    let mut child = start(&options.command)?;
    let running = match sampler(options).pid(child.id()).start() {
        Ok(running) => running,
        Err(error) => {
            let status = child.wait()?;
            // The permission was there a moment ago.
            eprintln!("nothing was sampled, since the program ended at once: {error}");
            return Ok(code_of(status));
        }
    };
    let begun = Instant::now();
    let mut status = None;
    while status.is_none() && !is_over(options, begun) {
        sleep(PAUSE);
        status = child.try_wait()?;
    }
    let profile = running.finish();
    // Ctrl-C reaches the program as well, which is to decide.
    let status = match status {
        Some(status) => status,
        None => child.wait()?,
    };
    tell(options, &profile, Stream::Error)?;
    Ok(code_of(status))
}

fn start(command: &[OsString]) -> Result<Child> {
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

fn is_over(options: &Options, begun: Instant) -> bool {
    options
        .duration
        .is_some_and(|duration| begun.elapsed() >= duration)
}

fn is_there(pid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}")).exists()
}

fn tell(options: &Options, profile: &Profile, stream: Stream) -> Result<()> {
    let findings = options.view.of(profile)?;
    for path in &options.output {
        profile.save(path)?;
    }
    findings.print(options.format, stream)
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
