//! Dependencies that no source names, and all the places that may name one.

use cargo_metadata::DependencyKind;

use crate::tidy::tests::found;
use crate::workspace::sample::sound;

use super::check;

#[test]
fn a_dependency_that_nothing_names_is_found() {
    let mut workspace = sound();
    workspace.depend("tuneup-report", "serde-json", DependencyKind::Development);
    let problem = (
        "crates/report/Cargo.toml".to_owned(),
        "no source of the package names `serde_json`".to_owned(),
    );
    assert_eq!(found(check, &workspace), vec![problem.clone()]);

    // A longer word, or a file of another package, is no use of it.
    workspace.write("crates/report/src/clock.rs", "use my_serde_json::Value;\n");
    workspace.write("crates/measure/src/clock.rs", "use serde_json::Value;\n");
    assert_eq!(found(check, &workspace), vec![problem]);
}

#[test]
fn sources_tests_and_the_readme_count_as_uses() {
    for path in [
        "src/lib.rs",
        "tests/it/ui.rs",
        "examples/now.rs",
        "README.md",
    ] {
        let mut workspace = sound();
        workspace.depend("tuneup-report", "serde-json", DependencyKind::Normal);
        workspace.write(&format!("crates/report/{path}"), "use serde_json::Value;\n");
        assert_eq!(found(check, &workspace), [], "{path}");
    }
}

#[test]
fn a_shared_entry_that_no_member_takes_is_found() {
    let mut workspace = sound();
    let root = workspace
        .file("Cargo.toml")
        .unwrap()
        .replace("[workspace.lints", "left-over = \"1\"\n\n[workspace.lints");
    workspace.manifest = root.parse().unwrap();
    let what = "no member takes `left-over` of [workspace.dependencies]";
    assert_eq!(
        found(check, &workspace),
        [("Cargo.toml".to_owned(), what.to_owned())]
    );
}
