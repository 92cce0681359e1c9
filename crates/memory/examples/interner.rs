//! Words of a text by number: how many there are, which is the most frequent, and what that takes.
//!
//! `cargo run --release -p tuneup-memory --example interner`

use tuneup_memory::{Error, Interner};

const TEXT: &str = "the cat and the dog and the bird saw the cat";

fn main() -> Result<(), Error> {
    let mut words = Interner::new();
    let mut counts: Vec<u32> = Vec::new();
    for word in TEXT.split_whitespace() {
        let symbol = words.intern(word)?;
        counts.resize(words.len(), 0);
        counts[symbol.index()] += 1;
    }
    let most_frequent = words
        .iter()
        .max_by_key(|(symbol, _)| counts[symbol.index()]);
    if let Some((symbol, word)) = most_frequent {
        println!("\"{word}\" comes {} times", counts[symbol.index()]);
    }
    println!("{} words in {} bytes", words.len(), words.size_bytes());
    Ok(())
}
