//! The hash function of a map: safe against chosen keys by default, quick when nobody chooses them.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};
use tuneup_benchmarking::harness::{Class, Suite};

use crate::corpus;

/// Counts the different keys with the hasher of std, SipHash 1-3 with random keys.
// ANCHOR: slow
pub fn distinct_default<K: Hash + Eq>(keys: &[K]) -> usize {
    keys.iter().collect::<HashSet<_>>().len()
}
// ANCHOR_END: slow

/// Counts them with one multiplication a word of the key.
// ANCHOR: fast
pub fn distinct_fx<K: Hash + Eq>(keys: &[K]) -> usize {
    keys.iter().collect::<FxHashSet<_>>().len()
}
// ANCHOR_END: fast

/// Looks each key up up to three times: to see whether it is there, to insert it, to count.
// ANCHOR: thrice
pub fn most_frequent_three_lookups<K: Hash + Eq>(keys: &[K]) -> usize {
    let mut counts: HashMap<&K, usize> = HashMap::new();
    for key in keys {
        if !counts.contains_key(key) {
            counts.insert(key, 0);
        }
        if let Some(count) = counts.get_mut(key) {
            *count += 1;
        }
    }
    counts.values().copied().max().unwrap_or(0)
}
// ANCHOR_END: thrice

/// Looks each key up once, with the hasher of std.
// ANCHOR: entry
pub fn most_frequent_entry<K: Hash + Eq>(keys: &[K]) -> usize {
    let mut counts: HashMap<&K, usize> = HashMap::new();
    for key in keys {
        *counts.entry(key).or_insert(0) += 1;
    }
    counts.values().copied().max().unwrap_or(0)
}
// ANCHOR_END: entry

/// Looks each key up once, with the quick hasher.
// ANCHOR: entry_fx
pub fn most_frequent_entry_fx<K: Hash + Eq>(keys: &[K]) -> usize {
    let mut counts: FxHashMap<&K, usize> = FxHashMap::default();
    for key in keys {
        *counts.entry(key).or_insert(0) += 1;
    }
    counts.values().copied().max().unwrap_or(0)
}
// ANCHOR_END: entry_fx

/// `n` words of the corpus.
pub fn words(n: usize) -> Vec<&'static str> {
    corpus::shared_or_exit().words(n)
}

/// `n` numbers up to n.
pub fn numbers(n: usize) -> Vec<u64> {
    let mut random = fastrand::Rng::with_seed(16);
    (0..n).map(|_| random.u64(..=n as u64)).collect()
}

/// Registers words and numbers.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/hashing")
        .about("how often is the most frequent of n words of real text there?")
        .size(8_192)
        .sizes(&[256, 512, 1_024, 2_048, 4_096, 8_192, 16_384])
        .elements(|n| n as u64)
        .input(words)
        .case("std, three lookups", |words: &Vec<&str>| {
            most_frequent_three_lookups(words)
        })
        .class(Class::Linear)
        .case("std, entry", |words: &Vec<&str>| most_frequent_entry(words))
        .class(Class::Linear)
        .case("rustc-hash, entry", |words: &Vec<&str>| {
            most_frequent_entry_fx(words)
        })
        .class(Class::Linear)
        .finish();
    suite
        .group("cookbook/hashing-numbers")
        .about("how many different numbers are there among n?")
        .size(8_192)
        .sizes(&[256, 512, 1_024, 2_048, 4_096, 8_192, 16_384])
        .elements(|n| n as u64)
        .input(numbers)
        .case("std", |numbers: &Vec<u64>| distinct_default(numbers))
        .class(Class::Linear)
        .case("rustc-hash", |numbers: &Vec<u64>| distinct_fx(numbers))
        .class(Class::Linear)
        .finish();
}
