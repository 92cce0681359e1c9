//! `cargo tuneup record`: the native stacks of a program, taken by the kernel.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::Result;
use clap::Args;
use signal_hook::{consts::SIGINT, flag};
use tuneup_measure::parse_duration;
use tuneup_profiling::{NativeSampler, NativeSamplerBuilder};

use crate::{
    format::Stream,
    process::{Subject, code_of, is_running, start},
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
    #[command(flatten)]
    subject: Subject,
    /// How many looks a second, 1 to 10000
    #[arg(long, value_name = "HZ", default_value_t = 999)]
    rate: u32,
    /// Stop after so long; a program that was started goes on
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    duration: Option<Duration>,
    #[command(flatten)]
    view: View,
}

/// Between two looks at whether it is over.
const PAUSE: Duration = Duration::from_millis(5);

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    options.view.check()?;
    // The kernel's permission is asked for before a program is started in vain.
    drop(sampler(options).start()?.finish());
    let is_interrupted = Arc::new(AtomicBool::new(false));
    flag::register(SIGINT, Arc::clone(&is_interrupted))?;
    match options.subject.pid {
        Some(pid) => {
            let running = sampler(options).pid(pid).start()?;
            let begun = Instant::now();
            while !is_interrupted.load(Relaxed) && !is_over(options, begun) && is_running(pid) {
                sleep(PAUSE);
            }
            options.view.tell(&running.finish(), Stream::Output)?;
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
    let mut child = start(&options.subject.command)?;
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
    options.view.tell(&profile, Stream::Error)?;
    Ok(code_of(status))
}

fn is_over(options: &Options, begun: Instant) -> bool {
    options
        .duration
        .is_some_and(|duration| begun.elapsed() >= duration)
}
