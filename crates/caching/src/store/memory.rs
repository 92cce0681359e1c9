//! A store in this process: for tests, and to try a program without a server.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tuneup_measure::Clock;

use super::{Store, wall_clock::WallClock};
use crate::Error;

/// A [`Store`] in the memory of this process, bounded by a number of entries.
///
/// For tests, and where a program shall run without a server. When it is full, what was written longest ago goes first.
/// All operations take one mutex for a short time, allocate copies, and cost O(log n). A handle: clones share the entries.
///
/// # Examples
/// ```
/// use tuneup_caching::{MemoryStore, Store};
///
/// let store = MemoryStore::new(2)?;
/// for key in ["a", "b", "c"] {
///     store.set(key.as_bytes(), b"value", None)?;
/// }
/// assert_eq!(store.len(), 2);
/// assert_eq!(store.get(b"a")?, None);
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    entries: Arc<Mutex<Entries>>,
    max_entries: usize,
    clock: WallClock,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<Arc<[u8]>, Entry>,
    by_age: BTreeMap<u64, Arc<[u8]>>,
    next_age: u64,
}

struct Entry {
    value: Box<[u8]>,
    expiry_ms: u64,
    age: u64,
}

impl MemoryStore {
    /// An empty store for at most `max_entries`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if `max_entries` is 0.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::MemoryStore;
    ///
    /// assert!(MemoryStore::new(0).is_err());
    /// assert!(MemoryStore::new(1)?.is_empty());
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn new(max_entries: usize) -> Result<Self, Error> {
        if max_entries == 0 {
            return Err(Error::OutOfRange {
                option: "max_entries",
                value: "0".to_owned(),
                allowed: "1 or more",
            });
        }
        Ok(Self {
            entries: Arc::default(),
            max_entries,
            clock: WallClock::default(),
        })
    }

    /// Counts time by `clock` if it is a mock, beginning about now; any other clock changes nothing.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::{MemoryStore, Store};
    ///
    /// let (clock, mock) = tuneup_measure::Clock::mock();
    /// let store = MemoryStore::new(10)?.with_clock(&clock);
    /// store.set(b"key", b"value", Some(Duration::from_secs(1)))?;
    /// mock.advance(Duration::from_secs(1));
    /// assert_eq!(store.get(b"key")?, None);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn with_clock(mut self, clock: &Clock) -> Self {
        self.clock = WallClock::new(clock);
        self
    }

    /// How many entries there are, with those that are expired and not yet removed. One mutex.
    ///
    /// # Examples
    /// ```
    /// assert_eq!(tuneup_caching::MemoryStore::new(1)?.len(), 0);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().by_key.len()
    }

    /// Whether there is no entry. One mutex.
    ///
    /// # Examples
    /// ```
    /// assert!(tuneup_caching::MemoryStore::new(1)?.is_empty());
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // Nothing under the lock panics but the allocator, which aborts.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn live(&self, key: &[u8], clock: &WallClock) -> Option<&Entry> {
        self.by_key
            .get(key)
            .filter(|entry| !clock.is_over(entry.expiry_ms))
    }

    fn put(&mut self, key: &[u8], value: &[u8], expiry_ms: u64, max_entries: usize) {
        self.take(key);
        let key: Arc<[u8]> = key.into();
        let age = self.next_age;
        self.next_age += 1;
        self.by_age.insert(age, Arc::clone(&key));
        let value = value.into();
        self.by_key.insert(
            key,
            Entry {
                value,
                expiry_ms,
                age,
            },
        );
        while self.by_key.len() > max_entries {
            let Some((_, oldest)) = self.by_age.pop_first() else {
                break;
            };
            self.by_key.remove(&oldest);
        }
    }

    fn take(&mut self, key: &[u8]) -> bool {
        let Some(entry) = self.by_key.remove(key) else {
            return false;
        };
        self.by_age.remove(&entry.age);
        true
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("max_entries", &self.max_entries)
            .finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(self
            .lock()
            .live(key, &self.clock)
            .map(|entry| entry.value.to_vec()))
    }

    fn set(&self, key: &[u8], value: &[u8], ttl: Option<Duration>) -> Result<(), Error> {
        let expiry_ms = self.clock.expiry_ms(ttl);
        self.lock().put(key, value, expiry_ms, self.max_entries);
        Ok(())
    }

    fn compare_and_set(
        &self,
        key: &[u8],
        expected: Option<&[u8]>,
        value: &[u8],
        ttl: Option<Duration>,
    ) -> Result<bool, Error> {
        let expiry_ms = self.clock.expiry_ms(ttl);
        let mut entries = self.lock();
        let found = entries.live(key, &self.clock).map(|entry| &*entry.value);
        let matches = found == expected;
        if matches {
            entries.put(key, value, expiry_ms, self.max_entries);
        }
        Ok(matches)
    }

    fn remove(&self, key: &[u8]) -> Result<bool, Error> {
        let mut entries = self.lock();
        let live = entries.live(key, &self.clock).is_some();
        entries.take(key);
        Ok(live)
    }

    fn compare_and_remove(&self, key: &[u8], expected: &[u8]) -> Result<bool, Error> {
        let mut entries = self.lock();
        let found = entries.live(key, &self.clock).map(|entry| &*entry.value);
        let matches = found == Some(expected);
        if matches {
            entries.take(key);
        }
        Ok(matches)
    }

    fn clear(&self) -> Result<(), Error> {
        let mut entries = self.lock();
        entries.by_key.clear();
        entries.by_age.clear();
        Ok(())
    }
}
