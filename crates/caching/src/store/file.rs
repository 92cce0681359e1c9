//! A store in a file of this machine.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use redb::{Database, Durability};

use self::{
    guarded::{AssertionViolated, Guarded},
    tables::{Damaged, Limits},
};
use super::{Store, wall_clock::WallClock};
use crate::Error;

mod builder;
mod guarded;
mod opening;
mod tables;
#[cfg(test)]
mod tests;

pub use self::builder::FileStoreBuilder;

const STORE: &str = "file store";

/// A [`Store`] in one file, which survives restarts of the program, its sudden death and that of the machine.
///
/// The file is a database of [redb](https://docs.rs/redb): a copy-on-write B+ tree with checksums, whose commits are
/// atomic. One process at a time can have it open; within it a `FileStore` is a handle whose clones share the file.
///
/// - **Bounded** by [`max_entries`](FileStoreBuilder::max_entries) and [`max_bytes`](FileStoreBuilder::max_bytes). A
///   write that would exceed one removes, in the same transaction, what is expired and then what was written longest
///   ago. Reading does not make an entry younger, since then each read would be a write. The file itself is larger than
///   its contents, by about half to three times, and does not shrink: freed pages are used again.
/// - **Expiry** is time of day, kept with each entry. What is expired is not found, and removed by later writes.
/// - **Cost**: a read walks a tree, blocks no writer and copies the value. A write is a transaction: it waits for the
///   writes before it, and for the disk (`fsync`, milliseconds) unless
///   [`writes_per_sync`](FileStoreBuilder::writes_per_sync) says otherwise.
/// - **A damaged file** is an error that names the file and what to do; it is neither deleted nor emptied. Each entry has a
///   checksum (CRC-32), so that a value comes back as it was stored or not at all: it is an [`Error::DamagedValue`] until it is
///   written anew or removed. An entry whose key has changed is not found. What redb asserts of a file a damaged one may
///   violate: its panic becomes such an error, but not before the panic hook of the program has been called, which by default
///   writes to standard error.
/// - **A file of something else** is an error too, and nothing is written to it. Only to a database of redb, which is opened to look at
///   it, redb writes what it knows of free pages; its tables stay as they are.
/// - **A full disk** fails the write and nothing else: what was there is still read, and later writes work once there is
///   room. Only writes that had not been [synced](FileStoreBuilder::writes_per_sync) are undone, of which the next
///   [`flush`](Self::flush) tells.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tuneup_caching::{FileStore, Store};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("cache.redb");
///
/// let store = FileStore::builder(&path).max_entries(10_000).build()?;
/// store.set(b"key", b"value", Some(Duration::from_secs(3600)))?;
/// drop(store);
///
/// let store = FileStore::builder(&path).max_entries(10_000).build()?;
/// assert_eq!(store.get(b"key")?.as_deref(), Some(b"value".as_slice()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "disk cache")]
#[doc(alias = "persistent")]
#[derive(Clone)]
pub struct FileStore {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    limits: Limits,
    memory_bytes: usize,
    writes_per_sync: u32,
    /// The number of the last write, in the order of the commits.
    written: AtomicU64,
    /// That of the last one that is known to be on the disk, and all before it.
    synced: AtomicU64,
    /// That of the last one that somebody was told of while it was in memory alone.
    promised: AtomicU64,
    /// Whether such writes were undone by a failure of the disk.
    has_lost: AtomicBool,
    clock: WallClock,
    /// Closed while it could not be opened again after a failure of the disk.
    database: RwLock<Guarded>,
}

/// What a transaction came to.
struct Done {
    /// What to tell the caller.
    answer: Result<bool, Damaged>,
    /// Whether there is something to commit.
    changes: bool,
}

impl Done {
    /// Something, or nothing if what is there is not what was expected.
    fn if_matches(matches: Result<bool, Damaged>) -> Self {
        Self {
            answer: matches,
            changes: matches == Ok(true),
        }
    }
}

