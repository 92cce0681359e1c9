//! `cargo tuneup show`: a saved profile, or a saved heap.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use tuneup_memory::Snapshot;
use tuneup_profiling::Profile;

use crate::{format::Stream, heap::view::Group, view::View};

/// Which profile, and how.
#[derive(Args)]
pub(crate) struct Options {
    /// A profile or a heap that was saved as .json
    profile: PathBuf,
    #[command(flatten)]
    view: View,
    /// Show the lines of this function, or of those whose path matches this regular expression; may be repeated
    #[arg(long, value_name = "PATTERN", conflicts_with_all = ["sort", "filter", "tree", "one"])]
    lines: Vec<String>,
    /// Of a heap: what blocks are put together by
    #[arg(long, value_enum, value_name = "GROUP", default_value_t = Group::Site)]
    by: Group,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if Snapshot::is_saved(&options.profile) {
        if !options.lines.is_empty() {
            bail!("this is a heap: its sites are lines; --filter shows those of one function");
        }
        let heap = Snapshot::load(&options.profile)?;
        return options
            .view
            .of_heap(options.by)?
            .tell(&heap, Stream::Output);
    }
    let profile = Profile::load(&options.profile)?;
    match &options.lines[..] {
        [] => options.view.tell(&profile, Stream::Output),
        patterns => options.view.tell_lines(&profile, patterns, Stream::Output),
    }
}
