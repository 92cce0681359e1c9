use std::time::Duration;

use super::NAMES;
use crate::{
    Error, Profile, Samples, SortKey,
    sample::{self, call, function_mut},
};

/// The functions of `profile` in the order `key`.
fn ordered(profile: &Profile, key: SortKey) -> Vec<&str> {
    profile
        .sort_by(key)
        .into_iter()
        .map(|function| function.name.as_str())
        .collect()
}

#[test]
fn every_name_leads_to_its_order() {
    for (key, names) in NAMES {
        assert_eq!(key.to_string(), names[0]);
        for name in names {
            assert_eq!(name.parse::<SortKey>().unwrap(), key, "{name}");
        }
    }
    assert_eq!(SortKey::ALL.len(), NAMES.len());
}

#[test]
fn names_of_pstats_are_known() {
    for (name, key) in [
        ("ncalls", SortKey::Calls),
        ("pcalls", SortKey::PrimitiveCalls),
        ("tottime", SortKey::SelfTime),
        ("time", SortKey::SelfTime),
        ("cumtime", SortKey::Cumulative),
        ("cumulative", SortKey::Cumulative),
        ("percall", SortKey::PerCall),
        ("name", SortKey::Name),
        ("stdname", SortKey::Name),
    ] {
        assert_eq!(name.parse::<SortKey>().unwrap(), key, "{name}");
    }
}

#[test]
fn case_and_dashes_do_not_matter() {
    for text in ["longest_poll", "Longest-Poll", " longest poll "] {
        assert_eq!(text.parse::<SortKey>().unwrap(), SortKey::LongestPoll);
    }
}

#[test]
fn an_unknown_name_is_answered_with_all_names() {
    let error = "speed".parse::<SortKey>().unwrap_err();
    assert!(matches!(&error, Error::UnknownOrder { found, .. } if found == "speed"));
    assert_eq!(
        error.to_string(),
        "functions cannot be ordered by `speed`; use one of calls, primitive_calls, self, \
         cumulative, per_call, self_per_call, max, p99, allocations, bytes, samples, waiting, \
         longest_poll, name"
    );
}

#[test]
fn numbers_go_down_and_names_up() {
    // c calls itself, so that its nine calls are one primitive call.
    let profile = sample::profile([
        call("a", 4, 100).calling([call("b", 2, 300)]),
        call("c", 1, 50).calling([call("c", 8, 150)]),
    ]);
    // a: self 100, cumulative 400, per call 25 and 100; b: 300, 300, 150 and 150; c: 200, 200, 22 and 200.
    for (key, names) in [
        (SortKey::Calls, ["c", "a", "b"]),
        (SortKey::PrimitiveCalls, ["a", "b", "c"]),
        (SortKey::SelfTime, ["b", "c", "a"]),
        (SortKey::Cumulative, ["a", "b", "c"]),
        (SortKey::PerCall, ["c", "b", "a"]),
        (SortKey::SelfPerCall, ["b", "a", "c"]),
        (SortKey::Name, ["a", "b", "c"]),
    ] {
        assert_eq!(ordered(&profile, key), names, "{key}");
    }
}

#[test]
fn what_was_not_recorded_comes_last() {
    let mut profile = sample::profile([call("a", 1, 1), call("b", 1, 1), call("c", 1, 1)]);
    let b = function_mut(&mut profile, "b");
    b.distribution = Some(sample::distribution(&[0, 0]));
    b.allocations = Some(sample::allocations((0, 5), (0, 5)));
    b.samples = Some(Samples::default());
    b.polls = Some(sample::polls(1, 1, 0, 7));
    let c = function_mut(&mut profile, "c");
    c.distribution = Some(sample::distribution(&[10, 20]));
    c.allocations = Some(sample::allocations((3, 4), (3, 4)));
    c.samples = Some(Samples {
        self_wall: 2,
        ..Samples::default()
    });
    c.polls = Some(sample::polls(1, 1, 9, 6));
    for (key, names) in [
        (SortKey::Max, ["c", "b", "a"]),
        (SortKey::P99, ["c", "b", "a"]),
        (SortKey::Allocations, ["c", "b", "a"]),
        (SortKey::AllocatedBytes, ["b", "c", "a"]),
        (SortKey::Samples, ["c", "b", "a"]),
        (SortKey::Waiting, ["c", "b", "a"]),
        (SortKey::LongestPoll, ["b", "c", "a"]),
    ] {
        assert_eq!(ordered(&profile, key), names, "{key}");
    }
    let c = function_mut(&mut profile, "c");
    c.untimed = true;
    (c.self_time, c.cumulative) = (Duration::from_secs(1), Duration::from_secs(1));
    assert_eq!(ordered(&profile, SortKey::SelfTime), ["a", "b", "c"]);
    assert_eq!(ordered(&profile, SortKey::Cumulative), ["a", "b", "c"]);
}

#[test]
fn equal_functions_are_ordered_by_name_and_place() {
    let mut profile = sample::profile([call("b", 1, 1), call("a", 1, 1), call("x", 1, 1)]);
    function_mut(&mut profile, "x").name = "a".to_owned();
    profile.functions[2].line = 7;
    let order: Vec<_> = profile
        .sort_by(SortKey::Calls)
        .into_iter()
        .map(|function| (function.name.as_str(), function.line))
        .collect();
    assert_eq!(order, [("a", 7), ("a", 30), ("b", 10)]);
}

#[test]
fn corrected_times_have_their_own_order() {
    let mut profile = sample::profile([call("a", 1, 100), call("b", 1, 90)]);
    function_mut(&mut profile, "a").corrected_self = Duration::from_nanos(10);
    assert_eq!(ordered(&profile, SortKey::SelfTime), ["a", "b"]);
    let corrected = profile.sort_by(SortKey::SelfTime).corrected();
    assert_eq!(corrected.as_slice()[0].name, "b");
}
