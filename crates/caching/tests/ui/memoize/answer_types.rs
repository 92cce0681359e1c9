//! Types of answers that lack what a value needs, or are errors by another name.

use tuneup_caching::memoize;

struct NotClone;

type Answer<T> = std::result::Result<T, String>;

#[memoize]
fn not_clone(n: u32) -> NotClone {
    let _ = n;
    NotClone
}

#[memoize]
fn alias(n: u32) -> Answer<u32> {
    Ok(n)
}

mod other {
    #[derive(Clone)]
    pub struct Result;
}

#[memoize]
fn no_result(n: u32) -> other::Result {
    let _ = n;
    other::Result
}

fn main() {
    let _ = (not_clone(1), alias(1), no_result(1));
}
