use std::time::Duration;

use tuneup_report::{Style, Terminal};

use crate::{
    Error, Function, FunctionKind, Functions, Overhead, Profile, Samples, SortKey,
    sample::{self, call, function_mut},
};

/// A server that handles 120 requests and computes a Fibonacci number.
fn server() -> Profile {
    sample::profile([call("shop::server::handle", 120, 5_400_000).calling([
        call("shop::cart::Cart::total", 120, 2_000_000).calling([call(
            "shop::tax::<impl shop::tax::Rate for shop::tax::Flat>::of_items",
            3_600,
            12_345_678,
        )]),
        call(
            "shop::database::pool::Pool::acquire_connection",
            240,
            900_000,
        ),
        call("fib", 1, 5_000).calling([call("fib", 242_784, 40_000_000)]),
    ])])
}

fn names<'a>(functions: &Functions<'a>) -> Vec<&'a str> {
    functions
        .iter()
        .map(|function| function.name.as_str())
        .collect()
}

fn shown(functions: &Functions<'_>, width: usize) -> String {
    functions.table().render(&Terminal::plain(width))
}

#[test]
fn a_profile_is_left_as_it_was() {
    let profile = server();
    let before = profile.clone();
    let table = profile.sort_by(SortKey::SelfTime).top(2).table();
    assert_eq!(table.len(), 2);
    assert_eq!(profile, before);
}

#[test]
fn each_step_works_on_what_the_one_before_left() {
    let profile = server();
    let first = profile.sort_by(SortKey::Calls).top(2);
    assert_eq!(
        names(&first),
        [
            "fib",
            "shop::tax::<impl shop::tax::Rate for shop::tax::Flat>::of_items"
        ]
    );
    assert_eq!(
        names(&first.clone().sort_by(SortKey::Name)),
        ["fib", first.as_slice()[1].name.as_str()]
    );
    assert_eq!(names(&first.clone().filter("^fib$").unwrap()), ["fib"]);
    assert!(
        first.filter("cart").unwrap().is_empty(),
        "it was cut away before"
    );
    assert_eq!(
        names(&profile.filter("cart").unwrap().top(9)),
        ["shop::cart::Cart::total"]
    );
    assert_eq!(profile.top(0).len(), 0);
    assert_eq!(profile.top(99).len(), 5);
}

#[test]
fn without_an_order_the_most_self_time_comes_first() {
    let profile = server();
    assert_eq!(
        names(&profile.top(2)),
        names(&profile.sort_by(SortKey::SelfTime).top(2))
    );
    assert_eq!(profile.table(), profile.sort_by(SortKey::SelfTime).table());
}

#[test]
fn filters_look_at_the_path_and_the_place() {
    let profile = server();
    assert_eq!(profile.filter("^shop::").unwrap().len(), 4);
    assert_eq!(names(&profile.filter(r"main\.rs:50$").unwrap()), ["fib"]);
    let both = profile.filter("shop").unwrap().filter("Pool").unwrap();
    assert_eq!(both.len(), 1);
    let error = profile.filter("shop(").unwrap_err();
    assert!(matches!(&error, Error::Filter { pattern, .. } if pattern == "shop("));
    assert_eq!(
        error.to_string(),
        "the filter \"shop(\" is no regular expression; escape what is meant literally with `\\`"
    );
}

#[test]
fn the_root_is_no_function() {
    let profile = server();
    assert_eq!(profile.functions[0].kind, FunctionKind::Root);
    assert!(!names(&profile.top(99)).contains(&"(root)"));
    assert_eq!(profile.total_calls(), 246_865);
    assert_eq!(profile.total_time(), Duration::from_nanos(60_650_678));
}

#[test]
fn a_view_can_be_gone_through_by_value_and_by_reference() {
    let profile = server();
    let view = profile.top(3);
    let by_reference: Vec<&Function> = (&view).into_iter().copied().collect();
    let by_value: Vec<&Function> = view.into_iter().collect();
    assert_eq!(by_reference, by_value);
}

#[test]
fn eighty_columns_hold_what_pstats_shows() {
    assert_eq!(
        shown(&server().sort_by(SortKey::SelfTime), 80),
        "\
sample: 246,865 function calls (4,081 primitive calls) in 60.65 ms

   ncalls   tottime   percall   cumtime   percall  function
────────────────────────────────────────────────────────────────────────────────
242,785/1  40.01 ms  164.0 ns  40.01 ms  40.01 ms  fib
    3,600  12.35 ms  3.429 µs  12.35 ms  3.429 µs  …r shop::tax::Flat>::of_items
      120  5.400 ms  45.00 µs  60.65 ms  505.4 µs  shop::server::handle
      120  2.000 ms  16.67 µs  14.35 ms  119.5 µs  shop::cart::Cart::total
      240  900.0 µs  3.750 µs  900.0 µs  3.750 µs  …ol::Pool::acquire_connection

ordered by self time
no room for: file:line
"
    );
}

