//! Each thing that a member must have, taken away.

use crate::tidy::tests::found;
use crate::workspace::Workspace;
use crate::workspace::sample::sound;

use super::check;

/// What is found once `remove` has taken something away from the sample.
fn without(remove: impl FnOnce(&mut Workspace)) -> Vec<(String, String)> {
    let mut workspace = sound();
    remove(&mut workspace);
    found(check, &workspace)
}

#[test]
fn a_missing_readme_is_found() {
    let path = "crates/measure/README.md";
    assert_eq!(
        without(|workspace| drop(workspace.files.remove(path))),
        [(path.to_owned(), "there is no README".to_owned())]
    );
    assert_eq!(
        without(|workspace| workspace.write(path, "# tuneup-measure\n")),
        [(
            path.to_owned(),
            "the README does not say how to get at the crate".to_owned()
        )]
    );
}

#[test]
fn a_readme_that_is_not_the_documentation_is_found() {
    let library = "crates/measure/src/lib.rs";
    assert_eq!(
        without(|workspace| workspace.write(library, "//! Measures.\n")),
        [(
            library.to_owned(),
            "the crate's documentation is not its README".to_owned()
        )]
    );
}

#[test]
fn a_crate_without_a_guide_is_found() {
    let guide = "docs/src/guide/measure.md";
    assert_eq!(
        without(|workspace| drop(workspace.files.remove(guide))),
        [(
            guide.to_owned(),
            "the book has no guide to the crate".to_owned()
        )]
    );
}

#[test]
fn a_missing_example_is_found() {
    assert_eq!(
        without(|workspace| workspace
            .member_mut("tuneup-measure")
            .targets
            .retain(|target| target.kind != "example")),
        [(
            "crates/measure/examples".to_owned(),
            "there is no example".to_owned()
        )]
    );
}

#[test]
fn a_program_is_installed_and_needs_no_example() {
    let program = |workspace: &mut Workspace, readme: &str| {
        let targets = &mut workspace.member_mut("tuneup-measure").targets;
        targets.retain(|target| target.kind == "lib");
        targets[0].kind = "bin".to_owned();
        workspace.write("crates/measure/README.md", readme);
    };
    assert_eq!(without(|workspace| program(workspace, "cargo install")), []);
    assert_eq!(
        without(|workspace| program(workspace, "cargo add")),
        [(
            "crates/measure/README.md".to_owned(),
            "the README does not say how to get at the crate".to_owned()
        )]
    );
}

#[test]
fn a_missing_description_and_licence_are_found() {
    let manifest = "crates/measure/Cargo.toml".to_owned();
    assert_eq!(
        without(|workspace| {
            workspace.member_mut("tuneup-measure").description = Some(" ".to_owned());
            workspace.member_mut("tuneup-measure").license = None;
        }),
        [
            (manifest.clone(), "there is no description".to_owned()),
            (manifest, "there is no licence".to_owned())
        ]
    );
}

#[test]
fn a_licence_text_that_is_missing_or_different_is_found() {
    let what = "the licence text is missing or not the root's".to_owned();
    assert_eq!(
        without(|workspace| {
            workspace.files.remove("crates/measure/LICENSE-APACHE");
            workspace.write("crates/report/LICENSE-MIT", "another text");
        }),
        [
            ("crates/measure/LICENSE-APACHE".to_owned(), what.clone()),
            ("crates/report/LICENSE-MIT".to_owned(), what)
        ]
    );
}

#[test]
fn a_member_without_the_workspaces_lints_is_found() {
    assert_eq!(
        without(|workspace| drop(
            workspace
                .member_mut("tuneup-benches")
                .manifest
                .remove("lints")
        )),
        [(
            "benches/Cargo.toml".to_owned(),
            "the workspace's lints are not in force".to_owned()
        )]
    );
}

#[test]
fn a_member_with_an_edition_of_its_own_is_found() {
    assert_eq!(
        without(|workspace| {
            let text = "package.edition = \"2021\"\npackage.license.workspace = true\nlints.workspace = true\n";
            workspace.member_mut("tuneup-benches").manifest = text.parse().unwrap();
        }),
        [(
            "benches/Cargo.toml".to_owned(),
            "`edition` is not the workspace's".to_owned()
        )]
    );
}

#[test]
fn a_workspace_that_does_not_ask_for_documentation_is_found() {
    assert_eq!(
        without(|workspace| workspace.manifest = toml::Table::new()),
        [(
            "Cargo.toml".to_owned(),
            "[workspace.lints.rust] does not ask for missing_docs".to_owned()
        )]
    );
}
