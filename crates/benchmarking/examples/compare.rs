//! Three ways to count the words of a text: which is the fastest, and by how much? A file of yours is read if its name is given.
//!
//! Run with `cargo run --release -p tuneup-benchmarking --example compare [FILE]`.

use std::error::Error;

use tuneup_benchmarking::{Comparison, Throughput, Timeit};

/// Keeps every word only to ask how many there are.
fn collected(text: &str) -> usize {
    text.split_whitespace().collect::<Vec<_>>().len()
}

/// Keeps nothing.
fn counted(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Looks at bytes instead of characters: for ASCII white space alone.
fn bytes(text: &str) -> usize {
    let words = text.as_bytes().split(u8::is_ascii_whitespace);
    words.filter(|word| !word.is_empty()).count()
}

fn main() -> Result<(), Box<dyn Error>> {
    let text = match std::env::args().nth(1) {
        Some(path) => std::fs::read_to_string(path)?,
        None => "the quick brown fox jumps over the lazy dog\n".repeat(1_000),
    };
    let size = Throughput::Bytes(text.len() as u64);

    // One function alone: how long it takes, and how sure that is.
    Timeit::new("counted")
        .throughput(size)
        .run(|| counted(&text))
        .print();
    println!();

    // Beside each other: their blocks alternate, and that they agree is checked before.
    Comparison::new("count the words")
        .throughput(size)
        .input(text.as_str())
        .case("collected", |text| collected(text))
        .case("counted", |text| counted(text))
        .case("bytes", |text| bytes(text))
        .run()?
        .print();
    Ok(())
}
