//! Looking up and putting in, from one thread and from two.

use tuneup_benchmarking::harness::{Cases, Suite};
use tuneup_caching::Cache;

use super::zipf::{key, zipf};

/// Different keys.
const KEYS: usize = 100_000;
const EXPONENT: f64 = 0.99;
/// What the caches hold that are full.
const CAPACITY: u64 = 10_000;

pub(super) fn register(suite: &mut Suite) {
    for threads in [1, 2] {
        hits(suite, threads);
        mixed(suite, threads);
    }
}

/// A cache, as this bench needs one.
trait Subject: Sync + 'static {
    fn get(&self, key: u64) -> Option<u64>;
    fn insert(&self, key: u64, value: u64);
}

impl Subject for Cache<u64, u64> {
    #[inline(always)]
    fn get(&self, key: u64) -> Option<u64> {
        self.get(&key)
    }

    #[inline(always)]
    fn insert(&self, key: u64, value: u64) {
        self.insert(key, value);
    }
}

fn ours(capacity: u64) -> Cache<u64, u64> {
    Cache::new(capacity).expect("the capacity is more than 0")
}

/// What is done with a cache.
#[derive(Clone, Copy)]
enum Work {
    /// Lookups of what is there.
    Hits,
    /// Lookups and writes, more than there is room for.
    Mixed,
}

fn hits(suite: &mut Suite, threads: usize) {
    let cases = suite
        .group(&format!("caching/hits_{threads}_threads"))
        .about("200000 lookups of 100000 keys that are all there, Zipf 0.99, in each thread; with statistics")
        .size(200_000)
        .elements(|n| n as u64)
        .input(|n| zipf(KEYS, EXPONENT, n, 1))
        .expect(|keys| keys.iter().fold(0_u64, |sum, key| sum.wrapping_add(*key)));
    let cases = subject(cases, "tuneup", threads, Work::Hits, ours);
    #[cfg(feature = "peers")]
    let cases = peers::all(
        cases.at_most(0.9, "quick_cache").at_most(0.1, "moka"),
        threads,
        Work::Hits,
    );
    cases.finish();
}

fn mixed(suite: &mut Suite, threads: usize) {
    let cases = suite
        .group(&format!("caching/mixed_{threads}_threads"))
        .about("200000 requests of 100000 keys to a full cache of 10000, Zipf 0.99, in each thread: 95 lookups to 5 writes; with statistics")
        .size(200_000)
        .elements(|n| n as u64)
        .input(|n| zipf(KEYS, EXPONENT, n, 2))
        .expect(|_| 0);
    let cases = subject(cases, "tuneup", threads, Work::Mixed, ours);
    #[cfg(feature = "peers")]
    let cases = peers::all(cases.at_most(1.0, "quick_cache"), threads, Work::Mixed);
    cases.finish();
}

type LookupCases<'s> = Cases<'s, Vec<u64>, u64>;

fn subject<'s, C: Subject>(
    cases: LookupCases<'s>,
    name: &str,
    threads: usize,
    work: Work,
    make: fn(u64) -> C,
) -> LookupCases<'s> {
    cases.concurrent(
        name,
        threads,
        move |_| work.filled(make),
        move |cache, keys| work.run(cache, keys),
    )
}

impl Work {
    fn filled<C: Subject>(self, make: fn(u64) -> C) -> C {
        match self {
            Self::Hits => {
                let cache = make(2 * KEYS as u64);
                (0..KEYS).map(key).for_each(|key| cache.insert(key, key));
                cache
            }
            Self::Mixed => {
                let cache = make(CAPACITY);
                for key in zipf(KEYS, EXPONENT, 4 * KEYS, 3) {
                    if cache.get(key).is_none() {
                        cache.insert(key, key);
                    }
                }
                cache
            }
        }
    }

    #[inline(always)]
    fn run<C: Subject>(self, cache: &C, keys: &[u64]) -> u64 {
        match self {
            Self::Hits => look_up(cache, keys),
            Self::Mixed => look_up_and_write(cache, keys),
        }
    }
}

/// The sum of all values: each is its key.
fn look_up<C: Subject>(cache: &C, keys: &[u64]) -> u64 {
    keys.iter().fold(0, |sum, key| {
        sum.wrapping_add(cache.get(*key).expect("all keys are there"))
    })
}

/// How many values were not those of their keys.
fn look_up_and_write<C: Subject>(cache: &C, keys: &[u64]) -> u64 {
    let mut wrong = 0;
    for (number, key) in keys.iter().enumerate() {
        if number % 20 == 19 {
            cache.insert(*key, *key);
        } else if let Some(value) = cache.get(*key) {
            wrong += u64::from(value != *key);
        }
    }
    wrong
}

#[cfg(feature = "peers")]
mod peers {
    use std::sync::{Mutex, PoisonError};

    use super::*;

    type QuickCache = quick_cache::sync::Cache<u64, u64>;
    type Moka = moka::sync::Cache<u64, u64>;
    type DashMap = dashmap::DashMap<u64, u64, ahash::RandomState>;
    type Lru = Mutex<lru::LruCache<u64, u64>>;

    impl Subject for QuickCache {
        #[inline(always)]
        fn get(&self, key: u64) -> Option<u64> {
            self.get(&key)
        }

        #[inline(always)]
        fn insert(&self, key: u64, value: u64) {
            self.insert(key, value);
        }
    }

    impl Subject for Moka {
        fn get(&self, key: u64) -> Option<u64> {
            self.get(&key)
        }

        fn insert(&self, key: u64, value: u64) {
            self.insert(key, value);
        }
    }

    /// No cache: it keeps everything.
    impl Subject for DashMap {
        #[inline(always)]
        fn get(&self, key: u64) -> Option<u64> {
            self.get(&key).map(|value| *value)
        }

        #[inline(always)]
        fn insert(&self, key: u64, value: u64) {
            self.insert(key, value);
        }
    }

    impl Subject for Lru {
        fn get(&self, key: u64) -> Option<u64> {
            let mut cache = self.lock().unwrap_or_else(PoisonError::into_inner);
            cache.get(&key).copied()
        }

        fn insert(&self, key: u64, value: u64) {
            let mut cache = self.lock().unwrap_or_else(PoisonError::into_inner);
            cache.put(key, value);
        }
    }

    fn quick_cache(capacity: u64) -> QuickCache {
        QuickCache::new(capacity as usize)
    }

    fn lru(capacity: u64) -> Lru {
        let capacity = std::num::NonZeroUsize::new(capacity as usize);
        Mutex::new(lru::LruCache::new(
            capacity.expect("the capacity is more than 0"),
        ))
    }

    pub(super) fn all(cases: LookupCases<'_>, threads: usize, work: Work) -> LookupCases<'_> {
        let cases = subject(cases, "quick_cache", threads, work, quick_cache).mark_peer();
        let cases = subject(cases, "moka", threads, work, Moka::new).mark_peer();
        let cases = subject(cases, "lru in a mutex", threads, work, lru).mark_peer();
        subject(cases, "dashmap, no bound", threads, work, |_| {
            DashMap::default()
        })
        .mark_peer()
    }
}
