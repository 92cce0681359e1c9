use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;
use tuneup_report::Terminal;

use super::{Edges, callees, callers};
use crate::{
    Error, Profile, Samples,
    sample::{self, call, function_mut},
};

/// Names of the far ends with calls, primitive calls, self and cumulative nanoseconds.
fn rows<'a>(
    edges: &'a Edges<'_>,
    far: impl Fn(&'a super::Edge<'_>) -> &'a str,
) -> Vec<(&'a str, u64, u64, u128, u128)> {
    edges
        .iter()
        .map(|edge| {
            (
                far(edge),
                edge.calls,
                edge.primitive_calls,
                edge.self_time.as_nanos(),
                edge.cumulative.as_nanos(),
            )
        })
        .collect()
}

fn callers_of<'a>(edges: &'a Edges<'_>) -> Vec<(&'a str, u64, u64, u128, u128)> {
    rows(edges, |edge| &edge.caller.name)
}

fn callees_of<'a>(edges: &'a Edges<'_>) -> Vec<(&'a str, u64, u64, u128, u128)> {
    rows(edges, |edge| &edge.callee.name)
}

/// load and reload call parse, which calls next.
fn parser() -> Profile {
    sample::profile([
        call("load", 1, 1_000).calling([
            call("parse", 2, 300).calling([call("next", 10, 700)]),
            call("next", 1, 50),
        ]),
        call("reload", 3, 2_000)
            .calling([call("parse", 3, 500).calling([call("next", 20, 1_500)])]),
    ])
}

#[test]
fn callers_say_what_was_called_from_where() {
    let profile = parser();
    assert_eq!(
        callers_of(&profile.callers("parse").unwrap()),
        [("reload", 3, 3, 500, 2_000), ("load", 2, 2, 300, 1_000)]
    );
    assert_eq!(
        callers_of(&profile.callers("next").unwrap()),
        [("parse", 30, 30, 2_200, 2_200), ("load", 1, 1, 50, 50)]
    );
    assert_eq!(
        callers_of(&profile.callers("load").unwrap()),
        [("(root)", 1, 1, 1_000, 2_050)]
    );
}

#[test]
fn callees_say_what_was_called() {
    let profile = parser();
    assert_eq!(
        callees_of(&profile.callees("load").unwrap()),
        [("parse", 2, 2, 300, 1_000), ("next", 1, 1, 50, 50)]
    );
    assert!(profile.callees("next").unwrap().is_empty());
}

#[test]
fn a_function_that_calls_itself_has_an_edge_to_itself() {
    // f, from main, calls itself to a depth of three, and work at the bottom.
    let profile =
        sample::profile([call("main", 1, 10)
            .calling([call("f", 1, 100)
                .calling([call("f", 2, 200)
                    .calling([call("f", 4, 400).calling([call("work", 1, 1_000)])])])])]);
    let expected = [("main", 1, 1, 100, 1_700), ("f", 6, 2, 600, 1_600)];
    assert_eq!(callers_of(&profile.callers("f").unwrap()), expected);
    assert_eq!(
        callees_of(&profile.callees("f").unwrap()),
        [("f", 6, 2, 600, 1_600), ("work", 1, 1, 1_000, 1_000)]
    );
}

#[test]
fn functions_that_call_each_other_are_not_counted_twice() {
    // even(3) → odd(2) → even(1) → odd(0)
    let profile = sample::profile([call("even", 1, 8)
        .calling([call("odd", 1, 4).calling([call("even", 1, 2).calling([call("odd", 1, 1)])])])]);
    assert_eq!(
        callers_of(&profile.callers("odd").unwrap()),
        [("even", 2, 1, 5, 7)]
    );
    assert_eq!(
        callers_of(&profile.callers("even").unwrap()),
        [("(root)", 1, 1, 8, 15), ("odd", 1, 1, 2, 3)]
    );
}

