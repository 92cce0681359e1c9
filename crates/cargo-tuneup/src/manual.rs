//! What describes the commands to a shell and to `man`.

use std::io;

use anyhow::Result;
use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};

use super::Cargo;

/// Which shell.
#[derive(Args)]
pub(crate) struct Completions {
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn completions(options: &Completions) -> Result<()> {
    // A shell completes the name of the program that it starts; `cargo tuneup` is completed by Cargo's own, which asks nobody.
    let mut command = tuneup().bin_name("cargo-tuneup");
    generate(
        options.shell,
        &mut command,
        "cargo-tuneup",
        &mut io::stdout(),
    );
    Ok(())
}

pub(crate) fn page() -> Result<()> {
    clap_mangen::Man::new(tuneup()).render(&mut io::stdout())?;
    Ok(())
}

fn tuneup() -> clap::Command {
    let cargo = Cargo::command();
    let tuneup = cargo.find_subcommand("tuneup").cloned();
    tuneup.map_or(cargo, |tuneup| tuneup.name("cargo-tuneup"))
}
