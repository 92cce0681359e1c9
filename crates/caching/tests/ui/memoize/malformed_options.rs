//! Options that are not what they should be; each function is still there.

use tuneup_caching::memoize;

#[memoize(max_size = 10)]
fn unknown(n: u32) -> u32 {
    n
}

#[memoize(maxsize = -1)]
fn negative(n: u32) -> u32 {
    n
}

#[memoize(maxsize = "10")]
fn text(n: u32) -> u32 {
    n
}

#[memoize(maxsize)]
fn valueless(n: u32) -> u32 {
    n
}

#[memoize(ttl = "60")]
fn unitless(n: u32) -> u32 {
    n
}

#[memoize(ttl = "0s")]
fn timeless(n: u32) -> u32 {
    n
}

#[memoize(ttl = "soon")]
fn soon(n: u32) -> u32 {
    n
}

#[memoize(ttl = "1000000d")]
fn long(n: u32) -> u32 {
    n
}

#[memoize(ttl = 60)]
fn number(n: u32) -> u32 {
    n
}

#[memoize(maxsize = 1, policy = "mru")]
fn policy(n: u32) -> u32 {
    n
}

#[memoize(key = n)]
fn unquoted(n: u32) -> u32 {
    n
}

#[memoize(key = "")]
fn empty(n: u32) -> u32 {
    n
}

#[memoize(key = "n +")]
fn unfinished(n: u32) -> u32 {
    n
}

#[memoize(maxsize = 1, maxsize = 2)]
fn twice(n: u32) -> u32 {
    n
}

fn main() {
    let _ = (unknown(1), negative(1), text(1), valueless(1), unitless(1), timeless(1), soon(1));
    let _ = (long(1), number(1), policy(1), unquoted(1), empty(1), unfinished(1), twice(1));
}