#[test]
fn allocations_and_samples_follow_the_same_rule() {
    let mut profile = sample::profile([call("f", 1, 1)
        .calling([call("g", 1, 1).calling([call("f", 1, 1).calling([call("g", 1, 1)])])])]);
    for (index, node) in profile.nodes.iter_mut().enumerate() {
        let depth = index as u64;
        node.allocations = Some(sample::allocations((1, 10), (5 - depth, 50 - 10 * depth)));
        node.samples = Some(Samples {
            self_wall: 2,
            self_cpu: 1,
            cumulative_wall: 10 - 2 * depth,
            cumulative_cpu: 5 - depth,
        });
    }
    let edges = profile.callers("g").unwrap();
    let [edge] = edges.as_slice() else {
        panic!("f alone calls g");
    };
    // The calls of g are nodes 2 and 4; the first contains the second.
    assert_eq!(
        edge.allocations,
        Some(sample::allocations((2, 20), (3, 30)))
    );
    let samples = edge.samples.unwrap();
    assert_eq!((samples.self_wall, samples.self_cpu), (4, 2));
    assert_eq!((samples.cumulative_wall, samples.cumulative_cpu), (6, 3));
}

#[test]
fn deep_trees_do_not_overflow() {
    let profile = sample::chain(100_000, &["f", "g"]);
    let edges = profile.callers("g").unwrap();
    assert_eq!(callers_of(&edges), [("f", 50_000, 1, 50_000, 99_999)]);
}

#[test]
fn unknown_functions_are_named() {
    let error = parser().callers("pars").unwrap_err();
    assert!(matches!(error, Error::UnknownFunction { name, .. } if name == "pars"));
    assert!(parser().callees("nothing").is_err());
}

#[test]
fn callers_as_a_table() {
    let profile = parser();
    assert_eq!(
        profile
            .callers("parse")
            .unwrap()
            .table()
            .render(&Terminal::plain(80)),
        "\
callers of parse

ncalls   tottime   cumtime       %  caller
──────────────────────────────────────────
     3  500.0 ns  2.000 µs  66.7 %  reload
     2  300.0 ns  1.000 µs  33.3 %  load

times and % are those of parse when called from there
"
    );
}

#[test]
fn callees_as_a_table() {
    let profile = sample::profile([call("walk", 2, 200).calling([
        call("walk", 6, 500).calling([call("walk", 1, 50)]),
        call(
            "a_crate::with_a_path::that_is::far_too_long_for_the_table::visit",
            9,
            250,
        ),
    ])]);
    assert_eq!(
        profile
            .callees("walk")
            .unwrap()
            .table()
            .render(&Terminal::plain(72)),
        "\
callees of walk

ncalls   tottime   cumtime       %  callee
────────────────────────────────────────────────────────────────────────
   7/6  550.0 ns  550.0 ns  55.0 %  walk
     9  250.0 ns  250.0 ns  25.0 %  …::far_too_long_for_the_table::visit

% is of the 1.000 µs in 9 calls of walk, which took 750 ns by itself
"
    );
}

#[test]
fn tables_say_where_there_is_nothing() {
    let mut profile = parser();
    let table = profile.callees("next").unwrap().table().to_string();
    assert!(
        table.ends_with("next called no other function of the profile\n"),
        "{table}"
    );
    let table = profile.callers("load").unwrap().table().to_string();
    assert!(
        table.contains("  (no function of the profile)\n"),
        "{table}"
    );
    profile.nodes.truncate(1);
    let table = profile.callers("load").unwrap().table().to_string();
    assert!(
        table.ends_with("no calls of load were recorded\n"),
        "{table}"
    );
}

