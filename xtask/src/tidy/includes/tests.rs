//! Directives whose file or anchor is gone, and pages outside the book.

use crate::tidy::tests::found;
use crate::workspace::sample::sound;

use super::check;

#[test]
fn a_missing_file_is_found() {
    let mut workspace = sound();
    workspace.files.remove("crates/measure/src/clock.rs");
    assert_eq!(
        found(check, &workspace),
        [(
            "docs/src/clocks.md:2".to_owned(),
            "the included file crates/measure/src/clock.rs is missing".to_owned()
        )]
    );
}

#[test]
fn a_missing_anchor_is_found() {
    let mut workspace = sound();
    workspace.replace(
        "crates/measure/src/clock.rs",
        "ANCHOR_END: now",
        "ANCHOR_END: nowhere",
    );
    assert_eq!(
        found(check, &workspace),
        [(
            "docs/src/clocks.md:2".to_owned(),
            "crates/measure/src/clock.rs has no anchor `now`".to_owned()
        )]
    );
}

#[test]
fn whole_files_line_ranges_and_quoted_directives_are_left_alone() {
    let mut workspace = sound();
    let text = "{{#include ../../README.md}} {{#rustdoc_include ../../README.md:1:2}} \\{{#include nowhere.rs}}\n";
    workspace.write("docs/src/clocks.md", text);
    assert_eq!(found(check, &workspace), []);
}

#[test]
fn a_page_outside_the_summary_is_found_unless_it_is_included() {
    let mut workspace = sound();
    workspace.write("docs/src/results/table.md", "| a |\n");
    assert_eq!(
        found(check, &workspace),
        [(
            "docs/src/results/table.md".to_owned(),
            "the page is not in the book".to_owned()
        )]
    );
    workspace.write("docs/src/clocks.md", "{{#include results/table.md}}\n");
    assert_eq!(found(check, &workspace), []);
}
