//! For how long values stay in both tiers, and how they are renewed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use tuneup_measure::Clock;

use super::memory;
use crate::{Cache, Error, MemoryStore, OffloadedStore, Tiered, TieredBuilder};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_value_lives_in_memory_for_what_is_left_of_it() {
    let (clock, mock) = Clock::mock();
    let store = memory().with_clock(&clock);
    let build = |memory_ttl: u64| {
        let cache = Cache::builder(100).clock(clock.clone()).build().unwrap();
        Tiered::<u64, u64, _>::builder(cache, store.clone())
            .ttl(Duration::from_secs(100))
            .memory_ttl(Duration::from_secs(memory_ttl))
            .clock(clock.clone())
            .build()
            .unwrap()
    };
    let writer = build(10);
    writer.insert(1, 10).unwrap();
    mock.advance(Duration::from_secs(60));
    assert!(!writer.cache().contains_key(&1), "10 s are over");
    let (brought, loaded) = (build(1000), build(1000));
    assert_eq!(brought.get(&1), Some(10));
    assert_eq!(
        loaded
            .get_or_load(1, || Err::<u64, _>("the store has it"))
            .ok(),
        Some(10)
    );
    mock.advance(Duration::from_secs(39));
    assert!(brought.cache().contains_key(&1));
    assert!(loaded.cache().contains_key(&1));
    mock.advance(Duration::from_secs(1));
    assert!(!brought.cache().contains_key(&1), "100 s are over");
    assert!(!loaded.cache().contains_key(&1), "100 s are over");
    assert_eq!(brought.get(&1), None);
}

#[test]
fn the_rules_of_the_cache_hold_beside_the_times_of_the_tiers() {
    let (clock, mock) = Clock::mock();
    let cache = Cache::builder(100)
        .ttl(50 * SECOND)
        .negative_ttl(5 * SECOND, Option::is_none)
        .clock(clock.clone())
        .build()
        .unwrap();
    let tiered = Tiered::<u64, Option<u64>, _>::builder(cache, memory().with_clock(&clock))
        .ttl(100 * SECOND)
        .clock(clock)
        .build()
        .unwrap();
    tiered.insert(1, None).unwrap();
    let loaded = tiered.get_or_load(2, || Ok::<_, Error>(None));
    assert_eq!(loaded.ok(), Some(None));
    tiered.insert(3, Some(30)).unwrap();
    mock.advance(5 * SECOND);
    let in_memory = |keys: [u64; 3]| keys.map(|key| tiered.cache().contains_key(&key));
    assert_eq!(in_memory([1, 2, 3]), [false, false, true]);
    mock.advance(45 * SECOND);
    assert_eq!(in_memory([1, 2, 3]), [false, false, false]);
    assert_eq!(
        tiered.get(&3),
        Some(Some(30)),
        "the store has it for longer"
    );
    mock.advance(50 * SECOND);
    assert!(!tiered.cache().contains_key(&3), "and no longer than that");
}

#[test]
fn a_load_comes_in_once_and_is_remembered_with_its_time() {
    let (clock, mock) = Clock::mock();
    let replaced = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&replaced);
    let cache = Cache::builder(100)
        .clock(clock.clone())
        .on_evict(move |_, _, _| {
            counted.fetch_add(1, Ordering::Relaxed);
        })
        .build()
        .unwrap();
    let tiered = Tiered::<u64, u64, _>::builder(cache, memory().with_clock(&clock))
        .ttl(100 * SECOND)
        .clock(clock)
        .build()
        .unwrap();
    let loaded = tiered.get_or_load(1, || {
        mock.advance(2 * SECOND);
        Ok::<_, Error>(10)
    });
    assert_eq!(loaded.ok(), Some(10));
    assert_eq!(tiered.get(&1), Some(10));
    let saved = tiered.info().memory.time_saved.as_secs_f64();
    assert!((1.8..2.2).contains(&saved), "{saved} s of 2 s");
    assert_eq!(replaced.load(Ordering::Relaxed), 0);
}

#[test]
fn a_load_by_a_future_does_so_too() {
    let (clock, mock) = Clock::mock();
    let cache = Cache::builder(100).clock(clock.clone()).build().unwrap();
    let offloaded = OffloadedStore::new(
        memory().with_clock(&clock),
        Arc::new(|job| {
            thread::spawn(job);
        }),
    );
    let tiered = Tiered::<u64, u64, _>::builder(cache, offloaded)
        .ttl(100 * SECOND)
        .clock(clock)
        .build()
        .unwrap();
    let loaded = pollster::block_on(tiered.get_or_load_async(1, || async {
        mock.advance(2 * SECOND);
        Ok::<_, Error>(10)
    }));
    assert_eq!(loaded.ok(), Some(10));
    assert_eq!(tiered.cache().get(&1), Some(10));
    let info = tiered.info().memory;
    assert_eq!((info.replaced, info.loads), (0, 1));
    assert!(info.time_saved > SECOND);
    mock.advance(100 * SECOND);
    assert!(!tiered.cache().contains_key(&1));
}

/// A tiered cache that finds each value in memory to be due at once, if loading it took time.
fn eager(clock: &Clock, store: MemoryStore) -> TieredBuilder<u64, u64, MemoryStore> {
    let cache = Cache::builder(100)
        .early_refresh(1e9)
        .clock(clock.clone())
        .build()
        .unwrap();
    Tiered::builder(cache, store)
        .ttl(100 * SECOND)
        .clock(clock.clone())
}

#[test]
fn an_early_refresh_loads_anew_and_replaces_the_value_in_the_store() {
    let (clock, mock) = Clock::mock();
    let store = memory().with_clock(&clock);
    let tiered = eager(&clock, store.clone()).build().unwrap();
    for value in [10, 11] {
        let loaded = tiered.get_or_load(1, || {
            mock.advance(2 * SECOND);
            Ok::<_, Error>(value)
        });
        assert_eq!(loaded.ok(), Some(value));
    }
    let other = eager(&clock, store.clone()).build().unwrap();
    assert_eq!(other.get(&1), Some(11));
    let info = tiered.info();
    assert_eq!((info.loads, info.store_hits, info.leases_lost), (2, 0, 0));

    // What another process has put there meanwhile is newer.
    let loaded = tiered.get_or_load(1, || {
        mock.advance(2 * SECOND);
        other.insert(1, 13).map(|()| 12)
    });
    assert_eq!(loaded.ok(), Some(12));
    assert_eq!(eager(&clock, store).build().unwrap().get(&1), Some(13));
    assert_eq!(tiered.info().leases_lost, 1);

    let kept = tiered.get_or_load(1, || Err::<u64, _>("down"));
    assert_eq!(kept.ok(), Some(12), "the old value is better than none");
}

#[test]
fn an_early_refresh_takes_what_the_store_has_for_longer() {
    let (clock, mock) = Clock::mock();
    let store = memory().with_clock(&clock);
    let tiered = eager(&clock, store.clone())
        .memory_ttl(10 * SECOND)
        .build()
        .unwrap();
    let load = |value| {
        let loaded = tiered.get_or_load(1, || {
            mock.advance(2 * SECOND);
            Ok::<_, Error>(value)
        });
        loaded.ok()
    };
    assert_eq!(load(10), Some(10));
    mock.advance(9 * SECOND);
    assert_eq!(load(11), Some(10), "it has ten seconds more from there");
    mock.advance(2 * SECOND);
    assert!(tiered.cache().contains_key(&1));
    let info = tiered.info();
    assert_eq!((info.loads, info.store_hits), (1, 1));
}
