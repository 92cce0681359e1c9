//! Two ways beside each other.

use tuneup_benchmarking::{Comparison, Error, Outcome};

pub fn two_ways_to_join() -> Result<Outcome, Error> {
    Comparison::new("joining")
        .input(vec!["word"; 1_000])
        .case("as it was", |words| {
            words.iter().fold(String::new(), |text, word| text + word)
        })
        .case("as it is", |words| words.concat())
        .run()
}
