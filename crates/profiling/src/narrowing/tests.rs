//! Narrowed profiles: what is left out counts for its callers.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::sample::{any_places, call, from_places, profile};

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

fn ns(ns: u64) -> Duration {
    Duration::from_nanos(ns)
}

#[test]
fn what_is_left_out_counts_for_the_nearest_caller_that_stays() {
    let all = profile([call("app::main", 1, 10).calling([
        call("lib::read", 2, 5).calling([call("app::parse", 4, 30)]),
        call("lib::skip", 1, 7),
        call("app::parse", 1, 3),
    ])]);
    let app = all.matching(&regex("^app::"));
    let names: Vec<_> = app.functions.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["(root)", "app::main", "app::parse"]);
    let main = app.function("app::main").unwrap();
    assert_eq!((main.self_time, main.cumulative), (ns(22), ns(55)));
    let parse = app.function("app::parse").unwrap();
    assert_eq!((parse.calls, parse.self_time), (5, ns(33)));
    // Both places of `parse` are one now, below `main`.
    assert_eq!(app.nodes.len(), 3);
    assert_eq!(app.nodes[2].parent, Some(1));
    assert_eq!((app.nodes[2].calls, app.nodes[2].cumulative), (5, ns(33)));
}

#[test]
fn an_expression_that_matches_nothing_leaves_the_root() {
    let nothing = profile([call("a", 1, 10)]).matching(&regex("^b$"));
    assert_eq!(nothing.functions.len(), 1);
    assert_eq!(nothing.nodes.len(), 1);
    assert_eq!(nothing.nodes[0].self_time, ns(10));
}

proptest! {
    #[test]
    fn no_time_is_lost_and_callers_stay_before_callees(places in any_places()) {
        let all = from_places(&places);
        let some = all.matching(&regex("^[ace]$"));
        let time = |profile: &Profile| profile.nodes.iter().map(|node| node.self_time).sum::<Duration>();
        prop_assert_eq!(time(&some), time(&all));
        for (index, node) in some.nodes.iter().enumerate() {
            prop_assert!(node.parent.is_none_or(|parent| parent < index));
            let name = &some.functions[node.function].name;
            prop_assert!(index == 0 || name.contains(['a', 'c', 'e']));
        }
    }
}
