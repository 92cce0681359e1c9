//! Options that say nothing, or not the same.

use tuneup_caching::{MethodCache, memoize};

#[memoize(policy = "lru")]
fn nothing_to_evict(n: u32) -> u32 {
    n
}

#[memoize(by_thread, maxsize = 10, policy = "sieve")]
fn always_lru(n: u32) -> u32 {
    n
}

#[memoize(typed)]
fn typed_anyway(n: u32) -> u32 {
    n
}

#[memoize(typed, key = "n % 10")]
fn no_types(n: u32) -> u32 {
    n
}

#[memoize(cache_errors)]
fn no_errors(n: u32) -> (u32, u32) {
    (n, n)
}

#[memoize(cache = "self.cache")]
fn no_self(n: u32) -> u32 {
    n
}

struct Counter {
    cache: MethodCache,
}

impl Counter {
    #[memoize(cache = "self.cache", shared)]
    fn both(&self, n: u32) -> u32 {
        n
    }

    #[memoize(cache = "self.cache", by_thread)]
    fn by_thread(&self, n: u32) -> u32 {
        n
    }

    #[memoize(cache = "self.cache")]
    fn by_value(self, n: u32) -> u32 {
        n
    }
}

fn main() {
    let _ = (nothing_to_evict(1), always_lru(1), typed_anyway(1), no_types(1), no_errors(1), no_self(1));
    let counter = Counter { cache: MethodCache::new() };
    let _ = (counter.both(1), counter.by_thread(1), counter.by_value(1));
}
