//! A sibling with a version among the dev-dependencies.

use cargo_metadata::DependencyKind;

use crate::workspace::sample::sound;

use super::check;

#[test]
fn a_versioned_sibling_is_found_and_a_path_is_not() {
    let mut workspace = sound();
    workspace.depend(
        "tuneup-report",
        "tuneup-measure",
        DependencyKind::Development,
    );
    let problems = check(&workspace);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].place, "crates/report/Cargo.toml");
    assert_eq!(
        problems[0].what,
        "the dev-dependency tuneup-measure has a version"
    );
    assert_eq!(
        problems[0].mend,
        "write `tuneup-measure = { path = \"../../crates/measure\" }`"
    );

    workspace
        .member_mut("tuneup-report")
        .dependencies
        .last_mut()
        .unwrap()
        .versioned = false;
    assert_eq!(check(&workspace), []);
}

#[test]
fn a_versioned_stranger_is_not_found() {
    let mut workspace = sound();
    workspace.depend("tuneup-report", "proptest", DependencyKind::Development);
    assert_eq!(check(&workspace), []);
}
