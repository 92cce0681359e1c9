//! Benches and checks of the workspace: thin commands over the crates.
//!
//! One module per command. What a user of the crates would want too belongs in a crate, not here.

mod bench;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Benches and checks of the tuneup workspace.
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
    /// Run every check of the workspace: formatting, lints, tests, documentation and tidy.
    Test(test::Options),
    /// Check in code what ARCHITECTURE.md says.
    Tidy(tidy::Options),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Bench(options) => bench::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Tidy(options) => tidy::run(&options),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests;
