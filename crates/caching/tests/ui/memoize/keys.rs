//! Keys that are wrong, and where.

use tuneup_caching::memoize;

#[memoize(key = "&name[..1]")]
fn borrows(name: &str) -> usize {
    name.len()
}

#[memoize(key = "(x * 2.0, name)")]
fn no_key(x: f64, name: &str) -> usize {
    x as usize + name.len()
}

#[memoize(key = "nme.len()")]
fn misspelt(name: &str) -> usize {
    name.len()
}

fn main() {
    let _ = (borrows("a"), no_key(1.0, ""), misspelt(""));
}
