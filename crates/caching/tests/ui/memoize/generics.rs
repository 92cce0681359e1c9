//! Parameters that a cache cannot depend on.

use std::hash::Hash;

use tuneup_caching::memoize;

#[memoize]
fn short_lived<T: Hash + Eq + Clone + Send + Sync>(value: T) -> u32 {
    let _ = value;
    1
}

trait From2<'a> {}

#[memoize]
fn of_lifetime<'a, T: From2<'a> + Hash + Eq + Clone + Send + Sync + 'static>(value: T, text: &'a str) -> usize {
    let _ = value;
    text.len()
}

fn main() {
    short_lived(1);
}
