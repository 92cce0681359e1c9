//! The tables of the file, and what the operations do in them.

use std::time::Duration;

use redb::{
    Database, Error as DatabaseError, ReadableDatabase as _, ReadableTable,
    ReadableTableMetadata as _, TableDefinition, WriteTransaction,
};

use crate::{Error, store::wall_clock::WallClock};

/// When it expires, its age, a checksum, the value.
type Row<'a> = (u64, u64, u32, &'a [u8]);
/// Key → what is known of it.
const ENTRIES: TableDefinition<'_, &[u8], Row<'_>> = TableDefinition::new("entries");
/// Age, which is the number of the write → key.
const BY_AGE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("by_age");
/// (When it expires, age) → key, of what expires.
const BY_EXPIRY: TableDefinition<'_, (u64, u64), &[u8]> = TableDefinition::new("by_expiry");
/// Numbers about the whole.
const NUMBERS: TableDefinition<'_, &str, u64> = TableDefinition::new("numbers");

const CONTENT_BYTES: &str = "content_bytes";
const LAYOUT: &str = "layout";
/// The version of these tables.
const LAYOUT_NOW: u64 = 2;

/// How much the file may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) max_entries: u64,
    pub(super) max_bytes: u64,
}

impl Limits {
    /// What can never fit is refused before it drives everything else out.
    pub(super) fn check(&self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        if weight(key, value) <= self.max_bytes {
            return Ok(());
        }
        Err(Error::OutOfRange {
            option: "the size of a key and its value",
            value: format!("{} bytes", weight(key, value)),
            allowed: "at most max_bytes of the file store",
        })
    }
}

fn weight(key: &[u8], value: &[u8]) -> u64 {
    key.len() as u64 + value.len() as u64
}

/// What a database turned out to be.
pub(super) enum Prepared {
    /// One with these tables, perhaps new ones.
    Ready,
    /// One with the tables of another version.
    OfLayout(u64),
    /// One of another program.
    OfSomethingElse,
}

/// Makes the tables if there are none at all; adds none to those of others.
pub(super) fn prepare(database: &Database) -> Result<Prepared, DatabaseError> {
    let transaction = database.begin_write()?;
    let is_new = transaction.list_tables()?.next().is_none()
        && transaction.list_multimap_tables()?.next().is_none();
    let layout = transaction
        .open_table(NUMBERS)?
        .get(LAYOUT)?
        .map(|layout| layout.value());
    let other = match layout {
        Some(LAYOUT_NOW) => None,
        Some(layout) => Some(Prepared::OfLayout(layout)),
        None if is_new => None,
        None => Some(Prepared::OfSomethingElse),
    };
    if let Some(other) = other {
        transaction.abort()?;
        return Ok(other);
    }
    transaction
        .open_table(NUMBERS)?
        .insert(LAYOUT, LAYOUT_NOW)?;
    transaction.open_table(ENTRIES)?;
    transaction.open_table(BY_AGE)?;
    transaction.open_table(BY_EXPIRY)?;
    transaction.commit()?;
    Ok(Prepared::Ready)
}

pub(super) fn len(database: &Database) -> Result<u64, DatabaseError> {
    Ok(database.begin_read()?.open_table(ENTRIES)?.len()?)
}

pub(super) fn content_bytes(database: &Database) -> Result<u64, DatabaseError> {
    let numbers = database.begin_read()?.open_table(NUMBERS)?;
    Ok(numbers.get(CONTENT_BYTES)?.map_or(0, |bytes| bytes.value()))
}

pub(super) fn get(
    database: &Database,
    key: &[u8],
    clock: &WallClock,
) -> Result<Result<Option<Vec<u8>>, Damaged>, DatabaseError> {
    let entries = database.begin_read()?.open_table(ENTRIES)?;
    let entry = entries.get(key)?;
    let found = live(key, entry.as_ref().map(redb::AccessGuard::value), clock);
    Ok(found.map(|value| value.map(<[u8]>::to_vec)))
}

/// The checksum of an entry does not match.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Damaged;

/// The value of a row that is whole and not expired.
fn live<'a>(
    key: &[u8],
    row: Option<Row<'a>>,
    clock: &WallClock,
) -> Result<Option<&'a [u8]>, Damaged> {
    let Some((expiry_ms, age, sum, value)) = row else {
        return Ok(None);
    };
    // redb has sums of its pages, and looks at them only after a crash.
    if sum != checksum(key, expiry_ms, age, value) {
        return Err(Damaged);
    }
    Ok((!clock.is_over(expiry_ms)).then_some(value))
}

/// CRC-32 of a row and its key: it guards against accidents.
fn checksum(key: &[u8], expiry_ms: u64, age: u64, value: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    // Its length keeps the end of the key from being taken for the begin of the rest.
    for number in [key.len() as u64, expiry_ms, age] {
        hasher.update(&number.to_le_bytes());
    }
    hasher.update(key);
    hasher.update(value);
    hasher.finalize()
}