#[test]
fn wider_terminals_hold_more_of_what_was_recorded() {
    let mut profile = server();
    profile.threads = 2;
    for (name, times) in [
        ("fib", [20, 60, 120]),
        ("shop::server::handle", [300_000, 500_000, 900_000]),
    ] {
        function_mut(&mut profile, name).distribution = Some(sample::distribution(&times));
    }
    let fib = function_mut(&mut profile, "fib");
    fib.overhead_dominates = true;
    fib.threads = 2;
    let top = profile.sort_by(SortKey::Cumulative).top(3);
    assert_eq!(
        shown(&top, 120),
        "\
sample: 246,865 function calls (4,081 primitive calls) in 60.65 ms on 2 threads

   ncalls   tottime   percall   cumtime   percall  *       min       p50       p99       max  function
─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      120  5.400 ms  45.00 µs  60.65 ms  505.4 µs     300.0 µs  503.8 µs  900.0 µs  900.0 µs  shop::server::handle
242,785/1  40.01 ms  164.0 ns  40.01 ms  40.01 ms  *  20.00 ns  60.00 ns  120.0 ns  120.0 ns  fib
      120  2.000 ms  16.67 µs  14.35 ms  119.5 µs            –         –         –         –  shop::cart::Cart::total

ordered by cumulative time, 3 of 5 functions
* a tenth or more of the time is that of recording the calls: see the corrected table; the counts are right
no room for: p95, threads, file:line
"
    );
    let wide = shown(&top, 200);
    assert!(!wide.contains("no room for"), "{wide}");
    for header in ["p95", "threads", "file:line"] {
        assert!(wide.contains(header), "{wide}");
    }
}

#[test]
fn allocations_and_futures_have_their_columns() {
    let mut profile =
        sample::profile([call("fetch", 2, 40_000).calling([call("decode", 8, 10_000)])]);
    let fetch = function_mut(&mut profile, "fetch");
    fetch.allocations = Some(sample::allocations((3, 100), (43, 4_196)));
    fetch.polls = Some(sample::polls(17, 50_000, 3_000_000, 9_000));
    function_mut(&mut profile, "decode").allocations =
        Some(sample::allocations((40, 4_096), (40, 4_096)));
    assert_eq!(
        shown(&profile.sort_by(SortKey::Cumulative), 200),
        "\
sample: 10 function calls in 50.00 µs

ncalls   tottime   percall   cumtime   percall  allocs  bytes  cum allocs  cum bytes  polls   waiting  longest poll  cancelled  file:line       function
────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
     2  40.00 µs  20.00 µs  50.00 µs  25.00 µs       3  100 B          43    4.1 KiB     17  3.000 ms      9.000 µs          0  src/main.rs:10  fetch
     8  10.00 µs  1.250 µs  10.00 µs  1.250 µs      40  4 KiB          40      4 KiB      –         –             –          –  src/main.rs:20  decode

ordered by cumulative time
"
    );
}

#[test]
fn functions_that_were_only_sampled_have_no_times() {
    let mut profile = sample::profile([call("a", 1, 0).calling([call("b", 1, 0)])]);
    for (name, own) in [("a", 2), ("b", 40)] {
        let function = function_mut(&mut profile, name);
        function.untimed = true;
        function.samples = Some(Samples {
            self_wall: own,
            cumulative_wall: if name == "a" { 42 } else { 40 },
            ..Samples::default()
        });
    }
    assert_eq!(
        shown(&profile.sort_by(SortKey::Samples), 80),
        "\
sample: 2 function calls

ncalls  self samples  samples  file:line       function
───────────────────────────────────────────────────────
     1            40       40  src/main.rs:20  b
     1             2       42  src/main.rs:10  a

ordered by samples
– the calls are counted and not timed; samples tell where the time went
"
    );
}

#[test]
fn times_and_samples_can_stand_side_by_side() {
    let mut profile = sample::profile([call("timed", 4, 1_000), call("sampled", 9, 500)]);
    for (name, own) in [("timed", 2), ("sampled", 40)] {
        let function = function_mut(&mut profile, name);
        function.untimed = name == "sampled";
        function.samples = Some(Samples {
            self_wall: own,
            cumulative_wall: own,
            ..Samples::default()
        });
    }
    assert_eq!(
        shown(&profile.top(2), 120),
        "\
sample: 13 function calls in 1.500 µs

ncalls   tottime   percall   cumtime   percall  self samples  samples  file:line       function
───────────────────────────────────────────────────────────────────────────────────────────────
     4  1.000 µs  250.0 ns  1.000 µs  250.0 ns             2        2  src/main.rs:10  timed
     9         –         –         –         –            40       40  src/main.rs:20  sampled

ordered by self time
– the calls are counted and not timed; samples tell where the time went
"
    );
}

