use std::time::Duration;

use proptest::prelude::*;
use tuneup_report::Terminal;

use super::{Figures, FunctionDiff, ProfileDiff};
use crate::{
    Profile,
    sample::{self, call},
};

/// 10 ms: 6 in parse, 3 in load, 1 in main.
fn before() -> Profile {
    sample::profile([call("main", 1, 1_000_000)
        .calling([call("load", 10, 3_000_000).calling([call("parse", 100, 6_000_000)])])])
}

fn find<'a>(diff: &'a ProfileDiff, name: &str) -> &'a FunctionDiff {
    let mut functions = diff.functions.iter();
    functions
        .find(|function| function.name == name)
        .expect("it is in the difference")
}

fn deltas(diff: &ProfileDiff) -> Vec<(&str, i64)> {
    let functions = diff.functions.iter();
    functions
        .map(|function| (function.name.as_str(), function.self_delta_ns))
        .collect()
}

#[test]
fn each_function_is_compared_with_itself() {
    // parse is called twice as often, load does without a millisecond, and check is new.
    let after = sample::profile([call("main", 1, 1_000_000).calling([
        call("load", 10, 2_000_000).calling([call("parse", 200, 12_000_000)]),
        call("check", 1, 500_000),
    ])]);
    let diff = before().diff(&after);
    assert_eq!(
        (diff.before, diff.after),
        (Duration::from_millis(10), Duration::from_micros(15_500))
    );
    assert_eq!(diff.delta_ns(), 5_500_000);
    assert_eq!(
        deltas(&diff),
        [
            ("parse", 6_000_000),
            ("load", -1_000_000),
            ("check", 500_000),
            ("main", 0)
        ]
    );
    let load = find(&diff, "load");
    assert_eq!(
        load.before,
        Some(Figures {
            calls: 10,
            self_time: Duration::from_millis(3),
            cumulative: Duration::from_millis(9)
        })
    );
    assert_eq!(load.after.unwrap().cumulative, Duration::from_millis(14));
    assert_eq!(load.cumulative_delta_ns, 5_000_000);
    assert_eq!(load.share, Some(-2.0 / 11.0));
    assert_eq!(find(&diff, "parse").share, Some(12.0 / 11.0));
    let check = find(&diff, "check");
    assert!(check.is_new() && !check.is_gone());
    assert_eq!(check.cumulative_delta_ns, 500_000);
}

#[test]
fn a_difference_read_backwards_has_the_other_sign() {
    let after = sample::profile([call("main", 1, 7), call("new", 1, 2)]);
    let (there, back) = (before().diff(&after), after.diff(&before()));
    assert_eq!(back.delta_ns(), -there.delta_ns());
    assert_eq!((back.before, back.after), (there.after, there.before));
    for function in &there.functions {
        let other = find(&back, &function.name);
        assert_eq!(other.self_delta_ns, -function.self_delta_ns);
        assert_eq!(other.share, function.share);
        assert_eq!(
            (other.is_new(), other.is_gone()),
            (function.is_gone(), function.is_new())
        );
    }
}

#[test]
fn functions_of_one_path_are_compared_as_one() {
    let mut twice = sample::profile([call("a", 2, 30), call("b", 3, 40)]);
    twice.functions[2].name = "a".to_owned();
    let diff = sample::profile([call("a", 1, 10)]).diff(&twice);
    assert_eq!(deltas(&diff), [("a", 60)]);
    assert_eq!(diff.functions[0].after.unwrap().calls, 5);
}

#[test]
fn nothing_is_a_share_of_no_change() {
    let profile = before();
    let same = profile.diff(&profile);
    assert!(
        same.functions
            .iter()
            .all(|function| function.share.is_none())
    );
    let moved = sample::profile([call("a", 1, 10), call("b", 1, 20)])
        .diff(&sample::profile([call("a", 1, 20), call("b", 1, 10)]));
    assert_eq!(deltas(&moved), [("a", 10), ("b", -10)]);
    assert_eq!(moved.functions[0].share, None);
}

#[test]
fn of_equal_changes_the_calls_decide_and_then_the_name() {
    let before = sample::profile([call("a", 1, 5), call("b", 1, 5), call("c", 1, 5)]);
    let after = sample::profile([call("a", 1, 5), call("b", 1, 5), call("c", 3, 5)]);
    assert_eq!(deltas(&before.diff(&after)), [("c", 0), ("a", 0), ("b", 0)]);
}

