//! ARCHITECTURE.md that names too much, too little or something else.

use crate::tidy::tests::found;
use crate::workspace::sample::sound;

use super::check;

#[test]
fn a_member_without_a_row_is_found() {
    let mut workspace = sound();
    workspace.replace(
        "ARCHITECTURE.md",
        "| `crates/report` | `tuneup-report` | here | tables |\n",
        "",
    );
    assert_eq!(
        found(check, &workspace),
        [
            (
                "ARCHITECTURE.md".to_owned(),
                "`tuneup-report` is not in the table of folders".to_owned()
            ),
            (
                "ARCHITECTURE.md:5".to_owned(),
                "`report` is in the layer picture and not in the table of folders".to_owned()
            ),
        ]
    );
}

#[test]
fn a_row_without_a_member_is_found() {
    let mut workspace = sound();
    workspace
        .members
        .retain(|member| member.name != "tuneup-report");
    assert_eq!(
        found(check, &workspace),
        [(
            "ARCHITECTURE.md:12".to_owned(),
            "`tuneup-report` is not a member of the workspace".to_owned()
        )]
    );
}

#[test]
fn a_planned_crate_that_exists_is_found_in_both_places() {
    let mut workspace = sound();
    workspace.replace(
        "ARCHITECTURE.md",
        "`tuneup-report` | here",
        "`tuneup-report` | planned",
    );
    assert_eq!(
        found(check, &workspace),
        [
            ("ARCHITECTURE.md:12".to_owned(), "`tuneup-report` is marked `planned` and is a member of the workspace".to_owned()),
            (
                "ARCHITECTURE.md:5".to_owned(),
                "the picture and the table (line 12) disagree on whether `tuneup-report` is planned".to_owned()
            ),
        ]
    );
}

#[test]
fn a_wrong_folder_is_found() {
    let mut workspace = sound();
    workspace.replace("ARCHITECTURE.md", "`crates/report`", "`parts/report`");
    assert_eq!(
        found(check, &workspace),
        [(
            "ARCHITECTURE.md:12".to_owned(),
            "`tuneup-report` is in `crates/report`, not in `parts/report`".to_owned()
        )]
    );
}

#[test]
fn a_row_without_a_place_is_found() {
    let mut workspace = sound();
    workspace.replace("ARCHITECTURE.md", "  [recorder]", "");
    assert_eq!(
        found(check, &workspace),
        [(
            "ARCHITECTURE.md:13".to_owned(),
            "`tuneup-recorder` has no place in the layer picture".to_owned()
        )]
    );
}

#[test]
fn a_folder_that_is_no_package_must_exist() {
    let mut workspace = sound();
    workspace.replace(
        "ARCHITECTURE.md",
        "| `benches` |",
        "| `docs` | – | here | the book |\n| `benches` |",
    );
    assert_eq!(found(check, &workspace), []);
    workspace.files.retain(|path, _| !path.starts_with("docs/"));
    assert_eq!(
        found(check, &workspace),
        [(
            "ARCHITECTURE.md:14".to_owned(),
            "there is no folder `docs`".to_owned()
        )]
    );
}

#[test]
fn an_unknown_name_in_the_text_is_found() {
    let mut workspace = sound();
    workspace.replace(
        "ARCHITECTURE.md",
        "# Architecture",
        "# Architecture of tuneup-mesure",
    );
    assert_eq!(
        found(check, &workspace),
        [(
            "ARCHITECTURE.md:1".to_owned(),
            "`tuneup-mesure` is no package of the table".to_owned()
        )]
    );
}
