//! Light by default: each published crate has a written budget of third-party packages, and needs no C compiler.

use crate::workspace::{Member, Workspace};

use super::problem::Problem;

/// Third-party packages that a build with default features may compile, build dependencies included.
const BUDGETS: &[(&str, usize)] = &[
    ("tuneup-measure", 0),
    ("tuneup-macros", 4),
    ("tuneup-recorder", 0),
    ("tuneup-report", 14),
    ("tuneup-symbols", 11),
    ("tuneup-memory", 12),
    ("tuneup-caching", 12),
    ("tuneup-concurrency", 14),
    ("tuneup-profiling", 15),
    ("tuneup-benchmarking", 15),
    // For an xtask, which nobody builds into another program: Cargo's answers, manifests and messages of commits as their own projects read them.
    ("tuneup-packaging", 28),
    // A program, which nobody builds into another one.
    ("cargo-tuneup", 130),
];

/// Packages whose presence in a build means that it calls a C compiler or looks for a system library.
const C_BUILDERS: &[&str] = &["bindgen", "cc", "cmake", "pkg-config", "vcpkg"];

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    workspace
        .published()
        .flat_map(|member| against(member, BUDGETS))
        .collect()
}

fn against(member: &Member, budgets: &[(&str, usize)]) -> Vec<Problem> {
    let manifest = member.path("Cargo.toml");
    let count = member.closure.len();
    let mut problems = Vec::new();
    match budgets.iter().find(|(name, _)| *name == member.name) {
        None => problems.push(Problem::error(
            &manifest,
            format!("{} has no budget of dependencies; its default features need {count} packages", member.name),
            "write one into BUDGETS of xtask/src/tidy/weight.rs: about fifteen at most",
        )),
        Some((_, budget)) if count > *budget => problems.push(Problem::error(
            &manifest,
            format!("default features need {count} packages, and the budget is {budget}: {}", member.closure.join(" ")),
            "put the dependency behind a feature; or raise the budget in xtask/src/tidy/weight.rs and say why in the commit",
        )),
        Some(_) => {}
    }
    problems.extend(member.closure.iter().filter(|name| C_BUILDERS.contains(&name.as_str())).map(|name| {
        let what = format!("default features pull in `{name}`: they need a C compiler or a system library");
        Problem::error(&manifest, what, format!("find who brings it with `cargo tree -p {} -i {name}`, and make that a feature", member.name))
    }));
    problems
}

#[cfg(test)]
mod tests;
