//! Budgets that are missing or passed, and C compilers.

use crate::workspace::Member;

use super::against;

fn found(closure: &[&str], budgets: &[(&str, usize)]) -> Vec<String> {
    let member = Member {
        name: "tuneup-measure".to_owned(),
        closure: closure.iter().map(|name| (*name).to_owned()).collect(),
        ..Member::default()
    };
    against(&member, budgets)
        .into_iter()
        .map(|problem| problem.what)
        .collect()
}

#[test]
fn within_the_budget_nothing_is_found() {
    assert_eq!(
        found(&["libc", "serde"], &[("tuneup-measure", 2)]),
        Vec::<String>::new()
    );
}

#[test]
fn one_package_too_many_is_found_and_all_are_named() {
    assert_eq!(
        found(&["libc", "serde"], &[("tuneup-measure", 1)]),
        ["default features need 2 packages, and the budget is 1: libc serde"]
    );
}

#[test]
fn a_crate_without_a_budget_is_found() {
    assert_eq!(
        found(&["libc"], &[("tuneup-report", 1)]),
        ["tuneup-measure has no budget of dependencies; its default features need 1 packages"]
    );
}

#[test]
fn a_c_compiler_is_found_within_the_budget() {
    assert_eq!(
        found(&["cc"], &[("tuneup-measure", 1)]),
        ["default features pull in `cc`: they need a C compiler or a system library"]
    );
}
