//! Line profiles beside what was counted by hand: after each line stands how often a statement that begins on it is reached, how
//! much time passes on it, and how long it waits. On the line of the `fn` stand the calls; lines without a number have no place
//! in the table.

// What is counted here is written in ways in which one would not write it.
#![allow(clippy::all, clippy::semicolon_if_nothing_returned)]

use std::{num::ParseIntError, time::Duration};

use tuneup_profiling::{LineTable, Profile, profile, profile_lines};

use crate::recorded::{BETWEEN_POLLS_NS, block_on, pass, recorded, turn};

const SOURCE: &str = include_str!("line_shapes.rs");

/// What is known of a line: its number, hits, nanoseconds, and nanoseconds of waiting.
type Row = (u32, u64, u64, u64);

/// The rows that stand in the source of the function that begins on line `first`.
fn counted(first: u32) -> Vec<Row> {
    let lines: Vec<_> = SOURCE.lines().collect();
    let beginning = first as usize - 1;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut rows = Vec::new();
    for (index, line) in lines.iter().enumerate().skip(beginning) {
        if let Some((hits, ns, waiting)) = line.rsplit_once("// ").and_then(|(_, text)| numbers(text)) {
            rows.push((index as u32 + 1, hits, ns, waiting));
        }
        if line.trim() == "}" && indent(line) == indent(lines[beginning]) {
            break;
        }
    }
    rows
}

/// `3`, `3, 7 ns` or `3, 7 ns, 1000 ns waiting`.
fn numbers(text: &str) -> Option<(u64, u64, u64)> {
    let mut parts = text.split(", ");
    let hits = parts.next()?.parse().ok()?;
    let ns = |part: Option<&str>, suffix: &str| match part {
        None => Some(0),
        Some(part) => part.strip_suffix(suffix)?.parse().ok(),
    };
    Some((hits, ns(parts.next(), " ns")?, ns(parts.next(), " ns waiting")?))
}

fn table<'a>(profile: &'a Profile, function: &str) -> &'a LineTable {
    let path = format!("{}::{function}", module_path!());
    let mut tables = profile.line_tables.iter();
    tables.find(|table| table.function == path).expect("the function was not recorded")
}

#[track_caller]
fn check(profile: &Profile, function: &str) {
    let table = table(profile, function);
    let ns = |time: Duration| time.as_nanos() as u64;
    let mut found: Vec<Row> = table
        .lines
        .iter()
        .map(|line| (line.number, line.hits, ns(line.time), ns(line.waiting)))
        .collect();
    assert_eq!(found[0].0, table.first_line);
    found[0].1 += table.calls;
    assert_eq!(found, counted(table.first_line), "{function}");
    let total: Duration = table.lines.iter().map(|line| line.time).sum();
    assert_eq!(total, table.total, "the lines of {function} add up");
    assert!(table.file.ends_with("line_shapes.rs"));
}

/// An iterator, each step of which takes 10 ns.
struct Slow(u64);

impl Iterator for Slow {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        pass(10);
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}

/// Takes 5 ns to be dropped.
struct Lasting;

impl Drop for Lasting {
    fn drop(&mut self) {
        pass(5);
    }
}

fn true_after(ns: u64) -> bool {
    pass(ns);
    true
}

#[profile_lines]
fn straight(ns: u64) -> u64 { // 2
    pass(ns); // 2, 12 ns
    let doubled = { pass(1); ns * 2 }; // 6, 2 ns

    let _at_the_end = Lasting; // 2
    pass(1); pass(1); // 4, 4 ns
    doubled // 2, 10 ns
        + 1
}

#[test]
fn statements() {
    let profile = recorded(|| assert_eq!(straight(5) + straight(7), 11 + 15));
    check(&profile, "straight");
    assert_eq!(table(&profile, "straight").total, Duration::from_nanos(28));
}

#[profile_lines]
fn loops(n: u64) -> u64 { // 1
    let mut left = 0; // 1
    for i in Slow(n) { // 5, 50 ns
        if i == 1 { // 4
            pass(100); // 1, 100 ns
            continue; // 1
        }
        pass(1); // 3, 3 ns
        left += 1; // 3
    }
    while true_after(3) && left > 1 { // 3, 9 ns
        left -= 1; // 2
        pass(20) // 2, 40 ns
    }
    loop { // 2
        left += 1; // 2
        pass(7); // 2, 14 ns
        if left > 2 { // 2
            break left; // 1
        }
    }
}

#[test]
fn headers_have_the_time_of_their_conditions() {
    let profile = recorded(|| assert_eq!(loops(4), 3));
    check(&profile, "loops");
}

