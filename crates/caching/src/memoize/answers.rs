//! The answers of a function that keeps all of them, for all threads.

use std::{
    fmt,
    hash::{BuildHasher, Hash},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use equivalent::Equivalent;
use tuneup_measure::Clock;

use super::{Key, Settings, Value, engine::Engine};
use crate::{
    DefaultHasher, Info,
    concurrent::{Counters, StableTable, current_reader},
    single_flight::{Flights, Lead, Loads},
    statistics::{Contents, Statistics},
    timeline::Timeline,
};

/// The hit ratio of late is that of a minute, as it is of a [`Cache`](crate::Cache) that was not told otherwise.
const WINDOW: Duration = Duration::from_secs(60);

/// Nothing goes before it is asked to, so that there is no order to keep, no time to look at, and no lock for a hit.
pub struct Answers<K, V>(Box<Inner<K, V>>);

struct Inner<K, V> {
    hasher: DefaultHasher,
    table: StableTable<Answer<K, V>>,
    flights: Flights<K, V>,
    statistics: Statistics,
    timeline: Timeline,
    removed: AtomicU64,
}

struct Answer<K, V> {
    key: K,
    value: V,
    load_ns: u64,
}

impl<K: Key, V: Value> Inner<K, V> {
    /// A lookup that is the first one of its thread, inside of another, or finds nothing.
    #[cold]
    fn get_unusual<Q>(&self, hash: u64, lookup: &Q) -> Option<V>
    where
        Q: Equivalent<K> + ?Sized,
    {
        let reading = self.table.read();
        let found = reading.find(hash, |answer| lookup.equivalent(&answer.key));
        let found = found.map(|answer| (answer.value.clone(), answer.load_ns));
        drop(reading);
        let Some((value, load_ns)) = found else {
            self.statistics.count_miss(current_reader(), &self.timeline);
            return None;
        };
        self.statistics.counters.hit(current_reader(), load_ns);
        Some(value)
    }

    fn contents(&self) -> Contents {
        let len = self.table.len() as u64;
        Contents {
            len,
            weight: len,
            removed: self.removed.load(Relaxed),
            ..Contents::default()
        }
    }
}

impl<K, V> Engine for Answers<K, V>
where
    K: Key + Send + Sync,
    V: Value + Send + Sync,
{
    type Key = K;
    type Value = V;

    fn new(_settings: Settings) -> Self {
        Self(Box::new(Inner {
            hasher: DefaultHasher::default(),
            table: StableTable::new(),
            flights: Flights::new(),
            statistics: Statistics::new(WINDOW),
            timeline: Timeline::new(Clock::new()),
            removed: AtomicU64::new(0),
        }))
    }

    #[inline(always)]
    fn get<Q>(&self, lookup: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let inner = &*self.0;
        let hash = inner.hasher.hash_one(lookup);
        let Some((reading, reader)) = inner.table.read_usual() else {
            return inner.get_unusual(hash, lookup);
        };
        let Some(counts) = inner.statistics.counters.own(reader) else {
            drop(reading);
            return inner.get_unusual(hash, lookup);
        };
        let Some(answer) = reading.find(hash, |answer| lookup.equivalent(&answer.key)) else {
            drop(reading);
            return inner.get_unusual(hash, lookup);
        };
        let (value, load_ns) = (answer.value.clone(), answer.load_ns);
        drop(reading);
        Counters::hit_in(counts, load_ns);
        Some(value)
    }

    fn hash(&self, key: &K) -> u64 {
        self.0.hasher.hash_one(key)
    }

    fn remove<Q>(&self, lookup: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let inner = &*self.0;
        let hash = inner.hasher.hash_one(lookup);
        inner.flights.forget(hash, lookup, &mut Vec::new());
        let removed = inner
            .table
            .remove(hash, |answer| lookup.equivalent(&answer.key));
        inner
            .removed
            .fetch_add(u64::from(removed.is_some()), Relaxed);
        removed.is_some()
    }

    fn info(&self) -> Info {
        let inner = &*self.0;
        inner.statistics.info(&inner.timeline, || inner.contents())
    }

    fn clear(&self) {
        let inner = &*self.0;
        inner.flights.forget_if(|_, _| true, &mut Vec::new());
        let (len, departed) = inner.table.clear();
        inner.removed.fetch_add(len as u64, Relaxed);
        inner.statistics.reset(&inner.timeline, || inner.contents());
        drop(departed);
    }
}

impl<K, V> fmt::Debug for Answers<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers")
            .field("table", &self.0.table)
            .finish_non_exhaustive()
    }
}

impl<K, V> Loads<K, V> for Answers<K, V>
where
    K: Key + Send + Sync,
    V: Value + Send + Sync,
{
    fn flights(&self) -> &Flights<K, V> {
        &self.0.flights
    }

    fn statistics(&self) -> &Statistics {
        &self.0.statistics
    }

    fn timeline(&self) -> &Timeline {
        &self.0.timeline
    }

    fn present(&self, hash: u64, key: &K) -> Option<V> {
        let reading = self.0.table.read();
        let found = reading.find(hash, |answer| *key == answer.key);
        found.map(|answer| answer.value.clone())
    }

    fn keep(&self, hash: u64, key: K, value: V, load_ns: u64, lead: &Lead<'_, K, V>) {
        let answer = Answer {
            key,
            value,
            load_ns,
        };
        // One lead of a key at a time may, so that the key is not here.
        drop(self.0.table.insert(hash, answer, || lead.may_cache()));
    }
}
