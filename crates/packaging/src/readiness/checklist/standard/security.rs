//! Whether what is released can be trusted.

use std::path::PathBuf;

use super::{features, listed, number};
use crate::{
    AllowedSecrets, AllowedSource, Area, Check, FoundAdvisory, FoundSecret, State, audit_sources,
    audit_unsafe, cargo_home, find_advisories, find_secrets, find_yanked, read_unsafe_counts,
    runner::git_in,
};

pub(super) fn secrets<'a>(allowed: Option<PathBuf>) -> Check<'a> {
    let line = "git log --all -p | grep -E 'PRIVATE KEY|ghp_|AKIA'";
    Check::new(
        "secrets",
        Area::Security,
        "no secret is in the files or in the history",
        line,
        move |context| {
            let allowed = match &allowed {
                Some(file) => AllowedSecrets::read(file)?,
                None => AllowedSecrets::default(),
            };
            let report = find_secrets(context.folder(), &allowed, &context.limit())?;
            let mut read = format!(
                "{} of {}, and {} of the checkout, are without secrets",
                number(report.blobs, "file content"),
                number(report.commits, "commit"),
                number(report.files, "changed file"),
            );
            if report.allowed > 0 {
                read += &format!("; {} allowed", report.allowed);
            }
            if !report.stale.is_empty() {
                read += &format!("; allowed and not there: {}", report.stale.join(", "));
            }
            if report.found.is_empty() {
                return Ok(State::pass(read));
            }
            let lines: Vec<String> = report.found.iter().map(FoundSecret::line).collect();
            let count = number(lines.len() as u64 + report.more, "secret");
            Ok(State::fail(
                format!("{count}:\n{}", listed(&lines)),
                "revoke what is real, for everybody who has a clone has it; what is no secret goes to the allow-list with a reason",
            ))
        },
    )
}

pub(super) fn advisories<'a>(root: PathBuf, database: Option<PathBuf>) -> Check<'a> {
    let line = "cargo audit --no-fetch --db DATABASE";
    Check::new(
        "advisories",
        Area::Security,
        "no dependency has a known vulnerability",
        line,
        move |context| {
            let Some(database) = &database else {
                return Ok(State::unknown(
                    "no advisory database is given; clone rustsec/advisory-db, and give its folder by `StandardChecks::advisories`",
                ));
            };
            let report = find_advisories(&root.join("Cargo.lock"), database)?;
            let informational: Vec<String> = report
                .informational
                .iter()
                .map(FoundAdvisory::line)
                .collect();
            if report.vulnerable.is_empty() {
                let mut dated = git_in(database);
                dated.args(["log", "-1", "--no-show-signature", "--format=%cs"]);
                let dated = context.run(&mut dated)?;
                let date = String::from_utf8_lossy(&dated.stdout).trim().to_owned();
                let date = if date.is_empty() {
                    "a database without a date".to_owned()
                } else {
                    format!("the database of {date}")
                };
                let mut evidence = format!("{} and {date}", number(report.packages, "package"));
                if !informational.is_empty() {
                    evidence += &format!("; no vulnerability, but:\n{}", listed(&informational));
                }
                return Ok(State::pass(evidence));
            }
            let lines: Vec<String> = report.vulnerable.iter().map(FoundAdvisory::line).collect();
            Ok(State::fail(
                listed(&lines),
                "cargo update with a mended version, or do without the package",
            ))
        },
    )
}

pub(super) fn sources<'a>(root: PathBuf, allowed: Vec<AllowedSource>) -> Check<'a> {
    let line = "git ls-files --error-unmatch Cargo.lock && cargo metadata --locked";
    Check::new(
        "sources",
        Area::Security,
        "the lock file is complete, and its sources are known",
        line,
        move |context| {
            let report = audit_sources(&root, &allowed, context.runner())?;
            if !report.problems.is_empty() {
                return Ok(State::fail(listed(&report.problems), "as each line says"));
            }
            let mut evidence = format!(
                "{}, {} with a checksum",
                number(report.packages, "package"),
                report.verified
            );
            if !report.allowed.is_empty() {
                evidence += &format!("; allowed:\n{}", listed(&report.allowed));
            }
            Ok(State::pass(evidence))
        },
    )
}

pub(super) fn yanked<'a>(root: PathBuf) -> Check<'a> {
    let line = "cargo update --dry-run";
    Check::new(
        "yanked",
        Area::Security,
        "no version in the lock file was taken back",
        line,
        move |context| {
            let report = find_yanked(&root, &cargo_home(), context.runner())?;
            if !report.yanked.is_empty() {
                return Ok(State::fail(
                    format!("yanked: {}", report.yanked.join(", ")),
                    "cargo update --package NAME, for each of them",
                ));
            }
            if !report.missing.is_empty() {
                return Ok(State::unknown(format!(
                    "Cargo's index on this machine does not know: {}; run `cargo update --dry-run` with a network",
                    listed(&report.missing)
                )));
            }
            let age = match report.is_fresh {
                true => "asked just now",
                false => "as Cargo has seen them last; the registry could not be asked",
            };
            Ok(State::pass(format!(
                "{}, {age}",
                number(report.checked, "version")
            )))
        },
    )
}

pub(super) fn audit<'a>(root: PathBuf, recorded: Option<PathBuf>, all_features: bool) -> Check<'a> {
    let line = format!(
        "cargo clippy --workspace --all-targets{} -- -A clippy::all -D clippy::undocumented_unsafe_blocks",
        features(all_features)
    );
    Check::new(
        "unsafe",
        Area::Security,
        "each unsafe block says why it is sound",
        line,
        move |context| {
            let recorded = recorded.as_deref().map(read_unsafe_counts).transpose()?;
            let report = audit_unsafe(&root, recorded.as_ref(), all_features, context.runner())?;
            if !report.undocumented.is_empty() {
                return Ok(State::fail(
                    listed(&report.undocumented),
                    "write a comment that begins with SAFETY before each block",
                ));
            }
            if !report.silenced.is_empty() {
                return Ok(State::fail(
                    format!(
                        "nobody looks for the comments where the lint is switched off:\n{}",
                        listed(&report.silenced)
                    ),
                    "take `allow(clippy::undocumented_unsafe_blocks)` away, and write the comments",
                ));
            }
            if !report.grown.is_empty() {
                return Ok(State::fail(
                    format!(
                        "more unsafe code than was recorded:\n{}",
                        listed(&report.grown)
                    ),
                    "have somebody look at it, then record the new counts",
                ));
            }
            let mut evidence = match report.total() {
                0 => format!("{}, and nothing is unsafe", number(report.files, "file")),
                total => format!(
                    "{total} in {}, each with its reason",
                    number(report.counts.len() as u64, "file")
                ),
            };
            if !report.unreadable.is_empty() {
                evidence += &format!("; no Rust: {}", report.unreadable.join(", "));
            }
            Ok(State::pass(evidence))
        },
    )
}
