//! Benchmarks: behind a peer, beyond a promise, faster growing than claimed, allocating, and slower than they were.

use serde_json::{Value, json};

use super::{advised, assert_near, only, rules, saved::bench, share};

/// The own case, to be changed.
fn own(results: &mut Value) -> &mut Value {
    &mut results["benches"][0]["cases"][1]
}

#[test]
fn a_case_that_is_surely_behind_its_peer_is_told_from_one_that_may_be() {
    let mut results = bench();
    assert!(rules(&advised(&[&results], &[])).is_empty());
    own(&mut results)["ratio"] = json!({ "to": "peer", "estimate": 2.0, "low": 1.9, "high": 2.1 });
    let advice = advised(&[&results], &[]);
    let finding = only(&advice, "peer");
    assert_eq!(finding["where"]["name"], "text/words/own");
    assert_near(share(finding), 0.5);
    own(&mut results)["ratio"]["low"] = json!(0.95);
    assert!(rules(&advised(&[&results], &[])).is_empty());
}

#[test]
fn a_promise_that_is_surely_missed_is_found() {
    let mut results = bench();
    let ratio = |estimate: f64, low: f64| json!({ "case": "own", "at_most": 0.5, "ratio": { "to": "peer", "estimate": estimate, "low": low, "high": 1.1 } });
    results["benches"][0]["figures"] = json!([ratio(1.0, 0.9)]);
    let advice = advised(&[&results], &[]);
    assert_near(share(only(&advice, "promise")), 0.5);
    for kept in [ratio(0.6, 0.45), ratio(0.4, 0.3)] {
        results["benches"][0]["figures"] = json!([kept]);
        assert!(rules(&advised(&[&results], &[])).is_empty());
    }
}

#[test]
fn growth_that_nobody_has_claimed_is_found() {
    let of = |class: &str, claimed: Option<&str>, confidence: f64| {
        let mut results = bench();
        own(&mut results)["complexity"] = json!({
            "class": class, "confidence": confidence, "claimed": claimed,
            "points": [[64.0, 4_096.0], [1_024.0, 1_048_576.0]], "fitted": [[64.0, 4_096.0], [1_024.0, 1_048_576.0]],
        });
        results
    };
    for claimed in [None, Some("O(n)")] {
        let advice = advised(&[&of("O(n²)", claimed, 0.97)], &[]);
        let finding = only(&advice, "complexity");
        assert!(share(finding) > 0.85, "{finding:#}");
        assert_eq!(finding["evidence"]["size_large"], 1_024);
    }
    for fine in [
        of("O(n²)", Some("O(n²)"), 0.97),
        of("O(n log n)", None, 0.97),
        of("O(n²)", None, 0.6),
        of("O(n) or O(n²)", None, 0.97),
    ] {
        assert!(rules(&advised(&[&fine], &[])).is_empty());
    }
}

#[test]
fn a_block_for_each_item_is_told_from_a_few_blocks() {
    let of = |blocks: u64| {
        let mut results = bench();
        own(&mut results)["heap"] =
            json!({ "blocks": blocks, "bytes": 24 * blocks, "peak_bytes": 24 });
        own(&mut results)["alternating_ns"] = json!(60_000.0);
        results
    };
    let advice = advised(&[&of(1_000)], &[]);
    assert_near(share(only(&advice, "allocations")), 15.0 / 60.0);
    assert!(rules(&advised(&[&of(10)], &[])).is_empty());
}

#[cfg(feature = "history")]
#[test]
fn a_bench_that_has_become_slower_is_told_from_one_that_has_become_faster_again() {
    use tuneup_benchmarking::{History, HistoryResult, HistoryRun, Machine};

    let of = |values: &[f64]| {
        let folder = super::folder();
        let path = folder.path().join("history.sqlite");
        let mut history = History::open(&path).unwrap();
        for (run, value) in values.iter().enumerate() {
            let run = HistoryRun::new(Machine::detect())
                .with_commit(format!("c{run}"))
                .with_result(HistoryResult::new("text/words", "ns", *value));
            history.append(&run).unwrap();
        }
        drop(history);
        super::advised_of(&[path.to_str().unwrap().to_owned()], &[])
    };
    let advice = of(&[
        100.0, 101.0, 99.0, 100.0, 101.0, 150.0, 151.0, 149.0, 150.0, 151.0,
    ]);
    let finding = only(&advice, "regression");
    assert!(
        finding["title"]
            .as_str()
            .unwrap()
            .ends_with("times as long since commit c5"),
        "{finding:#}"
    );
    assert!(
        finding["advice"]
            .as_str()
            .unwrap()
            .contains("git log c4..c5")
    );
    assert_near(share(finding), 1.0 - 100.2 / 150.2);
    let mended = [
        100.0, 101.0, 99.0, 100.0, 101.0, 150.0, 151.0, 149.0, 150.0, 151.0, 100.0, 101.0, 99.0,
        100.0, 101.0,
    ];
    assert!(rules(&of(&mended)).is_empty());
    assert!(
        of(&[1.0, 2.0])["notes"][0]
            .as_str()
            .unwrap()
            .contains("fewer show no level")
    );
}

#[cfg(not(feature = "history"))]
#[test]
fn a_history_is_known_even_if_this_build_cannot_read_it() {
    let folder = super::folder();
    let path = folder.path().join("history.sqlite");
    std::fs::write(&path, b"SQLite format 3\0 and so on").unwrap();
    let error = crate::complaint(&["advise", path.to_str().unwrap()]);
    assert!(
        error.contains("install it again with `--features history`"),
        "{error}"
    );
}
