//! `cargo tuneup simulate`: what caches would hit.

use std::{
    ops::ControlFlow,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tuneup_caching::{
    Advice, Advisor, Policy, Replacement, Simulation, SimulationReport, Trace, TraceFormat,
};
use tuneup_measure::parse_duration;
use tuneup_report::{Align, Cell, Progress, Table};

use crate::format::{Export, Findings, Format, Stream};

/// What is replayed against which caches.
#[derive(Args)]
#[command(
    after_help = "A record of requests is a file with a key a line; .lis, .trace and integers are told by name and content, and .gz, .xz and .zst are unpacked.\n\n\
    Example: cargo tuneup simulate requests.txt.gz --size 1000,10000 --hit 200ns --miss 3ms"
)]
pub(crate) struct Options {
    /// The requests
    trace: PathBuf,
    /// How they are written down, if that is not to be told from the file
    #[arg(long, value_enum, value_name = "FORMAT")]
    trace_format: Option<Written>,
    /// Sizes of the cache, in entries; by default six of them up to the number of keys
    #[arg(long = "size", value_name = "ENTRIES", value_delimiter = ',')]
    sizes: Vec<u64>,
    /// Policies; all by default
    #[arg(
        long = "policy",
        value_enum,
        value_name = "POLICY",
        value_delimiter = ','
    )]
    policies: Vec<Choice>,
    /// What a hit takes
    #[arg(long, value_name = "TIME", default_value = "100ns", value_parser = parse_duration)]
    hit: Duration,
    /// What a miss takes, the load with it
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = parse_duration)]
    miss: Duration,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write the result to this file, too: .json or .md
    #[arg(long, value_name = "FILE")]
    export: Vec<Export>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    Adaptive,
    S3Fifo,
    Sieve,
    Lru,
    Fifo,
    /// The best there could be, with a look into the future
    Optimal,
}

impl From<Choice> for Replacement {
    fn from(choice: Choice) -> Self {
        Self::Policy(match choice {
            Choice::Adaptive => Policy::Adaptive,
            Choice::S3Fifo => Policy::S3Fifo,
            Choice::Sieve => Policy::Sieve,
            Choice::Lru => Policy::Lru,
            Choice::Fifo => Policy::Fifo,
            Choice::Optimal => return Self::Optimal,
        })
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Written {
    Plain,
    Arc,
    Lirs,
    U32Le,
    U32Be,
    U64Le,
    U64Be,
}

impl From<Written> for TraceFormat {
    fn from(written: Written) -> Self {
        match written {
            Written::Plain => Self::Plain,
            Written::Arc => Self::ArcLis,
            Written::Lirs => Self::Lirs,
            Written::U32Le => Self::U32Le,
            Written::U32Be => Self::U32Be,
            Written::U64Le => Self::U64Le,
            Written::U64Be => Self::U64Be,
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let trace = match options.trace_format {
        Some(format) => Trace::read_as(&options.trace, format.into())?,
        None => Trace::from_path(&options.trace)?,
    };
    let sizes = match &options.sizes[..] {
        [] => default_sizes(trace.distinct()),
        sizes => sizes.to_vec(),
    };
    let policies: Vec<Replacement> = match &options.policies[..] {
        [] => Choice::value_variants()
            .iter()
            .map(|choice| (*choice).into())
            .collect(),
        choices => choices.iter().map(|choice| (*choice).into()).collect(),
    };
    let report = simulate(&trace, &policies, &sizes)?;
    let advice = advise(options, &trace, &policies, &sizes)?;
    let findings = Findings {
        table: table(&report),
        sentence: advice.as_ref().map_or_else(String::new, Advice::sentence),
        json: json(&report, advice.as_ref()),
    };
    for path in &options.export {
        findings.export(path)?;
    }
    findings.print(options.format, Stream::Output)
}

/// Shares of the keys, in per cent; each size once, and none of 0.
fn default_sizes(distinct: u32) -> Vec<u64> {
    let mut sizes: Vec<u64> = [1, 2, 5, 10, 20, 50]
        .map(|percent| (u64::from(distinct) * percent / 100).max(1))
        .into();
    sizes.dedup();
    sizes
}

fn simulate(trace: &Trace, policies: &[Replacement], sizes: &[u64]) -> Result<SimulationReport> {
    let requests = trace.len() as u64 * (policies.len() * sizes.len()) as u64;
    let progress = Progress::stderr(requests, "requests");
    let shown = AtomicU64::new(0);
    let report = Simulation::builder(trace)
        .policies(policies.iter().copied())
        .sizes(sizes.iter().copied())
        .on_progress(|at| {
            let before = shown.fetch_max(at.done, Relaxed);
            progress.inc(at.done.saturating_sub(before));
            ControlFlow::Continue(())
        })
        .build()?
        .run()?;
    progress.finish();
    Ok(report)
}

/// Which policy and size to take; none if only the optimum was asked for, which no cache can have.
fn advise(
    options: &Options,
    trace: &Trace,
    policies: &[Replacement],
    sizes: &[u64],
) -> Result<Option<Advice>> {
    let policies: Vec<Policy> = policies
        .iter()
        .filter_map(|policy| match policy {
            Replacement::Policy(policy) => Some(*policy),
            _ => None,
        })
        .collect();
    if policies.is_empty() {
        return Ok(None);
    }
    let advisor = Advisor::builder(trace)
        .hit_cost(options.hit)
        .miss_cost(options.miss)
        .policies(policies)
        .sizes(sizes.iter().copied())
        .build()?;
    Ok(Some(advisor.advise()))
}

/// A row for each policy, a column for each size.
fn table(report: &SimulationReport) -> Table {
    let mut policies = report
        .outcomes
        .chunk_by(|left, right| left.policy == right.policy)
        .peekable();
    let mut header = vec!["hits at a size of".to_owned()];
    for outcome in policies.peek().into_iter().copied().flatten() {
        header.push(outcome.size.to_string());
    }
    let columns = header.len();
    let mut table = Table::new(header);
    for column in 1..columns {
        table = table.align(column, Align::Right);
    }
    for policy in policies {
        let mut row = vec![Cell::text(policy[0].policy.to_string())];
        row.extend(
            policy
                .iter()
                .map(|outcome| Cell::percent(outcome.hit_ratio())),
        );
        table.push(row);
    }
    table.note(format!(
        "{} requests of {} keys, from an empty cache",
        report.requests, report.distinct
    ))
}

fn json(report: &SimulationReport, advice: Option<&Advice>) -> Value {
    let outcomes: Vec<Value> = report
        .outcomes
        .iter()
        .map(|outcome| {
            json!({
                "policy": outcome.policy.to_string(),
                "size": outcome.size,
                "hits": outcome.hits,
                "hit_ratio": outcome.hit_ratio(),
            })
        })
        .collect();
    let advice = advice.map(|advice| {
        json!({
            "policy": Replacement::from(advice.recommended.policy).to_string(),
            "size": advice.recommended.size,
            "hit_ratio": advice.recommended.hit_ratio,
            "mean_time_ns": advice.recommended.mean_time.as_nanos() as u64,
            "time_saved_ns": advice.recommended.time_saved.as_nanos() as u64,
            "sentence": advice.sentence(),
        })
    });
    json!({
        "requests": report.requests,
        "distinct": report.distinct,
        "outcomes": outcomes,
        "advice": advice,
    })
}
