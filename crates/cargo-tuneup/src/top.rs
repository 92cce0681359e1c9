//! `cargo tuneup top`: where a process spends its time, as it goes.

use std::{
    collections::HashMap,
    fs,
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
use tuneup_profiling::{NativeSampler, Profile};
use tuneup_report::{Align, Cell, Table};

use crate::{
    format::{Format, Stream},
    process::is_running,
    screen::Screen,
};

/// Which process, and how often.
#[derive(Args)]
#[command(
    after_help = "Ctrl-C ends it. Shares are of the time that the process computed in the last interval, in all of its threads."
)]
pub(crate) struct Options {
    /// The process
    #[arg(long, value_name = "PID")]
    pid: u32,
    /// Between two tables
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = parse_duration)]
    interval: Duration,
    /// How many looks a second, 1 to 10000
    #[arg(long, value_name = "HZ", default_value_t = 999)]
    rate: u32,
    /// At most so many functions
    #[arg(long, value_name = "N", default_value_t = 20)]
    rows: usize,
    /// Stop after so many tables
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// What to print; JSON has a line for each table
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Between two looks at whether it is over.
const PAUSE: Duration = Duration::from_millis(10);

pub(crate) fn run(options: &Options) -> Result<()> {
    let is_interrupted = Arc::new(AtomicBool::new(false));
    flag::register(SIGINT, Arc::clone(&is_interrupted))?;
    let running = NativeSampler::builder()
        .rate_hz(options.rate)
        .pid(options.pid)
        .start()?;
    let mut screen = Screen::whole(Stream::Output);
    let mut before = Counts::default();
    for number in 1.. {
        let since = Instant::now();
        while since.elapsed() < options.interval
            && !is_interrupted.load(Relaxed)
            && is_running(options.pid)
        {
            sleep(PAUSE.min(options.interval));
        }
        // Asked before the table is made: the last one says that the process has ended.
        let is_last = is_interrupted.load(Relaxed)
            || !is_running(options.pid)
            || options.count == Some(number);
        let now = Counts::of(&running.snapshot());
        let latest = now.since(&before);
        let table = table(options, &latest, since.elapsed());
        match options.format {
            Format::Table => {
                screen.show(&format!("{}\n", table.render(&Stream::Output.terminal())))?;
            }
            Format::Json => {
                Stream::Output.write(&format!("{}\n", serde_json::to_string(&table)?))?;
            }
            Format::Markdown => Stream::Output.write(&format!("{}\n", table.to_markdown()))?,
        }
        before = now;
        if is_last {
            break;
        }
    }
    Ok(())
}

/// Samples of each function: those in which it was innermost, and all.
#[derive(Default)]
struct Counts(HashMap<String, (u64, u64)>);

impl Counts {
    fn of(profile: &Profile) -> Self {
        let functions = profile.functions.iter().filter_map(|function| {
            let samples = function.samples?;
            Some((
                function.name.clone(),
                (samples.self_wall, samples.cumulative_wall),
            ))
        });
        Self(functions.collect())
    }

    /// What has come since.
    fn since(&self, before: &Self) -> Self {
        let latest = self.0.iter().filter_map(|(name, (innermost, all))| {
            let (innermost_before, all_before) = before.0.get(name).copied().unwrap_or_default();
            let latest = (
                innermost.saturating_sub(innermost_before),
                all.saturating_sub(all_before),
            );
            (latest.1 > 0).then(|| (name.clone(), latest))
        });
        Self(latest.collect())
    }

    /// Each sample has one innermost function.
    fn samples(&self) -> u64 {
        self.0.values().map(|(innermost, _)| innermost).sum()
    }
}

fn table(options: &Options, latest: &Counts, elapsed: Duration) -> Table {
    let samples = latest.samples();
    let busy = samples as f64 / (f64::from(options.rate) * elapsed.as_secs_f64());
    let title = format!(
        "{} ({}): {busy:.2} processors busy, {samples} samples in {elapsed:.1?}",
        name_of(options.pid),
        options.pid
    );
    let mut functions: Vec<(&String, &(u64, u64))> = latest.0.iter().collect();
    // Equal ones stay where they are from one table to the next.
    functions.sort_by(|(left_name, left), (right_name, right)| {
        right.cmp(left).then(left_name.cmp(right_name))
    });
    let mut table = Table::new(["self", "with callees", "function"])
        .title(title)
        .align(0, Align::Right)
        .align(1, Align::Right);
    for (name, (innermost, all)) in functions.into_iter().take(options.rows) {
        let share = |count: u64| Cell::percent(count as f64 / samples.max(1) as f64);
        table.push([share(*innermost), share(*all), Cell::text(name)]);
    }
    table
}

fn name_of(pid: u32) -> String {
    if !is_running(pid) {
        return "ended".to_owned();
    }
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim().to_owned()
}
