//! `cargo xtask bench`: every benchmark beside its peers, with baselines, a gate and a report.

mod gate;
mod measure;
mod record;
mod self_test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use tuneup_benchmarking::Error;
use tuneup_benchmarking::suite::{Effort, Event, Plan, Stop};
use tuneup_measure::{Percent, parse_percent};
use tuneup_report::{Align, Cell, Progress, Table, Terminal};

/// The package with the bench files.
const PACKAGE: &str = "tuneup-benches";

/// The feature of it that brings the peers in.
const PEERS: &str = "peers";

/// Exit codes beside 0 (fine) and 2 (bad usage, which clap shares).
const REGRESSED: u8 = 1;
const BAD_USAGE: u8 = 2;
const UNDECIDED: u8 = 3;
const INTERRUPTED: u8 = 130;

/// Options of `cargo xtask bench`.
#[derive(Args)]
#[command(
    after_help = "Exit codes: 0 fine, 1 regressed (or a bench failed), 2 bad usage, 3 undecided, 130 interrupted.\n\
    Results: target/tuneup/report.html, target/tuneup/bench.json, target/tuneup/history.sqlite."
)]
pub(crate) struct Options {
    /// Run the groups whose `group/case` name contains one of these words; all by default
    filters: Vec<String>,
    /// Measure for a third of the time
    #[arg(long)]
    quick: bool,
    /// Keep the results as the baseline NAME
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    /// Show the change since the baseline NAME; allocation counts are gated exactly, times only with --gate
    #[arg(long, value_name = "NAME", group = "reference")]
    baseline: Option<String>,
    /// Build REV (a commit, or a folder with another checkout) and gate this work tree against it
    #[arg(long, value_name = "REV", group = "reference", conflicts_with_all = ["save", "record"])]
    against: Option<String>,
    /// How much slower a case may become, such as 3%; with --against or --baseline
    #[arg(long, value_name = "PERCENT", value_parser = percent, requires = "reference")]
    gate: Option<f64>,
    /// Print the results as JSON on standard output, and nothing else there
    #[arg(long)]
    json: bool,
    /// Leave the peers out
    #[arg(long)]
    no_peers: bool,
    /// List the groups and their cases, and measure nothing
    #[arg(long, conflicts_with_all = ["save", "baseline", "against", "record", "json"])]
    list: bool,
    /// Check the statistics of the tools themselves on this machine
    #[arg(long, conflicts_with_all = ["save", "baseline", "against", "list", "record", "json", "quick", "filters"])]
    self_test: bool,
    /// The folder of the text corpus; by default the sources of the crates that Cargo has downloaded
    #[arg(long, value_name = "DIR", value_parser = folder)]
    corpus: Option<PathBuf>,
    /// Write each table as a Markdown snippet below DIR, for the book
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
}

fn percent(text: &str) -> Result<f64, String> {
    match parse_percent(text) {
        Ok(Percent(share)) if share > 0.0 => Ok(share),
        Ok(_) => Err("the gate must be above 0 %".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The bench executables run elsewhere, so that a folder must be named from the root.
fn folder(text: &str) -> Result<PathBuf, String> {
    match Path::new(text).canonicalize() {
        Ok(path) if path.is_dir() => Ok(path),
        Ok(_) => Err("it is not a folder".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Runs the command.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if options.self_test {
        return self_test::run();
    }
    let stop = Stop::default();
    for signal in [SIGINT, SIGTERM] {
        // The second one ends the process at once; the first one ends the run at the next point where nothing is lost.
        flag::register_conditional_shutdown(signal, INTERRUPTED.into(), stop.flag())?;
        flag::register(signal, stop.flag())?;
    }
    let outcome = match &options.against {
        _ if options.list => list(&plan(options, stop)?),
        Some(revision) => gate::run(options, &plan(options, stop)?, revision),
        None => measure::run(options, &plan(options, stop)?),
    };
    match outcome {
        Err(error) if error.downcast_ref().is_some_and(Error::is_usage) => {
            eprintln!("error: {error:#}");
            Ok(ExitCode::from(BAD_USAGE))
        }
        Err(error) if matches!(error.downcast_ref(), Some(Error::Interrupted)) => {
            Ok(ExitCode::from(INTERRUPTED))
        }
        other => other,
    }
}

fn plan(options: &Options, stop: Stop) -> anyhow::Result<Plan> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .no_deps()
        .exec()
        .context("cannot read the workspace")?;
    let mut plan = Plan::new(metadata.workspace_root.as_std_path(), PACKAGE);
    plan.output = metadata.target_directory.as_std_path().join("tuneup");
    plan.filters.clone_from(&options.filters);
    plan.stop = stop;
    let scratch = plan.output.join("scratch");
    plan.environment.push((
        "TUNEUP_SCRATCH".to_owned(),
        scratch.to_string_lossy().into_owned(),
    ));
    if options.quick {
        plan.effort = Effort::quick();
    }
    if !options.no_peers {
        plan.features.push(PEERS.to_owned());
    }
    if let Some(corpus) = &options.corpus {
        plan.environment.push((
            "TUNEUP_CORPUS".to_owned(),
            corpus.to_string_lossy().into_owned(),
        ));
    }
    Ok(plan)
}

fn list(plan: &Plan) -> anyhow::Result<ExitCode> {
    let mut table = Table::new(["case", "size", "sizes of the fit"]).align(1, Align::Right);
    for group in plan.list()? {
        table.push_group(format!("{} · {}", group.name, group.about));
        for case in &group.cases {
            let name = if case.peer {
                format!("{} (peer)", case.name)
            } else {
                case.name.clone()
            };
            let sizes = match (group.sizes.first(), group.sizes.last()) {
                (Some(first), Some(last)) => Cell::text(format!("{first} … {last}")),
                _ => Cell::missing(),
            };
            table.push([Cell::text(name), Cell::count(group.size as u64), sizes]);
        }
    }
    println!("{}", table.render(&Terminal::detect()));
    Ok(ExitCode::SUCCESS)
}

/// A progress bar that follows the events of a run.
struct Bar(Option<Progress>);

impl Bar {
    fn on(&mut self, event: Event) {
        match event {
            Event::Planned { steps } => self.0 = Some(Progress::stderr(steps as u64, "bench")),
            Event::Step { name } => {
                if let Some(bar) = &self.0 {
                    bar.set_message(name);
                    bar.inc(1);
                }
            }
            _ => {}
        }
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}
