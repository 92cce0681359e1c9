//! Times to live, by a clock that the tests move.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use tuneup_caching::{Cache, CacheBuilder};
use tuneup_measure::{Clock, MockClock};

const SECOND: Duration = Duration::from_secs(1);

fn timed<K, V>(builder: CacheBuilder<K, V>) -> (Cache<K, V>, MockClock) {
    let (clock, time) = Clock::mock();
    (builder.clock(clock).build().unwrap(), time)
}

#[test]
fn an_entry_is_good_until_its_time_and_not_at_it() {
    let (cache, time) = timed(Cache::builder(10).ttl(10 * SECOND));
    cache.insert(1, 'a');
    time.advance(10 * SECOND - Duration::from_nanos(1));
    assert_eq!(cache.get(&1), Some('a'));
    time.advance(Duration::from_nanos(1));
    assert_eq!((cache.peek(&1), cache.contains_key(&1)), (None, false));
    assert_eq!(cache.get(&1), None);
    let info = cache.info();
    assert_eq!(
        (info.hits, info.misses, info.expired, info.len),
        (1, 1, 1, 0)
    );
}

#[test]
fn a_new_value_begins_a_new_time() {
    let (cache, time) = timed(Cache::builder(10).ttl(10 * SECOND));
    cache.insert(1, 'a');
    time.advance(6 * SECOND);
    cache.insert(1, 'b');
    time.advance(6 * SECOND);
    assert_eq!(cache.get(&1), Some('b'));
}

#[test]
fn what_is_used_stays_and_what_is_idle_goes() {
    let (cache, time) = timed(Cache::builder(10).time_to_idle(10 * SECOND));
    cache.insert(1, 'a');
    cache.insert(2, 'b');
    for _ in 0..20 {
        time.advance(4 * SECOND);
        assert_eq!(cache.get(&1), Some('a'));
    }
    assert_eq!(cache.get(&2), None);
    assert_eq!(cache.peek(&1), Some('a'));
    time.advance(6 * SECOND);
    cache.peek(&1);
    time.advance(5 * SECOND);
    assert_eq!(cache.get(&1), None, "a look does not count as use");
}

#[test]
fn both_times_hold() {
    let (cache, time) = timed(
        Cache::builder(10)
            .ttl(30 * SECOND)
            .time_to_idle(10 * SECOND),
    );
    cache.insert(1, 'a');
    for _ in 0..5 {
        time.advance(5 * SECOND);
        assert!(cache.get(&1).is_some());
    }
    time.advance(5 * SECOND);
    assert_eq!(
        cache.get(&1),
        None,
        "the time to live is over, however much it was used"
    );
}

#[test]
fn an_entry_may_have_a_time_of_its_own() {
    let builder = Cache::builder(10)
        .ttl(10 * SECOND)
        .expire_after(|key: &u32, _: &char| (*key > 100).then_some(SECOND));
    let (cache, time) = timed(builder);
    cache.insert(1, 'a');
    cache.insert(101, 'b');
    cache.insert_with_ttl(102, 'c', 20 * SECOND);
    time.advance(2 * SECOND);
    assert_eq!((cache.get(&1), cache.get(&101)), (Some('a'), None));
    time.advance(10 * SECOND);
    assert_eq!((cache.get(&1), cache.get(&102)), (None, Some('c')));
    cache.insert_with_ttl(103, 'd', Duration::ZERO);
    assert_eq!(cache.get(&103), None, "a time of zero is over at once");
}

#[test]
fn a_cache_without_rules_can_hold_entries_with_times_beside_others() {
    let (cache, time) = timed(Cache::builder(10));
    cache.insert(1, 'a');
    cache.insert_with_ttl(2, 'b', SECOND);
    cache.insert(3, 'c');
    time.advance(SECOND);
    assert_eq!(
        (cache.get(&1), cache.get(&2), cache.get(&3)),
        (Some('a'), None, Some('c'))
    );
    cache.insert(2, 'd');
    time.advance(1_000 * SECOND);
    assert_eq!(
        cache.get(&2),
        Some('d'),
        "the slot of a timed entry keeps no time"
    );
}

#[test]
fn there_is_none_is_remembered_for_less_long() {
    let builder = Cache::builder(10)
        .ttl(100 * SECOND)
        .negative_ttl(5 * SECOND, Option::is_none);
    let (cache, time) = timed(builder);
    assert_eq!(cache.get_or_insert_with(1, || None), None);
    assert_eq!(cache.get_or_insert_with(2, || Some('a')), Some('a'));
    assert_eq!(cache.get(&1), Some(None), "a negative answer is an answer");
    time.advance(5 * SECOND);
    assert_eq!((cache.get(&1), cache.get(&2)), (None, Some(Some('a'))));
}

