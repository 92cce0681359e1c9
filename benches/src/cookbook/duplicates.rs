//! Does a slice hold the same value twice?
//!
//! The input has no duplicate, which is the worst case: nobody can stop early.

use std::collections::HashSet;

use tuneup_benchmarking::harness::{Class, Suite};

use super::SHORT_INPUTS;

/// Looks for every value among those before it: O(n²) time, no memory.
// ANCHOR: slow
pub fn compare_all_pairs(values: &[u32]) -> bool {
    for (i, value) in values.iter().enumerate() {
        if values[..i].contains(value) {
            return true;
        }
    }
    false
}
// ANCHOR_END: slow

/// Remembers what it has seen: O(n) time, O(n) memory.
// ANCHOR: fast
pub fn hash_set(values: &[u32]) -> bool {
    let mut seen = HashSet::with_capacity(values.len());
    !values.iter().all(|value| seen.insert(value))
}
// ANCHOR_END: fast

/// Sorts a copy, which brings equal values together: O(n log n) time, O(n) memory.
// ANCHOR: sorted
pub fn sort_a_copy(values: &[u32]) -> bool {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}
// ANCHOR_END: sorted

/// `n` different values in random order, another one for each seed.
pub fn input(n: usize, seed: u64) -> Vec<u32> {
    // An odd factor makes the multiplication a bijection, so the values stay different.
    let mut values: Vec<u32> = (0..n as u32).map(|i| i.wrapping_mul(0x9E37_79B1)).collect();
    fastrand::Rng::with_seed(seed).shuffle(&mut values);
    values
}

/// Registers the worst case, and the same job on a slice so short that the quadratic version wins.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/duplicates")
        .about("does a slice hold the same value twice? (it does not)")
        .size(4_096)
        .sizes(&[64, 128, 256, 512, 1_024, 2_048, 4_096])
        .elements(|n| n as u64)
        .input(|n| input(n, 0))
        .case("compare all pairs", |values: &Vec<u32>| {
            compare_all_pairs(values)
        })
        .class(Class::Quadratic)
        .case("hash set", |values: &Vec<u32>| hash_set(values))
        .class(Class::Linear)
        .case("sort a copy", |values: &Vec<u32>| sort_a_copy(values))
        .class(Class::Linearithmic)
        .finish();
    suite
        .group("cookbook/duplicates-short")
        .about("the same question about 64 slices of n values")
        .size(32)
        .elements(|n| n as u64 * SHORT_INPUTS)
        .input(|n| {
            (0..SHORT_INPUTS)
                .map(|seed| input(n, seed))
                .collect::<Vec<_>>()
        })
        .case("compare all pairs", |inputs: &Vec<Vec<u32>>| {
            inputs
                .iter()
                .filter(|values| compare_all_pairs(values))
                .count()
        })
        .case("hash set", |inputs: &Vec<Vec<u32>>| {
            inputs.iter().filter(|values| hash_set(values)).count()
        })
        .case("sort a copy", |inputs: &Vec<Vec<u32>>| {
            inputs.iter().filter(|values| sort_a_copy(values)).count()
        })
        .finish();
}
