//! How a heap is shown: which sites, in which order, or as a tree.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use tuneup_memory::{Filter, GroupBy, Order, Snapshot};

use crate::format::{Findings, Format, Stream};

/// What is shown of a heap, how, and where it is kept.
#[derive(Args)]
pub(crate) struct View {
    /// Write all of it to this file: .json (for show and diff), .svg (flame graph), .html, .pb.gz (pprof), .folded, .dhat.json (DHAT's viewer) or .txt
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Vec<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// What comes first, and what trees and flame graphs are of
    #[arg(long, value_enum, value_name = "KEY", default_value_t = Sort::Peak)]
    pub(crate) sort: Sort,
    /// What blocks are put together by
    #[arg(long, value_enum, value_name = "GROUP", default_value_t = Group::Site)]
    pub(crate) by: Group,
    /// At most so many rows
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) top: usize,
    /// Only blocks with a call whose function, or whose file:line, matches this regular expression
    #[arg(long, value_name = "PATTERN")]
    pub(crate) filter: Option<String>,
    /// Show which calls lead to them instead
    #[arg(long, conflicts_with_all = ["by", "top"])]
    pub(crate) tree: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Sort {
    /// Bytes that lived when the program had most
    Peak,
    /// All bytes that were allocated
    Total,
    /// All blocks that were allocated
    Blocks,
    /// Blocks that were freed before the next one was allocated
    Temporary,
    /// Bytes that lived at the end
    Leaked,
}

impl From<Sort> for Order {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Peak => Self::PeakBytes,
            Sort::Total => Self::AllocatedBytes,
            Sort::Blocks => Self::AllocatedBlocks,
            Sort::Temporary => Self::TemporaryBlocks,
            Sort::Leaked => Self::LiveBytes,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Group {
    /// The line that allocates, outside of the standard library
    Site,
    /// The function of that
    Function,
    /// Its file
    File,
    /// Its crate
    Crate,
    /// All calls that led there
    Stack,
}

impl From<Group> for GroupBy {
    fn from(group: Group) -> Self {
        match group {
            Group::Site => Self::Site,
            Group::Function => Self::Function,
            Group::File => Self::File,
            Group::Crate => Self::Crate,
            Group::Stack => Self::Stack,
        }
    }
}

impl View {
    /// Whether the files have formats that are known, and the pattern is one: asked before a program takes its time.
    pub(crate) fn check(&self) -> Result<()> {
        for path in &self.output {
            Snapshot::check_path(path)?;
        }
        self.filters().map(drop)
    }

    /// Writes the files first: what cannot be shown is not lost.
    pub(crate) fn tell(&self, snapshot: &Snapshot, stream: Stream) -> Result<()> {
        for path in &self.output {
            snapshot.save_by(path, self.sort.into())?;
        }
        let filters = self.filters()?;
        let shown = match &filters[..] {
            [] => snapshot,
            filters => &snapshot.filter(filters),
        };
        let table = match self.tree {
            true => shown.tree(self.sort.into()),
            false => shown.peak_table(self.by.into(), self.sort.into(), self.top),
        };
        Findings {
            json: serde_json::to_value(&table)?,
            table,
            sentence: String::new(),
        }
        .print(self.format, stream)
    }

    fn filters(&self) -> Result<Vec<Filter>> {
        let filter = self.filter.as_deref().map(Filter::include);
        Ok(filter.transpose()?.into_iter().collect())
    }
}
