//! Answers that cannot be compared or shown cannot be checked.

use tuneup_benchmarking::Comparison;

struct Answer(usize);

fn main() {
    let _ = Comparison::new("lengths")
        .input("text")
        .case("bytes", |text: &&str| Answer(text.len()))
        .case("chars", |text: &&str| Answer(text.chars().count()))
        .run();
}
