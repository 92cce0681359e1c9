//! Every dependency in a manifest is used: each costs its users a download and a build.

use crate::workspace::{Member, Workspace};

use super::problem::Problem;

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let mut problems = Vec::new();
    for member in &workspace.members {
        for dependency in &member.dependencies {
            if !is_named(workspace, member, &dependency.identifier) {
                let what = format!("no source of the package names `{}`", dependency.identifier);
                let mend = "take the dependency out, and out of the features that switch it on";
                problems.push(Problem::error(member.path("Cargo.toml"), what, mend));
            }
        }
    }
    problems.extend(unshared(workspace));
    problems
}

/// Entries of `[workspace.dependencies]` that no member takes up.
fn unshared(workspace: &Workspace) -> Vec<Problem> {
    let table = workspace.manifest.get("workspace");
    let entries = table.and_then(|table| table.get("dependencies")?.as_table());
    let used = |name: &str| {
        let mut dependencies = workspace
            .members
            .iter()
            .flat_map(|member| &member.dependencies);
        dependencies.any(|dependency| dependency.identifier == name.replace('-', "_"))
    };
    let unused = entries
        .into_iter()
        .flatten()
        .filter(|(name, _)| !used(name));
    unused
        .map(|(name, _)| {
            let what = format!("no member takes `{name}` of [workspace.dependencies]");
            Problem::error("Cargo.toml", what, "remove the entry")
        })
        .collect()
}

/// Whether a source file has the name as a word. A README counts: its examples are compiled.
fn is_named(workspace: &Workspace, member: &Member, identifier: &str) -> bool {
    let is_source = |path: &str| path.ends_with(".rs") || path == "README.md";
    let mut sources = workspace
        .files
        .iter()
        .filter(|(path, _)| member.relative(path).is_some_and(is_source));
    sources.any(|(_, text)| has_word(text, identifier))
}

fn has_word(text: &str, word: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.any(|found| found == word)
}

#[cfg(test)]
mod tests;
