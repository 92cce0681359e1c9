//! The cases of a comparison answer with values of one type.

use tuneup_benchmarking::Comparison;

fn main() {
    let _ = Comparison::new("lengths")
        .input("text")
        .case("bytes", |text: &&str| text.len())
        .case("as text", |text: &&str| text.len().to_string())
        .run();
}