impl FileStore {
    /// Begins to describe the store in the file `path`, which is made if it does not exist.
    ///
    /// # Examples
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cache.redb");
    /// let store = tuneup_caching::FileStore::builder(path).max_bytes(64 << 20).build()?;
    /// # drop(store);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder(path: impl AsRef<Path>) -> FileStoreBuilder {
        FileStoreBuilder::new(path.as_ref())
    }

    /// How many entries the file holds, with those that are expired and not yet removed. Reads one page or two.
    ///
    /// # Errors
    /// If the file cannot be read.
    ///
    /// # Examples
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cache.redb");
    /// let store = tuneup_caching::FileStore::builder(path).build()?;
    /// assert_eq!(store.len()?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn len(&self) -> Result<u64, Error> {
        self.inner.run("count its entries", tables::len)
    }

    /// Whether the file holds no entry.
    ///
    /// # Errors
    /// If the file cannot be read.
    ///
    /// # Examples
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cache.redb");
    /// assert!(tuneup_caching::FileStore::builder(path).build()?.is_empty()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.len()? == 0)
    }

    /// How many bytes the keys and values in the file have together. Reads one page or two.
    ///
    /// # Errors
    /// If the file cannot be read.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::Store;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cache.redb");
    /// let store = tuneup_caching::FileStore::builder(path).build()?;
    /// store.set(b"key", b"value", None)?;
    /// assert_eq!(store.content_bytes()?, 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn content_bytes(&self) -> Result<u64, Error> {
        self.inner.run("count its bytes", tables::content_bytes)
    }

    /// Waits until everything written so far is on the disk; needed only with
    /// [`writes_per_sync`](FileStoreBuilder::writes_per_sync) above 1. Dropping the last handle does the same.
    ///
    /// # Errors
    /// If the disk fails or is full, or has done so since the last call and undone writes that were in memory alone.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::Store;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("cache.redb");
    /// let store = tuneup_caching::FileStore::builder(path).writes_per_sync(1000).build()?;
    /// store.set(b"key", b"value", None)?;
    /// store.flush()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "fsync")]
    pub fn flush(&self) -> Result<(), Error> {
        self.inner.flush()
    }
}

