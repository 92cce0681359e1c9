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

struct Counts {
    hits: Cell<u64>,
    misses: Cell<u64>,
    loads: Cell<u64>,
    load_failures: Cell<u64>,
    evicted: Cell<u64>,
    expired: Cell<u64>,
    removed: Cell<u64>,
}

impl Counts {
    const fn new() -> Self {
        Self {
            hits: Cell::new(0),
            misses: Cell::new(0),
            loads: Cell::new(0),
            load_failures: Cell::new(0),
            evicted: Cell::new(0),
            expired: Cell::new(0),
            removed: Cell::new(0),
        }
    }

    fn reset(&self) {
        let Self {
            hits,
            misses,
            loads,
            load_failures,
            evicted,
            expired,
            removed,
        } = self;
        for count in [
            hits,
            misses,
            loads,
            load_failures,
            evicted,
            expired,
            removed,
        ] {
            count.set(0);
        }
    }
}

#[inline]
fn count(cell: &Cell<u64>) {
    cell.set(cell.get() + 1);
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
        count(match found {
            Some(_) => &self.counts.hits,
            None => &self.counts.misses,
        });
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
        count(&self.counts.expired);
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
            count(&self.counts.evicted);
        }
    }

    pub(super) fn count_failure(&self) {
        count(&self.counts.load_failures);
    }

    pub(super) fn count_load(&self) {
        count(&self.counts.loads);
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
            count(&self.counts.removed);
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
        let counts = &self.counts;
        let len = match self.table.try_borrow() {
            Ok(table) => table.as_ref().map_or(0, Table::len) as u64,
            Err(_) => 0,
        };
        Info {
            hits: counts.hits.get(),
            misses: counts.misses.get(),
            loads: counts.loads.get(),
            load_failures: counts.load_failures.get(),
            evicted: counts.evicted.get(),
            expired: counts.expired.get(),
            removed: counts.removed.get(),
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
