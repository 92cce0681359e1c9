//! Caches: too small, too short, for nothing, and what the requests say.

use std::fs;

use serde_json::json;

use super::{
    advised, advised_of, assert_near, folder, only, rules,
    saved::{cache, written},
    share,
};

#[test]
fn a_full_cache_that_lets_entries_go_is_told_from_one_that_does_not() {
    let mut info = cache(5_000, 5_000);
    assert!(rules(&advised(&[&info], &[])).is_empty());
    info["evicted"] = json!(4_900);
    let advice = advised(&[&info], &[]);
    let finding = only(&advice, "cache-size");
    assert_eq!(finding["evidence"]["evicted"], 4_900);
    // 4.9 of the 5 ms of loading and 0.5 ms of looking up.
    assert_near(share(finding), 4.9 / 5.5);
    assert_eq!(finding["gain"]["is_limit"], true);
    info["weight"] = json!(10);
    assert!(
        rules(&advised(&[&info], &[])).is_empty(),
        "there is room: something else makes them go"
    );
}

#[test]
fn entries_that_are_over_too_soon_are_found() {
    let mut info = cache(9_000, 1_000);
    info["expired"] = json!(900);
    let advice = advised(&[&info], &[]);
    let finding = only(&advice, "cache-time-to-live");
    assert_near(share(finding), 0.9 / 1.5);
}

#[test]
fn a_cache_that_costs_more_than_it_saves_is_found() {
    let mut info = cache(100, 9_900);
    (info["load_time_ns"], info["time_saved_ns"]) = (json!(9_900 * 20), json!(100 * 20));
    let advice = advised(&[&info], &["--hit", "50ns"]);
    let finding = only(&advice, "cache-cost");
    assert_near(share(finding), (500.0 - 2.0) / (500.0 + 198.0));
    assert!(rules(&advised(&[&cache(9_000, 1_000)], &[])).is_empty());
}

#[test]
fn several_caches_are_told_apart_and_few_lookups_say_nothing() {
    let mut small = cache(5_000, 5_000);
    small["evicted"] = json!(4_900);
    let advice = advised(&[&json!({ "pages": small, "users": cache(100, 1) })], &[]);
    assert_eq!(only(&advice, "cache-size")["where"]["name"], "pages");
    assert!(
        advice["notes"][0]
            .as_str()
            .unwrap()
            .contains("101 lookups say nothing")
    );
    let listed = advised(&[&json!([small])], &[]);
    assert_eq!(only(&listed, "cache-size")["where"]["name"], "cache  1");
}

/// A loop over so many keys, ten times.
fn requests(keys: u32, line: impl Fn(u32) -> String) -> String {
    (0..10 * keys).map(|request| line(request % keys)).collect()
}

#[test]
fn requests_say_which_cache_would_hit_what() {
    let folder = folder();
    let path = folder.path().join("requests");
    fs::write(&path, requests(500, |key| format!("{key}\n"))).unwrap();
    let path = path.to_str().unwrap().to_owned();
    let advice = advised_of(std::slice::from_ref(&path), &[]);
    let finding = only(&advice, "cache-size");
    assert_eq!(finding["evidence"]["size"], 500);
    assert_near(share(finding), 0.9);
    // Beside what the cache has told: as good already, or too small.
    let mut info = cache(4_500, 500);
    info["capacity"] = json!(500);
    let good = written(&folder, "good.json", &info);
    assert!(rules(&advised_of(&[path.clone(), good], &[])).is_empty());
    let mut info = cache(1_000, 4_000);
    (info["capacity"], info["evicted"]) = (json!(250), json!(3_900));
    let small = written(&folder, "small.json", &info);
    let advice = advised_of(&[path, small], &[]);
    let finding = only(&advice, "cache-size");
    assert_eq!(finding["evidence"]["size"], 500);
    assert_near(
        finding["evidence"]["hits_at_present_share"]
            .as_f64()
            .unwrap(),
        0.2,
    );
    assert_eq!(
        finding["evidence"]["miss_ns"], 1_000,
        "what the cache has measured"
    );
}

#[test]
fn keys_that_are_texts_are_read_if_asked_for_and_keys_that_never_come_again_are_no_reason() {
    let folder = folder();
    let path = folder.path().join("requests");
    fs::write(&path, requests(200, |key| format!("key {key}\n"))).unwrap();
    let advice = advised_of(&[], &["--requests", path.to_str().unwrap()]);
    assert_near(share(only(&advice, "cache-size")), 0.9);
    let once: String = (0..5_000).map(|key| format!("{key}\n")).collect();
    fs::write(&path, once).unwrap();
    assert!(rules(&advised_of(&[path.to_str().unwrap().to_owned()], &[])).is_empty());
}
