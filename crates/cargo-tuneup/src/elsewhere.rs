//! `cargo tuneup monitor`, where there is no /proc as Linux has it.

use std::{ffi::OsString, process::ExitCode};

use anyhow::{Result, bail};
use clap::Args;

/// Whatever is asked for.
#[derive(Args)]
pub(crate) struct Options {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<OsString>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    bail!(
        "cannot watch `{}`: what processes use is read from /proc as Linux has it; run this on Linux, or in a container",
        options.arguments.join(&OsString::from(" ")).display()
    )
}
