//! `cargo tuneup show`: a saved profile.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use tuneup_profiling::Profile;

use crate::{
    format::{Findings, Format, Stream},
    view::View,
};

/// Which profile, and how.
#[derive(Args)]
#[command(
    after_help = "The extension of a file that is written names its format: .json, .pb.gz (pprof), .speedscope.json, .folded, .svg (flame graph), .trace.json, .html or .txt."
)]
pub(crate) struct Options {
    /// A profile that was saved as .json
    profile: PathBuf,
    #[command(flatten)]
    view: View,
    /// Write the whole profile to this file, too, in the format that its extension names
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let profile = Profile::load(&options.profile)?;
    let findings: Findings = options.view.of(&profile)?;
    for path in &options.output {
        profile.save(path)?;
    }
    findings.print(options.format, Stream::Output)
}
