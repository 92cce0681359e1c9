//! What tracking adds to programs that allocate much.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    hint::black_box,
};

use tuneup_benchmarking::harness::{Cases, Suite};

use super::allocators::{self, Working};
use crate::corpus;

pub(super) fn register(suite: &mut Suite) {
    let json = suite
        .group("memory/json")
        .about("parse 400 KB of JSON: 3000 records of small strings, lists and numbers")
        .size(3000)
        .elements(|n| n as u64)
        .input(|n| records(n).expect("a string takes all that is written"));
    tracked(json, parsed, 2.6);
    let index = suite
        .group("memory/index")
        .about("the lines of each word of 256 KiB of text, as a BTreeMap<String, Vec<u32>>")
        .size(256 << 10)
        .bytes(|n| n as u64)
        .input(|n| corpus::shared_or_exit().excerpt(n));
    tracked(index, indexed, 1.5);
}

type Program = fn(&str) -> usize;

/// The same program under every allocator.
fn tracked(cases: Cases<'_, String, usize>, program: Program, exact: f64) {
    let cases = under(cases, "off", program, allocators::off);
    let cases = under(cases, "counting", program, allocators::counting).at_most(1.05, "system");
    let cases = under(cases, "sampling", program, allocators::sampling).at_most(1.06, "system");
    let name = allocators::exact_name();
    let cases = under(cases, name, program, allocators::exact);
    // With unwind tables it takes longer, and nothing is promised.
    let cases = match name {
        "exact" => cases.at_most(exact, "system"),
        _ => cases,
    };
    let cases = under(cases, "system", program, allocators::system).mark_peer();
    #[cfg(feature = "peers")]
    let cases = under(cases, "stats_alloc", program, allocators::stats_alloc).mark_peer();
    #[cfg(feature = "peers")]
    let cases = under(cases, "dhat", program, allocators::dhat).mark_peer();
    cases.finish();
}

fn under<'s>(
    cases: Cases<'s, String, usize>,
    name: &str,
    program: Program,
    working: fn() -> Working,
) -> Cases<'s, String, usize> {
    cases
        .case(name, move |text: &String| program(text))
        .within(working)
}

fn records(count: usize) -> Result<String, fmt::Error> {
    let mut text = String::from("[");
    for n in 0..count {
        let comma = if n == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"id":{n},"name":"user number {n}","tags":["a{}","bb{}","ccc"],"at":{{"x":{}.5,"y":-{n}}},"ok":true,"none":null}}"#,
            n % 7,
            n % 13,
            n * 3,
        )?;
    }
    text.push(']');
    Ok(text)
}

fn parsed(text: &str) -> usize {
    let value = serde_json::from_str::<serde_json::Value>(text);
    black_box(value).map_or(0, |value| value.as_array().map_or(0, Vec::len))
}

fn indexed(text: &str) -> usize {
    let mut lines_of = BTreeMap::<String, Vec<u32>>::new();
    for (line, words) in (0..).zip(text.lines()) {
        for word in words.split_whitespace() {
            lines_of.entry(word.to_owned()).or_default().push(line);
        }
    }
    black_box(lines_of).len()
}
