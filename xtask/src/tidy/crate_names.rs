//! ARCHITECTURE.md and the workspace name the same crates: the picture, the table and `cargo metadata` agree.

use crate::workspace::Workspace;

use super::architecture::{Architecture, PATH, Row};
use super::problem::Problem;

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let architecture = match Architecture::of(workspace) {
        Ok(architecture) => architecture,
        Err(problem) => return vec![problem],
    };
    let mut problems: Vec<Problem> = architecture
        .rows
        .iter()
        .filter_map(|row| row_against_workspace(workspace, row))
        .collect();
    problems.extend(
        architecture
            .rows
            .iter()
            .filter_map(|row| row_against_picture(&architecture, row)),
    );
    problems.extend(missing_rows(workspace, &architecture));
    problems.extend(places_without_row(&architecture));
    problems.extend(unknown_names(workspace, &architecture));
    problems
}

fn row_against_workspace(workspace: &Workspace, row: &Row) -> Option<Problem> {
    let place = format!("{PATH}:{}", row.line);
    let Some(package) = &row.package else {
        let folder = format!("{}/", row.folder);
        let exists = workspace.files.keys().any(|path| path.starts_with(&folder));
        return (!exists && !row.planned).then(|| {
            Problem::error(
                place,
                format!("there is no folder `{}`", row.folder),
                "mark the row `planned`, or remove it",
            )
        });
    };
    match (workspace.member(package), row.planned) {
        (None, false) => Some(Problem::error(
            place,
            format!("`{package}` is not a member of the workspace"),
            "mark the row `planned` until the crate has content, or remove it",
        )),
        (Some(_), true) => Some(Problem::error(
            place,
            format!("`{package}` is marked `planned` and is a member of the workspace"),
            "mark the row `here`, and take the brackets off in the layer picture",
        )),
        (Some(member), false) if member.folder != row.folder => Some(Problem::error(
            place,
            format!(
                "`{package}` is in `{}`, not in `{}`",
                member.folder, row.folder
            ),
            "correct the folder",
        )),
        _ => None,
    }
}

fn row_against_picture(architecture: &Architecture, row: &Row) -> Option<Problem> {
    let package = row.package.as_ref()?;
    let place = format!("{PATH}:{}", row.line);
    match architecture.place(row.short_name()) {
        None => Some(Problem::error(
            place,
            format!("`{package}` has no place in the layer picture"),
            format!("write `{}` into its layer", row.short_name()),
        )),
        Some(drawn) if drawn.planned != row.planned => Some(Problem::error(
            format!("{PATH}:{}", drawn.line),
            format!(
                "the picture and the table (line {}) disagree on whether `{package}` is planned",
                row.line
            ),
            "brackets in the picture go with `planned` in the table",
        )),
        Some(_) => None,
    }
}

fn missing_rows(workspace: &Workspace, architecture: &Architecture) -> Vec<Problem> {
    let listed = |name: &str| {
        architecture
            .rows
            .iter()
            .any(|row| row.package.as_deref() == Some(name))
    };
    let missing = workspace
        .members
        .iter()
        .filter(|member| !listed(&member.name));
    missing
        .map(|member| {
            let what = format!("`{}` is not in the table of folders", member.name);
            let mend = format!(
                "add the row | `{}` | `{}` | here | what it has room for |",
                member.folder, member.name
            );
            Problem::error(PATH, what, mend)
        })
        .collect()
}

fn places_without_row(architecture: &Architecture) -> Vec<Problem> {
    let listed = |name: &str| {
        architecture
            .rows
            .iter()
            .any(|row| row.package.is_some() && row.short_name() == name)
    };
    let without = architecture
        .places
        .iter()
        .filter(|place| !listed(&place.name));
    without
        .map(|place| {
            let what = format!(
                "`{}` is in the layer picture and not in the table of folders",
                place.name
            );
            Problem::error(
                format!("{PATH}:{}", place.line),
                what,
                "add its row, or take it out of the picture",
            )
        })
        .collect()
}

/// Names such as `tuneup-measure` anywhere in the text that belong to no row.
fn unknown_names(workspace: &Workspace, architecture: &Architecture) -> Vec<Problem> {
    let known = |name: &str| {
        architecture
            .rows
            .iter()
            .any(|row| row.package.as_deref() == Some(name))
    };
    let text = workspace.file(PATH).unwrap_or_default();
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
        for word in words.filter(|word| word.starts_with("tuneup-") && !known(word)) {
            let what = format!("`{word}` is no package of the table");
            problems.push(Problem::error(
                format!("{PATH}:{}", index + 1),
                what,
                "correct the name, or add its row",
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests;
