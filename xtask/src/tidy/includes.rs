//! The book in docs/ shows code that exists: every included file and anchor is there, and every page is in the summary.

use crate::workspace::{Workspace, resolve};

use super::problem::Problem;

const SUMMARY: &str = "docs/src/SUMMARY.md";

/// mdBook's directives that take a file.
const DIRECTIVES: &[&str] = &["{{#include ", "{{#rustdoc_include ", "{{#playground "];

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let mut problems = Vec::new();
    let pages = workspace
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("docs/src/") && path.ends_with(".md"));
    for (path, text) in pages {
        for (index, line) in text.lines().enumerate() {
            let included = included(line)
                .into_iter()
                .filter_map(|target| missing(workspace, path, target));
            problems.extend(
                included.map(|(what, mend)| {
                    Problem::error(format!("{path}:{}", index + 1), what, mend)
                }),
            );
        }
        problems.extend(unlisted(workspace, path));
    }
    problems
}

/// The arguments of the include directives of a line. mdBook leaves a directive after a backslash alone.
fn included(line: &str) -> Vec<&str> {
    let starts = DIRECTIVES
        .iter()
        .flat_map(|directive| line.match_indices(directive));
    let live = starts.filter(|(at, _)| !line[..*at].ends_with('\\'));
    live.filter_map(|(at, directive)| {
        let rest = &line[at + directive.len()..];
        rest[..rest.find("}}")?].split_whitespace().next()
    })
    .collect()
}

fn missing(workspace: &Workspace, page: &str, target: &str) -> Option<(String, String)> {
    let (file, part) = target.split_once(':').unwrap_or((target, ""));
    let path = resolve(page, file);
    let Some(text) = workspace.file(&path) else {
        return Some((
            format!("the included file {path} is missing"),
            "correct the path: it counts from the page".to_owned(),
        ));
    };
    let is_lines = part
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b':');
    if is_lines || has_anchor(text, "ANCHOR", part) && has_anchor(text, "ANCHOR_END", part) {
        return None;
    }
    let mend =
        format!("mark the lines in {path} with `// ANCHOR: {part}` and `// ANCHOR_END: {part}`");
    Some((format!("{path} has no anchor `{part}`"), mend))
}

fn has_anchor(text: &str, kind: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let marked = line
            .split_once(kind)
            .and_then(|(_, rest)| rest.strip_prefix(':'));
        marked.and_then(|rest| rest.split_whitespace().next()) == Some(name)
    })
}

/// A page that the summary does not name is not built. Fragments that other pages include are named there.
fn unlisted(workspace: &Workspace, path: &str) -> Option<Problem> {
    let name = path.strip_prefix("docs/src/")?;
    let in_summary = workspace.file(SUMMARY).is_some_and(|text| {
        text.contains(&format!("({name})")) || text.contains(&format!("(./{name})"))
    });
    let is_included = || {
        workspace.files.iter().any(|(page, text)| {
            page.starts_with("docs/src/")
                && text
                    .lines()
                    .flat_map(included)
                    .any(|target| resolve(page, target.split(':').next().unwrap_or(target)) == path)
        })
    };
    (path != SUMMARY && !in_summary && !is_included()).then(|| {
        Problem::error(
            path,
            "the page is not in the book",
            "name it in docs/src/SUMMARY.md, or remove it",
        )
    })
}

#[cfg(test)]
mod tests;
