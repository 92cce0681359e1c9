//! `cargo xtask ready`: whether the workspace is fit to be released, each answer by a command that really ran.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result};
use clap::Args;
use tuneup_packaging::{
    Area, Check, LicencePolicy, PlanOptions, Readiness, ReadinessEvent, ReadinessReport,
    ReleasePlan, Repository, Selection, StandardChecks, State, System, Workspace, gather_licences,
};
use tuneup_report::{Terminal, write_file};

use crate::release::{LICENCES, PACKAGE};

#[cfg(test)]
mod tests;

/// What is told of the readiness.
#[derive(Args)]
#[command(
    after_help = "What is not known counts as failed. Security has to be complete, and all together 80 %; a release wants every check to pass. The whole of it, with\n\
    the commands, is in `tuneup/readiness/readiness.html` of the target folder."
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
    pub(crate) advisories: Option<PathBuf>,
    /// A check that says nothing here, and why; it is shown with the reason
    #[arg(long, value_name = "CHECK=REASON", value_parser = reason)]
    pub(crate) not_applicable: Vec<(String, String)>,
    /// Run what has passed for the same contents before, too
    #[arg(long)]
    again: bool,
}

fn reason(text: &str) -> std::result::Result<(String, String), String> {
    let pair = text
        .split_once('=')
        .filter(|(_, reason)| !reason.trim().is_empty());
    let (id, reason) = pair.ok_or("write CHECK=REASON, with a reason that others understand")?;
    Ok((id.to_owned(), reason.to_owned()))
}

/// What shows on the path that each crate is there for whether it has become slower; the benches of all of them take an hour.
const GATED: [&str; 6] = [
    "benchmarking/ratio",
    "caching/hits_1_threads",
    "concurrency/map_10_us",
    "measure/histogram_record",
    "memory/pair",
    "profiling/call",
];

/// Commands of READMEs that are not run, by how they begin, and why.
const NOT_RUN: &[(&str, &str)] = &[
    (
        "cargo add --path",
        "it changes the manifest of a project beside this checkout, which its reader has",
    ),
    (
        "cargo add",
        "it changes the manifest of its reader; the rehearsal of a release builds a project that depends on the package, from a registry on loopback",
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
    let unsigned = unsigned(
        "it is the artefacts of a release that are signed: `cargo xtask release` looks at them",
    );
    let report = check(&workspace, &options.knowledge, unsigned)?;
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

/// Runs the checklist on a checkout; what is known of signatures, the caller says.
pub(crate) fn check(
    workspace: &Workspace,
    knowledge: &Knowledge,
    signatures: Check<'_>,
) -> Result<ReadinessReport> {
    Ok(checklist(workspace, knowledge, signatures)?.run())
}

/// All that is checked.
fn checklist<'a>(
    workspace: &Workspace,
    knowledge: &Knowledge,
    signatures: Check<'a>,
) -> Result<Readiness<'a>> {
    let mut standard = StandardChecks::new(workspace)
        .tested_once()
        // Whether a command works does not depend on how quick its program is; what is optimized, the rehearsal of a release installs.
        .command_env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .signatures(signatures)
        .bench_gate(bench_gate(workspace));
    if let Some(database) = &knowledge.advisories {
        standard = standard.advisories(database);
    }
    for (begin, reason) in NOT_RUN {
        standard = standard.skip_command(*begin, *reason);
    }
    let mut tidy = Command::new("cargo");
    tidy.args(["--quiet", "xtask", "tidy"]);
    let mut checklist = Readiness::builder(&workspace.root)
        .checks(standard.checks())
        .check(
            Check::command(
                "tidy",
                Area::Quality,
                "the code is as ARCHITECTURE.md says",
                tidy,
            )
            .of_contents(),
        )
        .check(licences(workspace).of_contents())
        .on_event(tell);
    let root = workspace.root.clone();
    let passed = workspace.target.join("tuneup/readiness/passed.json");
    checklist = checklist.keep(passed, move || contents(&root));
    if knowledge.again {
        checklist = checklist.again();
    }
    for (id, reason) in &knowledge.not_applicable {
        checklist = checklist.not_applicable(id, reason);
    }
    Ok(checklist.build()?)
}

