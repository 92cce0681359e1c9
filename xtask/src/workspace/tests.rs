//! The real workspace, read; and the texts that Cargo prints.

use super::{Workspace, packages, resolve};

#[test]
fn the_workspace_is_read_with_its_members_files_and_links() {
    let workspace = Workspace::read().unwrap();
    let measure = workspace.member("tuneup-measure").unwrap();
    assert_eq!(measure.folder, "crates/measure");
    assert_eq!(measure.short_name(), "measure");
    assert!(measure.published);
    assert!(
        measure
            .targets
            .iter()
            .any(|target| target.path == "crates/measure/src/lib.rs")
    );

    let xtask = workspace.member("xtask").unwrap();
    assert!(!xtask.published);
    assert!(
        xtask
            .dependencies
            .iter()
            .any(|dependency| dependency.name == "clap")
    );
    assert_eq!(workspace.owner("xtask/src/main.rs").unwrap().name, "xtask");
    assert_eq!(workspace.package_value("edition"), Some("2024"));

    assert_eq!(
        workspace.file("crates/measure/LICENSE-MIT"),
        workspace.file("LICENSE-MIT")
    );
    assert!(
        workspace
            .file("xtask/src/workspace/tests.rs")
            .is_some_and(|text| text.contains("read_with_its_members"))
    );
    assert!(
        !workspace
            .files
            .keys()
            .any(|path| path.starts_with("target/") || path.starts_with(".git/"))
    );
}

#[test]
fn a_package_in_two_versions_counts_twice_and_a_repeated_one_once() {
    let tree = "a v1.0.0\nsyn v2.0.1\nsyn v3.0.0\nsyn v2.0.1 (*)\nb v0.1.0 (crates/b)\n";
    assert_eq!(packages(tree), ["a", "b", "syn", "syn"]);
}

#[test]
fn names_are_resolved_from_the_file_that_has_them() {
    assert_eq!(
        resolve("docs/src/a/page.md", "../../../benches/x.rs"),
        "benches/x.rs"
    );
    assert_eq!(resolve("README.md", "./docs"), "docs");
    assert_eq!(resolve("README.md", "docs/"), "docs");
}
