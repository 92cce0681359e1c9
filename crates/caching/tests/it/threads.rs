//! Readers, writers, evictions and ends at the same time: nobody sees a value of another key, and each value is dropped once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use tuneup_caching::{Cache, Policy};

/// Knows the key that it belongs to, on the heap, and how many there are.
struct Value {
    key: Box<u64>,
    alive: Arc<AtomicI64>,
}

impl Value {
    fn new(key: u64, alive: &Arc<AtomicI64>) -> Self {
        alive.fetch_add(1, Relaxed);
        Self {
            key: Box::new(key),
            alive: Arc::clone(alive),
        }
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        Self::new(*self.key, &self.alive)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        *self.key = u64::MAX;
        self.alive.fetch_sub(1, Relaxed);
    }
}

fn storm(policy: Policy, ttl: Option<Duration>, writes: u64) {
    let alive = Arc::new(AtomicI64::new(0));
    let mut builder = Cache::builder(200).policy(policy).shards(4);
    if let Some(ttl) = ttl {
        builder = builder.ttl(ttl);
    }
    let cache: Cache<u64, Value> = builder.build().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let (cache, alive) = (&cache, &alive);
            scope.spawn(move || {
                let mut state = thread + 1;
                for step in 0..60_000_u64 {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    let key = (state >> 33) % 400;
                    if step % writes == 0 {
                        cache.insert(key, Value::new(key, alive));
                    } else if step % 5_000 == 4_999 {
                        cache.invalidate_all();
                    } else if step % 97 == 0 {
                        cache.remove(&key);
                    } else if let Some(value) = cache.get(&key) {
                        assert_eq!(*value.key, key);
                    }
                }
            });
        }
    });
    assert!(cache.len() <= 200);
    assert_eq!(alive.load(Relaxed), cache.len() as i64, "{policy:?}");
    drop(cache);
    assert_eq!(alive.load(Relaxed), 0, "{policy:?}");
}

#[test]
fn values_belong_to_their_keys_while_all_is_changing() {
    for policy in [
        Policy::S3Fifo,
        Policy::Adaptive,
        Policy::Sieve,
        Policy::Lru,
        Policy::Fifo,
    ] {
        storm(policy, None, 3);
    }
}

#[test]
fn values_belong_to_their_keys_while_times_are_up() {
    storm(Policy::S3Fifo, Some(Duration::from_micros(300)), 3);
}

/// Writes are so rare that shards become biased to readers again and again, and cease to be.
#[test]
fn values_belong_to_their_keys_when_writes_are_rare() {
    storm(Policy::S3Fifo, None, 3_000);
}

#[test]
fn a_thread_that_ends_may_use_the_cache_to_the_last() {
    thread_local! {
        static LAST: std::cell::RefCell<Option<UsesAtTheEnd>> = const { std::cell::RefCell::new(None) };
    }
    struct UsesAtTheEnd(Cache<u32, u32>);
    impl Drop for UsesAtTheEnd {
        fn drop(&mut self) {
            for key in 0..100 {
                self.0.get(&key);
                self.0.insert(key, key);
            }
        }
    }
    let cache = Cache::new(1_000).unwrap();
    for _ in 0..3 {
        let cache = cache.clone();
        std::thread::spawn(move || {
            LAST.set(Some(UsesAtTheEnd(cache.clone())));
            let found = (0..5_000).filter(|key| cache.get(&(key % 100)).is_some());
            assert!(found.count() <= 5_000);
        })
        .join()
        .unwrap();
    }
    let info = cache.info();
    assert_eq!(info.hits + info.misses, 3 * 5_100);
    assert_eq!(info.len, 100);
}
