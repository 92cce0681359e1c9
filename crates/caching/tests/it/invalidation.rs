//! Entries that are taken out, and who is told.

use std::sync::{
    Arc, Barrier, Mutex, OnceLock,
    atomic::{AtomicU64, Ordering::Relaxed},
    mpsc,
};

use tuneup_caching::{Cache, EvictionCause};

#[test]
fn a_tag_takes_out_what_has_it_and_nothing_else() {
    let cache = Cache::new(100).unwrap();
    cache.insert_tagged(1, 'a', &["x"]);
    cache.insert_tagged(2, 'b', &["x", "y"]);
    cache.insert_tagged(3, 'c', &["y"]);
    cache.insert(4, 'd');
    cache.invalidate_tag("x");
    cache.invalidate_tag("never used");
    assert_eq!(
        [1, 2, 3, 4].map(|key| cache.get(&key)),
        [None, None, Some('c'), Some('d')]
    );
    cache.insert_tagged(1, 'e', &["x"]);
    assert_eq!(cache.get(&1), Some('e'), "what comes in later is good");
    cache.insert(3, 'f');
    cache.invalidate_tag("y");
    assert_eq!(
        cache.get(&3),
        Some('f'),
        "a value that came in without the tag has it not"
    );
}

#[test]
fn tagged_entries_that_are_out_of_date_give_their_room_back() {
    let cache = Cache::builder(1_000).shards(1).build().unwrap();
    for key in 0..1_000 {
        cache.insert_tagged(key, key, &["all"]);
    }
    cache.invalidate_tag("all");
    assert!(cache.keys().is_empty());
    cache.remove_expired();
    assert_eq!(
        (cache.len(), cache.weight(), cache.info().removed),
        (0, 0, 1_000)
    );
}

#[test]
fn a_predicate_chooses() {
    let cache = Cache::builder(1_000).shards(8).build().unwrap();
    (0..1_000).for_each(|key| cache.insert(key, key % 10));
    cache.invalidate_if(|key, value| *value == 3 || *key < 100);
    assert_eq!(cache.len(), 1_000 - 100 - 90);
    assert_eq!(cache.weight(), 810);
}

#[test]
fn predicates_and_listeners_may_use_the_cache() {
    static CACHE: OnceLock<Cache<u32, u32>> = OnceLock::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let cache = Cache::builder(4)
        .shards(1)
        .on_evict(move |key, value, cause| {
            let cache = CACHE.get().unwrap();
            cache.get(&key);
            if cause == EvictionCause::Size {
                cache.insert(key + 1_000, value);
            }
            seen.lock().unwrap().push((key, cause));
        })
        .build()
        .unwrap();
    let cache = CACHE.get_or_init(|| cache);
    (0..4).for_each(|key| cache.insert(key, key));
    cache.invalidate_if(|key, _| cache.get(key).is_some() && *key == 2);
    assert_eq!(*told.lock().unwrap(), [(2, EvictionCause::Removed)]);
    cache.invalidate_all();
    assert_eq!(told.lock().unwrap().len(), 4);
    assert!(cache.is_empty());
}

#[test]
fn values_are_dropped_while_no_lock_is_held() {
    static CACHE: OnceLock<Cache<u32, Uses>> = OnceLock::new();
    #[derive(Clone)]
    struct Uses;
    impl Drop for Uses {
        fn drop(&mut self) {
            // Would never return if a shard were locked.
            if let Some(cache) = CACHE.get() {
                assert!(cache.len() <= 4);
                cache.remove(&99);
            }
        }
    }
    let cache = CACHE.get_or_init(|| Cache::builder(2).shards(1).build().unwrap());
    for key in 0..10 {
        cache.insert(key % 4, Uses);
    }
    cache.remove(&1);
    cache.invalidate_if(|_, _| true);
    assert!(cache.is_empty());
}

#[test]
fn a_listener_that_panics_leaves_the_cache_whole() {
    let cache = Cache::builder(2)
        .shards(1)
        .on_evict(|_: u32, _: u32, _| panic!("the listener fails"))
        .build()
        .unwrap();
    cache.insert(1, 1);
    cache.insert(2, 2);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| cache.insert(3, 3)));
    assert!(caught.is_err());
    assert_eq!(
        (cache.len(), cache.weight(), cache.get(&3)),
        (2, 2, Some(3))
    );
}

#[test]
fn the_causes_add_up() {
    let cache = Cache::builder(10).shards(1).build().unwrap();
    for key in 0..25 {
        cache.insert(key, key);
    }
    cache.insert(24, 0);
    cache.remove(&24);
    let info = cache.info();
    assert_eq!(
        (info.evicted, info.replaced, info.removed, info.len),
        (15, 1, 1, 9)
    );
}

/// The weigher is asked when the load has ended and before its value comes in.
#[test]
fn what_is_invalidated_as_its_load_ends_is_not_kept() {
    let weighs = Arc::new(Barrier::new(2));
    let waits = Arc::clone(&weighs);
    let cache = Cache::builder(10)
        .weigher(move |_, _| {
            waits.wait();
            waits.wait();
            1
        })
        .build()
        .unwrap();
    std::thread::scope(|scope| {
        let load = scope.spawn(|| cache.get_or_insert_with('a', || 1));
        weighs.wait();
        assert_eq!(cache.remove(&'a'), None);
        weighs.wait();
        assert_eq!(load.join().unwrap(), 1);
    });
    assert_eq!(cache.peek(&'a'), None);
    assert_eq!(cache.weight(), 0);
}

