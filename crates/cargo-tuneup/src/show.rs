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
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let profile = Profile::load(&options.profile)?;
    options.view.tell(&profile, Stream::Output)
}
