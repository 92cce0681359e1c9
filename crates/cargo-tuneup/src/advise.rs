//! `cargo tuneup advise`: what is worth doing, from what was measured.
//!
//! A rule is a function from what was saved to findings, in a module of its own. What its figures do not show, it does not say.

mod allocations;
mod batches;
mod benches;
mod caches;
mod finding;
mod growth;
mod heap;
#[cfg(feature = "history")]
mod history;
mod input;
mod leaks;
mod libraries;
mod parallel;
mod recorded;
mod remedy;
mod repeats;
mod self_time;
mod sizes;
mod waiting;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::{Value, json};
use tuneup_caching::Trace;
use tuneup_concurrency::PipelineReport;
use tuneup_measure::{parse_duration, parse_percent};
use tuneup_report::{Cell, Style, Table, Unit};

use self::{
    caches::{Costs, Told},
    finding::{Finding, Place},
    heap::Saved,
    input::Input,
    recorded::Recorded,
    sizes::Sizes,
};
use crate::format::{Export, Findings, Format, Stream};

/// What is read, and what is worth a word.
#[derive(Args)]
#[command(
    after_help = "Files are told by what is in them: profiles and heap snapshots that were saved as .json, bench.json and history.sqlite of a bench run, what caches and\n\
    pipelines tell of themselves as JSON, the requests of a cache. Several snapshots of a program show what grows, profiles of several sizes how.\n\n\
    Example: cargo tuneup advise small.json large.json --sizes 1000,10000"
)]
pub(crate) struct Options {
    /// What was saved
    #[arg(required_unless_present = "requests", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Gains below this are not worth doing
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = share)]
    at_least: f64,
    #[command(flatten)]
    sizes: Sizes,
    /// The keys that a cache was asked for, as `simulate` reads them
    #[arg(long, value_name = "FILE")]
    requests: Option<PathBuf>,
    /// What a hit of a cache takes
    #[arg(long, value_name = "TIME", default_value = "50ns", value_parser = parse_duration)]
    hit: Duration,
    /// What a miss takes, where no cache has told
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = parse_duration)]
    miss: Duration,
    /// At most so many findings
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write the result to this file, too: .json or .md
    #[arg(long, value_name = "FILE")]
    export: Vec<Export>,
}

fn share(text: &str) -> Result<f64, String> {
    let share = parse_percent(text).map_err(|error| error.to_string())?.0;
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err("a share is between 0 % and 100 %".to_owned())
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let read = Read::all(options)?;
    let mut advice = Advice::default();
    read.profiles(&options.sizes, &mut advice)?;
    read.snapshots(&mut advice);
    read.caches(options, &mut advice)?;
    for (input, results) in &read.benches {
        advice.findings.extend(benches::findings(input, results));
    }
    for (input, path) in &read.histories {
        regressions(input, path, &mut advice)?;
    }
    for (input, report) in &read.pipelines {
        advice.findings.extend(parallel::in_pipeline(input, report));
    }
    advice.rank(options.at_least);
    let findings = advice.shown(options);
    for path in &options.export {
        findings.export(path)?;
    }
    findings.print(options.format, Stream::Output)
}

#[cfg(feature = "history")]
fn regressions(input: &str, path: &Path, advice: &mut Advice) -> Result<()> {
    let (findings, looked_at) = history::findings(input, path)?;
    advice.findings.extend(findings);
    if looked_at == 0 {
        advice.notes.push(format!(
            "{input}: no bench has six results yet, and fewer show no level"
        ));
    }
    Ok(())
}

#[cfg(not(feature = "history"))]
fn regressions(input: &str, _path: &Path, _advice: &mut Advice) -> Result<()> {
    anyhow::bail!(
        "{input}: this build leaves histories out, which need a C compiler; install it again with `--features history`"
    )
}

/// All that was read, each with the name of its file.
#[derive(Default)]
struct Read {
    profiles: Vec<Recorded>,
    snapshots: Vec<Saved>,
    benches: Vec<(String, tuneup_benchmarking::suite::Results)>,
    histories: Vec<(String, PathBuf)>,
    caches: Vec<Told>,
    pipelines: Vec<(String, PipelineReport)>,
    requests: Vec<(String, Trace)>,
}

