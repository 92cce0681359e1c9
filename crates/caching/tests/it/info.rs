//! What a cache tells of itself.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use tuneup_caching::Cache;
use tuneup_measure::Clock;

#[test]
fn hits_and_misses_are_exact_over_threads() {
    let cache = Cache::builder(1_000).build().unwrap();
    (0..1_000).for_each(|key| cache.insert(key, key));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for key in 0..3_000 {
                    cache.get(&key);
                }
            });
        }
    });
    let info = cache.info();
    assert_eq!((info.hits, info.misses), (8_000, 16_000));
}

#[test]
fn more_threads_than_have_counts_of_their_own_lose_none() {
    let cache = Cache::new(10).unwrap();
    cache.insert(1, 1);
    let barrier = std::sync::Barrier::new(80);
    std::thread::scope(|scope| {
        for _ in 0..80 {
            scope.spawn(|| {
                cache.get(&1);
                barrier.wait();
                assert!((0..100).all(|_| cache.get(&1).is_some()));
                cache.get(&2);
            });
        }
    });
    let info = cache.info();
    assert_eq!((info.hits, info.misses), (80 * 101, 80));
}

#[test]
fn time_saved_is_what_loading_took_for_each_hit() {
    let (clock, time) = Clock::mock();
    let cache = Cache::builder(10).clock(clock).build().unwrap();
    let load = |length| {
        let time = time.clone();
        move || time.advance(length)
    };
    cache.get_or_insert_with('a', load(Duration::from_millis(1)));
    cache.get_or_insert_with('b', load(Duration::from_millis(500)));
    cache.insert('c', ());
    for _ in 0..100 {
        cache.get(&'a');
        cache.get(&'c');
    }
    cache.get(&'b');
    let info = cache.info();
    assert_eq!(info.load_time, Duration::from_millis(501));
    let saved = info.time_saved.as_secs_f64() / 0.6;
    assert!((0.94..=1.06).contains(&saved), "{saved} of 600 ms");
    assert_eq!(info.mean_load_time(), Some(Duration::from_micros(250_500)));
}

#[test]
fn a_reset_begins_all_counts_anew_and_keeps_the_entries() {
    let cache = Cache::builder(2).shards(1).build().unwrap();
    for key in 0..5 {
        cache.get_or_insert_with(key, || key);
    }
    cache.insert(4, 0);
    cache.remove(&4);
    cache.reset_info();
    let info = cache.info();
    assert_eq!(
        (info.hits, info.misses, info.loads, info.evicted),
        (0, 0, 0, 0)
    );
    assert_eq!((info.replaced, info.removed, info.len), (0, 0, 1));
    assert!(info.load_time.is_zero() && info.time_saved.is_zero());
}

#[test]
fn nothing_is_less_than_it_was_when_another_thread_resets() {
    let cache = Cache::builder(8).shards(2).build().unwrap();
    let (is_over, resets) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut key = 0;
            while !is_over.load(Relaxed) {
                for _ in 0..20 {
                    key += 1;
                    cache.get_or_insert_with(key % 20, || key);
                }
                cache.reset_info();
                resets.fetch_add(1, Relaxed);
            }
        });
        // A difference below nothing would be near the largest number, or panic.
        while resets.load(Relaxed) < 20_000 {
            let info = cache.info();
            let counts = [info.hits, info.misses, info.loads, info.evicted, info.waits];
            assert!(counts.iter().all(|count| *count < 1 << 32), "{info:?}");
        }
        is_over.store(true, Relaxed);
    });
}

#[test]
fn the_hit_ratio_of_late_forgets_what_was_long_ago() {
    let (clock, time) = Clock::mock();
    let cache = Cache::builder(10)
        .clock(clock)
        .window(Duration::from_secs(10))
        .build()
        .unwrap();
    cache.insert(1, 1);
    // A minute of misses, then a minute of nine hits to a miss.
    for step in 0..1_200 {
        time.advance(Duration::from_millis(100));
        let key = if step >= 600 && step % 10 != 0 { 1 } else { 2 };
        cache.get(&key);
        if step % 7 == 0 {
            let _ = cache.info();
        }
    }
    let info = cache.info();
    let recent = info.recent.hit_ratio().unwrap();
    assert!((0.89..=0.91).contains(&recent), "{recent} of late");
    assert!((0.44..=0.46).contains(&info.hit_ratio().unwrap()));
    assert!(
        info.recent.over >= Duration::from_secs(10) && info.recent.over < Duration::from_secs(12)
    );
}

#[test]
fn the_line_for_people_says_what_matters() {
    let cache = Cache::new(100).unwrap();
    assert_eq!(
        cache.info().to_string(),
        "no lookups, 0ns saved by 0 loads of 0ns, 0 entries (0 of 100), 0 evicted, 0 expired"
    );
    cache.insert(1, 1);
    cache.get(&1);
    assert!(
        cache
            .info()
            .to_string()
            .starts_with("100.0 % hits of 1 lookups")
    );
}

#[cfg(feature = "serde")]
#[test]
fn what_a_cache_tells_is_written_and_read_with_its_times_in_nanoseconds() {
    let cache = Cache::new(2).unwrap();
    for key in [1, 2, 3, 1, 1] {
        cache.get_or_insert_with(key, || {
            std::thread::sleep(Duration::from_millis(1));
            key
        });
    }
    let info = cache.info();
    let written = serde_json::to_value(info).unwrap();
    assert_eq!(
        (&written["hits"], &written["capacity"]),
        (&1.into(), &2.into())
    );
    assert_eq!(
        written["load_time_ns"].as_u64().map(Duration::from_nanos),
        Some(info.load_time)
    );
    let read: tuneup_caching::Info = serde_json::from_value(written).unwrap();
    assert_eq!(read, info);
}
