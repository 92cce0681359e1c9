//! The minimum Rust version is written once, in `[workspace.package]`; everything else inherits it or agrees.

use crate::workspace::{Member, Workspace};

use super::problem::Problem;

const TOOLCHAIN: &str = "rust-toolchain.toml";

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let Some(msrv) = workspace.package_value("rust-version") else {
        let what = "the workspace has no minimum Rust version";
        return vec![Problem::error(
            "Cargo.toml",
            what,
            "write `rust-version` into [workspace.package]",
        )];
    };
    let mut problems = toolchain(workspace, msrv);
    problems.extend(workspace.members.iter().filter_map(manifest));
    problems.extend(clippy(workspace));
    for (path, text) in &workspace.files {
        if path.ends_with(".md") && path != "CHANGELOG.md" {
            problems.extend(prose(path, text, msrv));
        }
    }
    problems
}

fn manifest(member: &Member) -> Option<Problem> {
    let stated = member
        .manifest
        .get("package")
        .and_then(|package| package.get("rust-version"));
    let inherited = stated.is_some_and(|value| value.get("workspace").is_some());
    (!inherited).then(|| {
        let what = "the minimum Rust version is not the workspace's";
        Problem::error(
            member.path("Cargo.toml"),
            what,
            "write `rust-version.workspace = true`",
        )
    })
}

fn clippy(workspace: &Workspace) -> Option<Problem> {
    let path = "clippy.toml";
    let repeated = workspace
        .file(path)
        .is_some_and(|text| text.lines().any(|line| line.starts_with("msrv")));
    repeated.then(|| {
        Problem::error(
            path,
            "`msrv` is written a second time",
            "remove it: Clippy reads rust-version",
        )
    })
}

fn prose(path: &str, text: &str, msrv: &str) -> Vec<Problem> {
    let others = mentions(text).filter(|(_, version)| version != msrv);
    others
        .map(|(line, version)| {
            let what = format!("Rust {version} is named, and the minimum is {msrv}");
            Problem::error(
                format!("{path}:{line}"),
                what,
                format!("write {msrv}, or leave the version out"),
            )
        })
        .collect()
}

fn toolchain(workspace: &Workspace, msrv: &str) -> Vec<Problem> {
    let table: Option<toml::Table> = workspace.file(TOOLCHAIN).and_then(|text| text.parse().ok());
    let channel = table
        .as_ref()
        .and_then(|table| table.get("toolchain")?.get("channel")?.as_str());
    let release =
        channel.map(|channel| channel.splitn(3, '.').take(2).collect::<Vec<_>>().join("."));
    if release.as_deref() == Some(msrv) {
        return Vec::new();
    }
    let what = format!(
        "the toolchain is {}, and the minimum Rust version {msrv}",
        channel.unwrap_or("not given")
    );
    vec![Problem::error(
        TOOLCHAIN,
        what,
        "raise both together: what is tested is what is promised",
    )]
}

/// Lines and versions of `Rust 1.95`, `rustc 1.95` and `rust-version 1.95` in a text.
fn mentions(text: &str) -> impl Iterator<Item = (usize, String)> {
    text.lines().enumerate().flat_map(|(index, line)| {
        let words: Vec<&str> = line
            .split(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c))
            .collect();
        let pairs: Vec<_> = words
            .windows(2)
            .filter(|pair| matches!(pair[0], "Rust" | "rustc" | "rust-version"))
            .filter_map(|pair| Some((index + 1, minor_version(pair[1])?)))
            .collect();
        pairs
    })
}

/// `1.95` of `1.95`, `1.95.0` and `1.95.`; nothing of other words.
fn minor_version(word: &str) -> Option<String> {
    let mut parts = word.split('.');
    let (major, minor) = (parts.next()?, parts.next()?);
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (number(major) && number(minor)).then(|| format!("{major}.{minor}"))
}

#[cfg(test)]
mod tests;
