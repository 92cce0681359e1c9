//! Whether what is uploaded is complete.

use std::{path::PathBuf, process::Command};

use cargo_metadata::Package;
use semver::Version;

use super::{features, listed, number};
use crate::{
    Area, Check, Context, Error, Member, State, Workspace,
    readiness::checklist::check::judged_as,
    runner::{answer, outcome},
    workspace::{self, cargo},
};

/// Names of files that nobody wants to publish.
const UNWANTED: &[&str] = &[
    ".env",
    ".DS_Store",
    ".git",
    ".idea",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".vscode",
    "Thumbs.db",
    "core",
    "credentials.toml",
    "id_ecdsa",
    "id_ed25519",
    "id_rsa",
    "node_modules",
    "target",
];

/// Ends of such names.
const UNWANTED_ENDS: &[&str] = &[
    ".bak", ".jks", ".key", ".orig", ".p12", ".pem", ".pfx", ".profraw", ".rej", ".swp", "~",
];

pub(super) fn contents<'a>(workspace: Workspace) -> Check<'a> {
    let text = "cargo package --list --package NAME";
    Check::new(
        "contents",
        Area::Packaging,
        "the packages hold what they should",
        text,
        move |context| {
            let published: Vec<&Member> = workspace.published().collect();
            let mut problems = Vec::new();
            let mut files = 0;
            for member in &published {
                let mut list = Command::new(cargo());
                list.args([
                    "package",
                    "--list",
                    "--allow-dirty",
                    "--package",
                    &member.name,
                ]);
                list.current_dir(&workspace.root);
                let names = answer(context.runner(), &mut list)?;
                files += names.lines().count() as u64;
                problems.extend(
                    wrong(&names)
                        .into_iter()
                        .map(|problem| format!("{}: {problem}", member.name)),
                );
            }
            Ok(match (problems.is_empty(), published.len()) {
                (_, 0) => State::not_applicable("no package of the workspace is published"),
                (true, count) => State::pass(format!(
                    "{} in {}",
                    number(files, "file"),
                    number(count as u64, "package")
                )),
                (false, _) => State::fail(
                    listed(&problems),
                    "add what is missing; leave out by `exclude` in the manifest what nobody needs",
                ),
            })
        },
    )
}

/// What is wrong with a list of files.
fn wrong(names: &str) -> Vec<String> {
    let is_licence = |name: &str| {
        let name = name.to_uppercase();
        ["LICENSE", "LICENCE", "COPYING", "UNLICENSE"]
            .iter()
            .any(|begin| name.starts_with(begin))
    };
    let mut wrong: Vec<String> = Vec::new();
    if !names.lines().any(is_licence) {
        wrong.push("no text of a licence".to_owned());
    }
    if !names
        .lines()
        .any(|name| name.to_uppercase().starts_with("README"))
    {
        wrong.push("no README".to_owned());
    }
    let is_unwanted = |part: &str| {
        UNWANTED.contains(&part) || UNWANTED_ENDS.iter().any(|end| part.ends_with(end))
    };
    // Cargo itself keeps the manifest as it was written beside the one that it has made.
    let unwanted = names
        .lines()
        .filter(|name| *name != "Cargo.toml.orig" && name.split(['/', '\\']).any(is_unwanted));
    wrong.extend(unwanted.map(|name| format!("{name} is in it")));
    wrong
}

