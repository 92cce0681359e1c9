//! Dependencies between members point down the layer picture, never up and never sideways.

use crate::workspace::{Dependency, Member, Workspace};

use super::architecture::{Architecture, PATH};
use super::problem::Problem;

/// Members that may use fewer of their lower layers than the picture allows, by their names in the picture.
const AT_MOST: &[(&str, &[&str])] = &[
    ("packaging", &["report"]),
    ("caching", &["measure", "macros", "report"]),
    ("concurrency", &["measure", "macros"]),
];

/// Members that are built into other people's programs, and so have no third-party dependency by default.
const NO_THIRD_PARTY: &[&str] = &["measure", "recorder"];

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let architecture = match Architecture::of(workspace) {
        Ok(architecture) => architecture,
        Err(problem) => return vec![problem],
    };
    let mut problems = Vec::new();
    for member in &workspace.members {
        if architecture.place(member.short_name()).is_none() {
            let what = format!("{} has no place in the layer picture", member.folder);
            let mend = format!("write `{}` into its layer", member.short_name());
            problems.push(Problem::error(PATH, what, mend));
        }
        for dependency in &member.dependencies {
            problems.extend(match workspace.member(&dependency.name) {
                Some(sibling) => between(&architecture, member, sibling),
                None => third_party(member, dependency),
            });
        }
    }
    problems
}

fn between(architecture: &Architecture, member: &Member, sibling: &Member) -> Option<Problem> {
    let (user, used) = (member.short_name(), sibling.short_name());
    let upper = architecture.place(user)?.layer;
    let lower = architecture.place(used)?.layer;
    let manifest = member.path("Cargo.toml");
    if lower >= upper {
        let direction = if lower == upper { "sideways" } else { "up" };
        let what =
            format!("{user} (L{upper}) depends on {used} (L{lower}): the arrow points {direction}");
        let mend = "do without, or move what both need to a lower layer: a measuring noun to measure, drawing to report";
        return Some(Problem::error(manifest, what, mend));
    }
    let (_, allowed) = AT_MOST.iter().find(|(name, _)| *name == user)?;
    if allowed.contains(&used) {
        return None;
    }
    let what = format!(
        "{user} depends on {used}, and may use {} alone",
        allowed.join(" and ")
    );
    Some(Problem::error(
        manifest,
        what,
        "do without, so that its users build little",
    ))
}

fn third_party(member: &Member, dependency: &Dependency) -> Option<Problem> {
    let in_programs = NO_THIRD_PARTY.contains(&member.short_name());
    let by_default =
        !dependency.optional && dependency.kind != cargo_metadata::DependencyKind::Development;
    (in_programs && by_default).then(|| {
        let what = format!(
            "{} depends on {}, and is built into other people's programs",
            member.name, dependency.name
        );
        Problem::error(
            member.path("Cargo.toml"),
            what,
            "make the dependency optional behind a feature, or do without",
        )
    })
}

#[cfg(test)]
mod tests;
