use std::time::Duration;

use proptest::prelude::*;
use tuneup_report::{Cell, Style, Table, Terminal};

use crate::{
    CallTree, Profile, Samples,
    sample::{self, call},
};

fn shown(tree: &CallTree<'_>, width: usize) -> String {
    // Spaces that do not break are for pages; in a test they look like others.
    tree.table()
        .render(&Terminal::plain(width))
        .replace('\u{a0}', " ")
}

/// 10 ms in all: 1 in main, 9 in what it calls.
fn program() -> Profile {
    sample::profile([call("main", 1, 950_000).calling([
        call("report", 1, 2_000_000).calling([call("write", 7, 500_000)]),
        call("load", 10, 1_000_000).calling([
            call("log", 10, 20_000),
            call("parse", 100, 5_000_000).calling([call("next", 900, 500_000)]),
            call("stat", 10, 20_000),
            call("open", 10, 10_000),
        ]),
    ])])
}

#[test]
fn callees_stand_below_their_caller_with_the_most_time_first() {
    assert_eq!(
        shown(&program().tree(), 80),
        "\
1,049 function calls in 10.00 ms

cumulative        %      self  calls  function
───────────────────────────────────────────────────────
  10.00 ms  100.0 %  950.0 µs      1  main
  6.550 ms   65.5 %  1.000 ms     10  ├ load
  5.500 ms   55.0 %  5.000 ms    100  │ ├ parse
  500.0 µs    5.0 %  500.0 µs    900  │ │ └ next
  50.00 µs    0.5 %  50.00 µs     30  │ └ (3 below 1 %)
  2.500 ms   25.0 %  2.000 ms      1  └ report
  500.0 µs    5.0 %  500.0 µs      7    └ write
"
    );
    assert_eq!(program().tree_table(), program().tree().table());
}

#[test]
fn depth_and_share_decide_what_is_folded() {
    let profile = program();
    assert_eq!(
        shown(&profile.tree().depth(2).min_share(0.3), 80),
        "\
1,049 function calls in 10.00 ms

cumulative        %      self  calls  function
──────────────────────────────────────────────────────
  10.00 ms  100.0 %  950.0 µs      1  main
  6.550 ms   65.5 %  1.000 ms     10  ├ load
  5.550 ms   55.5 %  5.050 ms    130  │ └ (4 deeper)
  2.500 ms   25.0 %  2.000 ms      1  └ (1 below 30 %)
"
    );
    // report is a quarter of all: that is enough for a quarter.
    let quarter = shown(&profile.tree().min_share(0.25), 80);
    assert!(quarter.contains("└ report\n"), "{quarter}");
    let all = profile.tree().min_share(0.0).table();
    assert_eq!(all.len(), 9);
    assert_eq!(profile.tree().min_share(f64::NAN).table(), all);
    assert_eq!(profile.tree().min_share(-1.0).table(), all);
    assert_eq!(
        profile.tree().depth(0).table(),
        profile.tree().depth(1).table()
    );
}

#[test]
fn lines_that_stand_for_several_are_dim() {
    let terminal = Terminal::plain(80).with_color(true);
    let table = program().tree().depth(1).table().render(&terminal);
    assert!(
        table.contains(&terminal.paint(Style::Dim, "└ (2 deeper)")),
        "{table}"
    );
}

#[test]
fn long_paths_keep_their_end_and_their_place_in_the_tree() {
    let profile = sample::profile([call("a", 1, 10).calling([call(
        "shop::server::connection::Connection::handle_request",
        1,
        90,
    )])]);
    assert_eq!(
        shown(&profile.tree(), 64),
        "\
2 function calls in 100 ns

cumulative        %      self  calls  function
────────────────────────────────────────────────────────────────
  100.0 ns  100.0 %  10.00 ns      1  a
  90.00 ns   90.0 %  90.00 ns      1  └ …nection::handle_request
"
    );
}

#[test]
fn where_nothing_was_timed_samples_take_the_place_of_time() {
    let mut profile = program();
    for (index, node) in profile.nodes.iter_mut().enumerate() {
        (node.self_time, node.cumulative) = (Duration::ZERO, Duration::ZERO);
        node.samples = Some(Samples {
            self_wall: 1,
            cumulative_wall: [10, 10, 2, 1, 7, 0, 3, 2, 0, 0][index],
            ..Samples::default()
        });
    }
    for function in &mut profile.functions {
        function.self_time = Duration::ZERO;
    }
    assert_eq!(
        shown(&profile.tree(), 80),
        "\
1,049 function calls

      %  calls  samples  self samples  function
────────────────────────────────────────────────────────
100.0 %      1       10             1  main
 70.0 %     10        7             1  ├ load
 30.0 %    100        3             1  │ ├ parse
 20.0 %    900        2             1  │ │ └ next
  0.0 %     30        0             3  │ └ (3 below 1 %)
 20.0 %      1        2             1  └ report
 10.0 %      7        1             1    └ write
"
    );
}

