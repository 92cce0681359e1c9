//! The cache of one memoized function, for one thread.

mod entries;

use std::{
    cell::{Cell, RefCell},
    hash::Hash,
    time::Duration,
};

use equivalent::Equivalent;
use tuneup_measure::Clock;

use self::entries::{Entries, Gone};
use super::{Key, Settings, Value};
use crate::Info;

/// What an attribute asked for, and the table, once it is needed.
///
/// Code of the user's may run while the table is in use, in `Hash`, `Eq` and `Clone`, and may call the function: such a call finds
/// nothing, and keeps nothing. No table is in use while an answer is computed, or while something that goes is dropped.
pub struct ThreadMemo<K, V> {
    settings: Settings,
    table: RefCell<Option<Table<K, V>>>,
    counts: Counts,
}

enum Table<K, V> {
    Plain(Entries<K, V>),
    Timed(Box<Timed<K, V>>),
}

/// Answers that are over after a time.
struct Timed<K, V> {
    entries: Entries<K, Stamped<V>>,
    clock: Clock,
    ttl: Duration,
}

struct Stamped<V> {
    value: V,
    since: tuneup_measure::Ticks,
}

/// Something that is counted.
#[derive(Clone, Copy)]
enum Counter {
    Hits,
    Misses,
    Loads,
    LoadFailures,
    Evicted,
    Expired,
    Removed,
}

const COUNTERS: usize = Counter::Removed as usize + 1;

struct Counts([Cell<u64>; COUNTERS]);

impl Counts {
    const fn new() -> Self {
        Self([const { Cell::new(0) }; COUNTERS])
    }

    #[inline]
    fn count(&self, counter: Counter) {
        self.0[counter as usize].update(|count| count + 1);
    }

    fn get(&self, counter: Counter) -> u64 {
        self.0[counter as usize].get()
    }

    fn reset(&self) {
        for count in &self.0 {
            count.set(0);
        }
    }
}

impl<K, V> ThreadMemo<K, V> {
    /// Allocates nothing before the first answer is kept.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self {
            settings,
            table: RefCell::new(None),
            counts: Counts::new(),
        }
    }
}

impl<K: Key, V: Value> ThreadMemo<K, V> {
    #[inline]
    pub(super) fn get<Q>(&self, lookup: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let found = match self.table.try_borrow_mut() {
            Ok(mut table) => match &mut *table {
                Some(Table::Plain(entries)) => entries.get(lookup).cloned(),
                Some(Table::Timed(_)) => {
                    drop(table);
                    self.get_timed(lookup)
                }
                None => None,
            },
            Err(_) => None,
        };
        match found {
            Some(_) => self.counts.count(Counter::Hits),
            None => self.counts.count(Counter::Misses),
        }
        found
    }

    fn get_timed<Q>(&self, lookup: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        // Dropped after the table is free.
        let _over;
        let mut table = self.table.try_borrow_mut().ok()?;
        let Some(Table::Timed(timed)) = &mut *table else {
            return None;
        };
        let Stamped { value, since } = timed.entries.get(lookup)?;
        if timed.clock.duration_between(*since, timed.clock.now()) < timed.ttl {
            return Some(value.clone());
        }
        _over = timed.entries.remove(lookup);
        self.counts.count(Counter::Expired);
        drop(table);
        None
    }

    /// Keeps an answer, unless the computation has done so already, by a call of its own with these arguments.
    pub(super) fn keep(&self, key: K, value: V) {
        // Dropped after the table is free.
        let gone;
        let Ok(mut table) = self.table.try_borrow_mut() else {
            return;
        };
        let table = &mut *table;
        gone = match table.get_or_insert_with(|| Table::new(self.settings)) {
            Table::Plain(entries) => Ok(entries.insert(key, value)),
            Table::Timed(timed) => {
                let since = timed.clock.now();
                Err(timed.entries.insert(key, Stamped { value, since }))
            }
        };
        let is_evicted = match &gone {
            Ok(gone) => matches!(gone, Gone::Evicted(..)),
            Err(gone) => matches!(gone, Gone::Evicted(..)),
        };
        if is_evicted {
            self.counts.count(Counter::Evicted);
        }
    }

    pub(super) fn count_failure(&self) {
        self.counts.count(Counter::LoadFailures);
    }

    pub(super) fn count_load(&self) {
        self.counts.count(Counter::Loads);
    }

    pub(super) fn invalidate<Q>(&self, lookup: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let removed = match self.table.try_borrow_mut() {
            Ok(mut table) => match &mut *table {
                Some(table) => table.remove(lookup),
                None => None,
            },
            Err(_) => None,
        };
        if removed.is_some() {
            self.counts.count(Counter::Removed);
        }
        removed.is_some()
    }

    pub(super) fn clear(&self) {
        let table = self
            .table
            .try_borrow_mut()
            .ok()
            .and_then(|mut table| table.take());
        self.counts.reset();
        drop(table);
    }

    pub(super) fn info(&self) -> Info {
        let of = |counter| self.counts.get(counter);
        let len = match self.table.try_borrow() {
            Ok(table) => table.as_ref().map_or(0, Table::len) as u64,
            Err(_) => 0,
        };
        Info {
            hits: of(Counter::Hits),
            misses: of(Counter::Misses),
            loads: of(Counter::Loads),
            load_failures: of(Counter::LoadFailures),
            evicted: of(Counter::Evicted),
            expired: of(Counter::Expired),
            removed: of(Counter::Removed),
            len,
            weight: len,
            capacity: self.settings.maxsize.map(|maxsize| maxsize as u64),
            ..Info::default()
        }
    }
}

impl<K: Key, V: Value> Table<K, V> {
    fn new(settings: Settings) -> Self {
        match settings.ttl {
            None => Self::Plain(Entries::new(settings.maxsize)),
            Some(ttl) => Self::Timed(Box::new(Timed {
                entries: Entries::new(settings.maxsize),
                clock: Clock::new(),
                ttl,
            })),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Plain(entries) => entries.len(),
            Self::Timed(timed) => timed.entries.len(),
        }
    }

    fn remove<Q>(&mut self, lookup: &Q) -> Option<(K, V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        match self {
            Self::Plain(entries) => entries.remove(lookup),
            Self::Timed(timed) => timed
                .entries
                .remove(lookup)
                .map(|(key, stamped)| (key, stamped.value)),
        }
    }
}

#[cfg(test)]
mod tests;
