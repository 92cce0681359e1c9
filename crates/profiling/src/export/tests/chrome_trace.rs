use proptest::prelude::*;
use serde_json::{Value, json};

use super::{any_profile, encoded, full, sample, sampled, self_times};
use crate::Profile;

fn trace(profile: &Profile) -> Value {
    serde_json::from_slice(&encoded(profile, "p.trace.json")).unwrap()
}

/// Name, begin and end of the events that last, after the keys that the format asks for were found in all of them.
fn spans(trace: &Value) -> Vec<(String, f64, f64)> {
    let mut spans = Vec::new();
    for event in trace["traceEvents"].as_array().unwrap() {
        assert!(event["pid"].is_u64() && event["tid"].is_u64(), "{event}");
        let name = event["name"].as_str().unwrap().to_owned();
        match event["ph"].as_str().unwrap() {
            "M" => assert!(event["args"]["name"].is_string(), "{event}"),
            "X" => {
                let number = |key: &str| event[key].as_f64().unwrap();
                assert!(event["cat"].is_string() && number("ts") >= 0.0 && number("dur") >= 0.0);
                spans.push((name, number("ts"), number("ts") + number("dur")));
            }
            other => panic!("{other}"),
        }
    }
    spans
}

/// Microseconds are fractions, which add up to within less than a nanosecond.
const SLACK: f64 = 5e-4;

/// Every event lies in the events that were open when it began, or after them.
fn check_nesting(spans: &[(String, f64, f64)]) {
    let mut ordered: Vec<_> = spans.iter().map(|&(_, begin, end)| (begin, end)).collect();
    ordered.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let mut open: Vec<f64> = Vec::new();
    for (begin, end) in ordered {
        while open.last().is_some_and(|&last| last <= begin + SLACK) {
            open.pop();
        }
        assert!(
            open.last().is_none_or(|&last| end <= last + SLACK),
            "{begin} to {end} in {open:?}"
        );
        open.push(end);
    }
}

#[test]
fn calls_lie_within_their_caller() {
    let trace = trace(&sample());
    assert_eq!(trace["displayTimeUnit"], "ns");
    let spans = spans(&trace);
    check_nesting(&spans);
    let spans: Vec<_> = spans
        .iter()
        .map(|(name, begin, end)| (&**name, *begin, *end))
        .collect();
    assert_eq!(
        spans,
        [
            ("shop::load", 0.0, 4321.0),
            ("shop::parse", 0.0, 4320.0),
            ("shop::parse", 0.0, 4300.0),
            ("next", 0.0, 4000.0),
            ("shop::idle", 4321.0, 4321.0),
        ]
    );
}

#[test]
fn it_says_that_it_is_added_up() {
    let note = |profile: &Profile| {
        trace(profile)["otherData"]["note"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(
        note(&sample()).contains("added up over all calls and threads; not a recording of moments")
    );
    assert!(!note(&sample()).contains("one sample"));
    assert!(note(&sampled()).contains("one microsecond is one sample"));
    let threads: Vec<Value> = trace(&sample())["traceEvents"].as_array().unwrap()[..2].to_vec();
    assert_eq!(threads[0]["args"], json!({ "name": "shop" }));
    assert_eq!(threads[1]["args"], json!({ "name": "call tree, added up" }));
}

#[test]
fn a_click_shows_what_is_known() {
    let trace = trace(&full());
    let load = &trace["traceEvents"][2];
    let expected = json!({
        "calls": 1, "self_ns": 1_000, "cumulative_ns": 4_321_000, "allocated_blocks": 4, "allocated_bytes": 400,
        "samples": 40, "file": "src/load.rs", "line": 12,
    });
    assert_eq!(load["args"], expected);
    assert_eq!(trace["traceEvents"][3]["cat"], "async");
}

#[test]
fn samples_are_as_long_as_a_microsecond() {
    let spans = spans(&trace(&sampled()));
    check_nesting(&spans);
    // 20 of its own, 30, 40 and 50 below it.
    assert_eq!(spans[0], ("shop::load".to_owned(), 0.0, 140.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_tree_is_nested_and_fills_the_timeline(profile in any_profile()) {
        let spans = spans(&trace(&profile));
        check_nesting(&spans);
        prop_assert_eq!(spans.len(), profile.nodes.len() - 1);
        let end = spans.iter().map(|span| span.2).fold(0.0, f64::max);
        prop_assert!((end - self_times(&profile) as f64 / 1e3).abs() < 0.1);
    }
}