#[test]
fn functions_that_were_only_sampled_show_samples() {
    let mut profile = sample::profile([call("f", 1, 0).calling([call("g", 1, 0)])]);
    let g = function_mut(&mut profile, "g");
    g.untimed = true;
    g.samples = Some(Samples {
        cumulative_wall: 20,
        ..Samples::default()
    });
    for node in &mut profile.nodes {
        node.samples = Some(Samples {
            cumulative_wall: 17,
            ..Samples::default()
        });
    }
    let table = profile.callers("g").unwrap().table();
    assert_eq!(
        table.to_string(),
        "\
callers of g

ncalls  tottime  cumtime       %  samples  caller
─────────────────────────────────────────────────
     1        –        –  85.0 %       17  f

times and % are those of g when called from there
"
    );
}

#[test]
fn of_functions_that_were_timed_the_part_is_that_of_time() {
    let mut profile = parser();
    for name in ["parse", "load"] {
        function_mut(&mut profile, name).samples = Some(Samples {
            cumulative_wall: 100,
            ..Samples::default()
        });
    }
    for node in &mut profile.nodes {
        node.samples = Some(Samples {
            cumulative_wall: 50,
            ..Samples::default()
        });
    }
    let table = profile.callers("parse").unwrap().table().to_string();
    assert!(table.contains("  66.7 %       50  reload\n"), "{table}");
}

/// All edges by looking up the callers of each place: caller and callee, calls, primitive calls, self and cumulative.
fn naive(profile: &Profile) -> BTreeMap<(usize, usize), (u64, u64, Duration, Duration)> {
    let nodes = &profile.nodes;
    let edge = |index: usize| {
        let parent = nodes[index].parent?;
        Some((nodes[parent].function, nodes[index].function))
    };
    let mut edges = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        let Some(ends) = edge(index) else { continue };
        let is_nested = sample::callers(nodes, index).any(|caller| edge(caller) == Some(ends));
        let sums: &mut (u64, u64, Duration, Duration) = edges.entry(ends).or_default();
        sums.0 += node.calls;
        sums.2 += node.self_time;
        if !is_nested {
            sums.1 += node.calls;
            sums.3 += node.cumulative;
        }
    }
    edges
}

proptest! {
    #[test]
    fn edges_are_those_found_by_looking_up_every_caller(places in sample::any_places()) {
        let profile = sample::from_places(&places);
        let expected = naive(&profile);
        let position = |name: &str| profile.functions.iter().position(|function| function.name == name).unwrap();
        let mut found = BTreeMap::new();
        let mut from_callers = BTreeMap::new();
        for index in 0..profile.functions.len() {
            for edge in callees(&profile, index) {
                let sums = (edge.calls, edge.primitive_calls, edge.self_time, edge.cumulative);
                found.insert((index, position(&edge.callee.name)), sums);
            }
            for edge in callers(&profile, index) {
                let sums = (edge.calls, edge.primitive_calls, edge.self_time, edge.cumulative);
                from_callers.insert((position(&edge.caller.name), index), sums);
            }
        }
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(&from_callers, &expected);
    }

    #[test]
    fn the_callers_of_a_function_add_up_to_it(places in sample::any_places()) {
        let profile = sample::from_places(&places);
        for (index, function) in profile.functions.iter().enumerate().skip(1) {
            let edges = callers(&profile, index);
            prop_assert_eq!(edges.iter().map(|edge| edge.calls).sum::<u64>(), function.calls);
            prop_assert_eq!(edges.iter().map(|edge| edge.self_time).sum::<Duration>(), function.self_time);
            if function.calls == function.primitive_calls {
                prop_assert_eq!(edges.iter().map(|edge| edge.cumulative).sum::<Duration>(), function.cumulative);
            }
            prop_assert!(edges.iter().all(|edge| edge.cumulative <= function.cumulative));
        }
    }

    #[test]
    fn a_function_is_its_own_time_and_its_callees(places in sample::any_places()) {
        let profile = sample::from_places(&places);
        for (index, function) in profile.functions.iter().enumerate() {
            let edges = callees(&profile, index);
            let called: Duration = edges.iter().map(|edge| edge.cumulative).sum();
            if function.calls == function.primitive_calls {
                prop_assert_eq!(function.self_time + called, function.cumulative);
            }
        }
    }
}
