//! A map to values that it does not keep alive.

use std::{
    borrow::Borrow,
    fmt,
    hash::{BuildHasher as _, Hash},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak},
    thread::{self, ThreadId},
};

use hashbrown::{DefaultHashBuilder, HashTable};

/// So many entries of dead values are never worth a search.
const SPARE_ENTRIES: usize = 16;

/// Finds values by key for as long as somebody else uses them, and keeps none alive itself.
///
/// Two parts of a program that need the same parsed file, font or schema share one [`Arc`]; when both have dropped it, it is gone, and
/// the next one makes it anew. For one key one thread makes the value and others wait for it; for different keys they do not wait
/// for each other.
///
/// Entries of values that are gone are removed when the cache grows: after any insertion there are at most twice as many entries as
/// had living values when they were counted last, and 16. So with dead entries the cache is never much larger than it
/// was at its busiest, and shrinks when it is next used much; [`purge`](Self::purge) removes all of them now.
///
/// # Cost
/// [`get`](Self::get): a short lock, one hash and one comparison, and the counting of the `Arc`. Insertion: the same twice and amortised O(1) for the
/// removal. An entry takes the key and about 40 bytes; the memory of a value is freed with its entry, after what it holds was dropped, because the
/// `Weak` keeps the block.
///
/// No lock is held while a value is made or dropped, or keys are dropped; while keys are hashed and compared, one is.
///
/// # When it is the wrong tool
/// Values that should survive between two uses belong into a cache that keeps some. One value, made once and kept, is
/// [`OnceLock`](std::sync::OnceLock).
///
/// # Sources
/// Python's `weakref.WeakValueDictionary` and Guava's caches with `weakValues()`.
///
/// ```
/// use std::sync::Arc;
/// use tuneup_memory::WeakCache;
///
/// let fonts: WeakCache<String, Vec<u8>> = WeakCache::new();
/// let font = fonts.get_or_insert_with("sans".to_owned(), || Arc::new(vec![1, 2, 3]));
/// let same = fonts.get("sans").unwrap();
/// assert!(Arc::ptr_eq(&font, &same));
/// drop((font, same));
/// assert!(fonts.get("sans").is_none());
/// ```
#[doc(alias = "WeakValueDictionary")]
#[doc(alias = "weak map")]
pub struct WeakCache<K, V> {
    entries: Mutex<Entries<K, V>>,
    made: Condvar,
    hasher: DefaultHashBuilder,
}

struct Entries<K, V> {
    table: HashTable<Entry<K, V>>,
    /// More entries than these, and those of dead values are removed.
    purge_above: usize,
    /// How many threads wait for another to make a value.
    waiting: usize,
    next_ticket: u64,
}

struct Entry<K, V> {
    hash: u64,
    key: K,
    value: Value<V>,
}

enum Value<V> {
    Made(Weak<V>),
    InTheMaking(Making),
}

#[derive(Clone, Copy)]
struct Making {
    /// Which of all: keys need not be compared again to find the entry.
    ticket: u64,
    by: ThreadId,
}

impl<V> Value<V> {
    fn is_dead(&self) -> bool {
        matches!(self, Self::Made(value) if value.strong_count() == 0)
    }
}

impl<K: Hash + Eq, V> WeakCache<K, V> {
    /// An empty cache. Allocates nothing yet.
    ///
    /// ```
    /// let cache: tuneup_memory::WeakCache<u32, String> = tuneup_memory::WeakCache::new();
    /// assert_eq!(cache.len_alive(), 0);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self {
            entries: Mutex::new(Entries {
                table: HashTable::new(),
                purge_above: SPARE_ENTRIES,
                waiting: 0,
                next_ticket: 0,
            }),
            made: Condvar::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }

    /// The value of `key`, if it lives. Does not wait for one that is being made.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let cache = tuneup_memory::WeakCache::new();
    /// let one = cache.get_or_insert_with(1, || Arc::new("one"));
    /// assert_eq!((cache.get(&1), cache.get(&2)), (Some(one), None));
    /// ```
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        let entries = self.lock();
        let entry = entries
            .table
            .find(hash, |entry| entry.key.borrow() == key)?;
        match &entry.value {
            Value::Made(value) => value.upgrade(),
            Value::InTheMaking(_) => None,
        }
    }

    /// The value of `key` if it lives, and otherwise what `make` returns, which is found from now on.
    ///
    /// Waits while another thread makes the value of this key. If that one panics or has dropped the value already, this
    /// thread makes it.
    ///
    /// # Panics
    /// If `make` does; nothing is inserted then. If `make` asks for the same key: it would wait for itself.
    /// Two threads that make two values and ask each for the other wait forever.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let cache = tuneup_memory::WeakCache::new();
    /// let first = cache.get_or_insert_with("key", || Arc::new(1));
    /// let second = cache.get_or_insert_with("key", || unreachable!());
    /// assert!(Arc::ptr_eq(&first, &second));
    /// ```
    pub fn get_or_insert_with(&self, key: K, make: impl FnOnce() -> Arc<V>) -> Arc<V> {
        let hash = self.hasher.hash_one(&key);
        let mut claim = match self.find_or_claim(hash, key) {
            Ok(value) => return value,
            Err(claim) => claim,
        };
        let value = make();
        claim.value = Some(Arc::downgrade(&value));
        value
    }

    /// The living value, or else the right to make it.
    fn find_or_claim(&self, hash: u64, key: K) -> Result<Arc<V>, Claim<'_, K, V>> {
        let by = thread::current().id();
        // Dropped after the lock.
        let mut dead = Vec::new();
        let mut entries = self.lock();
        let ticket = entries.next_ticket;
        entries.next_ticket += 1;
        let making = Making { ticket, by };
        loop {
            let Some(entry) = entries.table.find_mut(hash, |entry| entry.key == key) else {
                entries.insert(hash, key, making, &mut dead);
                break;
            };
            match &entry.value {
                Value::Made(value) => match value.upgrade() {
                    Some(living) => return Ok(living),
                    None => {
                        entry.value = Value::InTheMaking(making);
                        break;
                    }
                },
                Value::InTheMaking(making) if making.by == by => {
                    drop(entries);
                    panic!("the value of a weak cache was asked for by the function that makes it");
                }
                Value::InTheMaking(_) => {}
            }
            entries.waiting += 1;
            entries = self
                .made
                .wait(entries)
                .unwrap_or_else(PoisonError::into_inner);
            entries.waiting -= 1;
        }
        Err(Claim {
            cache: self,
            hash,
            ticket,
            value: None,
        })
    }

    /// Forgets the value of `key`, whoever uses it, and returns it if it lives. One that is being made stays.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let cache = tuneup_memory::WeakCache::new();
    /// let old = cache.get_or_insert_with(1, || Arc::new("old"));
    /// assert_eq!(cache.remove(&1), Some(old));
    /// assert!(cache.get(&1).is_none());
    /// ```
    pub fn remove<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        let mut entries = self.lock();
        let is_made = |entry: &Entry<K, V>| {
            matches!(entry.value, Value::Made(_)) && entry.key.borrow() == key
        };
        let (removed, _) = entries.table.find_entry(hash, is_made).ok()?.remove();
        // What it has of users' code runs after the lock.
        drop(entries);
        match &removed.value {
            Value::Made(value) => value.upgrade(),
            Value::InTheMaking(_) => None,
        }
    }
}

