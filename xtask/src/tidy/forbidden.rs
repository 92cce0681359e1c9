//! What must not stand in the repository: paths of somebody's machine, leftovers, and file names that say nothing.

use crate::workspace::Workspace;

use super::problem::Problem;

/// Folders of a machine. In a text they mean that something works on one machine only.
const MACHINE_PATHS: &[&str] = &["/home/", "/root/", "/work/", "/Users/"];

/// Code and words of unfinished work.
const LEFTOVERS: &[&str] = &["todo!(", "unimplemented!(", "dbg!(", "TODO", "FIXME"];

/// Parts of a file name that do not tell what is inside.
const VAGUE: &[&str] = &[
    "common", "helpers", "misc", "new", "old", "util", "utils", "v2",
];

/// This check and its tests have to write what they forbid.
const EXEMPT: &str = "xtask/src/tidy/forbidden";

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in workspace
        .files
        .iter()
        .filter(|(path, _)| !path.starts_with(EXEMPT))
    {
        problems.extend(vague_name(path));
        for (index, line) in text.lines().enumerate() {
            let place = format!("{path}:{}", index + 1);
            problems.extend(
                MACHINE_PATHS
                    .iter()
                    .filter(|folder| is_absolute(line, folder))
                    .map(|folder| {
                        let what = format!("a path of somebody's machine: {folder}");
                        Problem::error(
                            &place,
                            what,
                            "make it relative to the workspace, or take it as an argument",
                        )
                    }),
            );
            if path.ends_with(".rs") {
                problems.extend(
                    LEFTOVERS
                        .iter()
                        .filter(|word| contains_word(line, word))
                        .map(|word| {
                            let what = format!(
                                "`{}` is a leftover of unfinished work",
                                word.trim_end_matches('(')
                            );
                            Problem::error(
                                &place,
                                what,
                                "finish it, or remove it and open an issue",
                            )
                        }),
                );
            }
        }
    }
    problems
}

fn vague_name(path: &str) -> Option<Problem> {
    let mut words = path.split(['/', '.', '-', '_']).map(str::to_lowercase);
    let word = words.find(|word| VAGUE.contains(&word.as_str()))?;
    let mend = "name it after what is inside, with a noun of the field";
    Some(Problem::error(
        path,
        format!("`{word}` in the name does not tell what is inside"),
        mend,
    ))
}

/// Whether the line has the folder as the beginning of a path, and not in the middle of one or of an address.
fn is_absolute(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"._-~/}*)>".contains(c))
    })
}

fn contains_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_part) && (word.ends_with('(') || !after.is_some_and(is_part))
    })
}

#[cfg(test)]
mod tests;
