//! `cargo tuneup monitor`: what a tree of processes uses, against its limits.
//!
//! A `watch` takes a sample of the tree by a `sampler` at each interval, keeps it in a `record` of bounded size, and shows it `live`; a `summary`,
//! a `page` and `rows` tell the record at the end.

mod control_group;
mod limits;
mod live;
mod metric;
mod network;
mod output;
mod pace;
mod page;
mod pressure;
mod process_tree;
mod program;
mod rate;
mod record;
mod rows;
mod sampler;
mod summary;
mod switches;
mod totals;
mod user_tasks;
mod watch;

use std::{process::ExitCode, time::Duration};

use anyhow::Result;
use clap::Args;
use tuneup_measure::parse_duration;

use self::output::Output;
use crate::{format::Format, process::Subject};

/// What is watched, how often, and where it is told.
#[derive(Args)]
#[command(
    after_help = "Watched are the process, its children, theirs, and so on, also after their parents have ended. Each figure is told with the limit that it is nearest to: of the\n\
    machine, of a control group or of a process. Ctrl-C reaches the program; with --pid it ends the watch.\n\n\
    Example: cargo tuneup monitor -o watch.html -- target/release/server --port 8080"
)]
pub(crate) struct Options {
    #[command(flatten)]
    subject: Subject,
    /// Between two looks, 10ms or more
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = interval)]
    interval: Duration,
    /// Stop after so long; a program that was started goes on
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    duration: Option<Duration>,
    /// Write what was found to this file, too: .html, .json, .csv (the figures over time) or .md
    #[arg(short, long, value_name = "FILE")]
    output: Vec<Output>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Looks that are nearer to each other would cost more than they tell.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(10);

fn interval(text: &str) -> Result<Duration, String> {
    let interval = parse_duration(text).map_err(|error| error.to_string())?;
    if interval >= SHORTEST_INTERVAL {
        Ok(interval)
    } else {
        Err("an interval is 10ms or more".to_owned())
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    for output in &options.output {
        output.check()?;
    }
    match options.subject.pid {
        Some(pid) => watch::watch_process(options, pid),
        None => watch::watch_program(options),
    }
}