#[profile_lines]
fn labels() -> u64 { // 1
    let mut turns = 0; // 1
    'outer: for outer in Slow(3) { // 4, 40 ns
        for inner in Slow(4) { // 9, 90 ns
            turns += 1; // 9
            if inner == outer { // 9
                pass(1); // 3, 3 ns
                continue 'outer; // 3
            }
            if turns == 100 { break 'outer } // 6
        }
    }
    turns // 1
}

#[test]
fn the_outer_header_is_evaluated_after_a_jump_to_it() {
    // The inner loops have 2, 3 and 4 turns, and all end with a jump.
    let profile = recorded(|| assert_eq!(labels(), 9));
    check(&profile, "labels");
}

#[profile_lines]
fn branches(n: u64) -> u64 { // 4
    let found = match { pass(1); n } { // 4, 6 ns
        0 => true_after(10), // 1, 10 ns
        1 if true_after(2) => {
            pass(20); // 1, 20 ns
            false // 1
        }
        _ => false, // 2
    };
    if found { // 4, 4 ns
        pass(30); // 1, 30 ns
    } else if n == 1 && true_after(4) {
        pass(40) // 1, 40 ns
    } else {
        pass(50); // 2, 100 ns
    }
    return n; // 4
}

#[test]
fn arms_and_branches() {
    let profile = recorded(|| assert_eq!([0, 1, 2, 3].map(branches), [0, 1, 2, 3]));
    check(&profile, "branches");
}

#[profile_lines]
fn early(text: &str) -> Result<u64, ParseIntError> { // 4
    let _at_the_end = Lasting; // 4
    let Some((first, second)) = text.split_once(',') else { // 4
        let only = text; // 2
        return only.parse(); // 2, 10 ns
    };
    pass(1); // 2, 2 ns
    let first: u64 = first.parse()?; // 2, 5 ns
    let second: u64 = second.parse()?; // 1
    Ok(first + second) // 1, 5 ns
}

#[test]
fn what_is_dropped_counts_where_the_function_was_left() {
    let profile = recorded(|| {
        let sums = ["1,2", "7", "x", "x,1"].map(|text| early(text).ok());
        assert_eq!(sums, [Some(3), Some(7), None, None]);
    });
    check(&profile, "early");
}

#[profile_lines]
fn closures(values: &[u64]) -> u64 { // 1
    let wait: fn(u64) = |ns| pass(ns); // 4, 6 ns
    values // 1
        .iter()
        .map(|value| { // 0
            wait(*value); // 3
            pass(10); // 3, 30 ns
            value + 1 // 3
        })
        .inspect(|_| pass(100)) // 3, 300 ns
        .sum()
}

#[test]
fn closures_have_their_own_lines() {
    let profile = recorded(|| assert_eq!(closures(&[1, 2, 3]), 9));
    check(&profile, "closures");
}

#[profile_lines]
fn threads(n: u64) -> u64 { // 1
    std::thread::scope(|scope| { // 1
        let mut sum = 0; // 1
        for i in 0..n { // 3
            let joined = scope.spawn(move || { // 2, 20 ns
                pass(10); // 2, 20 ns
                i // 2
            }).join();
            sum += joined.unwrap(); // 2
        }
        sum // 1
    })
}

#[test]
fn closures_in_other_threads_count_as_well() {
    // The thread that waits has lines too, so that the time of the others is there a second time.
    let profile = recorded(|| assert_eq!(threads(2), 1));
    check(&profile, "threads");
}

#[profile_lines]
fn factorial(n: u64) -> u64 { // 5
    pass(1); // 5, 5 ns
    if n == 0 { // 5
        return 1; // 1
    }
    let smaller = factorial(n - 1); // 4
    pass(10); // 4, 40 ns
    n * smaller // 4
}

#[test]
fn recursive_calls_have_their_time_on_their_own_lines() {
    let profile = recorded(|| assert_eq!(factorial(4), 24));
    check(&profile, "factorial");
}

#[profile_lines]
fn caller() -> u64 { // 1
    let sum = callee(3) // 1, 3 ns
        + callee(4);
    sum + callee(10) // 1, 10 ns
}

#[profile_lines]
fn callee(ns: u64) -> u64 { // 3
    pass(ns); // 3, 17 ns
    ns // 3
}

#[test]
fn a_line_contains_what_it_calls() {
    let profile = recorded(|| assert_eq!(caller(), 17));
    check(&profile, "callee");
    let lines: Vec<_> = table(&profile, "caller").lines.iter().map(|line| line.time.as_nanos()).collect();
    assert_eq!(lines, [0, 7, 10]);
}

