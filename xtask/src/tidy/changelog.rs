//! CHANGELOG.md has a section for what comes next, or for the version that is about to be released.

use crate::workspace::Workspace;

use super::problem::Problem;

const PATH: &str = "CHANGELOG.md";

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let version = workspace.package_value("version").unwrap_or_default();
    let headings = ["## [Unreleased]".to_owned(), format!("## [{version}]")];
    let text = workspace.file(PATH).unwrap_or_default();
    if text
        .lines()
        .any(|line| headings.iter().any(|heading| line.starts_with(heading)))
    {
        return Vec::new();
    }
    let what = format!("there is no section for what comes, nor for {version}");
    vec![Problem::error(
        PATH,
        what,
        "add `## [Unreleased]` above the last release",
    )]
}

#[cfg(test)]
mod tests;