impl<K, V> WeakCache<K, V> {
    /// Hashing or comparing keys may panic under this lock, and leaves the entries as they are.
    fn lock(&self) -> MutexGuard<'_, Entries<K, V>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many values live. O(entries).
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let cache = tuneup_memory::WeakCache::new();
    /// let one = cache.get_or_insert_with(1, || Arc::new("one"));
    /// drop(cache.get_or_insert_with(2, || Arc::new("two")));
    /// assert_eq!((cache.len_alive(), cache.len_entries()), (1, 2));
    /// ```
    pub fn len_alive(&self) -> usize {
        let entries = self.lock();
        let living = |entry: &&Entry<K, V>| match &entry.value {
            Value::Made(value) => value.strong_count() != 0,
            Value::InTheMaking(_) => false,
        };
        entries.table.iter().filter(living).count()
    }

    /// How many entries there are: of values that live, are being made, or are gone and not removed yet. O(1).
    ///
    /// ```
    /// let cache: tuneup_memory::WeakCache<u32, String> = tuneup_memory::WeakCache::new();
    /// assert_eq!(cache.len_entries(), 0);
    /// ```
    pub fn len_entries(&self) -> usize {
        self.lock().table.len()
    }

    /// Removes the entries of values that are gone, gives memory back, and says how many they were. O(entries).
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let cache = tuneup_memory::WeakCache::new();
    /// drop(cache.get_or_insert_with(1, || Arc::new("one")));
    /// assert_eq!((cache.purge(), cache.len_entries()), (1, 0));
    /// ```
    pub fn purge(&self) -> usize {
        let mut dead = Vec::new();
        let mut entries = self.lock();
        entries.purge(&mut dead);
        drop(entries);
        dead.len()
    }
}

impl<K, V> Entries<K, V> {
    fn insert(&mut self, hash: u64, key: K, making: Making, dead: &mut Vec<Entry<K, V>>) {
        let value = Value::InTheMaking(making);
        let entry = Entry { hash, key, value };
        self.table.insert_unique(hash, entry, |entry| entry.hash);
        if self.table.len() > self.purge_above {
            self.purge(dead);
        }
    }

    fn purge(&mut self, dead: &mut Vec<Entry<K, V>>) {
        dead.extend(self.table.extract_if(|entry| entry.value.is_dead()));
        self.purge_above = 2 * self.table.len() + SPARE_ENTRIES;
        self.table.shrink_to(self.purge_above, |entry| entry.hash);
    }
}

/// The right to make a value. When it is dropped, the value is there; or the entry is gone, if making it panicked.
struct Claim<'a, K, V> {
    cache: &'a WeakCache<K, V>,
    hash: u64,
    ticket: u64,
    value: Option<Weak<V>>,
}

impl<K, V> Drop for Claim<'_, K, V> {
    fn drop(&mut self) {
        let mut entries = self.cache.lock();
        let anyone_waits = entries.waiting != 0;
        let ticket = self.ticket;
        let mine = |entry: &Entry<K, V>| matches!(entry.value, Value::InTheMaking(making) if making.ticket == ticket);
        let mut removed = None;
        if let Ok(mut entry) = entries.table.find_entry(self.hash, mine) {
            match self.value.take() {
                Some(value) => entry.get_mut().value = Value::Made(value),
                None => removed = Some(entry.remove().0),
            }
        }
        drop(entries);
        if anyone_waits {
            self.cache.made.notify_all();
        }
        // The key's drop is code of users.
        drop(removed);
    }
}

impl<K: Hash + Eq, V> Default for WeakCache<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> fmt::Debug for WeakCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakCache")
            .field("alive", &self.len_alive())
            .field("entries", &self.len_entries())
            .finish_non_exhaustive()
    }
}
