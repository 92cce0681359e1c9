//! Versions that drifted apart.

use crate::tidy::tests::found;
use crate::workspace::sample::sound;

use super::check;

#[test]
fn a_member_with_another_version_is_found() {
    let mut workspace = sound();
    workspace.member_mut("tuneup-report").version = "0.2.0".to_owned();
    assert_eq!(
        found(check, &workspace),
        [(
            "crates/report/Cargo.toml".to_owned(),
            "tuneup-report has version 0.2.0, and the workspace 0.1.0".to_owned()
        )]
    );
}

#[test]
fn an_entry_with_another_version_is_found() {
    let mut workspace = sound();
    let root = workspace
        .file("Cargo.toml")
        .unwrap()
        .replace("version = \"0.1.0\" }", "version = \"0.0.9\" }");
    workspace.manifest = root.parse().unwrap();
    assert_eq!(
        found(check, &workspace),
        [(
            "Cargo.toml".to_owned(),
            "[workspace.dependencies] has tuneup-measure at 0.0.9, and the workspace is 0.1.0"
                .to_owned()
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
            "the workspace has no version".to_owned()
        )]
    );
}
