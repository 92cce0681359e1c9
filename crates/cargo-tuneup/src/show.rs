//! `cargo tuneup show`: a saved profile.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use tuneup_profiling::Profile;

use crate::{format::Stream, view::View};

/// Which profile, and how.
#[derive(Args)]
pub(crate) struct Options {
    /// A profile that was saved as .json
    profile: PathBuf,
    #[command(flatten)]
    view: View,
    /// Show the lines of this function, or of those whose path matches this regular expression; may be repeated
    #[arg(long, value_name = "PATTERN", conflicts_with_all = ["sort", "filter", "tree", "one"])]
    lines: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let profile = Profile::load(&options.profile)?;
    match &options.lines[..] {
        [] => options.view.tell(&profile, Stream::Output),
        patterns => options.view.tell_lines(&profile, patterns, Stream::Output),
    }
}
