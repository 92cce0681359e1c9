//! One load for one key at a time: who misses first leads, the others wait for what comes of it, threads and futures alike.
//!
//! A leader that fails, panics or is dropped lets go of those who wait, and one of them leads. No lock is held while a
//! loader runs, nor while a value is cloned.

mod flight;
mod loads;
mod not_loaded;
mod waits_for;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use hashbrown::{HashTable, hash_table::Entry};

pub(crate) use self::{
    flight::{Flight, Outcome, Shared, Source},
    loads::{Loads, Old, load_missing, load_missing_async},
    not_loaded::{ByReference, NotLoaded, Sharing, Unshared},
    waits_for::{Leading, Recursive},
};

/// Independent tables, so that misses of different keys seldom meet.
const TABLES: usize = 8;

type Table<K, V> = HashTable<(u64, K, Arc<Flight<V>>)>;

/// A load that came off the table before it ended.
pub(crate) type Forgotten<K, V> = (u64, K, Arc<Flight<V>>);

/// The loads of one cache that are under way.
pub(crate) struct Flights<K, V> {
    parts: [Part<K, V>; TABLES],
}

/// A table, and how many loads it holds, for those who want to know whether there are any without its lock.
struct Part<K, V> {
    len: AtomicUsize,
    table: Mutex<Table<K, V>>,
}

impl<K, V> Part<K, V> {
    fn lock(&self) -> Locked<'_, K, V> {
        Locked {
            len: &self.len,
            table: self.table.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Whoever changed what loads read, and asks then, hears of the loads that began before: of a load that is not seen here, the reads
    /// come later than that change. So sequentially consistent.
    fn is_empty(&self) -> bool {
        self.len.load(SeqCst) == 0
    }
}

/// A table, locked; its length is told when it is let go.
struct Locked<'a, K, V> {
    len: &'a AtomicUsize,
    table: MutexGuard<'a, Table<K, V>>,
}

impl<K, V> Drop for Locked<'_, K, V> {
    fn drop(&mut self) {
        self.len.store(self.table.len(), SeqCst);
    }
}

/// What a caller is to do about a missing key.
pub(crate) enum Joined<'a, K, V> {
    /// Load, and tell through the guard.
    Leads(Lead<'a, K, V>),
    /// Wait for who loads.
    Waits(Arc<Flight<V>>),
}

impl<K, V> Flights<K, V> {
    pub(crate) fn new() -> Self {
        Self {
            parts: [const {
                Part {
                    len: AtomicUsize::new(0),
                    table: Mutex::new(HashTable::new()),
                }
            }; TABLES],
        }
    }

    fn part(&self, hash: u64) -> &Part<K, V> {
        // The low bits choose the bucket inside of the table.
        &self.parts[(hash >> 32) as usize % TABLES]
    }

    /// Leads the load of a key, or finds who does.
    pub(crate) fn join(&self, hash: u64, key: K, source: Source) -> Joined<'_, K, V>
    where
        K: Eq,
    {
        let mut locked = self.part(hash).lock();
        let entry = locked.table.entry(
            hash,
            |(other_hash, other, _)| *other_hash == hash && *other == key,
            |(hash, _, _)| *hash,
        );
        match entry {
            Entry::Occupied(flight) => Joined::Waits(Arc::clone(&flight.get().2)),
            Entry::Vacant(place) => {
                let flight = Arc::new(Flight::new(source));
                place.insert((hash, key, Arc::clone(&flight)));
                Joined::Leads(Lead {
                    flights: self,
                    hash,
                    flight,
                    is_finished: false,
                })
            }
        }
    }

    /// Takes a flight off the table, if it is there still: from then on nobody joins it.
    fn remove(&self, hash: u64, flight: &Arc<Flight<V>>) {
        let mut locked = self.part(hash).lock();
        let removed = locked
            .table
            .find_entry(hash, |(_, _, other)| Arc::ptr_eq(other, flight))
            .ok()
            .map(|entry| entry.remove().0);
        // Before what is removed: its drop is the user's code.
        drop(locked);
        drop(removed);
    }

    /// The load of this key that is under way, if there is one, is not to be cached: what it loads may be out of date.
    ///
    /// What comes off the table is for the caller to drop when no lock is held: keys are the user's.
    pub(crate) fn forget<Q>(&self, hash: u64, key: &Q, forgotten: &mut Vec<Forgotten<K, V>>)
    where
        Q: equivalent::Equivalent<K> + ?Sized,
    {
        let part = self.part(hash);
        if part.is_empty() {
            return;
        }
        let found = part
            .lock()
            .table
            .find_entry(hash, |(other_hash, other, _)| {
                *other_hash == hash && key.equivalent(other)
            })
            .ok()
            .map(|entry| entry.remove().0);
        if let Some(found) = found {
            found.2.forget();
            forgotten.push(found);
        }
    }

    /// As [`forget`](Self::forget), for all loads of which `is_it` holds, by the hash of the key and where the value comes from.
    pub(crate) fn forget_if(
        &self,
        is_it: impl Fn(u64, Source) -> bool,
        forgotten: &mut Vec<Forgotten<K, V>>,
    ) {
        for part in &self.parts {
            let mut locked = part.lock();
            let found = locked
                .table
                .extract_if(|(hash, _, flight)| is_it(*hash, flight.source()));
            forgotten.extend(found.inspect(|(_, _, flight)| flight.forget()));
        }
    }
}

/// The duty of who leads: to say what came of the load. Dropped without that, it says that nothing did.
#[must_use = "those who wait are let go when the guard is dropped"]
pub(crate) struct Lead<'a, K, V> {
    flights: &'a Flights<K, V>,
    hash: u64,
    flight: Arc<Flight<V>>,
    is_finished: bool,
}

impl<K, V> Lead<'_, K, V> {
    pub(crate) fn flight(&self) -> &Arc<Flight<V>> {
        &self.flight
    }

    /// Whether what is loaded may be cached: nobody has invalidated the key since the load began.
    pub(crate) fn may_cache(&self) -> bool {
        !self.flight.is_forgotten()
    }

    /// Gives the value to those who wait.
    pub(crate) fn finish(mut self, value: &V)
    where
        V: Clone,
    {
        self.flights.remove(self.hash, &self.flight);
        // Nobody can join any more: with no one here, nobody needs the clone.
        if Arc::strong_count(&self.flight) > 1 {
            self.flight.end(Outcome::Loaded(value.clone()));
        }
        self.is_finished = true;
    }

    /// Gives the error to those who wait; none, if each is to try for itself.
    pub(crate) fn fail(mut self, error: Option<Shared>) {
        self.flights.remove(self.hash, &self.flight);
        self.flight
            .end(error.map_or(Outcome::Abandoned, Outcome::Failed));
        self.is_finished = true;
    }
}

impl<K, V> Drop for Lead<'_, K, V> {
    fn drop(&mut self) {
        if !self.is_finished {
            self.flights.remove(self.hash, &self.flight);
            self.flight.end(Outcome::Abandoned);
        }
    }
}
