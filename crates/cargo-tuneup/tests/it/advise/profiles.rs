//! Profiles: what dominates, grows, waits, asks for each item, allocates, or is handed over.

use serde_json::{Value, json};

use super::{
    advised, assert_near, only, rules,
    saved::{Call, distribution, function_of, profile},
    share,
};

const MS: u64 = 1_000_000;

/// Five functions of the same time.
const EVEN: [Call; 6] = [
    (0, "app::main", 1, MS),
    (1, "app::a", 10, 20 * MS),
    (1, "app::b", 10, 20 * MS),
    (1, "app::c", 10, 20 * MS),
    (1, "app::d", 10, 20 * MS),
    (1, "app::e", 10, 20 * MS),
];

#[test]
fn a_program_whose_time_is_spread_is_left_alone() {
    let advice = advised(&[&profile(&EVEN)], &[]);
    assert!(rules(&advice).is_empty(), "{advice:#}");
    assert_eq!(
        (&advice["format"], &advice["version"]),
        (&json!("tuneup-advice"), &json!(1))
    );
    assert_eq!(advice["notes"], json!([]));
}

#[test]
fn a_function_that_takes_most_of_the_time_is_named_and_one_that_does_not_is_not() {
    let of = |self_ms: u64| {
        profile(&[
            (0, "app::main", 1, (100 - self_ms) * MS / 4),
            (1, "app::hot", 1_000, self_ms * MS),
            (1, "app::a", 1, (100 - self_ms) * MS / 4),
            (1, "app::b", 1, (100 - self_ms) * MS / 4),
            (1, "app::c", 1, (100 - self_ms) * MS / 4),
        ])
    };
    let advice = advised(&[&of(80)], &[]);
    let finding = only(&advice, "self-time");
    assert_eq!(
        finding["where"],
        json!({ "name": "app::hot", "file": "src/main.rs", "line": 20 })
    );
    assert_eq!(finding["evidence"]["calls"], 1_000);
    assert_eq!(finding["evidence"]["self_ns"], 80 * MS);
    assert_near(share(finding), 0.4);
    assert_eq!(finding["crate"], "tuneup-profiling");
    assert!(rules(&advised(&[&of(25)], &[])).is_empty());
}

#[test]
fn too_little_says_nothing() {
    let advice = advised(&[&profile(&[(0, "app::main", 1, MS)])], &[]);
    assert!(rules(&advice).is_empty());
    let note = advice["notes"][0].as_str().unwrap();
    assert!(note.contains("1.000 ms say nothing"), "{note}");
}

/// Of two sizes: `compare` takes so long at the larger one, and the rest grows as the size does.
fn of_two_sizes(small_ns: u64, large_ns: u64) -> [Value; 2] {
    [(1, small_ns), (10, large_ns)].map(|(factor, ns)| {
        profile(&[
            (0, "app::main", 1, factor * MS),
            (1, "app::read", 100 * factor, factor * 4 * MS),
            (1, "app::compare", 100 * factor, ns),
        ])
    })
}

#[test]
fn a_square_is_told_from_a_line_and_from_a_product_with_a_logarithm() {
    let sizes = ["--sizes", "1000,10000"];
    let [small, large] = of_two_sizes(MS, 100 * MS);
    let advice = advised(&[&small, &large], &sizes);
    let finding = only(&advice, "growth");
    assert_eq!(finding["where"]["name"], "app::compare");
    assert_near(finding["evidence"]["exponent"].as_f64().unwrap(), 2.0);
    assert_eq!(finding["evidence"]["self_at_ten_times_ns"], 10_000 * MS);
    // 9 s of the 10.5 s that ten times the larger size would take.
    assert_near(share(finding), 9_000.0 / 10_500.0);
    // The order in which the files are given does not matter.
    let turned = advised(&[&large, &small], &["--sizes", "10000,1000"]);
    assert_eq!(turned["findings"][0]["title"], finding["title"]);
    // n log n is 13.3 times as long, and 14 times may be noise.
    for ns in [10 * MS, 14 * MS, 13_300_000] {
        let [small, large] = of_two_sizes(MS, ns);
        let advice = advised(&[&small, &large], &sizes);
        assert!(!rules(&advice).contains(&"growth"), "{advice:#}");
    }
}

