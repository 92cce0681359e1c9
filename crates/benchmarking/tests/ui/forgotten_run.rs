//! Nothing is measured until `run` is called.
#![deny(unused_must_use)]

use tuneup_benchmarking::{Comparison, Timeit};

fn main() {
    Comparison::new("lengths");
    Comparison::new("lengths")
        .input("text")
        .case("bytes", |text: &&str| text.len())
        .case("chars", |text: &&str| text.chars().count());
    Timeit::new("sum").samples(10);
}
