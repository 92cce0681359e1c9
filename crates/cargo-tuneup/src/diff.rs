//! `cargo tuneup diff`: two saved profiles, or two saved heaps.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use tuneup_memory::Snapshot;
use tuneup_profiling::Profile;
use tuneup_report::Table;

use crate::{
    format::{Findings, Format, Stream},
    heap::difference,
};

/// Which profiles.
#[derive(Args)]
pub(crate) struct Options {
    /// A profile or a heap that was saved as .json, from before a change
    before: PathBuf,
    /// One from after it
    after: PathBuf,
    /// At most so many functions or sites
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

fn table(options: &Options) -> Result<Table> {
    let (before, after) = (&options.before, &options.after);
    match [before, after].map(Snapshot::is_saved) {
        [true, true] => {
            let (before, after) = (Snapshot::load(before)?, Snapshot::load(after)?);
            Ok(difference::table(&before, &after, options.top))
        }
        [false, false] => {
            let (before, after) = (Profile::load(before)?, Profile::load(after)?);
            Ok(before.diff(&after).top(options.top).table())
        }
        _ => bail!("one of the two is a heap, and the other is none; compare two of a kind"),
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let table = table(options)?;
    Findings {
        json: serde_json::to_value(&table)?,
        table,
        sentence: String::new(),
    }
    .print(options.format, Stream::Output)
}
