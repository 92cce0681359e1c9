//! What every member has, and what a published crate has beside: README, docs, example, description, licence.

use crate::workspace::{Member, Workspace};

use super::problem::Problem;

/// Keys that a manifest inherits, so that they are written once.
const INHERITED: &[&str] = &["edition", "license"];

/// Texts that a `.crate` file must contain. Cargo follows a symbolic link to the root's file.
const LICENCES: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT"];

pub(crate) fn check(workspace: &Workspace) -> Vec<Problem> {
    let mut problems = Vec::new();
    if lint(workspace, "missing_docs").is_none() {
        let what = "[workspace.lints.rust] does not ask for missing_docs";
        problems.push(Problem::error(
            "Cargo.toml",
            what,
            "add `missing_docs = \"warn\"`",
        ));
    }
    problems.extend(workspace.members.iter().flat_map(manifest));
    problems.extend(
        workspace
            .published()
            .flat_map(|member| published(workspace, member)),
    );
    problems
}

fn lint<'a>(workspace: &'a Workspace, name: &str) -> Option<&'a toml::Value> {
    workspace
        .manifest
        .get("workspace")?
        .get("lints")?
        .get("rust")?
        .get(name)
}

fn manifest(member: &Member) -> Vec<Problem> {
    let path = member.path("Cargo.toml");
    let inherits = |value: Option<&toml::Value>| {
        value.and_then(|value| value.get("workspace")?.as_bool()) == Some(true)
    };
    let mut problems = Vec::new();
    if !inherits(member.manifest.get("lints")) {
        let what = "the workspace's lints are not in force";
        problems.push(Problem::error(
            &path,
            what,
            "add `[lints]` with `workspace = true`",
        ));
    }
    let package = member.manifest.get("package");
    for key in INHERITED
        .iter()
        .filter(|key| !inherits(package.and_then(|package| package.get(**key))))
    {
        let what = format!("`{key}` is not the workspace's");
        problems.push(Problem::error(
            &path,
            what,
            format!("write `{key}.workspace = true`"),
        ));
    }
    problems
}

fn published(workspace: &Workspace, member: &Member) -> Vec<Problem> {
    let mut problems = description(member);
    problems.extend(documentation(workspace, member));
    problems.extend(
        LICENCES
            .iter()
            .filter_map(|name| licence(workspace, member, name)),
    );
    problems
}

/// What a registry shows of the crate.
fn description(member: &Member) -> Vec<Problem> {
    let missing =
        |value: &Option<String>| value.as_deref().is_none_or(|text| text.trim().is_empty());
    let path = member.path("Cargo.toml");
    let mut problems = Vec::new();
    if missing(&member.description) {
        let mend = "say in one line what the crate is for";
        problems.push(Problem::error(&path, "there is no description", mend));
    }
    if missing(&member.license) {
        let mend = "write `license.workspace = true`";
        problems.push(Problem::error(&path, "there is no licence", mend));
    }
    problems
}

fn documentation(workspace: &Workspace, member: &Member) -> Vec<Problem> {
    let mut problems = Vec::new();
    let has = |kind: &str| member.targets.iter().any(|target| target.kind == kind);
    // Programs are installed, and show what they do by themselves.
    let is_program = has("bin") && !has("lib");
    let how = if is_program {
        "cargo install"
    } else {
        "cargo add"
    };
    match workspace.file(&member.path("README.md")) {
        Some(text) if text.contains(how) => {}
        Some(_) => problems.push(Problem::error(
            member.path("README.md"),
            "the README does not say how to get at the crate",
            format!("show `{how}`"),
        )),
        None => problems.push(Problem::error(
            member.path("README.md"),
            "there is no README",
            "one screen: one sentence, `cargo add`, tested lines, their output, what it costs, when not to use it",
        )),
    }
    let library = workspace.file(&member.path("src/lib.rs"));
    if library.is_some_and(|text| !text.contains("#![doc = include_str!(\"../README.md\")]")) {
        problems.push(Problem::error(
            member.path("src/lib.rs"),
            "the crate's documentation is not its README",
            "begin with `#![doc = include_str!(\"../README.md\")]`, so that its lines are tested",
        ));
    }
    let guide = format!("docs/src/guide/{}.md", member.short_name());
    if workspace.file(&guide).is_none() {
        let mend = "write when to use the crate, how to set it up, and how to read what it shows";
        problems.push(Problem::error(
            guide,
            "the book has no guide to the crate",
            mend,
        ));
    }
    // Attributes are used through the crate that re-exports them: what shows them stands there.
    if !has("proc-macro") && !is_program && !has("example") {
        let mend = "add `examples/<what it shows>.rs` that is of use by itself";
        problems.push(Problem::error(
            member.path("examples"),
            "there is no example",
            mend,
        ));
    }
    problems
}

fn licence(workspace: &Workspace, member: &Member, name: &str) -> Option<Problem> {
    let text = workspace.file(&member.path(name));
    (text.is_none() || text != workspace.file(name)).then(|| {
        let what = "the licence text is missing or not the root's";
        let folder = &member.folder;
        let mend = format!(
            "link it: `ln -s ../../{name} {folder}/{name}`; Cargo packs the file behind the link"
        );
        Problem::error(member.path(name), what, mend)
    })
}

#[cfg(test)]
mod tests;
