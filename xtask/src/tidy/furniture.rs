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
    let mut problems = Vec::new();
    let mut require = |present: bool, file: &str, what: &str, mend: &str| {
        if !present {
            problems.push(Problem::error(member.path(file), what, mend));
        }
    };
    let given =
        |value: &Option<String>| value.as_deref().is_some_and(|text| !text.trim().is_empty());
    require(
        given(&member.description),
        "Cargo.toml",
        "there is no description",
        "say in one line what the crate is for",
    );
    require(
        given(&member.license),
        "Cargo.toml",
        "there is no licence",
        "write `license.workspace = true`",
    );

    let readme = workspace
        .file(&member.path("README.md"))
        .unwrap_or_default();
    require(
        !readme.trim().is_empty(),
        "README.md",
        "there is no README",
        "one screen: what, `cargo add`, tested lines, output, costs",
    );
    require(
        readme.contains("cargo add"),
        "README.md",
        "the README does not say how to depend on the crate",
        "show `cargo add`",
    );

    let library = workspace.file(&member.path("src/lib.rs"));
    let includes_readme =
        library.is_none_or(|text| text.contains("#![doc = include_str!(\"../README.md\")]"));
    require(
        includes_readme,
        "src/lib.rs",
        "the crate's documentation is not its README",
        "begin with `#![doc = include_str!(\"../README.md\")]`, so that its lines are tested",
    );
    let has_example = member.targets.iter().any(|target| target.kind == "example");
    require(
        has_example,
        "examples",
        "there is no example",
        "add `examples/<what it shows>.rs` that is of use by itself",
    );

    for name in LICENCES {
        let text = workspace.file(&member.path(name));
        let mend = format!(
            "link it: `ln -s ../../{name} {}/{name}`; Cargo packs the file behind the link",
            member.folder
        );
        require(
            text.is_some() && text == workspace.file(name),
            name,
            "the licence text is missing or not the root's",
            &mend,
        );
    }
    problems
}

#[cfg(test)]
mod tests;