/// The verdict of `before` against a program that called `tops`.
fn verdict(tops: impl IntoIterator<Item = sample::Call>) -> String {
    before().diff(&sample::profile(tops)).verdict()
}

#[test]
fn the_verdict_names_what_explains_the_change() {
    assert_eq!(
        verdict([
            call("main", 1, 1_000_000),
            call("load", 10, 3_000_000),
            call("parse", 200, 12_000_000)
        ]),
        "the total rose by 60.0 % from 10.00 ms to 16.00 ms; `parse` (+6.000 ms, 2.00× the calls) explains 100 % of it"
    );
    assert_eq!(
        verdict([
            call("main", 1, 1_000_000),
            call("load", 10, 3_000_000),
            call("parse", 100, 3_000_000)
        ]),
        "the total fell by 30.0 % from 10.00 ms to 7.000 ms; `parse` (-3.000 ms, each call 0.50× as long) explains 100 % of it"
    );
    assert_eq!(
        verdict([
            call("main", 1, 1_000_000),
            call("load", 5, 4_500_000),
            call("parse", 100, 6_500_000)
        ]),
        "the total rose by 20.0 % from 10.00 ms to 12.00 ms; `load` (+1.500 ms, 0.50× the calls, each 3.00× as long), \
         `parse` (+500.0 µs) explain 100 % of it"
    );
}

#[test]
fn the_verdict_counts_what_came_and_went() {
    assert_eq!(
        verdict([
            call("main", 1, 1_000_000),
            call("scan", 1, 2_000_000),
            call("lex", 1, 1_000_000)
        ]),
        "the total fell by 60.0 % from 10.00 ms to 4.000 ms; `parse` (-6.000 ms, gone) explains 100 % of it; \
         against it goes `scan` (+2.000 ms); 2 functions are new; 2 functions are gone"
    );
    assert_eq!(
        verdict([
            call("main", 1, 1_000_000),
            call("load", 10, 3_000_000),
            call("parse", 100, 6_000_000),
            call("log", 9, 1_000_000)
        ]),
        "the total rose by 10.0 % from 10.00 ms to 11.00 ms; `log` (+1.000 ms, new) explains 100 % of it; 1 function is new"
    );
}

#[test]
fn what_goes_the_other_way_does_not_explain_the_change() {
    let before = sample::profile([
        call("a", 1, 5_000),
        call("b", 1, 2_000),
        call("c", 1, 3_000),
    ]);
    let after = sample::profile([
        call("a", 1, 2_000),
        call("b", 1, 4_000),
        call("c", 1, 5_000),
    ]);
    assert_eq!(
        before.diff(&after).verdict(),
        "the total rose by 10.0 % from 10.00 µs to 11.00 µs; `b` (+2.000 µs, each call 2.00× as long) \
         explains 200 % of it; against it goes `a` (-3.000 µs)"
    );
}

#[test]
fn three_functions_are_named_at_most() {
    let many =
        |ns: u64| sample::profile((0..9).map(|n| call(&format!("f{n}"), 1, 1_000 * ns + n * 10)));
    assert_eq!(
        many(1).diff(&many(2)).verdict(),
        "the total rose by 96.2 % from 9.360 µs to 18.36 µs; `f0` (+1.000 µs, each call 2.00× as long), \
         `f1` (+1.000 µs), `f2` (+1.000 µs) explain 33 % of it"
    );
}

#[test]
fn a_total_that_stays_is_no_change_to_explain() {
    let same = [
        call("main", 1, 1_000_000),
        call("load", 10, 3_000_000),
        call("parse", 100, 6_000_000),
    ];
    assert_eq!(verdict(same), "the total stayed at 10.00 ms");
    assert_eq!(
        verdict([
            call("main", 1, 1_000_000),
            call("load", 10, 4_000_000),
            call("parse", 100, 5_000_000)
        ]),
        "the total stayed at 10.00 ms; the largest change is that of `load`, +1.000 ms, each call 1.33× as long"
    );
}

#[test]
fn from_and_to_nothing_there_is_no_percentage() {
    let nothing = sample::profile([]);
    assert_eq!(
        nothing.diff(&nothing).verdict(),
        "no time was recorded in either profile"
    );
    assert_eq!(
        nothing
            .diff(&sample::profile([call("a", 1, 2_000)]))
            .verdict(),
        "the total rose from 0 ns to 2.000 µs; `a` (+2.000 µs, new) explains 100 % of it; 1 function is new"
    );
    assert_eq!(
        sample::profile([call("a", 1, 2_000)])
            .diff(&nothing)
            .verdict(),
        "the total fell by 100.0 % from 2.000 µs to 0 ns; `a` (-2.000 µs, gone) explains 100 % of it; 1 function is gone"
    );
}

