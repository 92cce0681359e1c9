//! `cargo tuneup diff`: two saved profiles.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use tuneup_profiling::Profile;

use crate::format::{Findings, Format, Stream};

/// Which profiles.
#[derive(Args)]
pub(crate) struct Options {
    /// A profile that was saved as .json, from before a change
    before: PathBuf,
    /// One from after it
    after: PathBuf,
    /// At most so many functions
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let before = Profile::load(&options.before)?;
    let after = Profile::load(&options.after)?;
    let table = before.diff(&after).top(options.top).table();
    Findings {
        json: serde_json::to_value(&table)?,
        table,
        sentence: String::new(),
    }
    .print(options.format, Stream::Output)
}
