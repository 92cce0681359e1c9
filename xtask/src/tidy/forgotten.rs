//! No source file is left out of the build: what no target reaches is never compiled, and its tests never run.

mod declarations;

use std::collections::BTreeSet;

use crate::workspace::{Member, Workspace};

use super::problem::Problem;
use declarations::declared_files;

/// Folder of the inputs of compile-time tests: programs of their own, not modules.
const UI: &str = "tests/ui/";

/// Inputs in here must compile, so they have no expected error beside them.
const UI_PASS: &str = "tests/ui/pass/";

/// What makes a test in a source file.
const TESTS: &[&str] = &["#[test]", "proptest!"];

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    workspace
        .members
        .iter()
        .flat_map(|member| member_problems(workspace, member))
        .collect()
}

fn member_problems(workspace: &Workspace, member: &Member) -> Vec<Problem> {
    let reached = reached(workspace, member);
    let sources = workspace.files.keys().filter(|path| path.ends_with(".rs"));
    let mut problems = Vec::new();
    for (path, relative) in sources.filter_map(|path| Some((path, member.relative(path)?))) {
        if relative.starts_with(UI) {
            problems.extend(without_expectation(workspace, path, relative));
        } else if is_packed(workspace, member, relative) {
            // Compiled elsewhere, by who unpacks it.
        } else if !reached.contains(path) {
            let what = "no target of the package compiles this file";
            problems.push(Problem::error(path, what, way_in(relative)));
        } else {
            problems.extend(without_test(workspace, path));
        }
    }
    problems.extend(unrun_ui(workspace, member));
    problems.extend(benches_without_main(member));
    problems
}

/// Whether the build script of the package names the file, to pack it into the program.
fn is_packed(workspace: &Workspace, member: &Member, relative: &str) -> bool {
    let script = workspace.file(&member.path("build.rs"));
    script.is_some_and(|script| script.contains(&format!("\"{relative}\"")))
}

/// How a file gets into the build, by its folder.
fn way_in(relative: &str) -> &'static str {
    match relative.split_once('/') {
        Some(("tests", rest)) if rest.contains('/') => {
            "declare it with `mod` in the `main.rs` beside it"
        }
        Some(("tests" | "benches" | "examples", _)) => "make it a target: name it in Cargo.toml",
        _ => "declare it with `mod` in the file above it, or remove it",
    }
}

/// Every file that the targets compile, found by following `mod` from their roots.
fn reached(workspace: &Workspace, member: &Member) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<(String, bool)> = member
        .targets
        .iter()
        .map(|target| (target.path.clone(), true))
        .collect();
    while let Some((path, is_root)) = waiting.pop() {
        let Some(text) = workspace.file(&path) else {
            continue;
        };
        if reached.insert(path.clone()) {
            waiting.extend(
                declared_files(&path, is_root, text)
                    .into_iter()
                    .map(|file| (file, false)),
            );
        }
    }
    reached
}

/// A `tests.rs` that was opened and left empty.
fn without_test(workspace: &Workspace, path: &str) -> Option<Problem> {
    let text = workspace
        .file(path)
        .filter(|_| path.ends_with("/tests.rs"))?;
    let has_tests = TESTS.iter().any(|test| text.contains(test))
        || !declared_files(path, false, text).is_empty();
    (!has_tests).then(|| {
        Problem::error(
            path,
            "there is no test in it",
            "write the tests, or remove the file and its `mod tests`",
        )
    })
}

fn without_expectation(workspace: &Workspace, path: &str, relative: &str) -> Option<Problem> {
    let expectation = format!("{}.stderr", path.trim_end_matches(".rs"));
    let complete = relative.starts_with(UI_PASS) || workspace.file(&expectation).is_some();
    (!complete).then(|| {
        let mend = "run the test with TRYBUILD=overwrite and read what it wrote; what must compile goes into tests/ui/pass";
        Problem::error(path, "the expected compiler error is missing", mend)
    })
}

fn unrun_ui(workspace: &Workspace, member: &Member) -> Option<Problem> {
    let folder = member.path(UI);
    let has_ui = workspace.files.keys().any(|path| path.starts_with(&folder));
    let runs_ui = workspace.files.iter().any(|(path, text)| {
        let relative = member.relative(path).unwrap_or_default();
        relative.starts_with("tests/") && !relative.starts_with(UI) && text.contains("tests/ui")
    });
    (has_ui && !runs_ui).then(|| {
        let mend = "add a test that hands `tests/ui/*.rs` to trybuild";
        Problem::error(folder, "no test of the package runs these files", mend)
    })
}

/// Benches that Cargo would give libtest's harness, under which the measuring code never runs.
fn benches_without_main(member: &Member) -> Vec<Problem> {
    let entries = member.manifest.get("bench").and_then(toml::Value::as_array);
    let is_own = |name: &str| {
        entries.into_iter().flatten().any(|entry| {
            entry.get("name").and_then(toml::Value::as_str) == Some(name)
                && entry.get("harness").and_then(toml::Value::as_bool) == Some(false)
        })
    };
    let benches = member
        .targets
        .iter()
        .filter(|target| target.kind == "bench" && !is_own(&target.name));
    benches
        .map(|bench| {
            let what = format!(
                "no [[bench]] of Cargo.toml says that `{}` brings its own main",
                bench.name
            );
            let mend = format!(
                "add `[[bench]]` with `name = \"{}\"` and `harness = false`",
                bench.name
            );
            Problem::error(&bench.path, what, mend)
        })
        .collect()
}

#[cfg(test)]
mod tests;
