//! Builds an index of the words of a text, and shows which lines of code allocated: all of it by call site, what has grown
//! when the text was read a second time, and the sums by scope.
//!
//! `cargo run -p tuneup-memory --features trace --example call_sites -- FILE`, by default of its own source. With `--release`,
//! set `CARGO_PROFILE_RELEASE_DEBUG=limited` for lines.

use std::{collections::BTreeMap, process::ExitCode};

use tuneup_memory::{GroupBy, Trace, TraceOptions, TrackingAllocator, measure, scope};

#[global_allocator]
static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();

/// For each word the lines that it is in.
type Index = BTreeMap<String, Vec<usize>>;

#[inline(never)]
fn read(text: &str) -> Index {
    let _scope = scope("read");
    let mut index = Index::new();
    for (number, line) in (1..).zip(text.lines()) {
        for word in line.split(|letter: char| !letter.is_alphanumeric()) {
            add(&mut index, word, number);
        }
    }
    index
}

#[inline(never)]
fn add(index: &mut Index, word: &str, line: usize) {
    let lines = index.entry(word.to_lowercase()).or_default();
    if lines.last() != Some(&line) {
        lines.push(line);
    }
}

/// A line for each word, from the most frequent on.
#[inline(never)]
fn ranking(index: &Index) -> Vec<String> {
    let _scope = scope("rank");
    let mut words: Vec<_> = index.iter().collect();
    words.sort_by_key(|(_, lines)| std::cmp::Reverse(lines.len()));
    let words = words.into_iter();
    words
        .map(|(word, lines)| format!("{word}: {} lines", lines.len()))
        .collect()
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let text = match std::env::args().nth(1) {
        Some(path) => std::fs::read_to_string(path)?,
        None => include_str!("call_sites.rs").to_owned(),
    };
    let trace = Trace::start(TraceOptions::exact())?;
    let (index, allocations) = measure(|| read(&text));
    let before = trace.snapshot();
    let ranking = ranking(&index);
    let after = trace.snapshot();
    drop(trace);

    println!("{} words: {allocations}\n", ranking.len());
    println!("{}", after.by(GroupBy::Site));
    println!("{}", after.compare_to(&before).by(GroupBy::Site));
    print!("{}", after.by(GroupBy::Scope));
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
