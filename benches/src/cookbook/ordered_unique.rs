//! Every value once, in the order of first appearance.
//!
//! In the input each value appears twice on average.

use std::collections::HashSet;

use tuneup_benchmarking::harness::{Class, Suite};

use super::SHORT_INPUTS;

/// Looks into the result before each push: O(n × distinct).
// ANCHOR: slow
pub fn search_the_result(values: &[u64]) -> Vec<u64> {
    let mut unique = Vec::new();
    for value in values {
        if !unique.contains(value) {
            unique.push(*value);
        }
    }
    unique
}
// ANCHOR_END: slow

/// A set beside the result, but asked twice about each new value: O(n).
// ANCHOR: asked_twice
pub fn set_asked_twice(values: &[u64]) -> Vec<u64> {
    let mut seen = HashSet::new();
    let mut unique = Vec::new();
    for value in values {
        if !seen.contains(value) {
            seen.insert(*value);
            unique.push(*value);
        }
    }
    unique
}
// ANCHOR_END: asked_twice

/// `insert` says whether the value is new, so one lookup is enough: O(n).
// ANCHOR: fast
pub fn set_asked_once(values: &[u64]) -> Vec<u64> {
    let mut seen = HashSet::with_capacity(values.len());
    values
        .iter()
        .copied()
        .filter(|value| seen.insert(*value))
        .collect()
}
// ANCHOR_END: fast

/// `n` values from 0 to n/2, others for each seed.
pub fn input(n: usize, seed: u64) -> Vec<u64> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..n).map(|_| random.u64(0..=n as u64 / 2)).collect()
}

/// Registers the growing input, and a short one.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/ordered_unique")
        .about("every value once, in the order of first appearance")
        .size(4_096)
        .sizes(&[64, 128, 256, 512, 1_024, 2_048, 4_096])
        .elements(|n| n as u64)
        .input(|n| input(n, 0))
        .case("search the result", |values: &Vec<u64>| {
            search_the_result(values)
        })
        .class(Class::Quadratic)
        .case("set asked twice", |values: &Vec<u64>| {
            set_asked_twice(values)
        })
        .class(Class::Linear)
        .case("set asked once", |values: &Vec<u64>| set_asked_once(values))
        .class(Class::Linear)
        .finish();
    suite
        .group("cookbook/ordered_unique-short")
        .about("the same for 64 slices of n values")
        .size(32)
        .elements(|n| n as u64 * SHORT_INPUTS)
        .input(|n| {
            (0..SHORT_INPUTS)
                .map(|seed| input(n, seed))
                .collect::<Vec<_>>()
        })
        .case("search the result", |inputs: &Vec<Vec<u64>>| {
            inputs
                .iter()
                .map(|values| search_the_result(values).len())
                .sum::<usize>()
        })
        .case("set asked twice", |inputs: &Vec<Vec<u64>>| {
            inputs
                .iter()
                .map(|values| set_asked_twice(values).len())
                .sum::<usize>()
        })
        .case("set asked once", |inputs: &Vec<Vec<u64>>| {
            inputs
                .iter()
                .map(|values| set_asked_once(values).len())
                .sum::<usize>()
        })
        .finish();
}
