//! Rehearses the release of a workspace, without a network:
//! `cargo run --example rehearse --features registry -- FOLDER [CARGO_HOME [PACKAGE...]]`.

use std::{
    env,
    error::Error as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use tuneup_packaging::{DownloadCache, Error, Rehearsal, RehearsalProgress, System, Workspace};

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        let reason = error.source().map(|source| format!(": {source}"));
        eprintln!("error: {error}{}", reason.unwrap_or_default());
        ExitCode::FAILURE
    })
}

fn run() -> Result<ExitCode, Error> {
    let mut arguments = env::args_os().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| ".".into()));
    let home = arguments.next().map_or_else(cargo_home, PathBuf::from);
    // ANCHOR: rehearse
    let workspace = Workspace::load(&folder, &System)?;
    let mut rehearsal = Rehearsal::of(&workspace).third_party(DownloadCache::open(&home)?);
    for package in arguments {
        rehearsal = rehearsal.only(package.to_string_lossy());
    }
    let report = rehearsal.run(&System, &System, &show)?;
    // ANCHOR_END: rehearse
    println!(
        "{} packages in {:.1} s: {}",
        report.packages.len(),
        seconds(report.took_ms),
        if report.is_all_right() {
            "all right"
        } else {
            "not all right"
        }
    );
    Ok(if report.is_all_right() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Where Cargo keeps what it has downloaded.
fn cargo_home() -> PathBuf {
    let own = env::var_os("CARGO_HOME").map(PathBuf::from);
    own.unwrap_or_else(|| Path::new(&env::var_os("HOME").unwrap_or_default()).join(".cargo"))
}

/// One line for each step, when it has ended.
fn show(progress: &RehearsalProgress<'_>) {
    if let RehearsalProgress::Ended(step) = progress {
        let whose = if step.package.is_empty() {
            "(all)"
        } else {
            &step.package
        };
        println!(
            "{:>7.1} s  {whose}: {} {}",
            seconds(step.took_ms),
            step.check,
            step.outcome
        );
    }
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}
