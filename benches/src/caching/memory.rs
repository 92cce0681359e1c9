//! What an entry takes: the bytes and the peak are what to see.

use tuneup_benchmarking::harness::Suite;
use tuneup_caching::Cache;

const ENTRIES: usize = 100_000;

pub(super) fn register(suite: &mut Suite) {
    let cases = suite
        .group("caching/memory")
        .about(
            "a cache of 100000 entries of two u64 is filled with half as many again: see its peak",
        )
        .size(ENTRIES)
        .elements(|n| n as u64)
        .input(|n| n as u64)
        .expect(|_| true)
        .case("tuneup", |&n| {
            let cache = Cache::new(n).expect("the capacity is more than 0");
            (0..n + n / 2).for_each(|key| cache.insert(key, key));
            cache.peek(&(n + n / 2 - 1)).is_some()
        });
    #[cfg(feature = "peers")]
    let cases = cases
        .peer("quick_cache", |&n| {
            let cache = quick_cache::sync::Cache::new(n as usize);
            (0..n + n / 2).for_each(|key| cache.insert(key, key));
            cache.get(&(n + n / 2 - 1)).is_some()
        })
        .peer("moka", |&n| {
            let cache = moka::sync::Cache::new(n);
            (0..n + n / 2).for_each(|key| cache.insert(key, key));
            cache.run_pending_tasks();
            cache.entry_count() > 0
        });
    cases.finish();
}
