//! Heap snapshots: blocks that hardly live, and sites that never stop growing.

use serde_json::{Value, json};

use super::{advised, assert_near, only, rules, saved::snapshot, share};

#[test]
fn blocks_that_are_freed_at_once_are_told_from_those_that_live() {
    let of = |temporary: u64| {
        snapshot(
            1,
            &[
                ("app::word", 0, 900_000, temporary),
                ("app::index", 100_000, 100_000, 0),
            ],
        )
    };
    let advice = advised(&[&of(800_000)], &[]);
    let finding = only(&advice, "temporary-allocations");
    assert_eq!(
        finding["where"],
        json!({ "name": "app::word", "file": "src/main.rs", "line": 7 })
    );
    assert_near(share(finding), 0.8);
    assert_eq!(finding["call"], "Pool");
    assert!(rules(&advised(&[&of(100_000)], &[])).is_empty());
    assert!(
        advice["notes"][0]
            .as_str()
            .unwrap()
            .contains("one snapshot does not say what grows")
    );
}

#[test]
fn rare_blocks_are_nobodys_hot_path() {
    let advice = advised(&[&snapshot(99, &[("app::word", 0, 2_000, 2_000)])], &[]);
    assert!(rules(&advice).is_empty(), "{advice:#}");
}

/// Snapshots a minute apart, in which one site has so many live blocks.
fn series(live: &[u64]) -> Vec<Value> {
    let one = |(minute, live): (usize, &u64)| {
        snapshot(
            60 * minute as u64,
            &[
                ("app::keep", *live, 10_000, 0),
                ("app::other", 5_000, 5_000, 0),
            ],
        )
    };
    live.iter().enumerate().map(one).collect()
}

fn advice_of(live: &[u64]) -> Value {
    let series = series(live);
    advised(&series.iter().collect::<Vec<_>>(), &[])
}

#[test]
fn what_grows_from_snapshot_to_snapshot_is_told_from_what_comes_and_goes() {
    let advice = advice_of(&[1_000, 2_000, 3_000, 4_000, 5_000]);
    let finding = only(&advice, "leak");
    assert_eq!(finding["evidence"]["growth_per_minute_bytes"], 100_000);
    assert_eq!(finding["where"]["name"], "app::keep");
    assert_near(share(finding), 4_000.0 / 10_000.0);
    assert!(
        finding["advice"]
            .as_str()
            .unwrap()
            .contains("A cache that fills looks the same")
    );
    for live in [
        &[5_000, 5_000, 5_000][..],
        &[1_000, 5_000, 2_000],
        &[5_000, 3_000],
        &[1_000, 1_001],
        &[0, 0, 0, 5_000, 5_000, 5_000],
    ] {
        let advice = advice_of(live);
        assert!(rules(&advice).is_empty(), "{live:?}: {advice:#}");
    }
}

#[test]
fn a_cache_that_is_full_is_told_from_a_leak_by_ten_snapshots() {
    let full = [
        1_000, 3_000, 5_000, 7_000, 9_000, 9_000, 9_000, 9_000, 9_000, 9_000,
    ];
    assert!(rules(&advice_of(&full)).is_empty());
    let advice = advice_of(&[
        1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 10_000,
    ]);
    let finding = only(&advice, "leak");
    assert!(
        !finding["advice"]
            .as_str()
            .unwrap()
            .contains("looks the same")
    );
}

#[test]
fn snapshots_of_different_programs_are_not_compared() {
    let mut series = series(&[1_000, 9_000]);
    series[1]["program"] = json!("other");
    let advice = advised(&[&series[0], &series[1]], &[]);
    assert!(rules(&advice).is_empty(), "{advice:#}");
    assert_eq!(advice["notes"].as_array().unwrap().len(), 2);
}