#[test]
fn jitter_makes_times_shorter_and_never_longer() {
    let (cache, time) = timed(Cache::builder(10_000).ttl(100 * SECOND).jitter(0.2));
    (0..1_000).for_each(|key| cache.insert(key, key));
    time.advance(80 * SECOND - Duration::from_nanos(1));
    assert_eq!(
        cache.keys().len(),
        1_000,
        "none goes before four fifths of the time"
    );
    time.advance(10 * SECOND);
    let half = cache.keys().len();
    assert!(
        (400..=600).contains(&half),
        "{half} of 1000 are left in the middle"
    );
    time.advance(10 * SECOND + Duration::from_nanos(1));
    assert_eq!(cache.keys().len(), 0);
}

#[test]
fn a_stale_value_is_served_while_one_loads_and_when_loading_fails() {
    let builder = Cache::builder(10)
        .ttl(10 * SECOND)
        .stale_while_revalidate(5 * SECOND);
    let (cache, time) = timed(builder);
    cache.insert("rate", 1);
    time.advance(11 * SECOND);
    assert_eq!(cache.get("rate"), None, "get gives what is good");

    // The one who loads sees the others served.
    let loaded = cache.get_or_insert_with("rate", || {
        std::thread::scope(|scope| {
            let other =
                scope.spawn(|| cache.get_or_insert_with("rate", || panic!("one loads at a time")));
            assert_eq!(other.join().unwrap(), 1);
        });
        2
    });
    assert_eq!(loaded, 2);
    assert_eq!(cache.info().stale_hits, 1);

    time.advance(14 * SECOND);
    let failed = cache.try_get_or_insert_with("rate", || Err("down"));
    assert_eq!(failed.ok(), Some(2));
    time.advance(SECOND);
    let failed = cache.try_get_or_insert_with("rate", || Err("down"));
    assert!(failed.is_err(), "too old to be served");
}

#[test]
fn a_value_is_loaded_anew_before_its_end_by_few() {
    let (cache, time) = timed(Cache::builder(10).ttl(1_000 * SECOND).early_refresh(1.0));
    let load_for = |length: Duration| {
        let time = time.clone();
        move || time.advance(length)
    };
    cache.get_or_insert_with(1, load_for(10 * SECOND));
    let first = (1..1_000).find(|_| {
        time.advance(SECOND);
        let before = cache.info().loads;
        cache.get_or_insert_with(1, || ());
        cache.info().loads > before
    });
    // At t seconds before the end one in exp(t / 10) who ask loads anew: nobody at 150, and nobody gets to the end.
    let first = first.expect("somebody loads before the end");
    assert!((850..=999).contains(&first), "after {first} s of 1000");
}

#[test]
fn what_is_over_goes_even_if_nobody_asks_for_it() {
    let (cache, time) = timed(CacheBuilder::unbounded().ttl(SECOND).shards(1));
    for key in 0..100_000_u32 {
        cache.insert(key, key);
        time.advance(Duration::from_millis(1));
    }
    assert!(
        cache.len() <= 3_000,
        "{} of a thousand that are good",
        cache.len()
    );
    time.advance(10 * SECOND);
    cache.remove_expired();
    assert!(cache.is_empty());
    assert_eq!(cache.weight(), 0);
}

#[test]
fn the_largest_time_bears_the_least_jitter() {
    let (cache, _) = timed(Cache::builder(10).jitter(f64::MIN_POSITIVE));
    cache.insert_with_ttl(1, 'a', Duration::MAX);
    assert_eq!(cache.get(&1), Some('a'));
}

static LATE: OnceLock<Cache<Late, char>> = OnceLock::new();
static IS_LATE: AtomicBool = AtomicBool::new(false);

/// A key that is cloned by who has found an old value and is about to load: meanwhile somebody else does.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Late;

impl Clone for Late {
    fn clone(&self) -> Self {
        if IS_LATE.swap(false, SeqCst) {
            let load = || LATE.get().unwrap().get_or_insert_with(Self, || 'b');
            let loaded = std::thread::scope(|scope| scope.spawn(load).join().unwrap());
            assert_eq!(loaded, 'b');
        }
        Self
    }
}

#[test]
fn who_is_late_to_load_a_stale_value_anew_takes_the_new_one() {
    let builder = Cache::builder(10)
        .ttl(10 * SECOND)
        .stale_while_revalidate(10 * SECOND);
    let (cache, time) = timed(builder);
    let cache = LATE.get_or_init(|| cache);
    cache.insert(Late, 'a');
    time.advance(11 * SECOND);
    IS_LATE.store(true, SeqCst);
    assert_eq!(cache.get_or_insert_with(Late, || 'c'), 'b');
    assert_eq!(cache.info().loads, 1);
}