#[test]
fn where_some_were_not_timed_samples_decide() {
    let mut profile = sample::profile([call("timed", 1, 900), call("sampled", 5, 0)]);
    sample::function_mut(&mut profile, "sampled").untimed = true;
    for (node, samples) in profile.nodes.iter_mut().zip([10, 1, 9]) {
        node.samples = Some(Samples {
            self_wall: samples,
            cumulative_wall: samples,
            ..Samples::default()
        });
    }
    assert_eq!(
        shown(&profile.tree(), 80),
        "\
6 function calls in 900 ns

cumulative       %      self  calls  samples  self samples  function
────────────────────────────────────────────────────────────────────
      0 ns  90.0 %      0 ns      5        9             9  sampled
  900.0 ns  10.0 %  900.0 ns      1        1             1  timed
"
    );
}

#[test]
fn where_nothing_but_calls_was_recorded_they_decide() {
    let profile = sample::profile([
        call("a", 1, 0).calling([call("b", 2, 0), call("c", 15, 0).calling([call("d", 2, 0)])])
    ]);
    assert_eq!(
        shown(&profile.tree(), 80),
        "\
20 function calls

      %  calls  function
────────────────────────
100.0 %      1  a
 85.0 %     15  ├ c
 10.0 %      2  │ └ d
 10.0 %      2  └ b
"
    );
}

#[test]
fn samples_stand_beside_times() {
    let mut profile = sample::profile([call("a", 1, 75), call("b", 1, 25)]);
    for (node, samples) in profile.nodes.iter_mut().zip([9, 1, 8]) {
        node.samples = Some(Samples {
            self_wall: samples,
            cumulative_wall: samples,
            ..Samples::default()
        });
    }
    assert_eq!(
        shown(&profile.tree(), 80),
        "\
2 function calls in 100 ns

cumulative       %      self  calls  samples  self samples  function
────────────────────────────────────────────────────────────────────
  75.00 ns  75.0 %  75.00 ns      1        1             1  a
  25.00 ns  25.0 %  25.00 ns      1        8             8  b
"
    );
}

#[test]
fn an_empty_tree_says_why() {
    let table = shown(&sample::profile([]).tree(), 200);
    assert!(
        table.starts_with("0 function calls\n\ncumulative  %  self  calls  function\n"),
        "{table}"
    );
    assert!(
        table.contains("\n(no rows)\n\nnothing was recorded: no function with #[profile]"),
        "{table}"
    );
}

#[test]
fn a_tree_deeper_than_the_stack_is_cut_at_its_depth() {
    let profile = sample::chain(100_000, &["f", "g"]);
    assert_eq!(profile.tree_table().len(), 17);
    let deepest = profile.tree().depth(usize::MAX).table();
    assert_eq!(deepest.len(), 101);
    assert!(deepest.to_string().ends_with("└ (1 deeper)\n"));
}

#[test]
fn a_node_of_a_function_that_is_not_there_is_shown_without_a_name() {
    let mut profile = sample::profile([call("a", 1, 10)]);
    profile.nodes[1].function = 99;
    assert!(shown(&profile.tree(), 80).ends_with("10.00 ns      1  ?\n"));
    assert!(profile.callees("(root)").unwrap().is_empty());
}

/// The numbers of calls in all lines.
fn calls_of(table: &Table) -> u64 {
    let text = table.to_string();
    let lines = text.lines().skip(4);
    lines
        .map(|line| {
            line.split_whitespace()
                .nth(6)
                .unwrap()
                .replace(',', "")
                .parse::<u64>()
                .unwrap()
        })
        .sum()
}

proptest! {
    #[test]
    fn every_call_is_in_one_line(places in sample::any_places(), share in 0.0..0.5_f64) {
        let profile = sample::from_places(&places);
        // Time in every place, so that every line has all its numbers.
        prop_assume!(!places.is_empty() && profile.total_time() > Duration::ZERO);
        let all = profile.tree().depth(100).min_share(0.0).table();
        prop_assert_eq!(all.len(), places.len());
        prop_assert_eq!(calls_of(&all), profile.total_calls());
        // Folding hides what is below a folded place, and counts nothing twice.
        let folded = profile.tree().depth(100).min_share(share).table();
        prop_assert!(folded.len() <= places.len());
        prop_assert!(calls_of(&folded) <= profile.total_calls());
    }
}

#[test]
fn what_is_missing_is_told() {
    let mut profile = program();
    profile.folded_calls = 5;
    let table = profile.tree_table();
    assert!(table.to_string().ends_with(&format!(
        "\n\n{} calls counted under (other): the call tree of their thread was full\n",
        Cell::count(5)
    )));
}