#[test]
fn calls_that_grow_as_a_square_need_no_clock() {
    let of = |factor: u64, calls: u64| {
        profile(&[
            (0, "app::main", 1, factor * 6 * MS),
            (1, "app::read", 10 * factor, factor * 6 * MS),
            (1, "app::same", calls, factor * 2 * MS),
        ])
    };
    let (small, large) = (of(1, 1_000), of(2, 4_000));
    let advice = advised(
        &[&small, &large],
        &["--sizes", "1000,2000", "--at-least", "0%"],
    );
    assert!(
        !rules(&advice).contains(&"growth"),
        "it takes no longer for it: {advice:#}"
    );
    let mut large = large;
    for field in ["self_ns", "corrected_self_ns"] {
        function_of(&mut large, "app::same")[field] = json!(8 * MS);
    }
    let advice = advised(&[&small, &large], &["--size-by", "app::read"]);
    let finding = &advice["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["evidence"]["calls_exponent"]),
        (&json!("growth"), &json!(2))
    );
    assert_eq!(finding["evidence"]["size_large"], 20);
}

/// Forty pages, ten milliseconds each, of which the program computed so long.
fn pages(runnable_ns: u64) -> Value {
    let mut profile = profile(&[(0, "app::main", 1, MS), (1, "app::fetch", 4, 400 * MS)]);
    profile["runnable_ns"] = json!(runnable_ns);
    function_of(&mut profile, "app::fetch")["distribution"] = distribution(&[100 * MS; 4]);
    profile
}

#[test]
fn calls_that_wait_are_told_from_calls_that_compute() {
    let advice = advised(&[&pages(20 * MS)], &[]);
    let finding = only(&advice, "waiting");
    assert_eq!(finding["evidence"]["waited_ns"], 380 * MS);
    assert_near(share(finding), 380.0 / 401.0 * 0.75);
    assert_eq!(finding["call"], "ThreadExecutor");
    // They have computed all of the time, or nobody knows.
    assert_eq!(rules(&advised(&[&pages(401 * MS)], &[])), ["self-time"]);
    let mut unknown = pages(0);
    unknown.as_object_mut().unwrap().remove("runnable_ns");
    let advice = advised(&[&unknown], &[]);
    assert_eq!(rules(&advice), ["self-time"]);
    assert!(
        advice["notes"][0]
            .as_str()
            .unwrap()
            .contains("was not recorded"),
        "{advice:#}"
    );
}

#[test]
fn futures_that_wait_one_after_the_other_are_told_from_those_that_wait_together() {
    let of = |run_ns: u64| {
        let mut profile = profile(&[(0, "app::all", 1, MS), (1, "app::fetch", 8, 16 * MS)]);
        profile["duration_ns"] = json!(run_ns);
        let polls = |calls: u64, waiting: u64, wall: u64| {
            json!({
                "polls": 2 * calls, "busy_ns": wall - waiting, "waiting_ns": waiting, "longest_poll_ns": MS, "wall_ns": wall, "completed": calls, "cancelled": 0,
            })
        };
        let fetch = function_of(&mut profile, "app::fetch");
        (fetch["kind"], fetch["polls"]) = (json!("async"), polls(8, 800 * MS, 816 * MS));
        let all = function_of(&mut profile, "app::all");
        (all["kind"], all["polls"]) = (json!("async"), polls(1, run_ns - 17 * MS, run_ns));
        profile
    };
    let advice = advised(&[&of(817 * MS)], &["--at-least", "50%"]);
    let finding = only(&advice, "waiting");
    assert_eq!(
        (&finding["where"]["name"], &finding["call"]),
        (&json!("app::fetch"), &json!("gather"))
    );
    assert_near(share(finding), 800.0 / 817.0 * 7.0 / 8.0);
    assert!(rules(&advised(&[&of(120 * MS)], &["--at-least", "50%"])).is_empty());
}

/// `load_all` asks 200 times; the shortest answer takes so long.
fn orders(shortest_ns: u64, runnable_ns: u64) -> Value {
    let mut profile = profile(&[
        (0, "app::main", 1, MS),
        (1, "app::load_all", 1, MS),
        (2, "app::load_user", 200, 100 * MS),
    ]);
    profile["runnable_ns"] = json!(runnable_ns);
    let mut times = vec![500_000; 199];
    times.push(shortest_ns);
    function_of(&mut profile, "app::load_user")["distribution"] = distribution(&times);
    profile
}

#[test]
fn a_request_for_each_item_is_told_from_work_for_each_item() {
    let advice = advised(&[&orders(450_000, 3 * MS)], &[]);
    let findings = advice["findings"].as_array().unwrap();
    let batch = findings
        .iter()
        .find(|finding| finding["rule"] == "batch")
        .unwrap();
    assert_eq!(
        batch["title"],
        "`app::load_all` calls `app::load_user` 200 times, and waits for each"
    );
    assert_eq!(
        (
            &batch["evidence"]["calls"],
            &batch["evidence"]["shortest_ns"]
        ),
        (&json!(200), &json!(450_000))
    );
    assert_near(share(batch), 199.0 * 0.45 / 102.0);
    // Work for each item; and requests of which only some take long.
    assert_eq!(
        rules(&advised(&[&orders(450_000, 102 * MS)], &[])),
        ["self-time"]
    );
    assert!(!rules(&advised(&[&orders(1_000, 3 * MS)], &[])).contains(&"batch"));
}

