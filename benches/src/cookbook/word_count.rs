//! How often does each word occur, and which ten most often? On real text.

use std::collections::HashMap;

use rustc_hash::FxHashMap;
use tuneup_benchmarking::harness::{Class, Suite};

use crate::corpus;

/// How many words [`most_frequent`] keeps.
const KEPT: usize = 10;

/// Makes a `String` of every occurrence, because `entry` wants an owned key: one allocation a word.
// ANCHOR: slow
pub fn owned_keys(text: &str) -> Vec<(String, usize)> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_string()).or_insert(0) += 1;
    }
    most_frequent(counts.iter().map(|(word, count)| (word.as_str(), *count)))
}
// ANCHOR_END: slow

/// For a map that must own its keys: allocates only for words that are new.
// ANCHOR: owned_once
pub fn owned_when_new(text: &str) -> Vec<(String, usize)> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for word in text.split_whitespace() {
        match counts.get_mut(word) {
            Some(count) => *count += 1,
            None => {
                counts.insert(word.to_string(), 1);
            }
        }
    }
    most_frequent(counts.iter().map(|(word, count)| (word.as_str(), *count)))
}
// ANCHOR_END: owned_once

/// The text outlives the map, so the keys can point into it: no allocation but the map's own.
// ANCHOR: fast
pub fn borrowed_keys(text: &str) -> Vec<(String, usize)> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_insert(0) += 1;
    }
    most_frequent(counts)
}
// ANCHOR_END: fast

/// The same with a hasher that is quick on short keys, for words nobody chose in order to make them
/// collide.
// ANCHOR: hasher
pub fn borrowed_keys_quick_hasher(text: &str) -> Vec<(String, usize)> {
    let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
    for word in text.split_whitespace() {
        *counts.entry(word).or_insert(0) += 1;
    }
    most_frequent(counts)
}
// ANCHOR_END: hasher

/// The words with the highest counts, highest first, equal counts in the words' order.
fn most_frequent<'a>(counts: impl IntoIterator<Item = (&'a str, usize)>) -> Vec<(String, usize)> {
    let mut words: Vec<_> = counts.into_iter().collect();
    let order = |a: &(&str, usize), b: &(&str, usize)| b.1.cmp(&a.1).then(a.0.cmp(b.0));
    if words.len() > KEPT {
        words.select_nth_unstable_by(KEPT, order);
        words.truncate(KEPT);
    }
    words.sort_unstable_by(order);
    words
        .into_iter()
        .map(|(word, count)| (word.to_string(), count))
        .collect()
}

/// Registers the four ways over the corpus; the size is in bytes.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/word_count")
        .about("the ten most frequent words of n bytes of real text")
        .size(64 << 10)
        .sizes(&[
            1 << 10,
            2 << 10,
            4 << 10,
            8 << 10,
            16 << 10,
            32 << 10,
            64 << 10,
        ])
        .bytes(|n| n as u64)
        .input(|n| corpus::shared_or_exit().excerpt(n))
        .case("owned keys", |text: &String| owned_keys(text))
        .class(Class::Linear)
        .case("owned when new", |text: &String| owned_when_new(text))
        .class(Class::Linear)
        .case("borrowed keys", |text: &String| borrowed_keys(text))
        .class(Class::Linear)
        .case("borrowed, quick hasher", |text: &String| {
            borrowed_keys_quick_hasher(text)
        })
        .class(Class::Linear)
        .finish();
}
