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
    /// Write it as a page in one file, too; beside the profile, as .html, unless another name is given
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    html: Option<Option<PathBuf>>,
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
    if let Some(page) = &options.html {
        let page = match page {
            Some(page) => page.clone(),
            None => options.profile.with_extension("html"),
        };
        if page.extension().is_none_or(|extension| extension != "html") {
            bail!("{}: a page is a file that ends in .html", page.display());
        }
        profile.save(&page)?;
        eprintln!("wrote {}", page.display());
    }
    match &options.lines[..] {
        [] => options.view.tell(&profile, Stream::Output),
        patterns => options.view.tell_lines(&profile, patterns, Stream::Output),
    }
}