impl Read {
    fn all(options: &Options) -> Result<Self> {
        let mut all = Self::default();
        for path in &options.files {
            let name = path.display().to_string();
            match input::read(path)? {
                Input::Profile(profile) => all.profiles.push(Recorded::new(name, profile)),
                Input::Snapshot(snapshot) => all.snapshots.push(Saved {
                    input: name,
                    snapshot,
                }),
                Input::Bench(results) => all.benches.push((name, results)),
                Input::History => all.histories.push((name, path.clone())),
                Input::Caches(caches) => {
                    let told = |(cache, info)| Told {
                        input: name.clone(),
                        name: cache,
                        info,
                    };
                    all.caches.extend(caches.into_iter().map(told));
                }
                Input::Pipeline(report) => all.pipelines.push((name, report)),
                Input::Requests(trace) => all.requests.push((name, trace)),
            }
        }
        if let Some(path) = &options.requests {
            let trace = Trace::from_path(path)
                .with_context(|| format!("cannot read the requests in `{}`", path.display()))?;
            all.requests.push((path.display().to_string(), trace));
        }
        Ok(all)
    }

    /// Of profiles of several sizes the largest is looked at by itself, too.
    fn profiles(&self, sizes: &Sizes, advice: &mut Advice) -> Result<()> {
        let alone: Vec<&Recorded> = match sizes.of(&self.profiles)? {
            Some(sized) => {
                advice.findings.extend(growth::findings(&sized));
                sized
                    .last()
                    .map(|largest| largest.recorded)
                    .into_iter()
                    .collect()
            }
            None => self.profiles.iter().collect(),
        };
        if !sizes.are_given() && self.profiles.len() > 1 {
            advice.notes.push(
                "several profiles: to see what grows faster than the input, give its sizes in their order, `--sizes 1000,10000`".to_owned(),
            );
        }
        for recorded in alone {
            match recorded.shortage() {
                Some(shortage) => advice.notes.push(shortage),
                None => advice.of_profile(recorded),
            }
        }
        Ok(())
    }

    fn snapshots(&self, advice: &mut Advice) {
        let mut programs: Vec<&str> = self
            .snapshots
            .iter()
            .map(|saved| &*saved.snapshot.program)
            .collect();
        programs.sort_unstable();
        programs.dedup();
        for program in programs {
            let mut of_program: Vec<&Saved> = self
                .snapshots
                .iter()
                .filter(|saved| saved.snapshot.program == program)
                .collect();
            of_program.sort_by_key(|saved| saved.snapshot.taken_unix_ns);
            advice.findings.extend(leaks::findings(&of_program));
            // The last one has what those before it have.
            if let Some(last) = of_program.last() {
                advice.findings.extend(allocations::temporary(last));
            }
            if of_program.len() == 1 {
                advice.notes.push(format!(
                    "{}: one snapshot does not say what grows; give several of one run, some time apart",
                    of_program[0].input
                ));
            }
        }
    }

    /// A record of requests is of the cache that has told, if that is one.
    fn caches(&self, options: &Options, advice: &mut Advice) -> Result<()> {
        let costs = Costs {
            hit: options.hit,
            miss: options.miss,
        };
        let only = match &self.caches[..] {
            [only] if !self.requests.is_empty() => Some(only),
            _ => None,
        };
        for told in &self.caches {
            match caches::shortage(told) {
                Some(shortage) => advice.notes.push(shortage),
                // What the requests say is more than a limit.
                None => advice.findings.extend(
                    caches::findings(told, costs)
                        .into_iter()
                        .filter(|finding| only.is_none() || finding.rule != "cache-size"),
                ),
            }
        }
        for (input, trace) in &self.requests {
            advice
                .findings
                .extend(caches::of_requests(input, trace, only, costs)?);
        }
        Ok(())
    }
}

/// What was found, and what could not be told.
#[derive(Default)]
struct Advice {
    findings: Vec<Finding>,
    notes: Vec<String>,
    /// Findings that were not worth it.
    small: usize,
}

