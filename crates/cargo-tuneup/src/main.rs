//! `cargo tuneup`: the tools of tuneup as commands. One module per command; what they do is in the crates.

mod advise;
mod compare;
mod diff;
mod doctor;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
mod format;
mod heap;
mod injection;
mod line_view;
mod lines;
mod manual;
#[cfg(target_os = "linux")]
mod monitor;
mod package;
mod process;
mod profile;
mod record;
#[cfg_attr(
    not(target_os = "linux"),
    expect(
        dead_code,
        reason = "views at the bottom are of `monitor`, which needs Linux"
    )
)]
mod screen;
mod show;
mod simulate;
mod timeit;
mod top;
mod view;

use std::{env, ffi::OsString, process::ExitCode};

use clap::{Args, Parser, Subcommand};

#[cfg(not(target_os = "linux"))]
use self::elsewhere as monitor;

/// As Cargo calls it: `cargo tuneup …` starts `cargo-tuneup tuneup …`.
#[derive(Parser)]
#[command(name = "cargo", bin_name = "cargo", disable_help_subcommand = true)]
enum Cargo {
    Tuneup(Cli),
}

/// Find what is slow, fix it, prove it.
#[derive(Args)]
#[command(version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Time whole commands, taking turns, and say which is faster and how sure that is
    Compare(compare::Options),
    /// Record every call of a program, without editing it
    Profile(Box<profile::Options>),
    /// Record what a program allocates, without editing it: sites, peak, temporary blocks, leaks
    Heap(heap::Options),
    /// Record how often each line of some functions is reached, and its time, without editing them
    Lines(lines::Options),
    /// Time expressions against the library of this package, and compare them
    Timeit(timeit::Options),
    /// Sample a program from outside: functions, flame graph, pprof, speedscope
    Record(record::Options),
    /// Show where a process spends its time, as it goes
    Top(top::Options),
    /// Watch what a tree of processes uses, against its limits
    Monitor(monitor::Options),
    /// Show a saved profile, or write it in another format
    Show(show::Options),
    /// Say what has changed between two saved profiles
    Diff(diff::Options),
    /// Say what this machine lets you measure, and how well
    Doctor(doctor::Options),
    /// Say what caches of other policies and sizes would hit, from a record of requests
    Simulate(simulate::Options),
    /// Say what is worth doing, from profiles, heap snapshots, caches and benchmarks that were saved
    Advise(advise::Options),
    /// Print the completions for a shell
    Completions(manual::Completions),
    /// Print the manual page
    Man,
}

fn main() -> ExitCode {
    if let Some(orders) = injection::wrapper::orders() {
        let compiled = injection::wrapper::run(&orders, env::args_os().skip(1).collect());
        return compiled.unwrap_or_else(fail);
    }
    let Cargo::Tuneup(cli) = Cargo::parse_from(arguments());
    let outcome = match cli.command {
        // The exit code is that of the program.
        Command::Profile(options) => profile::run(&options),
        Command::Heap(options) => heap::run(&options),
        Command::Lines(options) => lines::run(&options),
        Command::Record(options) => record::run(&options),
        Command::Monitor(options) => monitor::run(&options),
        Command::Timeit(options) => timeit::run(&options).map(succeed),
        Command::Compare(options) => compare::run(&options).map(succeed),
        Command::Top(options) => top::run(&options).map(succeed),
        Command::Show(options) => show::run(&options).map(succeed),
        Command::Diff(options) => diff::run(&options).map(succeed),
        Command::Doctor(options) => doctor::run(&options).map(succeed),
        Command::Simulate(options) => simulate::run(&options).map(succeed),
        Command::Advise(options) => advise::run(&options).map(succeed),
        Command::Completions(options) => manual::completions(&options).map(succeed),
        Command::Man => manual::page().map(succeed),
    };
    outcome.unwrap_or_else(fail)
}

fn fail(error: anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}

fn succeed((): ()) -> ExitCode {
    ExitCode::SUCCESS
}

/// Those of this process; started by itself, as `cargo-tuneup …`, it does the same.
fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = env::args_os().collect();
    if arguments.get(1).is_none_or(|first| first != "tuneup") {
        arguments.insert(arguments.len().min(1), "tuneup".into());
    }
    arguments
}
