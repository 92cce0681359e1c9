//! Arrows that point up, sideways, or where they may not.

use cargo_metadata::DependencyKind;

use crate::tidy::tests::found;
use crate::workspace::sample::sound;

use super::check;

#[test]
fn an_arrow_up_is_found() {
    let mut workspace = sound();
    workspace.depend(
        "tuneup-measure",
        "tuneup-report",
        DependencyKind::Development,
    );
    assert_eq!(
        found(check, &workspace),
        [(
            "crates/measure/Cargo.toml".to_owned(),
            "measure (L0) depends on report (L1): the arrow points up".to_owned()
        )]
    );
}

#[test]
fn an_arrow_sideways_is_found() {
    let mut workspace = sound();
    workspace.replace("ARCHITECTURE.md", " L0   measure", " L1   measure");
    assert_eq!(
        found(check, &workspace),
        [(
            "crates/report/Cargo.toml".to_owned(),
            "report (L1) depends on measure (L1): the arrow points sideways".to_owned()
        )]
    );
}

#[test]
fn a_member_outside_the_picture_is_found() {
    let mut workspace = sound();
    workspace.replace(
        "ARCHITECTURE.md",
        " L1   report  [recorder]",
        " L1   [recorder]",
    );
    assert_eq!(
        found(check, &workspace),
        [(
            "ARCHITECTURE.md".to_owned(),
            "crates/report has no place in the layer picture".to_owned()
        )]
    );
}

#[test]
fn a_third_party_dependency_of_measure_is_found_unless_it_is_optional() {
    let mut workspace = sound();
    workspace.depend("tuneup-measure", "proptest", DependencyKind::Development);
    workspace.depend("tuneup-report", "serde", DependencyKind::Normal);
    assert_eq!(found(check, &workspace), []);
    workspace.depend("tuneup-measure", "serde", DependencyKind::Normal);
    assert_eq!(
        found(check, &workspace),
        [(
            "crates/measure/Cargo.toml".to_owned(),
            "tuneup-measure depends on serde, and is built into other people's programs".to_owned()
        )]
    );
    workspace
        .member_mut("tuneup-measure")
        .dependencies
        .last_mut()
        .unwrap()
        .optional = true;
    assert_eq!(found(check, &workspace), []);
}

#[test]
fn packaging_may_use_report_alone() {
    let mut workspace = sound();
    workspace.replace("ARCHITECTURE.md", " L4   benches", " L4   packaging");
    let benches = workspace.member_mut("tuneup-benches");
    benches.folder = "crates/packaging".to_owned();
    assert_eq!(
        found(check, &workspace),
        [(
            "crates/packaging/Cargo.toml".to_owned(),
            "packaging depends on measure, and may use report alone".to_owned()
        )]
    );
    workspace.member_mut("tuneup-benches").dependencies.clear();
    workspace.depend("tuneup-benches", "tuneup-report", DependencyKind::Normal);
    assert_eq!(found(check, &workspace), []);
}

#[test]
fn a_missing_picture_is_found() {
    let mut workspace = sound();
    workspace.files.remove("ARCHITECTURE.md");
    assert_eq!(
        found(check, &workspace),
        [(
            "ARCHITECTURE.md".to_owned(),
            "the file is missing".to_owned()
        )]
    );
}