impl Inner {
    /// Runs `job` on the open database; opens it again first if the disk has failed it before.
    fn run<T>(
        &self,
        operation: &'static str,
        job: impl Fn(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, Error> {
        // Twice, because the first try may find out that an earlier failure has closed the database.
        for _ in 0..2 {
            {
                let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
                match database.run(&job) {
                    Some(Ok(Ok(value))) => return Ok(value),
                    None | Some(Ok(Err(redb::Error::PreviousIo | redb::Error::DatabaseClosed))) => {
                    }
                    Some(Ok(Err(error))) => return Err(self.failure(operation, error)),
                    Some(Err(AssertionViolated)) => {
                        return Err(self.damaged(AssertionViolated::REASON));
                    }
                }
            }
            self.open_again()?;
        }
        Err(self.failure(operation, redb::Error::PreviousIo))
    }

    /// redb refuses to work after a failure of the disk until it has read the file anew.
    fn open_again(&self) -> Result<(), Error> {
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let works = database.run(|open| {
            open.begin_write()
                .and_then(|transaction| Ok(transaction.abort()?))
                .is_ok()
        });
        if let Some(Ok(true)) = works {
            // Another thread has opened it meanwhile.
            return Ok(());
        }
        // Closed first: the file is locked while it is open.
        database.close();
        *database = opening::open(&self.path, self.memory_bytes)?;
        // It is as it was on the disk. Nobody writes here meanwhile.
        let written = self.written.load(Ordering::Acquire);
        let synced = self.synced.fetch_max(written, Ordering::AcqRel);
        if self.promised.load(Ordering::Acquire) > synced {
            self.has_lost.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// Commits what `job` does if it says that it did something: a commit waits for the disk.
    fn write(
        &self,
        operation: &'static str,
        job: impl Fn(&redb::WriteTransaction) -> Result<Done, redb::Error>,
    ) -> Result<bool, Error> {
        let done = self.run(operation, |database| {
            let mut transaction = database.begin_write()?;
            // Transactions that write take turns: nobody else has this number.
            let number = self.written.load(Ordering::Acquire) + 1;
            let durability = self.durability(number);
            transaction
                .set_durability(durability)
                .map_err(redb::Error::from)?;
            let done = job(&transaction)?;
            if done.changes {
                self.written.store(number, Ordering::Release);
                transaction.commit()?;
                let reached = match durability {
                    Durability::Immediate => &self.synced,
                    _ => &self.promised,
                };
                reached.fetch_max(number, Ordering::AcqRel);
            } else {
                transaction.abort()?;
            }
            Ok(done)
        })?;
        done.answer.map_err(|damaged| self.damaged_value(damaged))
    }

    fn durability(&self, number: u64) -> Durability {
        let unsynced = number.saturating_sub(self.synced.load(Ordering::Acquire));
        if unsynced >= u64::from(self.writes_per_sync) {
            Durability::Immediate
        } else {
            Durability::None
        }
    }

    fn flush(&self) -> Result<(), Error> {
        const OPERATION: &str = "write to the disk";
        if self.synced.load(Ordering::Acquire) < self.written.load(Ordering::Acquire) {
            // A commit that changes nothing carries the ones before it to the disk.
            self.run(OPERATION, |database| {
                let transaction = database.begin_write()?;
                let number = self.written.load(Ordering::Acquire);
                transaction.commit()?;
                self.synced.fetch_max(number, Ordering::AcqRel);
                Ok(())
            })?;
        }
        if self.has_lost.swap(false, Ordering::AcqRel) {
            return Err(Error::Store {
                store: STORE,
                operation: OPERATION,
                source: "a failure of the disk has undone writes that were in memory alone".into(),
            });
        }
        Ok(())
    }

    fn failure(&self, operation: &'static str, error: redb::Error) -> Error {
        match error {
            redb::Error::Corrupted(reason) => self.damaged(&reason),
            redb::Error::Io(error) if opening::is_of_content(&error) => {
                self.damaged(&error.to_string())
            }
            error => Error::Store {
                store: STORE,
                operation,
                source: Box::new(error),
            },
        }
    }

    fn damaged_value(&self, _: Damaged) -> Error {
        Error::DamagedValue {
            store: STORE,
            reason: format!(
                "the checksum of an entry of {} does not match",
                self.path.display()
            ),
        }
    }

    fn damaged(&self, reason: &str) -> Error {
        opening::damaged(&self.path, reason)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // There is nobody to tell: what could not be written is as after a sudden death.
        let _ = self.flush();
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore")
            .field("path", &self.inner.path)
            .finish_non_exhaustive()
    }
}

impl Store for FileStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let inner = &*self.inner;
        let found = inner.run("get a value", |database| {
            tables::get(database, key, &inner.clock)
        })?;
        found.map_err(|damaged| inner.damaged_value(damaged))
    }

    fn set(&self, key: &[u8], value: &[u8], ttl: Option<Duration>) -> Result<(), Error> {
        let inner = &*self.inner;
        inner.limits.check(key, value)?;
        inner.write("set a value", |transaction| {
            tables::put(transaction, key, value, ttl, &inner.limits, &inner.clock)?;
            Ok(Done::if_matches(Ok(true)))
        })?;
        Ok(())
    }

    fn compare_and_set(
        &self,
        key: &[u8],
        expected: Option<&[u8]>,
        value: &[u8],
        ttl: Option<Duration>,
    ) -> Result<bool, Error> {
        let inner = &*self.inner;
        inner.limits.check(key, value)?;
        inner.write("compare and set a value", |transaction| {
            let matches = tables::holds(transaction, key, expected, &inner.clock)?;
            if matches == Ok(true) {
                tables::put(transaction, key, value, ttl, &inner.limits, &inner.clock)?;
            }
            Ok(Done::if_matches(matches))
        })
    }

    fn remove(&self, key: &[u8]) -> Result<bool, Error> {
        let inner = &*self.inner;
        inner.write("remove a value", |transaction| {
            // What is damaged was there, too.
            let answer = Ok(tables::holds(transaction, key, None, &inner.clock)? != Ok(true));
            // What is expired goes too, without having been there.
            let changes = tables::take(transaction, key)?;
            Ok(Done { answer, changes })
        })
    }

    fn compare_and_remove(&self, key: &[u8], expected: &[u8]) -> Result<bool, Error> {
        let inner = &*self.inner;
        inner.write("compare and remove a value", |transaction| {
            let matches = tables::holds(transaction, key, Some(expected), &inner.clock)?;
            if matches == Ok(true) {
                tables::take(transaction, key)?;
            }
            Ok(Done::if_matches(matches))
        })
    }

    fn clear(&self) -> Result<(), Error> {
        self.inner.write("clear", |transaction| {
            tables::clear(transaction)?;
            Ok(Done::if_matches(Ok(true)))
        })?;
        Ok(())
    }
}