#[test]
fn blocks_in_a_hot_function_are_told_from_a_few() {
    let of = |blocks: u64| {
        let mut profile = profile(&EVEN);
        function_of(&mut profile, "app::c")["allocations"] = json!({
            "self_blocks": blocks, "self_bytes": 100 * blocks, "cumulative_blocks": blocks, "cumulative_bytes": 100 * blocks,
        });
        profile
    };
    let advice = advised(&[&of(1_000_000)], &[]);
    let finding = only(&advice, "allocations");
    assert_eq!(finding["evidence"]["blocks_per_call"], 100_000);
    // A million blocks of 15 ns.
    assert_near(share(finding), 15.0 / 101.0);
    assert!(rules(&advised(&[&of(10_000)], &[])).is_empty());
}

/// Samples of a program whose threads take items from a lock, or do not.
fn sampled(in_lock: u64, in_work: u64) -> Value {
    let mut profile = profile(&[
        (0, "app::work", 0, 0),
        (1, "lock", 0, 0),
        (2, "core::sync::atomic::atomic_load", 0, 0),
        (1, "core::iter::map", 0, 0),
    ]);
    profile["sampling"] = json!({ "rate_hz": 1000.0, "ticks": 1000, "missed": 0 });
    let samples = |own: u64| json!({ "self_wall": own, "self_cpu": own, "cumulative_wall": own, "cumulative_cpu": own });
    for (name, own) in [
        ("(root)", 0),
        ("app::work", in_work / 2),
        ("lock", in_lock / 2),
        ("core::sync::atomic::atomic_load", in_lock / 2),
        ("core::iter::map", in_work / 2),
    ] {
        let function = function_of(&mut profile, name);
        (function["samples"], function["untimed"]) = (samples(own), json!(true));
        let line = function["line"].as_u64().unwrap() as usize;
        profile["nodes"][line / 10]["samples"] = samples(own);
    }
    for (name, file) in [
        (
            "lock",
            "/rustc/5980/library/std/src/sys/sync/mutex/futex.rs",
        ),
        (
            "core::sync::atomic::atomic_load",
            "/rustc/5980/library/core/src/sync/atomic.rs",
        ),
    ] {
        function_of(&mut profile, name)["file"] = json!(file);
    }
    profile
}

#[test]
fn threads_that_wait_for_their_turn_are_told_from_threads_that_work() {
    let advice = advised(&[&sampled(600, 400)], &[]);
    assert_eq!(rules(&advice), ["parallel", "self-time"]);
    assert_near(share(&advice["findings"][0]), 0.6);
    // Its own and the library's under it, but not the lock's.
    assert_eq!(advice["findings"][1]["evidence"]["samples"], 400);
    assert_eq!(rules(&advised(&[&sampled(20, 980)], &[])), ["self-time"]);
    let few = advised(&[&sampled(30, 30)], &[]);
    assert!(
        few["notes"][0]
            .as_str()
            .unwrap()
            .contains("60 samples say nothing"),
        "{few:#}"
    );
}

/// Two threads do the items, and the program has computed so much.
fn items(per_call_ns: u64, runnable_ns: u64) -> Value {
    let mut profile = profile(&[
        (0, "app::main", 1, 10 * MS),
        (0, "app::item", 100_000, 100_000 * per_call_ns),
    ]);
    (profile["threads"], profile["runnable_ns"]) = (json!(3), json!(runnable_ns));
    function_of(&mut profile, "app::item")["threads"] = json!(2);
    profile
}

#[test]
fn items_that_do_less_than_handing_them_over_takes_are_found() {
    let advice = advised(&[&items(300, 200 * MS)], &[]);
    let finding = &advice["findings"][0];
    assert_eq!(finding["rule"], "parallel");
    assert_eq!(finding["evidence"]["outside_per_call_ns"], 1_600);
    assert_near(share(finding), 0.8);
    for (per_call_ns, runnable_ns) in [(300, 60 * MS), (3_000, 900 * MS)] {
        let advice = advised(&[&items(per_call_ns, runnable_ns)], &[]);
        assert!(!rules(&advice).contains(&"parallel"), "{advice:#}");
    }
}

