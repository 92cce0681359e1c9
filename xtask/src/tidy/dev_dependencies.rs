//! A sibling is a dev-dependency by path alone.
//!
//! With a version, publishing needs the sibling in the registry first, and a cycle through tests can never be published.

use cargo_metadata::DependencyKind;

use crate::workspace::Workspace;

use super::problem::Problem;

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let mut problems = Vec::new();
    for member in &workspace.members {
        for dependency in &member.dependencies {
            let sibling = workspace.member(&dependency.name);
            if let Some(sibling) = sibling
                && dependency.kind == DependencyKind::Development
                && dependency.versioned
            {
                let what = format!("the dev-dependency {} has a version", dependency.name);
                let up = "../".repeat(member.folder.split('/').count());
                let mend = format!(
                    "write `{} = {{ path = \"{up}{}\" }}`",
                    dependency.name, sibling.folder
                );
                problems.push(Problem::error(member.path("Cargo.toml"), what, mend));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests;
