//! The options of a file store.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicU64},
    },
};

use tuneup_measure::Clock;

use super::{FileStore, Inner, opening, tables::Limits};
use crate::{Error, store::wall_clock::WallClock};

/// The options of a [`FileStore`]; see [`FileStore::builder`].
///
/// # Examples
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cache.redb");
/// let store = tuneup_caching::FileStore::builder(path)
///     .max_entries(100_000)
///     .max_bytes(256 << 20)
///     .writes_per_sync(100)
///     .build()?;
/// # drop(store);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing before `build`"]
pub struct FileStoreBuilder {
    path: PathBuf,
    max_entries: u64,
    max_bytes: u64,
    memory_bytes: usize,
    writes_per_sync: u32,
    clock: Clock,
}

impl FileStoreBuilder {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            max_entries: 1_000_000,
            max_bytes: 1 << 30,
            memory_bytes: 16 << 20,
            writes_per_sync: 1,
            clock: Clock::new(),
        }
    }

    /// How many entries there may be: 1 or more, by default 1 000 000.
    ///
    /// # Examples
    /// ```
    /// let builder = tuneup_caching::FileStore::builder("cache.redb").max_entries(10);
    /// # drop(builder);
    /// ```
    pub fn max_entries(mut self, max_entries: u64) -> Self {
        self.max_entries = max_entries;
        self
    }

    /// How many bytes keys and values may have together: 1 or more, by default 1 GiB. The file is larger; see
    /// [`FileStore`].
    ///
    /// # Examples
    /// ```
    /// let builder = tuneup_caching::FileStore::builder("cache.redb").max_bytes(1 << 20);
    /// # drop(builder);
    /// ```
    pub fn max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// How many bytes of the file to keep in memory: by default 16 MiB.
    ///
    /// Little is needed, because the memory tier and the system's page cache are in front of it.
    ///
    /// # Examples
    /// ```
    /// let builder = tuneup_caching::FileStore::builder("cache.redb").memory_bytes(1 << 20);
    /// # drop(builder);
    /// ```
    pub fn memory_bytes(mut self, memory_bytes: usize) -> Self {
        self.memory_bytes = memory_bytes;
        self
    }

    /// After how many writes to wait for the disk: 1 or more, by default 1, which is each.
    ///
    /// With more, writes are faster by orders of magnitude, and as many of the last ones may be lost when the program is
    /// killed, the machine stops, or the disk fails or is full: what was there before them is back. What is older stays whole in
    /// each case. An orderly end loses none.
    ///
    /// # Examples
    /// ```
    /// let builder = tuneup_caching::FileStore::builder("cache.redb").writes_per_sync(100);
    /// # drop(builder);
    /// ```
    pub fn writes_per_sync(mut self, writes_per_sync: u32) -> Self {
        self.writes_per_sync = writes_per_sync;
        self
    }

    /// Counts time by `clock` if it is a mock, beginning about now; any other clock changes nothing.
    ///
    /// # Examples
    /// ```
    /// let (clock, _mock) = tuneup_measure::Clock::mock();
    /// let builder = tuneup_caching::FileStore::builder("cache.redb").clock(clock);
    /// # drop(builder);
    /// ```
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Opens the file, or makes it. A file whose program died is checked, which reads all of it.
    ///
    /// # Errors
    /// - [`Error::OutOfRange`] if a limit is 0.
    /// - [`Error::StoreFile`] if the file is damaged, is something else, or is open already; it stays as it is.
    /// - [`Error::Store`] if the folder does not exist, or the disk fails.
    ///
    /// # Examples
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("cache.redb");
    /// std::fs::write(&path, "something else")?;
    /// let error = tuneup_caching::FileStore::builder(&path).build().unwrap_err();
    /// assert!(error.to_string().contains("cache.redb cannot be used as a store"));
    /// assert_eq!(std::fs::read(&path)?, b"something else");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn build(self) -> Result<FileStore, Error> {
        for (option, value) in [
            ("max_entries", self.max_entries),
            ("max_bytes", self.max_bytes),
            ("writes_per_sync", u64::from(self.writes_per_sync)),
        ] {
            if value == 0 {
                return Err(Error::OutOfRange {
                    option,
                    value: "0".to_owned(),
                    allowed: "1 or more",
                });
            }
        }
        let database = opening::open(&self.path, self.memory_bytes)?;
        Ok(FileStore {
            inner: Arc::new(Inner {
                limits: Limits {
                    max_entries: self.max_entries,
                    max_bytes: self.max_bytes,
                },
                memory_bytes: self.memory_bytes,
                writes_per_sync: self.writes_per_sync,
                written: AtomicU64::new(0),
                synced: AtomicU64::new(0),
                promised: AtomicU64::new(0),
                has_lost: AtomicBool::new(false),
                clock: WallClock::new(&self.clock),
                database: RwLock::new(database),
                path: self.path,
            }),
        })
    }
}
