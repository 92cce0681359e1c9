//! Versions are lock-step: every member has the workspace's version, and so has every entry for a sibling.

use crate::workspace::Workspace;

use super::problem::Problem;

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let Some(version) = workspace.package_value("version") else {
        let mend = "write `version` into [workspace.package]";
        return vec![Problem::error(
            "Cargo.toml",
            "the workspace has no version",
            mend,
        )];
    };
    let mut problems = Vec::new();
    for member in &workspace.members {
        if member.version != version {
            let what = format!(
                "{} has version {}, and the workspace {version}",
                member.name, member.version
            );
            problems.push(Problem::error(
                member.path("Cargo.toml"),
                what,
                "write `version.workspace = true`",
            ));
        }
    }
    let entries = workspace
        .manifest
        .get("workspace")
        .and_then(|table| table.get("dependencies")?.as_table());
    for (name, entry) in entries.into_iter().flatten() {
        let stated = entry.get("version").and_then(toml::Value::as_str);
        if workspace
            .member(name)
            .is_some_and(|member| member.published)
            && stated != Some(version)
        {
            let what = format!(
                "[workspace.dependencies] has {name} at {}, and the workspace is {version}",
                stated.unwrap_or("no version")
            );
            problems.push(Problem::error(
                "Cargo.toml",
                what,
                format!("write `version = \"{version}\"`"),
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests;