pub(super) fn metadata<'a>(root: PathBuf) -> Check<'a> {
    let text = "cargo metadata --no-deps";
    Check::new(
        "metadata",
        Area::Packaging,
        "the manifests say what a registry asks for",
        text,
        move |context| {
            let metadata = workspace::metadata(&root, context.runner())?;
            let published: Vec<&Package> = metadata
                .workspace_packages()
                .into_iter()
                .filter(|package| is_published(package))
                .collect();
            let problems: Vec<String> = published
                .iter()
                .filter_map(|package| {
                    let missing = missing(package);
                    (!missing.is_empty())
                        .then(|| format!("{} has no {}", package.name, missing.join(", no ")))
                })
                .collect();
            let repository = published.iter().all(|package| package.repository.is_some());
            let more = if repository {
                ""
            } else {
                "; not all name their repository, which is allowed"
            };
            Ok(match (problems.is_empty(), published.len()) {
                (_, 0) => State::not_applicable("no package of the workspace is published"),
                (true, count) => State::pass(format!(
                    "description, licence, readme and rust-version of {}{more}",
                    number(count as u64, "package")
                )),
                (false, _) => State::fail(listed(&problems), "add it to the manifest"),
            })
        },
    )
}

fn is_published(package: &Package) -> bool {
    package
        .publish
        .as_ref()
        .is_none_or(|registries| !registries.is_empty())
}

/// What a manifest does not say.
fn missing(package: &Package) -> Vec<&'static str> {
    let has_text =
        |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let facts = [
        ("description", has_text(&package.description)),
        (
            "license",
            has_text(&package.license) || package.license_file.is_some(),
        ),
        ("readme", package.readme.is_some()),
        ("rust-version", package.rust_version.is_some()),
    ];
    let missing = facts.iter().filter(|(_, is_there)| !is_there);
    missing.map(|(name, _)| *name).collect()
}

pub(super) fn msrv<'a>(root: PathBuf, all_features: bool) -> Check<'a> {
    let rest = format!("check --workspace{}", features(all_features));
    let text = format!("rustup run RUST-VERSION cargo {rest}");
    Check::new(
        "msrv",
        Area::Packaging,
        "the oldest compiler that is promised compiles it",
        text,
        move |context| {
            let metadata = workspace::metadata(&root, context.runner())?;
            let packages = metadata.workspace_packages().into_iter();
            let promised = packages.filter_map(|package| package.rust_version.clone());
            // What all of the workspace needs at once; who promises less is checked with the others.
            let Some(version) = promised.max() else {
                return Ok(State::not_applicable(
                    "no package promises a version of Rust",
                ));
            };
            let Some(toolchain) = toolchain(&version, context)? else {
                return Ok(State::unknown(format!(
                    "Rust {version} is not installed; run `rustup toolchain install {version}`"
                )));
            };
            let mut check = Command::new("rustup");
            check
                .args(["run", &toolchain, "cargo"])
                .args(rest.split(' '));
            if !is_usual(&version, context)? {
                // It builds everything anew; beside what is built by the usual one, neither drives the other out.
                check
                    .arg("--target-dir")
                    .arg(metadata.target_directory.join("tuneup/msrv"));
            }
            check
                .env("CARGO_TERM_COLOR", "never")
                .env_remove("RUSTC")
                .env_remove("RUSTDOC");
            let evidence = format!("Rust {version} compiles it");
            let mend = "do without what is newer, or promise a newer version";
            Ok(judged_as(&context.run(&mut check)?, &evidence, mend))
        },
    )
}

/// Whether the compiler that builds here is of this version.
fn is_usual(version: &Version, context: &Context<'_>) -> Result<bool, Error> {
    let output = context.run(Command::new("rustc").arg("--version"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.split(' ').nth(1) == Some(&version.to_string()))
}

/// The name of an installed toolchain of this version, or of a patch of it if only two numbers are promised.
fn toolchain(version: &Version, context: &Context<'_>) -> Result<Option<String>, Error> {
    let mut list = Command::new("rustup");
    list.args(["toolchain", "list", "--quiet"]);
    // Without rustup there is no other compiler than the one that runs.
    let Ok(output) = outcome(context.runner(), &mut list) else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let names = text
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    let is_it = |name: &&str| {
        let number = name.split('-').next().unwrap_or_default();
        number == version.to_string() || number == format!("{}.{}", version.major, version.minor)
    };
    Ok(names.filter(is_it).map(str::to_owned).next())
}
