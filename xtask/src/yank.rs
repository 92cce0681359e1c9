//! `cargo xtask yank`: a whole release taken back, or brought back.

use std::{path::Path, process::ExitCode};

use anyhow::Result;
use clap::Args;
use semver::Version;
use tuneup_packaging::{CargoIndex, System, Withdrawal, Workspace, YankOutcome, YankReport};
use tuneup_report::{Cell, Table, Terminal};

/// Which release, and where.
#[derive(Args)]
#[command(
    after_help = "Who has it in a lock file goes on with it, and nobody gets it anew. All packages are tried; what one of them was refused for is told, and the\n\
    same command again does what is left. Packages are those of this checkout: check out the tag of the release if some have come or gone since. The tag stays: a release that was made is a fact."
)]
pub(crate) struct Options {
    /// The version of all packages
    version: Version,
    /// Bring it back
    #[arg(long)]
    undo: bool,
    /// The registry that has it; that of Cargo by default
    #[arg(long, value_name = "NAME")]
    registry: Option<String>,
    /// Print what has become of each package as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load(Path::new("."), &System)?;
    let mut withdrawal = Withdrawal::of(&workspace).at(options.version.clone());
    let mut index = CargoIndex::new(&System);
    if let Some(name) = &options.registry {
        withdrawal = withdrawal.registry(name);
        index = index.with_registry(name);
    }
    let report = match options.undo {
        false => withdrawal.run(&index, &System)?,
        true => withdrawal.undo(&index, &System)?,
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", table(&report).render(&Terminal::detect()));
    }
    let is_missing = |outcome: &YankOutcome| matches!(outcome, YankOutcome::NotThere);
    anyhow::ensure!(
        !report
            .packages
            .iter()
            .all(|package| is_missing(&package.outcome)),
        "no package of this workspace is on the registry in version {}",
        options.version
    );
    Ok(match report.is_all_right() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn table(report: &YankReport) -> Table {
    let mut table = Table::new(["package", "version", "outcome"]);
    for package in &report.packages {
        let outcome = match &package.outcome {
            YankOutcome::Done => "done".to_owned(),
            YankOutcome::WasSo => "was so already".to_owned(),
            YankOutcome::NotThere => "the registry has no such version".to_owned(),
            YankOutcome::Failed { reason } => format!("failed: {reason}"),
            _ => "unknown".to_owned(),
        };
        table.push([
            Cell::text(&package.package),
            Cell::text(package.version.to_string()),
            Cell::text(outcome),
        ]);
    }
    table
}
