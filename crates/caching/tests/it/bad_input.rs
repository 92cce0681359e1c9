//! What is refused, and how it is said.

use std::time::Duration;

use tuneup_caching::{Cache, CacheBuilder};

fn refused(builder: CacheBuilder<u32, u32>) -> String {
    builder.build().map(drop).unwrap_err().to_string()
}

fn builder() -> CacheBuilder<u32, u32> {
    Cache::builder(10)
}

#[test]
fn options_out_of_range_are_named_with_what_is_allowed() {
    let century = Duration::from_secs(101 * 366 * 86_400);
    let cases = [
        (
            refused(Cache::builder(0)),
            "capacity is 0; allowed is 1 or more",
        ),
        (
            refused(builder().shards(0)),
            "number of shards is 0; allowed is 1 to 4096",
        ),
        (
            refused(builder().shards(5_000)),
            "number of shards is 5000; allowed is 1 to 4096",
        ),
        (
            refused(builder().ttl(Duration::ZERO)),
            "time to live is 0ns; allowed is more than 0 and at most 100 years",
        ),
        (
            refused(builder().ttl(Duration::MAX)),
            "time to live is 18446744073709551615.999999999s; allowed is more than 0 and at most 100 years",
        ),
        (
            refused(builder().time_to_idle(century)),
            "time to idle is 3193862400s; allowed is more than 0 and at most 100 years",
        ),
        (
            refused(builder().negative_ttl(Duration::ZERO, |_| true)),
            "time to live of negative values is 0ns; allowed is more than 0 and at most 100 years",
        ),
        (
            refused(builder().stale_while_revalidate(Duration::ZERO)),
            "time of stale values is 0ns; allowed is more than 0 and at most 100 years",
        ),
        (
            refused(builder().window(Duration::ZERO)),
            "window is 0ns; allowed is more than 0 and at most 100 years",
        ),
        (
            refused(builder().jitter(-0.1)),
            "jitter is -0.1; allowed is 0 to 1",
        ),
        (
            refused(builder().jitter(f64::NAN)),
            "jitter is NaN; allowed is 0 to 1",
        ),
        (
            refused(builder().early_refresh(f64::INFINITY)),
            "early refresh is inf; allowed is a number of 0 or more",
        ),
    ];
    for (said, expected) in cases {
        assert_eq!(said, expected);
    }
}

#[test]
fn absurd_capacities_cost_nothing_in_advance() {
    let cache = Cache::new(u64::MAX).unwrap();
    cache.insert(1, 1);
    assert_eq!(cache.get(&1), Some(1));
    assert_eq!(cache.capacity(), Some(u64::MAX));
}

#[test]
fn a_poor_hasher_is_slow_and_right() {
    #[derive(Clone, Default)]
    struct Same;
    impl std::hash::Hasher for Same {
        fn finish(&self) -> u64 {
            0
        }
        fn write(&mut self, _: &[u8]) {}
    }
    let cache = Cache::builder(500)
        .hasher(std::hash::BuildHasherDefault::<Same>::default())
        .build()
        .unwrap();
    (0..1_000).for_each(|key| cache.insert(key, key));
    assert_eq!(cache.len(), 500);
    for key in cache.keys() {
        assert_eq!(cache.get(&key), Some(key));
    }
}

#[test]
fn a_clone_that_changes_its_own_cache_is_told_instead_of_waiting_for_itself() {
    struct Meddler(Cache<u32, Meddler>);
    impl Clone for Meddler {
        fn clone(&self) -> Self {
            self.0.insert(1, Self(self.0.clone()));
            Self(self.0.clone())
        }
    }
    let cache = Cache::builder(10).shards(1).build().unwrap();
    cache.insert(1, Meddler(cache.clone()));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| cache.get(&1)));
    let Err(panic) = panicked else {
        panic!("it went on");
    };
    let text = panic.downcast_ref::<&str>().unwrap();
    assert!(
        text.contains("`Clone` of a value changed the cache"),
        "{text}"
    );
    assert!(cache.contains_key(&1), "the cache works as before");
    // It holds itself.
    cache.invalidate_all();
}
