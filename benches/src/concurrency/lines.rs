//! The words of a file, counted.

use std::{num::NonZeroUsize, path::Path};

use rustc_hash::FxHashMap;
use tuneup_benchmarking::harness::Suite;
use tuneup_concurrency::ParallelLines;

use crate::corpus;

type Counts = FxHashMap<Vec<u8>, u64>;

pub(super) fn register(suite: &mut Suite) {
    suite
        .group("concurrency/word_count")
        .about("occurrences of each word in the lines of a file with the whole corpus, by reduce_lines: two threads against one")
        .size(corpus::LIMIT_BYTES)
        .elements(|n| n as u64)
        .input(|n| corpus::scratch_file(&corpus::shared_or_exit().excerpt(n)))
        .case("tuneup, two threads", |path| count(path, 2))
        .at_most(1.0 / 1.8, "tuneup, one thread")
        .case("tuneup, one thread", |path| count(path, 1))
        .finish();
}

/// How many different words there are, and how many in all.
fn count(path: &Path, workers: usize) -> (usize, u64) {
    let workers = NonZeroUsize::new(workers).expect("it is not 0");
    let lines = ParallelLines::builder(path).workers(workers).build();
    let counts = lines
        .and_then(|lines| lines.reduce(add_words, add_counts))
        .expect("the file is text");
    (counts.len(), counts.values().sum())
}

fn add_words(counts: &mut Counts, line: &[u8]) {
    let words = line.split(|byte| !byte.is_ascii_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        match counts.get_mut(word) {
            Some(count) => *count += 1,
            None => {
                counts.insert(word.to_vec(), 1);
            }
        }
    }
}

fn add_counts(counts: &mut Counts, others: Counts) {
    for (word, count) in others {
        *counts.entry(word).or_default() += count;
    }
}
