//! What belongs to a key rather than to its value: a time of its own, and tags.

use std::time::Duration;

use tuneup_caching::{Cache, CacheBuilder};
use tuneup_measure::{Clock, MockClock};

const SECOND: Duration = Duration::from_secs(1);

fn timed(builder: CacheBuilder<u32, char>) -> (Cache<u32, char>, MockClock) {
    let (clock, time) = Clock::mock();
    (builder.clock(clock).build().unwrap(), time)
}

#[test]
fn what_is_loaded_may_have_tags_and_a_time_of_its_own() {
    let (cache, time) = timed(Cache::builder(10));
    let tagged = |key| cache.entry(key).tagged(&["odd", "all"]);
    tagged(1).or_insert_with(|| 'a');
    tagged(3).or_try_insert_with(|| Ok::<_, ()>('b')).unwrap();
    tagged(5).ttl(SECOND).or_insert('c');
    pollster::block_on(async {
        tagged(7).or_insert_async(async || 'd').await;
        let load = async || Ok::<_, ()>('e');
        let entry = tagged(9).ttl(10 * SECOND);
        entry.or_try_insert_async(load).await.unwrap();
    });
    time.advance(SECOND);
    assert_eq!(
        [1, 3, 5, 7, 9].map(|key| cache.get(&key)),
        [Some('a'), Some('b'), None, Some('d'), Some('e')]
    );
    cache.invalidate_tag("odd");
    assert_eq!(
        [1, 3, 7, 9].map(|key| cache.get(&key)),
        [None; 4],
        "all have the tag"
    );
}

#[test]
fn a_value_that_is_there_keeps_what_it_had() {
    let (cache, time) = timed(Cache::builder(10));
    cache.insert(1, 'a');
    let entry = cache.entry(1).ttl(SECOND).tagged(&["odd"]);
    assert_eq!(entry.or_insert('b'), 'a');
    cache.invalidate_tag("odd");
    time.advance(SECOND);
    assert_eq!(cache.get(&1), Some('a'));
}

#[test]
fn a_tag_that_is_invalidated_during_the_load_takes_the_value_with_it() {
    let (cache, _) = timed(Cache::builder(10));
    let load = || {
        cache.invalidate_tag("odd");
        'a'
    };
    assert_eq!(cache.entry(1).tagged(&["odd"]).or_insert_with(load), 'a');
    assert_eq!(cache.get(&1), None);
}

#[test]
fn a_value_that_is_loaded_anew_has_the_tags_and_the_time_of_the_one_before() {
    let (cache, time) = timed(Cache::builder(10).stale_while_revalidate(60 * SECOND));
    let entry = cache.entry(1).tagged(&["odd"]).ttl(10 * SECOND);
    entry.or_insert('a');
    time.advance(11 * SECOND);
    assert_eq!(cache.get_or_insert_with(1, || 'b'), 'b');
    time.advance(9 * SECOND);
    assert_eq!(cache.get(&1), Some('b'), "its time began again");
    time.advance(SECOND);
    assert_eq!(cache.get(&1), None, "and ends again");
    pollster::block_on(cache.get_or_insert_async(1, async || 'c'));
    cache.invalidate_tag("odd");
    assert_eq!(cache.get(&1), None);
    assert_eq!(
        cache.get_or_insert_with(1, || 'd'),
        'd',
        "what was invalidated is not even served stale"
    );
    cache.invalidate_tag("odd");
    assert_eq!(cache.get(&1), Some('d'), "and hands nothing on");
}

#[test]
fn a_tag_that_is_invalidated_while_a_value_is_loaded_anew_takes_it_with_it() {
    let (cache, time) = timed(Cache::builder(10).stale_while_revalidate(60 * SECOND));
    let entry = cache.entry(1).tagged(&["odd"]).ttl(10 * SECOND);
    entry.or_insert('a');
    time.advance(11 * SECOND);
    let loaded = cache.get_or_insert_with(1, || {
        cache.invalidate_tag("odd");
        'b'
    });
    assert_eq!((loaded, cache.get(&1)), ('b', None));
}

#[test]
fn a_changed_value_has_the_tags_and_the_time_of_the_one_before() {
    let (cache, time) = timed(Cache::builder(10));
    let next = |old: Option<char>| old.map_or('a', |old| char::from(old as u8 + 1));
    let entry = cache.entry(1).tagged(&["odd"]).ttl(10 * SECOND);
    entry.and_upsert_with(next);
    time.advance(6 * SECOND);
    cache.entry(1).and_upsert_with(next);
    time.advance(6 * SECOND);
    assert_eq!(cache.get(&1), Some('b'));
    cache.entry(1).tagged(&["new"]).and_upsert_with(next);
    cache.invalidate_tag("odd");
    assert_eq!(
        cache.get(&1),
        Some('c'),
        "tags given take the place of the others"
    );
    cache.invalidate_tag("new");
    assert_eq!(cache.get(&1), None);
    assert_eq!(cache.entry(1).and_upsert_with(next), 'a');
}

#[test]
fn a_time_of_its_own_is_kept_however_short_or_long_it_is() {
    for ttl in [
        Duration::from_nanos(1),
        Duration::from_millis(1),
        Duration::from_secs(86_400 * 365),
        Duration::MAX,
    ] {
        let (cache, time) = timed(Cache::builder(10));
        cache.insert_with_ttl(1, 'a', ttl);
        cache.entry(1).and_upsert_with(|_| 'b');
        assert_eq!(cache.get(&1), Some('b'), "{ttl:?}");
        if ttl < Duration::MAX {
            time.advance(ttl + ttl / 1_000_000);
            assert_eq!(cache.get(&1), None, "{ttl:?}");
        }
    }
}
