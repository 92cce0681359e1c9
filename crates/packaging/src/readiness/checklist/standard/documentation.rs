//! Whether what is written is true.

use std::{fs, path::Path, process::Command};

use super::{features, listed, number};
use crate::{
    Area, Check, Error, Member, ReadmeOptions, State, Workspace,
    readiness::checklist::check::judged_as, run_readme_blocks, workspace::cargo,
};

pub(super) fn docs<'a>(all_features: bool) -> Check<'a> {
    let rest = format!("doc --workspace --no-deps{}", features(all_features));
    let line = format!("RUSTDOCFLAGS='-D warnings' cargo {rest}");
    Check::new(
        "docs",
        Area::Documentation,
        "the documentation builds without a warning",
        line,
        move |context| {
            let mut command = Command::new(cargo());
            command
                .args(rest.split(' '))
                .env("RUSTDOCFLAGS", "-D warnings")
                .env("CARGO_TERM_COLOR", "never");
            Ok(judged_as(
                &context.run(&mut command)?,
                "without a warning",
                "mend what rustdoc says",
            ))
        },
    )
}

pub(super) fn readme<'a>(workspace: Workspace, options: ReadmeOptions) -> Check<'a> {
    let line = "the commands of each README, in a fresh clone; cargo test --doc";
    Check::new(
        "readme",
        Area::Documentation,
        "what the READMEs tell one to type works",
        line,
        move |context| {
            let report = run_readme_blocks(&workspace, &options, context.runner())?;
            let mut evidence = format!(
                "{} and {} of {} were run",
                number(report.commands, "command"),
                number(report.examples, "example"),
                number(report.files.len() as u64, "file"),
            );
            if !report.skipped.is_empty() {
                evidence += &format!("; not run:\n{}", listed(&report.skipped));
            }
            if report.files.is_empty() {
                return Ok(State::fail("there is no README.md", "write one"));
            }
            if report.failed.is_empty() {
                return Ok(State::pass(evidence));
            }
            let failed: Vec<String> = report.failed.iter().map(crate::FailedBlock::text).collect();
            Ok(State::fail(
                listed(&failed),
                "mend the README or the program; what cannot run here is marked by `<!-- not run: reason -->`",
            ))
        },
    )
}

pub(super) fn changelog<'a>(workspace: Workspace) -> Check<'a> {
    let line = "grep -E '^## ' CHANGELOG.md";
    Check::new(
        "changelog",
        Area::Documentation,
        "the changelog tells of this version",
        line,
        move |_| {
            let published: Vec<&Member> = workspace.published().collect();
            let mut problems = Vec::new();
            let mut seen = Vec::new();
            for member in &published {
                let own = member.folder().join("CHANGELOG.md");
                let file = if own.is_file() {
                    own
                } else {
                    workspace.root.join("CHANGELOG.md")
                };
                let place = file
                    .strip_prefix(&workspace.root)
                    .unwrap_or(&file)
                    .display()
                    .to_string();
                match told(&file, &member.version.to_string())? {
                    Told::Version => seen.push(format!("{place} tells of {}", member.version)),
                    Told::Unreleased => seen.push(format!("{place} tells of what is not released")),
                    Told::Nothing => problems.push(format!(
                        "{place} does not tell of {} {}",
                        member.name, member.version
                    )),
                }
            }
            seen.dedup();
            Ok(match (problems.is_empty(), published.is_empty()) {
                (_, true) => State::not_applicable("no package of the workspace is published"),
                (true, _) => State::pass(seen.join("; ")),
                (false, _) => State::fail(
                    listed(&problems),
                    "write what has changed for its users below `## [Unreleased]`",
                ),
            })
        },
    )
}

/// What a changelog tells of.
enum Told {
    Version,
    /// Of changes that have no version yet.
    Unreleased,
    Nothing,
}

fn told(file: &Path, version: &str) -> Result<Told, Error> {
    let text = match fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Told::Nothing),
        text => text.map_err(Error::file("read", file))?,
    };
    let mut is_unreleased = false;
    let mut told = Told::Nothing;
    for line in text.lines() {
        let Some(heading) = line.strip_prefix("## ").or_else(|| line.strip_prefix("# ")) else {
            let is_text = !line.trim().is_empty() && !line.starts_with('#');
            if is_unreleased && is_text {
                told = Told::Unreleased;
            }
            continue;
        };
        let first = heading
            .split([' ', ']', '('])
            .find(|word| !word.is_empty())
            .unwrap_or_default();
        let first = first.trim_start_matches(['[', 'v']);
        if first == version {
            return Ok(Told::Version);
        }
        is_unreleased = first.eq_ignore_ascii_case("unreleased");
    }
    Ok(told)
}