#[test]
fn the_largest_gain_comes_first_and_small_ones_are_left_out() {
    let mut profile = orders(450_000, 3 * MS);
    function_of(&mut profile, "app::load_all")["allocations"] = json!({
        "self_blocks": 1_000_000, "self_bytes": 1, "cumulative_blocks": 1_000_000, "cumulative_bytes": 1,
    });
    let all = advised(&[&profile], &["--at-least", "0%"]);
    assert_eq!(rules(&all), ["waiting", "batch", "allocations"]);
    let shares: Vec<f64> = all["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(share)
        .collect();
    assert!(shares.is_sorted_by(|a, b| a >= b), "{shares:?}");
    let some = advised(&[&profile], &["--top", "1"]);
    assert_eq!(
        (rules(&some), &some["hidden"], &some["below"]),
        (vec!["waiting"], &json!(1), &json!(1))
    );
}

/// A function that calls itself nine times for each call from outside.
fn with_arguments(hashed: u64, distinct: u64) -> Value {
    let mut profile = profile(&EVEN);
    let function = function_of(&mut profile, "app::b");
    (function["calls"], function["primitive_calls"]) = (json!(10_000), json!(1_000));
    function["arguments"] =
        json!({ "hashed": hashed, "distinct": distinct, "is_unhashable": false });
    profile
}

#[test]
fn calls_with_the_same_arguments_are_told_from_calls_with_others() {
    let advice = advised(&[&with_arguments(10_000, 100)], &[]);
    let finding = only(&advice, "repeats");
    assert_eq!(
        (&finding["crate"], &finding["call"]),
        (&json!("tuneup-caching"), &json!("#[memoize]"))
    );
    assert_eq!(finding["evidence"]["distinct"], 100);
    // Of 20 ms a hundredth is left, and the calls from outside and of that hundredth look up in 20 ns.
    let saved_ms = 20.0 * 0.99 - 1_090.0 * 20e-6;
    assert_near(share(finding), saved_ms / 101.0);
    for other in [with_arguments(10_000, 9_900), with_arguments(50, 1)] {
        assert!(rules(&advised(&[&other], &[])).is_empty());
    }
}

#[test]
fn short_calls_are_not_worth_a_look_up() {
    let mut profile = with_arguments(10_000_000, 10);
    let function = function_of(&mut profile, "app::b");
    (function["calls"], function["primitive_calls"]) = (json!(10_000_000), json!(10_000_000));
    assert!(rules(&advised(&[&profile], &["--at-least", "0%"])).is_empty());
}

#[test]
fn arguments_without_a_hash_are_a_doubt() {
    let mut profile = with_arguments(0, 0);
    function_of(&mut profile, "app::b")["arguments"]["is_unhashable"] = json!(true);
    let advice = advised(&[&profile], &[]);
    assert!(rules(&advice).is_empty());
    let note = advice["notes"][0].as_str().unwrap();
    assert!(
        note.contains("`app::b`: they have a type that is not `Hash`"),
        "{note}"
    );
}

#[test]
fn a_request_for_the_same_item_again_is_no_batch() {
    let mut profile = orders(450_000, 3 * MS);
    function_of(&mut profile, "app::load_user")["arguments"] =
        json!({ "hashed": 200, "distinct": 4, "is_unhashable": false });
    let advice = advised(&[&profile], &["--at-least", "0%"]);
    let found = rules(&advice);
    assert!(
        found.contains(&"repeats") && !found.contains(&"batch"),
        "{found:?}"
    );
}

#[test]
fn times_of_a_crowded_machine_are_said_to_be_doubtful() {
    let mut even = profile(&EVEN);
    even["delayed_ns"] = json!(MS);
    assert_eq!(advised(&[&even], &[])["notes"], json!([]));
    even["delayed_ns"] = json!(40 * MS);
    let advice = advised(&[&even], &[]);
    let note = advice["notes"][0].as_str().unwrap();
    assert!(
        note.contains("waited for processors for 39.6 % of the time"),
        "{note}"
    );
    // The half of the time may be that of others, and most of it cannot be.
    for (hot_ms, expected) in [(50, &[][..]), (90, &["self-time"])] {
        let mut hot = profile(&[
            (0, "app::main", 1, (100 - hot_ms) / 2 * MS),
            (1, "app::hot", 10, hot_ms * MS),
            (1, "app::a", 1, (100 - hot_ms) / 2 * MS),
        ]);
        hot["delayed_ns"] = json!(40 * MS);
        assert_eq!(rules(&advised(&[&hot], &[])), expected);
    }
}
