//! How does the time of two ways to find duplicates grow? Sorting a copy against comparing every pair.
//!
//! Run with `cargo run --release -p tuneup-benchmarking --example complexity`.

use std::error::Error;

use tuneup_benchmarking::complexity;

/// Sorts a copy, then looks at neighbours: O(n log n).
fn has_duplicate_sorted(values: &[u64]) -> bool {
    let mut sorted = values.to_vec();
    sorted.sort();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

/// Compares every pair: O(n²).
fn has_duplicate_nested(values: &[u64]) -> bool {
    values
        .iter()
        .enumerate()
        .any(|(i, a)| values[i + 1..].contains(a))
}

/// Distinct values in random order, so that neither function can stop early.
fn distinct(n: usize) -> Vec<u64> {
    let mut values: Vec<u64> = (0..n as u64).collect();
    fastrand::Rng::with_seed(n as u64).shuffle(&mut values);
    values
}

fn main() -> Result<(), Box<dyn Error>> {
    let sizes = [64, 128, 256, 512, 1024, 2048, 4096, 8192];
    let sorted = complexity(&sizes, distinct, |values| has_duplicate_sorted(values))?;
    println!("sort a copy\n\n{sorted}");
    let nested = complexity(&sizes, distinct, |values| has_duplicate_nested(values))?;
    println!("compare every pair\n\n{nested}");
    Ok(())
}
