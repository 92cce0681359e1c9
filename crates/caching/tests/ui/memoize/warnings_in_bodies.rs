//! Warnings of what the user wrote are still given, and no others.
#![deny(warnings)]

use tuneup_caching::memoize;

#[memoize]
fn unused(n: u32, argument: u32) -> u32 {
    let variable = 1;
    n
}

#[memoize]
fn mutable(mut n: u32) -> u32 {
    n
}

#[memoize]
#[must_use]
fn must_be_used(n: u32) -> u32 {
    n
}

fn main() {
    unused(1, 2);
    mutable(1);
    must_be_used(1);
}
