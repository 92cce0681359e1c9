//! `cargo xtask ready`: whether the workspace is fit to be released, each answer by a command that really ran.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result};
use clap::Args;
use tuneup_packaging::{
    Area, Check, LicencePolicy, Readiness, ReadinessEvent, ReadinessReport, Selection,
    StandardChecks, State, System, Workspace, gather_licences,
};
use tuneup_report::{Terminal, write_file};

use crate::release::{LICENCES, PACKAGE};

#[cfg(test)]
mod tests;

/// What is told of the readiness.
#[derive(Args)]
#[command(
    after_help = "What is not known counts as failed. Security has to be complete, and all together 80 %. The whole of it, with the commands, is in\n\
    `tuneup/readiness/readiness.html` of the target folder."
)]
pub(crate) struct Options {
    #[command(flatten)]
    knowledge: Knowledge,
    /// Print all of it as JSON
    #[arg(long)]
    json: bool,
}

/// What the checklist cannot find out by itself.
#[derive(Args)]
pub(crate) struct Knowledge {
    /// A checkout of the advisory database of RustSec
    #[arg(long, value_name = "FOLDER")]
    advisories: Option<PathBuf>,
    /// A check that says nothing here, and why; it is shown with the reason
    #[arg(long, value_name = "CHECK=REASON", value_parser = reason)]
    not_applicable: Vec<(String, String)>,
}

fn reason(text: &str) -> std::result::Result<(String, String), String> {
    let pair = text
        .split_once('=')
        .filter(|(_, reason)| !reason.trim().is_empty());
    let (id, reason) = pair.ok_or("write CHECK=REASON, with a reason that others understand")?;
    Ok((id.to_owned(), reason.to_owned()))
}

/// Checks that say nothing about this workspace, and why.
const NOT_APPLICABLE: &[(&str, &str)] = &[
    (
        "signatures",
        "nothing is signed before a release; `cargo xtask release` signs and verifies",
    ),
    (
        "bench-gate",
        "no release was measured before; from the first on it is `cargo xtask bench --against TAG`",
    ),
];

/// Commands of READMEs that are not run, by how they begin, and why.
const NOT_RUN: &[(&str, &str)] = &[
    (
        "cargo add",
        "the rehearsal of a release runs it, as a stranger would",
    ),
    ("cargo xtask test", "it is the check `tests`"),
    (
        "cargo xtask bench",
        "the benches of all crates take an hour",
    ),
    (
        "cargo xtask release",
        "it would begin a release inside of a release",
    ),
    ("cargo xtask ready", "it is what runs here"),
];

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load(Path::new("."), &System)?;
    let report = check(&workspace, &options.knowledge)?;
    let files = keep(&report, &workspace.target.join("tuneup/readiness"))?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", report.table().render(&Terminal::detect()));
        println!("{}", report.verdict());
        eprintln!("report: {}", files[0].display());
    }
    Ok(match report.is_ready() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Runs the checklist on a checkout.
pub(crate) fn check(workspace: &Workspace, knowledge: &Knowledge) -> Result<ReadinessReport> {
    Ok(checklist(workspace, knowledge)?.run())
}

/// All that is checked.
fn checklist(workspace: &Workspace, knowledge: &Knowledge) -> Result<Readiness<'static>> {
    let mut standard = StandardChecks::new(workspace);
    if let Some(database) = &knowledge.advisories {
        standard = standard.advisories(database);
    }
    for (begin, reason) in NOT_RUN {
        standard = standard.skip_command(*begin, *reason);
    }
    let mut tidy = Command::new("cargo");
    tidy.args(["xtask", "tidy"]);
    let mut checklist = Readiness::builder(&workspace.root)
        .checks(standard.checks())
        .check(Check::command(
            "tidy",
            Area::Quality,
            "the code is as ARCHITECTURE.md says",
            tidy,
        ))
        .check(licences(workspace))
        .on_event(tell);
    for (id, reason) in NOT_APPLICABLE {
        checklist = checklist.not_applicable(*id, *reason);
    }
    for (id, reason) in &knowledge.not_applicable {
        checklist = checklist.not_applicable(id, reason);
    }
    Ok(checklist.build()?)
}

fn licences(workspace: &Workspace) -> Check<'static> {
    let workspace = workspace.clone();
    let about = "what is linked into the program has a licence that we allow";
    Check::new(
        "licences",
        Area::Packaging,
        about,
        "cargo metadata",
        move |_| {
            let selection = Selection::new(PACKAGE);
            let policy = LicencePolicy::new(LICENCES).with_standard_texts();
            let licences = gather_licences(&workspace, &selection, &policy, &System)?;
            Ok(match licences.check() {
                Ok(()) => State::pass(format!("{} packages", licences.packages.len())),
                Err(error) => State::fail(
                    error.to_string(),
                    "do without it, or allow its licence with a reason",
                ),
            })
        },
    )
}

/// Writes it as a page, as Markdown and as JSON; the page comes first.
pub(crate) fn keep(report: &ReadinessReport, folder: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    let forms = [
        ("readiness.html", report.to_html().into_bytes()),
        ("readiness.md", report.to_markdown().into_bytes()),
        ("readiness.json", serde_json::to_vec_pretty(report)?),
    ];
    let mut files = Vec::new();
    for (name, bytes) in forms {
        let path = folder.join(name);
        write_file(&path, &bytes)?;
        files.push(path);
    }
    Ok(files)
}

fn tell(event: &ReadinessEvent<'_>) {
    match event {
        ReadinessEvent::Started { check, number, of } => {
            eprintln!("[{number}/{of}] {}: {}", check.id(), check.line());
        }
        ReadinessEvent::Ended { report } => {
            let seconds = report.took_ms as f64 / 1000.0;
            eprintln!("      {} in {seconds:.1} s", report.state.name());
        }
        _ => {}
    }
}
