use std::{
    collections::VecDeque,
    hash::{BuildHasher, Hasher},
};

use proptest::prelude::*;

use super::*;

/// Least recently used by a list that is searched: the last is the one that was used last.
struct Naive {
    capacity: usize,
    entries: VecDeque<(u8, u32)>,
}

impl Naive {
    fn find(&self, key: u8) -> Option<usize> {
        self.entries.iter().position(|(other, _)| *other == key)
    }

    fn get(&mut self, key: u8) -> Option<u32> {
        let entry = self.entries.remove(self.find(key)?)?;
        self.entries.push_back(entry);
        Some(entry.1)
    }

    fn insert(&mut self, key: u8, value: u32) -> Option<u32> {
        let old = self.find(key).and_then(|place| self.entries.remove(place));
        self.entries.push_back((key, value));
        if self.entries.len() > self.capacity {
            self.entries.pop_front();
        }
        old.map(|(_, value)| value)
    }
}

/// Few hashes, so that different keys have the same one.
#[derive(Clone, Default)]
struct Poor(u64);

impl BuildHasher for Poor {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Poor {
    fn finish(&self) -> u64 {
        self.0 % 3
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(31).wrapping_add(u64::from(*byte));
        }
    }
}

#[derive(Clone, Debug)]
enum Operation {
    Get(u8),
    Peek(u8),
    Insert(u8, u32),
    Load(u8, u32),
    Remove(u8),
    Clear,
}

fn operation() -> impl Strategy<Value = Operation> {
    let key = 0..12_u8;
    prop_oneof![
        8 => key.clone().prop_map(Operation::Get),
        2 => key.clone().prop_map(Operation::Peek),
        8 => (key.clone(), any::<u32>()).prop_map(|(key, value)| Operation::Insert(key, value)),
        8 => (key.clone(), any::<u32>()).prop_map(|(key, value)| Operation::Load(key, value)),
        2 => key.prop_map(Operation::Remove),
        1 => Just(Operation::Clear),
    ]
}

proptest! {
    #[test]
    fn it_does_what_a_searched_list_does(
        capacity in 0..10_usize,
        operations in prop::collection::vec(operation(), 0..200),
    ) {
        let mut cache = LruCache::with_hasher(capacity, Poor::default());
        let mut naive = Naive { capacity, entries: VecDeque::new() };
        let mut hits = 0;
        let mut misses = 0;
        for operation in operations {
            match operation {
                Operation::Get(key) => {
                    let expected = naive.get(key);
                    *if expected.is_some() { &mut hits } else { &mut misses } += 1;
                    prop_assert_eq!(cache.get(&key).copied(), expected);
                }
                Operation::Peek(key) => {
                    let expected = naive.find(key).map(|place| naive.entries[place].1);
                    prop_assert_eq!(cache.peek(&key).copied(), expected);
                    prop_assert_eq!(cache.contains_key(&key), expected.is_some());
                }
                Operation::Insert(key, value) => {
                    let expected = naive.insert(key, value);
                    prop_assert_eq!(cache.insert(key, value), expected);
                }
                Operation::Load(key, value) => {
                    let expected = naive.get(key);
                    *if expected.is_some() { &mut hits } else { &mut misses } += 1;
                    if expected.is_none() {
                        naive.insert(key, value);
                    }
                    prop_assert_eq!(cache.get_or_insert_with(key, || value), expected.unwrap_or(value));
                }
                Operation::Remove(key) => {
                    let expected = naive.find(key).and_then(|place| naive.entries.remove(place));
                    prop_assert_eq!(cache.remove(&key), expected.map(|(_, value)| value));
                }
                Operation::Clear => {
                    naive.entries.clear();
                    cache.clear();
                }
            }
            let info = cache.info();
            prop_assert_eq!((info.hits, info.misses), (hits, misses));
            let newest_first = cache.iter().map(|(key, value)| (*key, *value));
            prop_assert!(newest_first.eq(naive.entries.iter().rev().copied()));
            prop_assert_eq!((cache.len(), cache.is_empty()), (naive.entries.len(), naive.entries.is_empty()));
        }
    }
}

#[test]
fn what_goes_is_counted_by_its_cause() {
    let mut cache = LruCache::new(2);
    cache.insert(1, 'a');
    cache.insert(1, 'b');
    cache.insert(2, 'c');
    cache.insert(2, 'd');
    cache.insert(3, 'e');
    cache.remove(&3);
    let info = cache.info();
    assert_eq!((info.replaced, info.evicted, info.removed), (2, 1, 1));
    assert_eq!((info.len, info.weight, info.capacity), (1, 1, Some(2)));
    let mut none = LruCache::new(0);
    none.insert(1, 'a');
    assert_eq!((none.info().rejected, none.len()), (1, 0));
}

#[test]
fn a_failed_or_panicking_load_keeps_nothing() {
    let mut cache = LruCache::<u32, u32>::new(2);
    assert_eq!(cache.try_get_or_insert_with(1, || Err("no")), Err("no"));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        cache.get_or_insert_with(1, || panic!("no"))
    }));
    assert!(panicked.is_err() && cache.is_empty());
    assert_eq!((cache.info().misses, cache.info().load_failures), (2, 1));
}

#[test]
fn large_capacities_take_no_room_before_they_are_used() {
    let mut cache = LruCache::new(usize::MAX);
    cache.insert(1, 1);
    assert_eq!(cache.capacity(), Some(usize::MAX));
}

#[test]
fn keys_are_found_by_what_is_equivalent() {
    #[derive(Hash)]
    struct Pair<'a>(&'a str, u32);
    impl Equivalent<(String, u32)> for Pair<'_> {
        fn equivalent(&self, key: &(String, u32)) -> bool {
            self.0 == key.0 && self.1 == key.1
        }
    }
    let mut cache = LruCache::unbounded();
    cache.insert(("a".to_owned(), 1), 'x');
    assert_eq!(cache.get(&Pair("a", 1)), Some(&'x'));
    assert_eq!(cache.get(&Pair("a", 2)), None);
    assert_eq!(cache.get(&Pair("b", 1)), None);
    assert_eq!(cache.remove(&Pair("a", 1)), Some('x'));
}

#[test]
fn it_may_be_sent_and_shared() {
    fn is_send_and_sync<T: Send + Sync>(_: &T) {}
    is_send_and_sync(&LruCache::<String, u32>::new(1));
}
