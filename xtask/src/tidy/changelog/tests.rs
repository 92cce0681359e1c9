//! A changelog without a place for the next change.

use crate::workspace::sample::sound;

use super::check;

#[test]
fn a_section_for_what_comes_or_for_this_version_is_enough() {
    let mut workspace = sound();
    assert_eq!(check(&workspace), []);
    workspace.write("CHANGELOG.md", "# Changelog\n\n## [0.1.0] - 2026-01-01\n");
    assert_eq!(check(&workspace), []);
}

#[test]
fn an_old_section_alone_is_found() {
    let mut workspace = sound();
    workspace.write("CHANGELOG.md", "# Changelog\n\n## [0.0.9] - 2026-01-01\n");
    assert_eq!(check(&workspace).len(), 1);
    workspace.files.remove("CHANGELOG.md");
    assert_eq!(check(&workspace).len(), 1);
}
