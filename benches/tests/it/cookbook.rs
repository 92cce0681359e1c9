//! For each topic: all versions give the answer of an oracle, on nothing, on one thing, on
//! repetitions and on text that is not ASCII.

mod batches;
mod duplicates;
mod fibonacci;
mod formatting;
mod hashing;
mod layout;
mod laziness;
mod lines;
mod membership;
mod ordered_unique;
mod priority_queue;
mod queue;
mod range_query;
mod search;
mod string_building;
mod vectorisable;
mod word_count;
