//! How a profile is shown: which functions, in which order, or as a tree.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};
use clap::{Args, ValueEnum as _};
use serde_json::json;
use tuneup_profiling::{Profile, SortKey};
use tuneup_report::Table;

use crate::{
    format::{Findings, Format, Stream, print_all},
    heap::{
        self,
        view::{Group, Sort},
    },
    line_view::LineView,
};

/// What is shown of a profile, how, and where it is kept.
#[derive(Args)]
pub(crate) struct View {
    /// Write the whole profile to this file: .json, .svg (flame graph), .pb.gz (pprof), .speedscope.json, .folded, .trace.json, .html or .txt
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// What comes first: self, cumulative, calls, samples, max, p99, name and others; of a heap: peak, total, blocks, temporary or leaked
    #[arg(long, value_name = "KEY", value_parser = known_order)]
    sort: Option<String>,
    /// At most so many functions
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    /// Only functions whose path matches this regular expression
    #[arg(long, value_name = "PATTERN")]
    filter: Option<String>,
    /// Show who called whom instead
    #[arg(long, conflicts_with_all = ["sort", "filter", "callers", "callees"])]
    tree: bool,
    /// Show who called this function
    #[arg(long, value_name = "FUNCTION", group = "one")]
    callers: Option<String>,
    /// Show what this function called
    #[arg(long, value_name = "FUNCTION", group = "one")]
    callees: Option<String>,
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
        self.save(profile)?;
        let table = self.table(profile)?;
        Findings {
            json: serde_json::to_value(&table)?,
            table,
            sentence: String::new(),
        }
        .print(self.format, stream)
    }

    /// As [`tell`](Self::tell), and the lines that were recorded below.
    pub(crate) fn tell_with_lines(&self, profile: &Profile, stream: Stream) -> Result<()> {
        self.save(profile)?;
        let functions = self.table(profile)?;
        let lines = LineView::hottest(profile.line_tables.iter().collect(), self.top);
        let json = json!({ "functions": functions, "lines": lines.json()? });
        let tables: Vec<Table> = std::iter::once(functions).chain(lines.tables()).collect();
        print_all(&tables, &lines.sentence(), &json, self.format, stream)
    }

    /// Lines that were recorded, instead: those of the functions that match a pattern.
    pub(crate) fn tell_lines(
        &self,
        profile: &Profile,
        patterns: &[String],
        stream: Stream,
    ) -> Result<()> {
        self.save(profile)?;
        let lines = LineView::matching(profile, patterns, self.top)?;
        let json = json!({ "lines": lines.json()? });
        let tables: Vec<Table> = lines.tables().collect();
        print_all(&tables, &lines.sentence(), &json, self.format, stream)
    }

    fn save(&self, profile: &Profile) -> Result<()> {
        for path in &self.output {
            profile.save(path)?;
        }
        Ok(())
    }

    /// The same of a heap.
    pub(crate) fn of_heap(&self, by: Group) -> Result<heap::view::View> {
        if self.callers.is_some() || self.callees.is_some() {
            bail!(
                "this is a heap: --tree and --by stack show who allocates for whom, --filter those of one function"
            );
        }
        let sort = match &self.sort {
            Some(order) => Sort::from_str(order, false)
                .map_err(|_| anyhow!("a heap has no order `{order}`; it has peak, total, blocks, temporary and leaked"))?,
            None => Sort::Peak,
        };
        Ok(heap::view::View {
            output: self.output.clone(),
            format: self.format,
            sort,
            by,
            top: self.top,
            filter: self.filter.clone(),
            tree: self.tree,
        })
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
        let order = match &self.sort {
            Some(order) => order.parse()?,
            None => default_order(profile),
        };
        let mut functions = profile.sort_by(order);
        if let Some(pattern) = &self.filter {
            functions = functions.filter(pattern)?;
        }
        Ok(functions.top(self.top).table())
    }
}

/// One that profiles have, or heaps.
fn known_order(order: &str) -> Result<String, String> {
    match (order.parse::<SortKey>(), Sort::from_str(order, false)) {
        (Err(error), Err(_)) => Err(error.to_string()),
        _ => Ok(order.to_owned()),
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
