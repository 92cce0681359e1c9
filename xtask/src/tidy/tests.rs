//! The checks together: silent on a sound workspace, and never silent about a planted fault.

use crate::workspace::Workspace;
use crate::workspace::sample::sound;

use super::{CHECKS, Problem, describe};

/// Place and text of what a check finds, for the tests of the checks.
pub(super) fn found(
    check: fn(&Workspace) -> Vec<Problem>,
    workspace: &Workspace,
) -> Vec<(String, String)> {
    check(workspace)
        .into_iter()
        .map(|problem| (problem.place, problem.what))
        .collect()
}

#[test]
fn a_sound_workspace_has_no_problem() {
    let findings = describe(&sound());
    assert_eq!(
        findings.text,
        format!("tidy: {} checks, 0 errors, 0 warnings\n", CHECKS.len())
    );
    assert_eq!(findings.errors, 0);
}

#[test]
fn all_problems_are_listed_with_place_and_mending() {
    let mut workspace = sound();
    workspace.write("CHANGELOG.md", "# Changelog\n");
    workspace.write(
        "crates/measure/src/clock.rs",
        "// ANCHOR: now\n// ANCHOR_END: now\nmod tests;\n",
    );
    let findings = describe(&workspace);
    assert_eq!(
        findings.text,
        format!(
            "error[changelog]: CHANGELOG.md: there is no section for what comes, nor for 0.1.0\n    \
             mend: add `## [Unreleased]` above the last release\n\
             error[module-docs]: crates/measure/src/clock.rs: the module has no documentation\n    \
             mend: begin the file with `//! ` and one sentence: what it is for\n\
             tidy: {} checks, 2 errors, 0 warnings\n",
            CHECKS.len()
        )
    );
    assert_eq!(findings.errors, 2);
}

#[test]
fn checks_have_different_names() {
    let mut names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), CHECKS.len());
}
