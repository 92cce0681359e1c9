//! A minimum Rust version that is written twice, or differently.

use crate::tidy::tests::found;
use crate::workspace::sample::sound;

use super::check;

use super::mentions;

#[test]
fn a_toolchain_of_another_release_is_found() {
    let mut workspace = sound();
    workspace.write("rust-toolchain.toml", "[toolchain]\nchannel = \"1.96.1\"\n");
    assert_eq!(
        found(check, &workspace),
        [(
            "rust-toolchain.toml".to_owned(),
            "the toolchain is 1.96.1, and the minimum Rust version 1.95".to_owned()
        )]
    );
    workspace.files.remove("rust-toolchain.toml");
    assert_eq!(
        found(check, &workspace),
        [(
            "rust-toolchain.toml".to_owned(),
            "the toolchain is not given, and the minimum Rust version 1.95".to_owned()
        )]
    );
}

#[test]
fn a_member_with_a_version_of_its_own_is_found() {
    let mut workspace = sound();
    workspace.member_mut("tuneup-report").manifest =
        "package.rust-version = \"1.95\"".parse().unwrap();
    assert_eq!(
        found(check, &workspace),
        [(
            "crates/report/Cargo.toml".to_owned(),
            "the minimum Rust version is not the workspace's".to_owned()
        )]
    );
}

#[test]
fn a_readme_that_promises_another_version_is_found() {
    let mut workspace = sound();
    workspace.write("README.md", "One\n\nNeeds Rust 1.85.\n");
    assert_eq!(
        found(check, &workspace),
        [(
            "README.md:3".to_owned(),
            "Rust 1.85 is named, and the minimum is 1.95".to_owned()
        )]
    );
}

#[test]
fn a_second_version_for_clippy_is_found() {
    let mut workspace = sound();
    workspace.write("clippy.toml", "msrv = \"1.95\"\n");
    assert_eq!(
        found(check, &workspace),
        [(
            "clippy.toml".to_owned(),
            "`msrv` is written a second time".to_owned()
        )]
    );
}

#[test]
fn a_workspace_without_a_version_is_found() {
    let mut workspace = sound();
    workspace.manifest = toml::Table::new();
    assert_eq!(
        found(check, &workspace),
        [(
            "Cargo.toml".to_owned(),
            "the workspace has no minimum Rust version".to_owned()
        )]
    );
}

#[test]
fn versions_are_read_from_prose_and_not_from_other_numbers() {
    let text = "Rust 1.95 or newer\n(rustc 1.94.0)\nin Rust 2024, 1.5 ms of Rust\nneeds Rust 1.93.";
    let version = |line: usize, version: &str| (line, version.to_owned());
    assert_eq!(
        mentions(text).collect::<Vec<_>>(),
        [version(1, "1.95"), version(2, "1.94"), version(4, "1.93")]
    );
}
