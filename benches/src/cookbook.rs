//! The cookbook: the same job written slowly and fast, on inputs that grow.
//!
//! Each topic is one module with the versions as plain functions, an input that is the same in
//! every run, and `register`, which hands them to the harness with the complexity that is expected
//! of each. The book's page of the same name (`docs/src/cookbook/`) includes the functions from
//! here and the numbers from a recorded run.

#![allow(
    clippy::must_use_candidate,
    reason = "the book shows the functions as people write them"
)]

use tuneup_benchmarking::harness::Suite;

use crate::corpus;

pub mod batches;
pub mod duplicates;
pub mod fibonacci;
pub mod formatting;
pub mod hashing;
pub mod layout;
pub mod laziness;
pub mod lines;
pub mod membership;
pub mod ordered_unique;
pub mod priority_queue;
pub mod queue;
pub mod range_query;
pub mod search;
pub mod string_building;
pub mod vectorisable;
pub mod word_count;

/// How many short inputs a timed call goes through: a branch predictor learns one alone by heart.
const SHORT_INPUTS: u64 = 64;

/// A topic's name, which is also that of its source file and of its page, and what registers it.
pub type Topic = (&'static str, fn(&mut Suite));

/// Every topic in the order of the book.
pub const TOPICS: [Topic; 17] = [
    ("duplicates", duplicates::register),
    ("membership", membership::register),
    ("ordered_unique", ordered_unique::register),
    ("word_count", word_count::register),
    ("string_building", string_building::register),
    ("queue", queue::register),
    ("priority_queue", priority_queue::register),
    ("range_query", range_query::register),
    ("search", search::register),
    ("fibonacci", fibonacci::register),
    ("laziness", laziness::register),
    ("lines", lines::register),
    ("layout", layout::register),
    ("vectorisable", vectorisable::register),
    ("hashing", hashing::register),
    ("formatting", formatting::register),
    ("batches", batches::register),
];

/// Registers every topic, and a note on the text that some of them read.
pub fn register(suite: &mut Suite) {
    suite.note("corpus", || match corpus::shared() {
        Ok(corpus) => corpus.to_string(),
        Err(error) => error.to_string(),
    });
    for (_, topic) in TOPICS {
        topic(suite);
    }
}