#[profile_lines]
fn panics(n: u64) { // 2
    let _at_the_end = Lasting; // 2
    for i in Slow(n) { // 3, 30 ns
        pass(1); // 3, 3 ns
        assert!(i != 1); // 3, 10 ns
        pass(100); // 1, 100 ns
    }
}

#[test]
fn panics_end_the_call() {
    let profile = recorded(|| {
        assert!(std::panic::catch_unwind(|| panics(2)).is_err());
        assert!(std::panic::catch_unwind(|| panics(3)).is_err());
    });
    check(&profile, "panics");
}

trait Waiting {
    #[profile_lines]
    fn wait(&self) -> u64 { // 2
        let ns = self.ns(); // 2
        pass(ns); // 2, 9 ns
        ns // 2
    }

    fn ns(&self) -> u64;
}

struct Fixed<T>(T);

impl<T: Into<u64> + Copy> Waiting for Fixed<T> {
    fn ns(&self) -> u64 {
        self.0.into()
    }
}

impl<T> Fixed<T> {
    #[profile_lines(name = "a name")]
    fn taken(self) -> T {
        self.0
    }
}

#[test]
fn all_instances_of_a_function_share_a_table() {
    let profile = recorded(|| {
        let waiting: [&dyn Waiting; 2] = [&Fixed(4_u8), &Fixed(5_u32)];
        assert_eq!(waiting.map(Waiting::wait), [4, 5]);
        assert_eq!((Fixed("a").taken(), Fixed(1).taken()), ("a", 1));
    });
    check(&profile, "Waiting::wait");
    let named = profile.line_tables.iter().find(|table| table.function == "a name");
    let hits: Vec<_> = named.unwrap().lines.iter().map(|line| line.hits).collect();
    assert_eq!((named.unwrap().calls, hits), (2, vec![0, 2]));
}

#[profile_lines]
async fn waits(turns: u64) -> Result<u64, ParseIntError> { // 1
    pass(1); // 1, 1 ns
    let _at_the_end = Lasting; // 1
    for _ in 0..turns { // 3
        turn().await; // 2, 0 ns, 2000 ns waiting
        pass(2); // 2, 4 ns
    }
    let inner = { turn().await; pass(7); 7 }; // 4, 7 ns, 1000 ns waiting
    let text = async { pass(3); "x" }; // 1
    text.await.parse::<u64>()?; // 1, 8 ns
    Ok(inner) // 0
}

#[test]
fn suspended_lines_wait() {
    let profile = recorded(|| assert!(block_on(waits(2)).is_err()));
    check(&profile, "waits");
    assert!(table(&profile, "waits").is_async);
}

#[profile_lines]
async fn in_turns(ns: u64) -> u64 { // 2
    pass(1); // 2, 2 ns
    turn().await; // 2, 0 ns, 2011 ns waiting
    pass(ns); // 2, 30 ns
    let after = || pass(1); // 3, 1 ns
    if ns == 20 { // 2
        after(); // 1
    }
    ns // 2
}

#[test]
fn futures_of_one_function_take_turns() {
    let profile = recorded(|| {
        // The first is suspended at 1 and goes on at 1002, the second at 2 and at 1012.
        let sum = block_on(async {
            let (mut first, mut second) = (Box::pin(in_turns(10)), Box::pin(in_turns(20)));
            let mut sum = 0;
            let mut left = 2;
            std::future::poll_fn(|context| {
                for future in [&mut first, &mut second] {
                    if let std::task::Poll::Ready(ns) = future.as_mut().poll(context) {
                        sum += ns;
                        left -= 1;
                    }
                }
                match left {
                    0 => std::task::Poll::Ready(()),
                    _ => std::task::Poll::Pending,
                }
            })
            .await;
            sum
        });
        assert_eq!((sum, BETWEEN_POLLS_NS), (30, 1_000));
    });
    check(&profile, "in_turns");
}

#[profile]
#[profile_lines]
fn both(ns: u64) -> u64 { // 1
    pass(ns); // 1, 3 ns
    callee(ns + 1) // 1, 4 ns
}

#[profile_lines]
#[profile]
async fn both_later(ns: u64) -> u64 { // 1
    turn().await; // 1, 0 ns, 1000 ns waiting
    pass(ns); // 1, 5 ns
    ns // 1
}

#[test]
fn lines_are_as_long_as_the_function() {
    let profile = recorded(|| assert_eq!(both(3) + block_on(both_later(5)), 9));
    check(&profile, "both");
    check(&profile, "both_later");
    for name in ["both", "both_later"] {
        let path = format!("{}::{name}", module_path!());
        let function = profile.functions.iter().find(|function| function.name == path).unwrap();
        assert_eq!((function.calls, function.cumulative), (1, table(&profile, name).total));
    }
}
