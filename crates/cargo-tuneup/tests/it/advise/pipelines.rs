//! Pipelines: stages that do too little, and one that all wait for.

use super::{advised, assert_near, only, rules, saved::pipeline, share};

const MS: u64 = 1_000_000;

#[test]
fn stages_that_do_less_than_handing_over_takes_are_told_from_those_that_work() {
    // 20 ns for an item, in a run of 500 ns for each.
    let advice = advised(&[&pipeline(100_000, 2, 2 * MS, 50 * MS)], &[]);
    let finding = only(&advice, "parallel");
    assert_eq!(finding["evidence"]["items"], 100_000);
    assert_near(share(finding), 0.96);
    let busy = advised(
        &[&pipeline(100_000, 2, 900 * MS, 460 * MS)],
        &["--at-least", "100%"],
    );
    assert!(rules(&busy).is_empty(), "{busy:#}");
}

#[test]
fn the_stage_that_all_wait_for_is_found_unless_it_has_all_workers_that_help() {
    let advice = advised(&[&pipeline(100, 2, 400 * MS, 210 * MS)], &[]);
    let finding = only(&advice, "pipeline");
    assert_eq!(finding["where"]["name"], "parse");
    assert_eq!(finding["evidence"]["workers_needed"], 100);
    assert_near(share(finding), 200.0 * 0.98 / 210.0);
    let all = advised(&[&pipeline(100, 100, 400 * MS, 210 * MS)], &[]);
    assert!(rules(&all).is_empty(), "{all:#}");
}