#[test]
fn a_profile_without_times_says_so() {
    let counted = sample::profile([call("a", 7, 0)]);
    let timed = sample::profile([call("a", 1, 2_000)]);
    assert_eq!(
        counted.diff(&timed).verdict(),
        "the earlier profile has calls and no times; the calls are all that can be compared"
    );
    assert_eq!(
        timed.diff(&counted).verdict(),
        "the later profile has calls and no times; the calls are all that can be compared"
    );
}

#[test]
fn a_difference_as_a_table() {
    let after = sample::profile([call("main", 1, 1_000_000).calling([
        call("load", 10, 3_000_000).calling([call("parse", 200, 12_000_000)]),
        call(
            "shop::check::Checker::every_single_item_of_the_cart",
            1,
            500_000,
        ),
    ])]);
    let diff = before().diff(&after);
    assert_eq!(
        diff.table().render(&Terminal::plain(120)),
        "\
the total rose by 65.0 % from 10.00 ms to 16.50 ms; `parse` (+6.000 ms, 2.00× the calls) explains 92 % of it; 1 function
is new

    self      self    change  explains   calls  calls       cum  function
  before     after                      before  after    change
────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
6.000 ms  12.00 ms  6.000 ms    92.3 %     100    200  6.000 ms  parse
       –  500.0 µs  500.0 µs     7.7 %       –      1  500.0 µs  shop::check::Checker::every_single_item_of_the_cart
3.000 ms  3.000 ms      0 ns     0.0 %      10     10  6.000 ms  load
1.000 ms  1.000 ms      0 ns     0.0 %       1      1  6.500 ms  main
"
    );
    assert_eq!(
        diff.top(2).table().render(&Terminal::plain(80)),
        "\
the total rose by 65.0 % from 10.00 ms to 16.50 ms; `parse` (+6.000 ms, 2.00×
the calls) explains 92 % of it; 1 function is new

    self      self    change  explains   calls  calls  function
  before     after                      before  after
────────────────────────────────────────────────────────────────────────────────
6.000 ms  12.00 ms  6.000 ms    92.3 %     100    200  parse
       –  500.0 µs  500.0 µs     7.7 %       –      1  …_single_item_of_the_cart

no room for: cum change
"
    );
}

#[test]
fn what_did_not_change_is_counted() {
    let profile = before();
    assert_eq!(
        profile.diff(&profile).table().to_string(),
        "\
the total stayed at 10.00 ms

self before  self after  change  explains  calls before  calls after  cum change  function
──────────────────────────────────────────────────────────────────────────────────────────
(no rows)

3 functions did not change
"
    );
}

proptest! {
    #[test]
    fn self_deltas_add_up_to_the_total(before in sample::any_places(), after in sample::any_places()) {
        let (before, after) = (sample::from_places(&before), sample::from_places(&after));
        let diff = before.diff(&after);
        let sum: i64 = diff.functions.iter().map(|function| function.self_delta_ns).sum();
        prop_assert_eq!(sum, diff.delta_ns());
        prop_assert_eq!(diff.delta_ns(), after.total_time().as_nanos() as i64 - before.total_time().as_nanos() as i64);
        if diff.delta_ns() != 0 {
            let shares: f64 = diff.functions.iter().filter_map(|function| function.share).sum();
            prop_assert!((shares - 1.0).abs() < 1e-9, "{}", shares);
        }
        let sorted = diff.functions.windows(2).all(|pair| pair[0].self_delta_ns.abs() >= pair[1].self_delta_ns.abs());
        prop_assert!(sorted);
        prop_assert!(!diff.verdict().is_empty());
    }

    #[test]
    fn calls_on_both_sides_are_those_of_the_profiles(before in sample::any_places(), after in sample::any_places()) {
        let (before, after) = (sample::from_places(&before), sample::from_places(&after));
        let diff = before.diff(&after);
        let calls = |side: fn(&FunctionDiff) -> Option<Figures>| -> u64 {
            diff.functions.iter().filter_map(side).map(|figures| figures.calls).sum()
        };
        prop_assert_eq!(calls(|function| function.before), before.total_calls());
        prop_assert_eq!(calls(|function| function.after), after.total_calls());
    }
}
