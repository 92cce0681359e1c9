//! Answers that cannot be kept.

use tuneup_caching::memoize;

#[memoize]
fn first<'a>(text: &'a str) -> &'a str {
    &text[..1]
}

#[memoize]
fn words(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

#[memoize]
fn evens(n: u32) -> impl Iterator<Item = u32> {
    (0..n).step_by(2)
}

fn main() {
    let _ = (first("a"), words("a"), evens(1).count());
}