/// Whether what is found under `key` is `expected`, nothing for none.
pub(super) fn holds(
    transaction: &WriteTransaction,
    key: &[u8],
    expected: Option<&[u8]>,
    clock: &WallClock,
) -> Result<Result<bool, Damaged>, DatabaseError> {
    let entries = transaction.open_table(ENTRIES)?;
    let entry = entries.get(key)?;
    let found = live(key, entry.as_ref().map(redb::AccessGuard::value), clock);
    Ok(found.map(|value| value == expected))
}

pub(super) fn put(
    transaction: &WriteTransaction,
    key: &[u8],
    value: &[u8],
    ttl: Option<Duration>,
    limits: &Limits,
    clock: &WallClock,
) -> Result<(), DatabaseError> {
    take(transaction, key)?;
    make_room(transaction, weight(key, value), limits, clock)?;
    let expiry_ms = clock.expiry_ms(ttl);
    let mut by_age = transaction.open_table(BY_AGE)?;
    let age = by_age.last()?.map_or(0, |(age, _)| age.value() + 1);
    by_age.insert(age, key)?;
    if ttl.is_some() {
        transaction
            .open_table(BY_EXPIRY)?
            .insert((expiry_ms, age), key)?;
    }
    let sum = checksum(key, expiry_ms, age, value);
    transaction
        .open_table(ENTRIES)?
        .insert(key, (expiry_ms, age, sum, value))?;
    add_bytes(transaction, weight(key, value))
}

/// Removes the entry of `key` from all tables. Says whether there was one.
pub(super) fn take(transaction: &WriteTransaction, key: &[u8]) -> Result<bool, DatabaseError> {
    let (expiry_ms, age, bytes) = {
        let mut entries = transaction.open_table(ENTRIES)?;
        let Some(entry) = entries.remove(key)? else {
            return Ok(false);
        };
        let (expiry_ms, age, _, value) = entry.value();
        (expiry_ms, age, weight(key, value))
    };
    transaction.open_table(BY_AGE)?.remove(age)?;
    transaction
        .open_table(BY_EXPIRY)?
        .remove((expiry_ms, age))?;
    subtract_bytes(transaction, bytes)?;
    Ok(true)
}

/// Removes what is expired, then what is oldest, until an entry of `bytes` fits.
fn make_room(
    transaction: &WriteTransaction,
    bytes: u64,
    limits: &Limits,
    clock: &WallClock,
) -> Result<(), DatabaseError> {
    let now_ms = clock.now_ms();
    loop {
        let entries = transaction.open_table(ENTRIES)?.len()?;
        let content = transaction
            .open_table(NUMBERS)?
            .get(CONTENT_BYTES)?
            .map_or(0, |bytes| bytes.value());
        if entries < limits.max_entries && content.saturating_add(bytes) <= limits.max_bytes {
            return Ok(());
        }
        let expired = transaction
            .open_table(BY_EXPIRY)?
            .first()?
            .filter(|(expiry, _)| expiry.value().0 <= now_ms)
            .map(|(_, key)| key.value().to_vec());
        let victim = match expired {
            Some(key) => Some(key),
            None => transaction
                .open_table(BY_AGE)?
                .first()?
                .map(|(_, key)| key.value().to_vec()),
        };
        let Some(victim) = victim else {
            return Ok(());
        };
        if !take(transaction, &victim)? {
            // The same one would be found again and again.
            let reason = "its tables contradict each other";
            return Err(DatabaseError::Corrupted(reason.to_owned()));
        }
    }
}

pub(super) fn clear(transaction: &WriteTransaction) -> Result<(), DatabaseError> {
    transaction.delete_table(ENTRIES)?;
    transaction.delete_table(BY_AGE)?;
    transaction.delete_table(BY_EXPIRY)?;
    transaction.open_table(ENTRIES)?;
    transaction.open_table(BY_AGE)?;
    transaction.open_table(BY_EXPIRY)?;
    transaction.open_table(NUMBERS)?.remove(CONTENT_BYTES)?;
    Ok(())
}

fn add_bytes(transaction: &WriteTransaction, bytes: u64) -> Result<(), DatabaseError> {
    change_bytes(transaction, |content| content.saturating_add(bytes))
}

fn subtract_bytes(transaction: &WriteTransaction, bytes: u64) -> Result<(), DatabaseError> {
    change_bytes(transaction, |content| content.saturating_sub(bytes))
}

fn change_bytes(
    transaction: &WriteTransaction,
    change: impl Fn(u64) -> u64,
) -> Result<(), DatabaseError> {
    let mut numbers = transaction.open_table(NUMBERS)?;
    let content = numbers.get(CONTENT_BYTES)?.map_or(0, |bytes| bytes.value());
    numbers.insert(CONTENT_BYTES, change(content))?;
    Ok(())
}
