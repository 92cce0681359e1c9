//! The weak cache against a map, from several threads, and with functions that panic.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use proptest::prelude::*;
use tuneup_memory::WeakCache;

#[derive(Debug, Clone)]
enum Step {
    Want(u8),
    Drop(u8),
    DropAll,
    Look(u8),
    Remove(u8),
    Purge,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => any::<u8>().prop_map(Step::Want),
        4 => any::<u8>().prop_map(Step::Drop),
        1 => Just(Step::DropAll),
        2 => any::<u8>().prop_map(Step::Look),
        1 => any::<u8>().prop_map(Step::Remove),
        1 => Just(Step::Purge),
    ]
}

proptest! {
    #[test]
    fn finds_what_lives_and_stays_small(steps in prop::collection::vec(step(), 0..500)) {
        let cache = WeakCache::new();
        // Who keeps them alive, and those that the cache has forgotten.
        let mut living: HashMap<u8, Arc<u8>> = HashMap::new();
        let mut forgotten = Vec::new();
        let mut most = 16;
        for step in steps {
            match step {
                Step::Want(key) => {
                    let known = living.contains_key(&key);
                    let before = cache.len_entries();
                    let mut made = false;
                    let value = cache.get_or_insert_with(key, || {
                        made = true;
                        Arc::new(key)
                    });
                    prop_assert!(made != known && *value == key);
                    let same = living.entry(key).or_insert_with(|| Arc::clone(&value));
                    prop_assert!(Arc::ptr_eq(same, &value));
                    if cache.len_entries() < before {
                        most = 2 * (living.len() - 1) + 18;
                    }
                }
                Step::Drop(key) => drop(living.remove(&key)),
                Step::DropAll => living.clear(),
                Step::Look(key) => prop_assert_eq!(cache.get(&key), living.get(&key).cloned()),
                Step::Remove(key) => {
                    prop_assert_eq!(cache.remove(&key), living.get(&key).cloned());
                    forgotten.extend(living.remove(&key));
                }
                Step::Purge => {
                    cache.purge();
                    prop_assert_eq!(cache.len_entries(), living.len());
                    most = 2 * living.len() + 16;
                }
            }
            prop_assert_eq!(cache.len_alive(), living.len());
            most = most.max(2 * living.len() + 16);
            prop_assert!(cache.len_entries() <= most);
        }
    }
}

#[test]
fn entries_of_the_dead_do_not_pile_up() {
    let cache = WeakCache::new();
    let kept: Vec<_> = (0..100)
        .map(|key| cache.get_or_insert_with(key, || Arc::new(key)))
        .collect();
    let mut most = 0;
    for key in 100..100_000 {
        cache.get_or_insert_with(key, || Arc::new(key));
        most = most.max(cache.len_entries());
    }
    assert!(most <= 2 * kept.len() + 18, "{most}");
    assert_eq!(cache.len_alive(), kept.len());
    assert!(
        kept.iter()
            .all(|value| Arc::ptr_eq(&cache.get(&**value).unwrap(), value))
    );
}

#[test]
fn one_thread_makes_a_value_and_the_others_wait_for_it() {
    let cache = WeakCache::new();
    let made = AtomicUsize::new(0);
    let start = Barrier::new(4);
    let values: Vec<Vec<Arc<usize>>> = thread::scope(|scope| {
        let worker = || {
            start.wait();
            let value = |key| {
                cache.get_or_insert_with(key, || {
                    made.fetch_add(1, SeqCst);
                    thread::yield_now();
                    Arc::new(key)
                })
            };
            (0..200).map(value).collect()
        };
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect()
    });
    // All are kept until all are made.
    assert_eq!(made.load(SeqCst), 200);
    let first = &values[0];
    assert!(
        values
            .iter()
            .all(|all| all.iter().zip(first).all(|(a, b)| Arc::ptr_eq(a, b)))
    );
}

#[test]
fn a_panic_leaves_the_key_to_who_waits() {
    let cache = WeakCache::new();
    let entered = Barrier::new(2);
    thread::scope(|scope| {
        let panicking = scope.spawn(|| {
            catch_unwind(AssertUnwindSafe(|| {
                cache.get_or_insert_with(1, || {
                    entered.wait();
                    thread::yield_now();
                    panic_any("no value")
                })
            }))
        });
        entered.wait();
        assert_eq!(*cache.get_or_insert_with(1, || Arc::new("mine")), "mine");
        let panic = panicking.join().unwrap().unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"no value"));
    });
    assert_eq!(cache.purge(), 1);
}

#[test]
fn a_function_may_make_other_keys_but_not_its_own() {
    let cache = WeakCache::new();
    let outer = cache.get_or_insert_with("outer", || {
        let inner = cache.get_or_insert_with("inner", || Arc::new(1));
        assert!(cache.get("outer").is_none() && cache.remove("outer").is_none());
        Arc::new(*inner + 1)
    });
    assert_eq!((*outer, cache.len_alive()), (2, 1));
    let panic = catch_unwind(AssertUnwindSafe(|| {
        cache.get_or_insert_with("own", || cache.get_or_insert_with("own", || Arc::new(0)))
    }));
    let panic = panic.unwrap_err();
    let message = panic.downcast_ref::<&str>().unwrap();
    assert!(message.contains("asked for by the function that makes it"));
    assert_eq!(*cache.get_or_insert_with("own", || Arc::new(3)), 3);
}

/// A key that uses the cache when it is dropped: with a lock held it would wait for itself.
#[derive(PartialEq, Eq, Hash)]
struct Key(u32, std::ptr::NonNull<()>);

impl Drop for Key {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, SeqCst);
        CACHE.with(|cache| cache.len_entries());
    }
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);
thread_local! {
    static CACHE: &'static WeakCache<Key, u32> = Box::leak(Box::default());
}

#[test]
fn keys_are_dropped_without_the_lock() {
    let key = |number| Key(number, std::ptr::NonNull::dangling());
    CACHE.with(|cache| {
        for number in 0..100 {
            cache.get_or_insert_with(key(number), || Arc::new(number));
        }
        let same = cache.get_or_insert_with(key(100), || Arc::new(100));
        cache.get_or_insert_with(key(100), || unreachable!());
        cache.remove(&key(100));
        drop(same);
        let panic = catch_unwind(AssertUnwindSafe(|| {
            cache.get_or_insert_with(key(101), || panic_any(()))
        }));
        assert!(panic.is_err());
        cache.purge();
        assert_eq!(cache.len_entries(), 0);
    });
    // 102 entries, one key too many, and one to look with.
    assert_eq!(DROPPED.load(SeqCst), 104);
}
