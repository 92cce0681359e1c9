//! What caches would hit.

use std::fs;

use serde_json::Value;

use crate::{complaint, printed};

/// A loop over 90 keys, ten times.
fn looping(folder: &tempfile::TempDir) -> String {
    let path = folder.path().join("requests.txt");
    let requests: String = (0..900)
        .map(|request| format!("key {}\n", request % 90))
        .collect();
    fs::write(&path, requests).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_table_shows_policies_by_size_and_what_to_take() {
    let folder = tempfile::tempdir().unwrap();
    let trace = looping(&folder);
    let text = printed(&[
        "simulate",
        &trace,
        "--size",
        "30,90",
        "--policy",
        "lru,optimal",
    ]);
    for line in [
        "hits at a size of      30      90",
        "LRU                 0.0 %  90.0 %",
        "optimal            30.0 %  90.0 %",
        "900 requests of 90 keys, from an empty cache",
        "Take LRU with 90 entries: 90.0 % of requests hit",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}

#[test]
fn by_default_all_policies_are_tried_at_sizes_up_to_the_keys() {
    let folder = tempfile::tempdir().unwrap();
    let trace = looping(&folder);
    let text = printed(&["simulate", &trace, "--format", "json"]);
    let read: Value = serde_json::from_str(&text).unwrap();
    let outcomes = read["outcomes"].as_array().unwrap();
    // One and two per cent of 90 are one entry.
    assert_eq!(outcomes.len(), 6 * 5);
    assert_eq!(read["requests"], 900);
    assert!(
        read["advice"]["sentence"]
            .as_str()
            .unwrap()
            .starts_with("Take ")
    );
    let of_optimum: Vec<u64> = outcomes
        .iter()
        .filter(|outcome| outcome["policy"] == "optimal")
        .filter_map(|outcome| outcome["hits"].as_u64())
        .collect();
    assert!(
        of_optimum.is_sorted() && of_optimum.len() == 5,
        "{of_optimum:?}"
    );
}

#[test]
fn nothing_is_advised_of_the_optimum_alone() {
    let folder = tempfile::tempdir().unwrap();
    let trace = looping(&folder);
    let arguments = [
        "simulate", &trace, "--policy", "optimal", "--size", "9", "--format", "json",
    ];
    let read: Value = serde_json::from_str(&printed(&arguments)).unwrap();
    assert!(read["advice"].is_null());
}

#[test]
fn what_is_wrong_with_a_trace_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let trace = looping(&folder);
    let missing = folder.path().join("missing").to_str().unwrap().to_owned();
    for (arguments, expected) in [
        (&["simulate", &missing][..], "missing"),
        (
            &["simulate", &trace, "--trace-format", "lirs"],
            "requests.txt:1: expected",
        ),
        (&["simulate", &trace, "--size", "0"], "allowed is 1 or more"),
        (&["simulate", &trace, "--size", "many"], "invalid digit"),
        (
            &["simulate", &trace, "--policy", "mru"],
            "[possible values: adaptive",
        ),
        (&["simulate", &trace, "--miss", "2"], "no unit"),
    ] {
        let error = complaint(arguments);
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}
