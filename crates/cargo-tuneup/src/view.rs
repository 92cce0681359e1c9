//! How a profile is shown: which functions, in which order, or as a tree.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use tuneup_profiling::{Profile, SortKey};
use tuneup_report::Table;

use crate::format::{Findings, Format, Stream};

/// What is shown of a profile, how, and where it is kept.
#[derive(Args)]
pub(crate) struct View {
    /// Write the whole profile to this file: .json, .svg (flame graph), .pb.gz (pprof), .speedscope.json, .folded, .trace.json, .html or .txt
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// What comes first: self, cumulative, calls, samples, max, p99, name and others
    #[arg(long, value_name = "KEY")]
    sort: Option<SortKey>,
    /// At most so many functions
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    /// Only functions whose path matches this regular expression
    #[arg(long, value_name = "PATTERN")]
    filter: Option<String>,
    /// Show who called whom instead
    #[arg(long, conflicts_with_all = ["sort", "filter", "callers", "callees", "lines"])]
    tree: bool,
    /// Show who called this function
    #[arg(long, value_name = "FUNCTION", group = "one")]
    callers: Option<String>,
    /// Show what this function called
    #[arg(long, value_name = "FUNCTION", group = "one")]
    callees: Option<String>,
    /// Show the lines of this function
    #[arg(long, value_name = "FUNCTION", group = "one")]
    lines: Option<String>,
}

impl View {
    /// Whether the files have formats that are known: asked before a program takes its time.
    pub(crate) fn check(&self) -> Result<()> {
        for path in &self.output {
            Profile::check_path(path)?;
        }
        Ok(())
    }

    /// Writes the files first: what cannot be shown is not lost.
    pub(crate) fn tell(&self, profile: &Profile, stream: Stream) -> Result<()> {
        for path in &self.output {
            profile.save(path)?;
        }
        let table = self.table(profile)?;
        Findings {
            json: serde_json::to_value(&table)?,
            table,
            sentence: String::new(),
        }
        .print(self.format, stream)
    }

    fn table(&self, profile: &Profile) -> Result<Table> {
        if self.tree {
            return Ok(profile.tree_table());
        }
        if let Some(function) = &self.callers {
            return Ok(profile.callers(function)?.table());
        }
        if let Some(function) = &self.callees {
            return Ok(profile.callees(function)?.table());
        }
        if let Some(function) = &self.lines {
            return match profile.line_table(function) {
                Some(lines) => Ok(lines.table()),
                None => bail!(
                    "no lines of `{function}` were recorded; those of functions with `#[profile_lines]` are"
                ),
            };
        }
        let mut functions = profile.sort_by(self.sort.unwrap_or(default_order(profile)));
        if let Some(pattern) = &self.filter {
            functions = functions.filter(pattern)?;
        }
        Ok(functions.top(self.top).table())
    }
}

/// Where nothing was timed, samples say what took the time.
fn default_order(profile: &Profile) -> SortKey {
    if profile.total_time().is_zero() && profile.sampling.is_some() {
        SortKey::Samples
    } else {
        SortKey::SelfTime
    }
}