#[test]
fn where_calls_were_only_counted_there_are_no_times() {
    let mut profile = sample::profile([call("a", 3, 0)]);
    function_mut(&mut profile, "a").overhead_dominates = true;
    assert_eq!(
        shown(&profile.top(1), 80),
        "\
sample: 3 function calls

ncalls  file:line       function
────────────────────────────────
     3  src/main.rs:10  a

ordered by self time
"
    );
}

#[test]
fn functions_that_were_never_entered_are_left_out() {
    let mut profile = sample::profile([call("a", 3, 10), call("b", 0, 0), call("c", 0, 0)]);
    function_mut(&mut profile, "c").samples = Some(Samples {
        self_wall: 1,
        cumulative_wall: 1,
        ..Samples::default()
    });
    assert_eq!(names(&profile.top(9)), ["a", "c"]);
}

#[test]
fn corrected_times_say_so() {
    let mut profile = sample::profile([call("a", 10, 1_000)]);
    profile.overhead = Overhead {
        inside_ns: 12.5,
        outside_ns: 9.0,
    };
    let a = function_mut(&mut profile, "a");
    a.corrected_self = Duration::from_nanos(875);
    a.corrected_cumulative = Duration::from_nanos(870);
    assert_eq!(
        shown(&profile.top(1).corrected(), 80),
        "\
sample: 10 function calls in 1.000 µs

ncalls   tottime   percall   cumtime   percall  file:line       function
────────────────────────────────────────────────────────────────────────
    10  875.0 ns  87.00 ns  870.0 ns  87.00 ns  src/main.rs:10  a

ordered by self time
times are corrected by what recording a call takes: 12.50 ns of the function,
9.000 ns of its caller
"
    );
}

#[test]
fn what_is_missing_is_told() {
    let mut profile = sample::profile([call("a", 1, 1)]);
    profile.folded_calls = 1_234;
    profile.unrecorded_calls = 1;
    let table = shown(&profile.top(1), 200);
    assert!(
        table.ends_with(
            "\
1,234 calls counted under (other): the call tree of their thread was full
1 call not recorded: made while their thread was torn down, or nested too deep
"
        ),
        "{table}"
    );
}

#[test]
fn an_empty_table_says_why() {
    let nothing = shown(&sample::profile([]).top(5), 80);
    assert_eq!(
        nothing,
        "\
sample: 0 function calls

ncalls  tottime  percall  cumtime  percall  function
────────────────────────────────────────────────────
(no rows)

nothing was recorded: no function with #[profile], scope! or profile_fn was
entered between the start of the session and its end
"
    );
    let profile = server();
    let unmatched = shown(&profile.filter("a").unwrap().filter("zzz").unwrap(), 80);
    assert!(
        unmatched.ends_with("\nnone of 5 functions matches `a` and `zzz`\n"),
        "{unmatched}"
    );
    let none = shown(&profile.top(0), 80);
    assert!(
        none.ends_with("\nnone of 5 functions was asked for\n"),
        "{none}"
    );
}

#[test]
fn times_of_the_recording_stand_out() {
    let mut profile = sample::profile([call("a", 1, 1), call("(other)", 1, 1)]);
    function_mut(&mut profile, "a").overhead_dominates = true;
    function_mut(&mut profile, "(other)").kind = FunctionKind::Folded;
    let colored = profile
        .sort_by(SortKey::Name)
        .table()
        .render(&Terminal::plain(99).with_color(true));
    let warned = Terminal::plain(99)
        .with_color(true)
        .paint(Style::Warn, "1.000 ns");
    assert_eq!(colored.matches(&warned).count(), 4, "{colored}");
    let dimmed = Terminal::plain(99)
        .with_color(true)
        .paint(Style::Dim, "(other)");
    assert!(colored.contains(&dimmed), "{colored}");
}

#[test]
fn narrow_places_show_a_block_for_each_function() {
    let profile = sample::profile([call("shop::server::handle", 120, 5_400_000)]);
    assert_eq!(
        shown(&profile.top(1), 40),
        "\
sample: 120 function calls in 5.400 ms

shop::server::handle
  ncalls     120
  tottime    5.400 ms
  percall    45.00 µs
  cumtime    5.400 ms
  percall    45.00 µs
  file:line  src/main.rs:10

ordered by self time
"
    );
}
