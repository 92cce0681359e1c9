//! One budget for all shards.

use std::sync::{
    Arc, Barrier,
    atomic::{AtomicBool, Ordering},
};

use tuneup_caching::{Cache, EvictionCause, Policy};

const POLICIES: [Policy; 5] = [
    Policy::S3Fifo,
    Policy::Adaptive,
    Policy::Sieve,
    Policy::Lru,
    Policy::Fifo,
];

#[test]
fn nothing_goes_before_the_whole_cache_is_full() {
    for policy in POLICIES {
        let cache = Cache::builder(1_000)
            .policy(policy)
            .shards(64)
            .build()
            .unwrap();
        for key in 0..1_000 {
            cache.insert(key, key);
        }
        assert_eq!(
            (cache.len(), cache.info().evicted),
            (1_000, 0),
            "{policy:?}"
        );
        cache.insert(1_000, 1_000);
        assert_eq!(
            (cache.len(), cache.info().evicted),
            (1_000, 1),
            "{policy:?}"
        );
    }
}

#[test]
fn one_entry_may_use_all_of_it() {
    for policy in POLICIES {
        let cache = Cache::builder(1_000)
            .policy(policy)
            .shards(16)
            .weigher(|_, weight: &u32| *weight)
            .build()
            .unwrap();
        for key in 0..100 {
            cache.insert(key, 10);
        }
        cache.insert(100, 1_000);
        assert_eq!(cache.get(&100), Some(1_000), "{policy:?}");
        assert_eq!((cache.len(), cache.weight()), (1, 1_000), "{policy:?}");
        cache.insert(101, 1);
        assert_eq!(cache.get(&101), Some(1), "{policy:?}");
        assert!(cache.weight() <= 1_000);
    }
}

#[test]
fn what_is_heavier_than_all_of_it_is_handed_back_and_its_old_value_goes() {
    let gone = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&gone);
    let cache = Cache::builder(10)
        .weigher(|_, weight: &u32| *weight)
        .on_evict(move |key, weight, cause| seen.lock().unwrap().push((key, weight, cause)))
        .build()
        .unwrap();
    cache.insert('a', 3);
    cache.insert('a', 11);
    assert_eq!(cache.get(&'a'), None, "an old value would be wrong");
    let gone = gone.lock().unwrap();
    assert_eq!(
        *gone,
        [
            ('a', 3, EvictionCause::Replaced),
            ('a', 11, EvictionCause::Rejected)
        ]
    );
    assert_eq!((cache.info().rejected, cache.weight()), (1, 0));
}

#[test]
fn weights_of_zero_count_as_one_and_the_largest_do_not_overflow() {
    let cache = Cache::builder(3).weigher(|_, _: &u32| 0).build().unwrap();
    (0..10).for_each(|key| cache.insert(key, key));
    assert!(cache.len() <= 3);

    let cache = Cache::builder(u64::MAX)
        .weigher(|_, _: &u32| u32::MAX)
        .build()
        .unwrap();
    (0..10).for_each(|key| cache.insert(key, key));
    assert_eq!(cache.weight(), 10 * u64::from(u32::MAX));
}

#[test]
fn a_value_that_grows_pushes_others_out() {
    let cache = Cache::builder(10)
        .weigher(|_, weight: &u32| *weight)
        .build()
        .unwrap();
    for key in ['a', 'b', 'c'] {
        cache.insert(key, 3);
    }
    cache.insert('c', 8);
    assert_eq!(cache.get(&'c'), Some(8));
    assert!(cache.weight() <= 10);
}

#[test]
fn threads_never_see_more_than_the_capacity() {
    for policy in POLICIES {
        let cache = Cache::builder(100)
            .policy(policy)
            .shards(8)
            .weigher(|_, weight: &u32| *weight)
            .build()
            .unwrap();
        let ends = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let watcher = scope.spawn(|| {
                let mut most = 0;
                while !ends.load(Ordering::Relaxed) {
                    most = most.max(cache.weight());
                }
                most
            });
            let writers: Vec<_> = (0..4_u32)
                .map(|thread| {
                    let cache = &cache;
                    scope.spawn(move || {
                        for step in 0..20_000_u32 {
                            let key = (step * 7 + thread * 13) % 300;
                            cache.insert(key, 1 + step % 40);
                            cache.get(&(key / 2));
                        }
                    })
                })
                .collect();
            writers
                .into_iter()
                .for_each(|writer| writer.join().unwrap());
            ends.store(true, Ordering::Relaxed);
            assert!(watcher.join().unwrap() <= 100, "{policy:?}");
        });
        let held: u64 = cache
            .keys()
            .iter()
            .filter_map(|key| cache.peek(key))
            .map(u64::from)
            .sum();
        assert_eq!(held, cache.weight(), "{policy:?}");
    }
}

/// No two of them fit, and each takes the place of one that is there: it must not wait with that in hand for the room of the other.
#[test]
fn heavy_entries_that_come_together_all_come_in() {
    let cache = Cache::builder(100)
        .shards(2)
        .weigher(|_, weight: &u32| *weight)
        .build()
        .unwrap();
    let turns = Barrier::new(2);
    std::thread::scope(|scope| {
        for thread in 0..2_u32 {
            let (cache, turns) = (&cache, &turns);
            scope.spawn(move || {
                for step in 0..40_000_u32 {
                    cache.insert((step, thread), 30 + (step + thread) % 21);
                    turns.wait();
                    cache.insert((step, thread + 2), 66 + thread);
                    turns.wait();
                }
            });
        }
    });
    assert!(cache.weight() <= 100);
    assert_eq!(cache.info().rejected, 0);
}

#[test]
fn unbounded_keeps_everything() {
    let cache = Cache::unbounded();
    (0..10_000).for_each(|key| cache.insert(key, key));
    assert_eq!((cache.len(), cache.capacity()), (10_000, None));
    assert!((0..10_000).all(|key| cache.get(&key) == Some(key)));
}
