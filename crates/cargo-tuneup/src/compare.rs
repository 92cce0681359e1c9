//! `cargo tuneup compare`: whole commands side by side.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use tuneup_benchmarking::{CommandComparison, CommandLine, CommandOutcome, CommandResult};
use tuneup_measure::{parse_duration, parse_percent};

use crate::format::{Export, Findings, Format, Stream};

/// What is compared, and how.
#[derive(Args)]
#[command(
    after_help = "The commands take turns, so that what drifts on a machine drifts for all of them; the ratio is the median over such rounds.\n\
    A command is read with a shell's quotes; one with pipes, variables or patterns is run by `sh -c`.\n\n\
    Example: cargo tuneup compare 'rg -c fn src' 'grep -rc fn src' --compare-output"
)]
pub(crate) struct Options {
    /// The commands, each in quotes; the first is what the others are compared with
    #[arg(required = true, value_name = "COMMAND", value_parser = command_line)]
    commands: Vec<CommandLine>,
    /// Run this before each run of each command, untimed
    #[arg(long, value_name = "COMMAND", value_parser = command_line)]
    prepare: Option<CommandLine>,
    /// Stop before timing anything if the commands do not write the same
    #[arg(long)]
    compare_output: bool,
    /// Time commands that fail, too
    #[arg(long)]
    ignore_failure: bool,
    /// How long to measure for each command; 20 runs are made at least
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = parse_duration)]
    budget: Duration,
    /// Differences below this do not matter
    #[arg(long, value_name = "PERCENT", default_value = "1%", value_parser = percent)]
    threshold: f64,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write the result to this file, too: .json or .md
    #[arg(long, value_name = "FILE")]
    export: Vec<Export>,
}

fn command_line(text: &str) -> Result<CommandLine, tuneup_benchmarking::Error> {
    CommandLine::parse(text)
}

fn percent(text: &str) -> Result<f64, String> {
    let share = parse_percent(text).map_err(|error| error.to_string())?.0;
    if share >= 0.0 {
        Ok(share)
    } else {
        Err("a threshold is 0 % or more".to_owned())
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let mut comparison = CommandComparison::new()
        .budget(options.budget)
        .threshold(options.threshold)
        .compare_output(options.compare_output)
        .ignore_failure(options.ignore_failure)
        .show_progress();
    for command in &options.commands {
        comparison = comparison.command(command.clone());
    }
    if let Some(prepare) = &options.prepare {
        comparison = comparison.prepare(prepare.clone());
    }
    let outcome = comparison.run()?;
    let findings = Findings {
        table: outcome.table(),
        sentence: outcome.sentence(),
        json: json(&outcome),
    };
    for path in &options.export {
        findings.export(path)?;
    }
    findings.print(options.format, Stream::Output)
}

fn json(outcome: &CommandOutcome) -> Value {
    let commands: Vec<Value> = outcome.commands.iter().map(json_of_command).collect();
    json!({
        "threshold": outcome.threshold,
        "commands": commands,
        "sentence": outcome.sentence(),
    })
}

fn json_of_command(command: &CommandResult) -> Value {
    json!({
        "command": command.command,
        "uses_shell": command.uses_shell,
        "median_ns": command.median_ns,
        "spread": command.spread,
        "user_ns": command.user.as_nanos() as u64,
        "system_ns": command.system.as_nanos() as u64,
        "peak_bytes": command.peak_bytes,
        "is_peak_a_bound": command.is_peak_a_bound,
        "ratio": {
            "estimate": command.ratio.estimate,
            "low": command.ratio.low,
            "high": command.ratio.high,
            "confidence": command.ratio.confidence,
            "rounds": command.ratio.rounds,
        },
        "verdict": command.verdict.to_string(),
        "wall_ns": command.wall_ns,
    })
}