#[test]
fn a_value_put_in_during_a_load_stays() {
    let cache = Cache::new(10).unwrap();
    let loaded = cache.get_or_insert_with("a", || {
        std::thread::scope(|scope| scope.spawn(|| cache.insert("a", 2)).join().unwrap());
        1
    });
    assert_eq!((loaded, cache.get("a")), (1, Some(2)));

    let changed = cache.entry("a").and_upsert_with(|old| {
        std::thread::scope(|scope| {
            scope.spawn(|| cache.insert_tagged("a", 30, &["tens"]));
        });
        old.unwrap() + 1
    });
    assert_eq!((changed, cache.get("a")), (3, Some(30)));

    let loaded = pollster::block_on(cache.get_or_insert_async("b", async || {
        cache.insert_with_ttl("b", 2, std::time::Duration::from_secs(9));
        1
    }));
    assert_eq!((loaded, cache.get("b")), (1, Some(2)));
}

#[test]
fn what_is_loaded_during_an_invalidation_by_predicate_is_not_kept() {
    let cache = Cache::new(10).unwrap();
    cache.insert(1, 'a');
    let loaded = cache.get_or_insert_with(2, || {
        cache.invalidate_if(|key, _| *key == 2);
        'b'
    });
    assert_eq!(
        (loaded, cache.get(&2), cache.get(&1)),
        ('b', None, Some('a'))
    );
}

#[test]
fn a_change_goes_only_if_a_predicate_chooses_the_value_before_it() {
    let cache = Cache::new(10).unwrap();
    cache.insert('a', 1);
    cache.insert('b', 1);
    let change = |key, chosen: &'static str| {
        cache.entry(key).and_upsert_with(|old| {
            cache.invalidate_if(|key, _| chosen.contains(*key));
            old.unwrap_or(0) + 1
        })
    };
    assert_eq!((change('a', "b"), cache.get(&'a')), (2, Some(2)));
    assert_eq!(cache.get(&'b'), None);
    assert_eq!(
        (change('c', "c"), cache.get(&'c')),
        (1, Some(1)),
        "of nothing"
    );
    assert_eq!((change('a', "a"), cache.get(&'a')), (3, None));
}

/// The weigher is asked when an insertion has begun and before its value comes in.
#[test]
fn a_change_does_not_take_the_place_of_a_value_that_came_in_since() {
    let weighs = Arc::new(Barrier::new(2));
    let waits = Arc::clone(&weighs);
    let cache = Cache::builder(10)
        .weigher(move |_, value| {
            if *value == 2 {
                waits.wait();
                waits.wait();
            }
            1
        })
        .build()
        .unwrap();
    cache.insert('a', 1);
    std::thread::scope(|scope| {
        let insert = scope.spawn(|| cache.insert('a', 2));
        weighs.wait();
        let changed = cache.entry('a').and_upsert_with(|old| {
            assert_eq!(old, Some(1));
            weighs.wait();
            insert.join().unwrap();
            3
        });
        assert_eq!((changed, cache.get(&'a')), (3, Some(2)));
    });
}

#[test]
fn a_change_that_begins_during_an_invalidation_brings_nothing_back() {
    type Hook = Box<dyn FnOnce() + Send>;
    let invalidations: [fn(&Cache<u32, u32>); 2] = [Cache::invalidate_all, |cache| {
        cache.invalidate_if(|_, _| true);
    }];
    for invalidate in invalidations {
        let hook = Arc::new(Mutex::new(None::<Hook>));
        let hooked = Arc::clone(&hook);
        let cache = Cache::builder(1_000)
            .shards(16)
            .on_evict(move |_, _, _| {
                if let Some(hook) = hooked.lock().unwrap().take() {
                    hook();
                }
            })
            .build()
            .unwrap();
        (0..100).for_each(|key| cache.insert(key, key));
        let (begun, begins) = mpsc::channel();
        let (ended, ends) = mpsc::channel::<()>();
        let (handed, change) = mpsc::channel();
        let changed = cache.clone();
        // When the first shard is empty.
        *hook.lock().unwrap() = Some(Box::new(move || {
            let key = changed.keys()[0];
            let change = move || {
                changed.entry(key).and_upsert_with(|old| {
                    begun.send(old).unwrap();
                    ends.recv().unwrap();
                    1
                })
            };
            handed.send(std::thread::spawn(change)).unwrap();
            assert_eq!(begins.recv().unwrap(), Some(key));
        }));
        invalidate(&cache);
        ended.send(()).unwrap();
        assert_eq!(change.recv().unwrap().join().unwrap(), 1);
        assert!(cache.is_empty());
    }
}

#[test]
fn changes_take_turns_while_others_are_invalidated() {
    const TURNS: u64 = 1_000;
    let cache = Cache::new(10).unwrap();
    let is_over = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..TURNS {
                    cache.entry('a').and_upsert_with(|old| old.unwrap_or(0) + 1);
                }
                is_over.fetch_add(1, Relaxed);
            });
        }
        while is_over.load(Relaxed) < 2 {
            cache.invalidate_if(|_, _| false);
        }
    });
    assert_eq!(cache.get(&'a'), Some(2 * TURNS));
}

#[test]
fn a_listener_that_panics_keeps_no_other_shard_from_being_emptied() {
    let told = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&told);
    let cache = Cache::builder(1_000)
        .shards(16)
        .on_evict(move |_, _, _| {
            seen.fetch_add(1, Relaxed);
            panic!("a listener that panics each time");
        })
        .build()
        .unwrap();
    let invalidations: [fn(&Cache<u32, u32>); 2] = [Cache::invalidate_all, |cache| {
        cache.invalidate_if(|_, _| true);
    }];
    for invalidate in invalidations {
        (0..100).for_each(|key| cache.insert(key, key));
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| invalidate(&cache)));
        assert!(caught.is_err());
        assert_eq!((cache.len(), cache.weight()), (0, 0));
        assert!(told.swap(0, Relaxed) > 1, "one of each shard is told of");
    }
}
