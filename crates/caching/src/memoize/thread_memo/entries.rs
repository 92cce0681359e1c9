//! The answers, with a bound and without.

use std::hash::{BuildHasher as _, Hash};

use equivalent::Equivalent;
use hashbrown::{HashTable, hash_table::Entry};

use crate::{DefaultHasher, LruCache, lru_cache::Departed};

pub(super) enum Entries<K, T> {
    Unbounded(Map<K, T>),
    Lru(LruCache<K, T>),
}

/// What goes because something came.
pub(super) enum Gone<K, T> {
    Nothing,
    /// What came, because it was there already, or because nothing is kept.
    Newcomer(K, T),
    Evicted(K, T),
}

/// A map that is looked up by whatever is equivalent to a key.
pub(super) struct Map<K, T> {
    table: HashTable<(K, T)>,
    hasher: DefaultHasher,
}

impl<K: Hash + Eq, T> Map<K, T> {
    #[inline]
    fn get<Q>(&self, lookup: &Q) -> Option<&T>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = self.hasher.hash_one(lookup);
        let found = self.table.find(hash, |(key, _)| lookup.equivalent(key));
        found.map(|(_, value)| value)
    }

    fn insert(&mut self, key: K, value: T) -> Gone<K, T> {
        let hasher = &self.hasher;
        let entry = self.table.entry(
            hasher.hash_one(&key),
            |(other, _)| *other == key,
            |(other, _)| hasher.hash_one(other),
        );
        match entry {
            Entry::Occupied(_) => Gone::Newcomer(key, value),
            Entry::Vacant(place) => {
                place.insert((key, value));
                Gone::Nothing
            }
        }
    }

    fn remove<Q>(&mut self, lookup: &Q) -> Option<(K, T)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = self.hasher.hash_one(lookup);
        let found = self
            .table
            .find_entry(hash, |(key, _)| lookup.equivalent(key));
        found.ok().map(|entry| entry.remove().0)
    }
}

impl<K: Hash + Eq, T> Entries<K, T> {
    pub(super) fn new(maxsize: Option<usize>) -> Self {
        match maxsize {
            None => Self::Unbounded(Map {
                table: HashTable::new(),
                hasher: DefaultHasher::default(),
            }),
            Some(maxsize) => Self::Lru(LruCache::new(maxsize)),
        }
    }

    #[inline]
    pub(super) fn get<Q>(&mut self, lookup: &Q) -> Option<&T>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        match self {
            Self::Unbounded(map) => map.get(lookup),
            Self::Lru(cache) => cache.get(lookup),
        }
    }

    /// Puts an answer in, unless there is one.
    pub(super) fn insert(&mut self, key: K, value: T) -> Gone<K, T> {
        match self {
            Self::Unbounded(map) => map.insert(key, value),
            Self::Lru(cache) if cache.contains_key(&key) => Gone::Newcomer(key, value),
            Self::Lru(cache) => match cache.put(key, value) {
                Departed::None => Gone::Nothing,
                Departed::Evicted(key, value) => Gone::Evicted(key, value),
                Departed::Replaced(key, value) | Departed::Rejected(key, value) => {
                    Gone::Newcomer(key, value)
                }
            },
        }
    }

    pub(super) fn remove<Q>(&mut self, lookup: &Q) -> Option<(K, T)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        match self {
            Self::Unbounded(map) => map.remove(lookup),
            Self::Lru(cache) => cache.remove_entry(lookup),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Unbounded(map) => map.table.len(),
            Self::Lru(cache) => cache.len(),
        }
    }
}