/// What changes the answer of a compiler or a test, beside what is committed.
const SETTINGS: [&str; 5] = [
    "CI",
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
];

/// What is checked, in a word: all that is committed, by the compiler of this machine. None where there is more than what is committed.
fn contents(root: &Path) -> Option<String> {
    let repository = Repository::open(root, &System).ok()?;
    repository.require_clean().ok()?;
    let said = |program: &str, argument: &[&str]| {
        let mut command = Command::new(program);
        let output = command.args(argument).current_dir(root).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let tree = said("git", &["rev-parse", "HEAD^{tree}"])?;
    let compiler = said("rustc", &["--version"])?;
    let settings = SETTINGS.map(|name| (name, env::var_os(name)));
    let settings = settings.iter().filter(|(_, value)| value.is_some());
    let settings: Vec<_> = settings.collect();
    Some(format!("tree {tree}, {compiler}, {settings:?}"))
}

/// The check `signatures` where there are none, for a reason.
pub(crate) fn unsigned(reason: &'static str) -> Check<'static> {
    Check::new(
        "signatures",
        Area::Security,
        "the artefacts are signed",
        "minisign -V",
        move |_| Ok(State::not_applicable(reason)),
    )
}

/// Whether something has become slower since the last release that this commit follows from.
fn bench_gate(workspace: &Workspace) -> Check<'static> {
    let check = |line: &str, state: State| {
        let about = "nothing has become slower";
        Check::new("bench-gate", Area::Performance, about, line, move |_| {
            Ok(state.clone())
        })
    };
    let line = "cargo xtask bench --against TAG";
    let plan = match ReleasePlan::load(workspace, &PlanOptions::new(), &System) {
        Ok(plan) => plan,
        Err(error) => return check(line, State::unknown(error.to_string())),
    };
    let mut released = plan
        .trains
        .iter()
        .filter_map(|train| train.released.as_ref());
    let Some(released) = released.next() else {
        return check(
            line,
            State::not_applicable("there is no earlier release to measure against"),
        );
    };
    let mut bench = Command::new("cargo");
    bench
        .args(["xtask", "bench", "--quick", "--no-peers"])
        .args(["--against", &released.tag])
        .args(GATED);
    Check::command(
        "bench-gate",
        Area::Performance,
        "nothing has become slower",
        bench,
    )
}

/// Of the program as it is handed out, and of each package with all that a user may switch on.
fn licences(workspace: &Workspace) -> Check<'static> {
    let workspace = workspace.clone();
    let about = "what the program and the packages need has a licence that we allow";
    Check::new(
        "licences",
        Area::Packaging,
        about,
        "cargo metadata",
        move |_| {
            let policy = LicencePolicy::new(LICENCES).with_standard_texts();
            let published = workspace.members.iter().filter(|one| one.is_published);
            let libraries = published.map(|one| Selection::new(&one.name).all_features());
            let selections = [Selection::new(PACKAGE)].into_iter().chain(libraries);
            let mut packages = BTreeSet::new();
            let mut problems = BTreeSet::new();
            for selection in selections {
                let licences = gather_licences(&workspace, &selection, &policy, &System)?;
                let names = licences.packages.into_iter();
                packages.extend(names.map(|package| (package.name, package.version)));
                problems.extend(licences.problems);
            }
            Ok(match problems.is_empty() {
                true => State::pass(format!("{} packages", packages.len())),
                false => State::fail(
                    Vec::from_iter(problems).join("\n"),
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
        ReadinessEvent::Ended { report } if report.passed_before.is_some() => {
            eprintln!("      {}: it has passed for the same contents", report.id);
        }
        ReadinessEvent::Ended { report } if !report.state.is_applicable() => {
            eprintln!("      {}: not applicable", report.id);
        }
        ReadinessEvent::Ended { report } => {
            let seconds = report.took_ms as f64 / 1000.0;
            eprintln!("      {} in {seconds:.1} s", report.state.name());
        }
        _ => {}
    }
}
