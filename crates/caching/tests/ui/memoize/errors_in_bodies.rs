//! Errors and warnings of what the user wrote are at their places.
#![deny(warnings)]

use tuneup_caching::memoize;

#[memoize]
fn wrong_type(n: u32) -> u32 {
    "one"
}

#[memoize]
fn unused(n: u32, argument: u32) -> u32 {
    let variable = 1;
    n
}

#[memoize(maxsize = "none")]
fn never_called(mut n: u32) -> u32 {
    n
}

fn main() {
    wrong_type("1");
    unused(1, 2);
}
