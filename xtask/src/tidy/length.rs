//! Files that passed 400 lines of code are asked why. A warning: length is a question, not a fault.

use crate::workspace::Workspace;

use super::problem::Problem;

/// Lines that are neither blank nor a comment.
const LIMIT: usize = 400;

/// Files that answered: path and reason.
const ALLOWED: &[(&str, &str)] = &[];

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in workspace
        .files
        .iter()
        .filter(|(path, _)| path.ends_with(".rs"))
    {
        let lines = lines_of_code(text);
        if lines > LIMIT && !ALLOWED.iter().any(|(allowed, _)| allowed == path) {
            let what = format!("{lines} lines of code, above {LIMIT}");
            let mend = "split what is more than one thing, or write the reason into ALLOWED of xtask/src/tidy/length.rs";
            problems.push(Problem::warning(path, what, mend));
        }
    }
    let stale = ALLOWED.iter().filter(|(path, _)| {
        workspace
            .file(path)
            .is_none_or(|text| lines_of_code(text) <= LIMIT)
    });
    problems.extend(stale.map(|(path, _)| {
        Problem::warning(
            *path,
            "allowed to be long, and is not",
            "take it out of ALLOWED of xtask/src/tidy/length.rs",
        )
    }));
    problems
}

fn lines_of_code(text: &str) -> usize {
    text.lines()
        .map(str::trim_start)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

#[cfg(test)]
mod tests;
