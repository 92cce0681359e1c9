//! Relative links in Markdown files lead to files and folders that exist.

use crate::workspace::{Workspace, resolve};

use super::problem::Problem;

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in workspace
        .files
        .iter()
        .filter(|(path, _)| path.ends_with(".md"))
    {
        for (line, link) in links(text) {
            let target = resolve(path, link.split('#').next().unwrap_or(link));
            if !exists(workspace, &target) {
                let what = format!("the link `{link}` leads to {target}, which does not exist");
                problems.push(Problem::error(
                    format!("{path}:{line}"),
                    what,
                    "correct the path: it counts from the file",
                ));
            }
        }
    }
    problems
}

/// Lines and targets of `[text](target)` outside of code, without addresses and jumps inside the page.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        // Every second part between backquotes is code.
        for prose in line.split('`').step_by(2) {
            let targets = prose
                .match_indices("](")
                .filter_map(|(at, _)| prose[at + 2..].split([')', ' ']).next());
            found.extend(
                targets
                    .filter(|target| is_relative(target))
                    .map(|target| (index + 1, target)),
            );
        }
    }
    found
}

fn is_relative(target: &str) -> bool {
    !target.is_empty() && !target.starts_with(['#', '/', '<']) && !target.contains(':')
}

fn exists(workspace: &Workspace, path: &str) -> bool {
    let folder = format!("{path}/");
    path.is_empty()
        || workspace.file(path).is_some()
        || workspace.files.keys().any(|name| name.starts_with(&folder))
}

#[cfg(test)]
mod tests;
