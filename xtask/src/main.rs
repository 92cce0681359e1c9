//! Benches, checks and releases of the workspace: thin commands over the crates.
//!
//! One module per command. What a user of the crates would want too belongs in a crate, not here.

mod bench;
mod ready;
mod release;
mod test;
mod tidy;
mod workspace;
mod yank;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Benches, checks and releases of the tuneup workspace.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every benchmark beside its peers; compare, gate and report.
    Bench(bench::Options),
    /// Say whether the workspace is fit to be released.
    Ready(ready::Options),
    /// Make a release, and prove that it works; with --execute, hand it over.
    Release(release::Options),
    /// Run every check of the workspace: formatting, lints, tests, documentation and tidy.
    Test(test::Options),
    /// Check in code what ARCHITECTURE.md says.
    Tidy(tidy::Options),
    /// Take a whole release back from the registry, or bring it back.
    Yank(yank::Options),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Bench(options) => bench::run(&options),
        Command::Ready(options) => ready::run(&options),
        Command::Release(options) => release::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Tidy(options) => tidy::run(&options),
        Command::Yank(options) => yank::run(&options),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests;