impl Advice {
    fn of_profile(&mut self, recorded: &Recorded) {
        self.notes.extend(recorded.crowd());
        self.findings.extend(repeats::findings(recorded));
        self.notes.extend(repeats::doubt(recorded));
        self.findings.extend(waiting::findings(recorded));
        self.findings.extend(batches::findings(recorded));
        self.findings.extend(allocations::in_functions(recorded));
        self.findings.extend(parallel::in_profile(recorded));
        self.notes.extend(parallel::doubt(recorded));
        self.findings.extend(self_time::findings(recorded));
        if recorded.profile.runnable_time.is_none() && !recorded.is_sampled {
            self.notes.push(format!(
                "{}: whether functions compute or wait was not recorded; `cargo tuneup profile` does on Linux",
                recorded.input
            ));
        }
    }

    /// The largest gain first; what is below the least goes. That a function takes long is not said where more is said of it.
    fn rank(&mut self, at_least: f64) {
        let before = self.findings.len();
        self.findings
            .retain(|finding| finding.gain.share >= at_least && finding.gain.share > 0.0);
        self.small = before - self.findings.len();
        let particular: Vec<Place> = self
            .findings
            .iter()
            .filter(|finding| finding.rule != self_time::RULE)
            .map(|finding| finding.place.clone())
            .collect();
        self.findings.retain(|finding| {
            finding.rule != self_time::RULE || !particular.contains(&finding.place)
        });
        self.findings.sort_by(|a, b| {
            b.gain
                .share
                .total_cmp(&a.gain.share)
                .then_with(|| (a.rule, &a.place.name).cmp(&(b.rule, &b.place.name)))
        });
    }

    fn shown(&self, options: &Options) -> Findings {
        let shown = &self.findings[..self.findings.len().min(options.top)];
        let mut notes = self.notes.clone();
        notes.extend(self.left_out(self.findings.len() - shown.len(), options.at_least));
        let json = self.json(options, shown);
        if shown.is_empty() {
            notes.insert(0, "Nothing worth doing.".to_owned());
            return Findings {
                table: Table::default(),
                sentence: notes.join("\n"),
                json,
            };
        }
        let columns = [
            "finding", "where", "gain", "figures", "do", "with", "code", "from",
        ];
        let mut table = Table::new(columns).stacked();
        for (index, finding) in shown.iter().enumerate() {
            table.push(row(index + 1, finding));
        }
        Findings {
            table: notes.into_iter().fold(table, Table::note),
            sentence: String::new(),
            json,
        }
    }

    fn left_out(&self, hidden: usize, at_least: f64) -> Vec<String> {
        let mut notes = Vec::new();
        if hidden > 0 {
            notes.push(format!("{hidden} more; `--top` shows more of them"));
        }
        if self.small > 0 {
            notes.push(format!(
                "{} would bring less than {}; `--at-least` shows them",
                self.small,
                Unit::Percent.format(at_least)
            ));
        }
        notes
    }

    fn json(&self, options: &Options, shown: &[Finding]) -> Value {
        let findings: Vec<Value> = shown
            .iter()
            .enumerate()
            .map(|(index, finding)| finding.json(index + 1))
            .collect();
        json!({
            "format": "tuneup-advice",
            "version": 1,
            "at_least": options.at_least,
            "findings": findings,
            "hidden": self.findings.len() - shown.len(),
            "below": self.small,
            "notes": self.notes,
        })
    }
}

fn row(rank: usize, finding: &Finding) -> [Cell; 8] {
    let gain = format!("{}: {}", finding.gain.text(), finding.gain.derivation);
    let remedy = finding.remedy;
    [
        Cell::text(format!("{rank}. {}", finding.title)).styled(Style::Strong),
        Cell::text(finding.place.text()),
        Cell::text(gain).styled(Style::Good),
        Cell::text(finding.evidence()),
        Cell::text(&finding.advice),
        Cell::text(format!("{} ({})", remedy.call, remedy.command())),
        Cell::text(remedy.code()).styled(Style::Dim),
        Cell::text(&finding.input),
    ]
}
