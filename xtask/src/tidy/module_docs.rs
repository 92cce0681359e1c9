//! Every module says what it is: each source file begins with `//!`, or with the README in its place.

use crate::workspace::Workspace;

use super::problem::Problem;

/// Folders of a package whose files are modules or programs of their own.
const FOLDERS: &[&str] = &["src/", "examples/", "benches/"];

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in &workspace.files {
        let Some(relative) = workspace
            .owner(path)
            .and_then(|member| member.relative(path))
        else {
            continue;
        };
        let is_source =
            relative.ends_with(".rs") && FOLDERS.iter().any(|folder| relative.starts_with(folder));
        if is_source && !is_test_module(relative) && !is_documented(text) {
            let mend = "begin the file with `//! ` and one sentence: what it is for";
            problems.push(Problem::error(
                path,
                "the module has no documentation",
                mend,
            ));
        }
    }
    problems
}

/// `src/x/tests.rs`, and what is under `src/x/tests/`.
fn is_test_module(relative: &str) -> bool {
    relative
        .split('/')
        .any(|part| part == "tests.rs" || part == "tests")
}

fn is_documented(text: &str) -> bool {
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    (first.starts_with("//!") && first.len() > 4) || first.starts_with("#![doc = include_str!(")
}

#[cfg(test)]
mod tests;
