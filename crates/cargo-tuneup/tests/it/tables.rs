//! Whole tables, as they are printed, with what differs from run to run masked.

use regex_lite::Regex;

use crate::profile::profile;

/// Times become `T`, shares `%`, and columns are one space apart: their widths follow from the times, as does the star of what is mostly the recording.
fn masked(text: &str) -> String {
    let times = Regex::new(r"\d+(\.\d+)? (ns|µs|ms|s)\b").unwrap();
    let shares = Regex::new(r"\d+(\.\d+)? %").unwrap();
    let gaps = Regex::new(r" {2,}").unwrap();
    let lines = text.lines().filter(|line| !line.starts_with(['─', '*']));
    let lines = lines.map(|line| {
        let line = times.replace_all(line, "T");
        let line = shares.replace_all(&line, "%").replace(" *", "");
        gaps.replace_all(line.trim(), " ").into_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What is printed behind what Cargo says.
fn table(arguments: &[&str]) -> String {
    let output = profile(arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    // Behind it stands what does not record, which other tests look at.
    let end = said.find(" functions record;").unwrap_or(said.len());
    let end = said[..end].rfind('\n').unwrap_or(end);
    let begin = said[..end].find("Finished").unwrap_or(0);
    let begin = said[begin..]
        .find('\n')
        .map_or(begin, |line| begin + line + 1);
    masked(&said[begin..end]).trim().to_owned()
}

const FUNCTIONS: &str = "\
exits: 4 function calls in T

ncalls tottime percall cumtime percall min p50 p95 p99 max file:line function
3 T T T T T T T T T app/src/bin/exits.rs:1 exits::work
1 T T T T – – – – – app/src/bin/exits.rs:2 exits::main

ordered by calls";

/// The line is reached at its begin, for each pass of the loop, in it and behind it.
const LINES: &str = "

exits::main at app/src/bin/exits.rs:2, total T in 1 call

Line Hits Time Per hit % time Source
2 8 T T % fn main() { for _ in 0..3 { work(); } std::process::exit(7); }";

#[test]
fn functions_stand_in_their_order_with_all_columns() {
    let text = table(&["--bin", "exits", "--sort", "calls"]);
    assert_eq!(text, FUNCTIONS);
}

#[test]
fn lines_follow_the_functions_with_their_source() {
    let text = table(&["--bin", "exits", "--sort", "calls", "--lines", "main$"]);
    assert_eq!(text, format!("{FUNCTIONS}{LINES}"));
}
