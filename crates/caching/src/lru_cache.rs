//! The cache for one thread.

mod lookup;

use std::{
    fmt,
    hash::{BuildHasher, Hash},
    num::NonZeroUsize,
};

use equivalent::Equivalent;

use self::lookup::{Kept, Lookup, Precomputed, Query};
use crate::{DefaultHasher, Info};

/// A cache for one thread that lets go of what was used least recently, exactly.
///
/// Over the crate [`lru`](https://docs.rs/lru): a map whose entries are linked in the order of their use. What it adds are
/// counts, lookups by whatever is [`Equivalent`] to the key, and the capacities of Python's
/// [`functools.lru_cache`](https://docs.python.org/3/library/functools.html#functools.lru_cache): 0, where nothing is
/// kept and lookups are counted all the same, and none. For several threads there is [`Cache`](crate::Cache).
///
/// # Cost
/// All operations are O(1). A hit hashes the key once, and moves the entry to the front: four writes. An entry is one allocation,
/// of the key, the value, a hash and two links, and takes 9 to 17 bytes of the map. `Send` and `Sync` if keys, values and hasher are.
///
/// # What runs where
/// `Hash` and `Eq` of keys run inside of lookups; where they panic, the cache stays as it was.
///
/// ```
/// use tuneup_caching::LruCache;
///
/// let mut cache = LruCache::new(2);
/// cache.insert("one".to_owned(), 1);
/// cache.insert("two".to_owned(), 2);
/// assert_eq!(cache.get("one"), Some(&1));
/// cache.insert("three".to_owned(), 3);
/// assert_eq!(cache.get("two"), None, "it was used least recently");
///
/// let info = cache.info();
/// assert_eq!((info.hits, info.misses, info.evicted, info.len), (1, 1, 1, 2));
/// ```
#[doc(alias = "lru_cache")]
pub struct LruCache<K, V, S = DefaultHasher> {
    entries: lru::LruCache<Kept<K>, V, Precomputed>,
    capacity: Option<usize>,
    hasher: S,
    counts: Counts,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    hits: u64,
    misses: u64,
    loads: u64,
    load_failures: u64,
    evicted: u64,
    replaced: u64,
    removed: u64,
    rejected: u64,
}

impl<K: Hash + Eq, V> LruCache<K, V> {
    /// A cache of at most `capacity` entries; with 0, of none. Allocates nothing before the first entry.
    ///
    /// ```
    /// use tuneup_caching::LruCache;
    ///
    /// let mut none = LruCache::new(0);
    /// none.insert(1, "one");
    /// assert_eq!(none.get(&1), None);
    /// assert_eq!(none.info().misses, 1);
    /// ```
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self::with_hasher(capacity, DefaultHasher::default())
    }

    /// A cache that keeps everything until it is removed. It grows with its keys: for keys that come from outside, choose a
    /// capacity.
    ///
    /// ```
    /// use tuneup_caching::LruCache;
    ///
    /// let mut squares = LruCache::unbounded();
    /// assert_eq!(squares.get_or_insert_with(12, || 144), 144);
    /// assert_eq!(squares.capacity(), None);
    /// ```
    #[must_use]
    pub fn unbounded() -> Self {
        Self::build(None, DefaultHasher::default())
    }
}

impl<K: Hash + Eq, V, S: BuildHasher> LruCache<K, V, S> {
    /// As [`new`](LruCache::new), with a hasher of your choice: [`std::hash::RandomState`] for keys from strangers.
    ///
    /// ```
    /// use std::hash::RandomState;
    /// use tuneup_caching::LruCache;
    ///
    /// let mut cache = LruCache::with_hasher(100, RandomState::new());
    /// cache.insert("user agent", 1);
    /// ```
    #[must_use]
    pub fn with_hasher(capacity: usize, hasher: S) -> Self {
        Self::build(Some(capacity), hasher)
    }

    fn build(capacity: Option<usize>, hasher: S) -> Self {
        // Made with its capacity, the map would take the room for all entries at once.
        let mut entries = lru::LruCache::unbounded_with_hasher(Precomputed::default());
        if let Some(capacity) = capacity.and_then(NonZeroUsize::new) {
            entries.resize(capacity);
        }
        Self {
            entries,
            capacity,
            hasher,
            counts: Counts::default(),
        }
    }

    /// The value of a key, if there is one; counts as a hit or a miss, and makes the entry the one that was used last.
    ///
    /// ```
    /// let mut cache = tuneup_caching::LruCache::new(10);
    /// cache.insert("key".to_owned(), 5);
    /// assert_eq!(cache.get("key"), Some(&5));
    /// assert_eq!(cache.get("other"), None);
    /// ```
    #[inline]
    pub fn get<Q>(&mut self, key: &Q) -> Option<&V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let query = Query::new(self.hasher.hash_one(key), key);
        let found = self.entries.get::<dyn Lookup<K> + '_>(&query);
        match found {
            Some(_) => self.counts.hits += 1,
            None => self.counts.misses += 1,
        }
        found
    }

    /// The value of a key, if there is one. Counts nothing, and changes no order.
    ///
    /// ```
    /// let mut cache = tuneup_caching::LruCache::new(10);
    /// cache.insert(1, 'a');
    /// assert_eq!((cache.peek(&1), cache.info().hits), (Some(&'a'), 0));
    /// ```
    pub fn peek<Q>(&self, key: &Q) -> Option<&V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let query = Query::new(self.hasher.hash_one(key), key);
        self.entries.peek::<dyn Lookup<K> + '_>(&query)
    }

    /// Whether a key has a value. Counts nothing, and changes no order.
    ///
    /// ```
    /// let mut cache = tuneup_caching::LruCache::new(10);
    /// cache.insert(1, 'a');
    /// assert!(cache.contains_key(&1) && !cache.contains_key(&2));
    /// ```
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.peek(key).is_some()
    }

    /// Puts a value in, as the one that was used last, and returns the one that the key had. If the cache is full, the entry that was
    /// used least recently goes.
    ///
    /// ```
    /// let mut cache = tuneup_caching::LruCache::new(10);
    /// assert_eq!(cache.insert(1, 'a'), None);
    /// assert_eq!(cache.insert(1, 'b'), Some('a'));
    /// ```
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.put(key, value) {
            Departed::Replaced(_, value) => Some(value),
            _ => None,
        }
    }

    /// As [`insert`](Self::insert); what goes is not dropped here.
    pub(crate) fn put(&mut self, key: K, value: V) -> Departed<K, V> {
        if self.capacity == Some(0) {
            self.counts.rejected += 1;
            return Departed::Rejected(key, value);
        }
        let hash = self.hasher.hash_one(&key);
        let len = self.entries.len();
        let gone = self.entries.push(Kept { hash, key }, value);
        match gone {
            None => Departed::None,
            // The crate hands out what was replaced and what made room in the same way. Only a cache that was full made room,
            // and then for a key that it did not have.
            Some((kept, value)) if len < self.limit() || self.is_newest(&kept) => {
                self.counts.replaced += 1;
                Departed::Replaced(kept.key, value)
            }
            Some((kept, value)) => {
                self.counts.evicted += 1;
                Departed::Evicted(kept.key, value)
            }
        }
    }

    fn limit(&self) -> usize {
        self.capacity.unwrap_or(usize::MAX)
    }

    fn is_newest(&self, kept: &Kept<K>) -> bool {
        let newest = self.entries.peek_mru();
        newest.is_some_and(|(newest, _)| newest.hash == kept.hash && newest.key == kept.key)
    }

    /// The value of a key; if there is none, what `load` returns, which is kept. Counts as a hit or a miss.
    ///
    /// The value comes out as a clone, because with a capacity of 0 there is nothing to borrow.
    ///
    /// # Panics
    /// Where `load` does; nothing is kept then.
    ///
    /// ```
    /// let mut cache = tuneup_caching::LruCache::new(10);
    /// assert_eq!(cache.get_or_insert_with(4, || 2.0), 2.0);
    /// assert_eq!(cache.get_or_insert_with(4, || unreachable!()), 2.0);
    /// ```
    pub fn get_or_insert_with(&mut self, key: K, load: impl FnOnce() -> V) -> V
    where
        V: Clone,
    {
        enum Never {}
        match self.try_get_or_insert_with(key, || Ok::<_, Never>(load())) {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// As [`get_or_insert_with`](Self::get_or_insert_with), for what can fail: errors are not kept.
    ///
    /// # Errors
    /// The one of `load`.
    ///
    /// # Panics
    /// Where `load` does; nothing is kept then.
    ///
    /// ```
    /// let mut cache = tuneup_caching::LruCache::new(10);
    /// let mut parse = |text: &str| {
    ///     cache.try_get_or_insert_with(text.to_owned(), || text.parse::<u32>())
    /// };
    /// assert!(parse("four").is_err());
    /// assert_eq!(parse("4"), Ok(4));
    /// assert_eq!(cache.info().load_failures, 1);
    /// ```
    pub fn try_get_or_insert_with<E>(
        &mut self,
        key: K,
        load: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E>
    where
        V: Clone,
    {
        if let Some(value) = self.get(&key) {
            return Ok(value.clone());
        }
        match load() {
            Ok(value) => {
                self.counts.loads += 1;
                self.put(key, value.clone());
                Ok(value)
            }
            Err(error) => {
                self.counts.load_failures += 1;
                Err(error)
            }
        }
    }

    /// Takes the value of a key out.
    ///
    /// ```
    /// let mut cache = tuneup_caching::LruCache::new(10);
    /// cache.insert(1, 'a');
    /// assert_eq!((cache.remove(&1), cache.remove(&1)), (Some('a'), None));
    /// ```
    pub fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.remove_entry(key).map(|(_, value)| value)
    }

    pub(crate) fn remove_entry<Q>(&mut self, key: &Q) -> Option<(K, V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let query = Query::new(self.hasher.hash_one(key), key);
        let (kept, value) = self.entries.pop_entry::<dyn Lookup<K> + '_>(&query)?;
        self.counts.removed += 1;
        Some((kept.key, value))
    }

    /// Takes everything out. O(n).
    ///
    /// ```
    /// let mut cache = tuneup_caching::LruCache::new(10);
    /// cache.insert(1, 'a');
    /// cache.clear();
    /// assert!(cache.is_empty());
    /// ```
    pub fn clear(&mut self) {
        self.counts.removed += self.entries.len() as u64;
        self.entries.clear();
    }
}

impl<K, V, S> LruCache<K, V, S>
where
    K: Hash + Eq,
{
    /// Keys and values, from the one that was used last to the one that goes next. Counts nothing.
    ///
    /// ```
    /// let mut cache = tuneup_caching::LruCache::new(10);
    /// cache.insert(1, 'a');
    /// cache.insert(2, 'b');
    /// cache.get(&1);
    /// assert!(cache.iter().map(|(key, _)| *key).eq([1, 2]));
    /// ```
    pub fn iter(&self) -> LruIter<'_, K, V> {
        LruIter(self.entries.iter())
    }

    /// How many entries there are.
    ///
    /// ```
    /// let mut cache = tuneup_caching::LruCache::new(10);
    /// cache.insert(1, 'a');
    /// assert_eq!(cache.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    ///
    /// ```
    /// assert!(tuneup_caching::LruCache::<u32, u32>::new(10).is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<K, V, S> LruCache<K, V, S> {
    /// How many entries there may be; none, if there is no bound.
    ///
    /// ```
    /// use tuneup_caching::LruCache;
    ///
    /// assert_eq!(LruCache::<u32, u32>::new(10).capacity(), Some(10));
    /// assert_eq!(LruCache::<u32, u32>::unbounded().capacity(), None);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> Option<usize> {
        self.capacity
    }

    /// Counts from now on.
    ///
    /// ```
    /// let mut cache = tuneup_caching::LruCache::<u32, u32>::new(10);
    /// cache.get(&1);
    /// cache.reset_info();
    /// assert_eq!(cache.info().misses, 0);
    /// ```
    pub fn reset_info(&mut self) {
        self.counts = Counts::default();
    }
}

impl<K: Hash + Eq, V, S> LruCache<K, V, S> {
    /// What the cache has done and what it holds. The counts that need a clock stay 0: the times, and those of late.
    ///
    /// ```
    /// let mut cache = tuneup_caching::LruCache::new(10);
    /// for key in [1, 2, 1, 1] {
    ///     cache.get_or_insert_with(key, || key * 10);
    /// }
    /// assert_eq!(cache.info().hit_ratio(), Some(0.5));
    /// ```
    #[doc(alias = "cache_info")]
    #[must_use]
    pub fn info(&self) -> Info {
        let counts = self.counts;
        Info {
            hits: counts.hits,
            misses: counts.misses,
            loads: counts.loads,
            load_failures: counts.load_failures,
            evicted: counts.evicted,
            replaced: counts.replaced,
            removed: counts.removed,
            rejected: counts.rejected,
            len: self.entries.len() as u64,
            weight: self.entries.len() as u64,
            capacity: self.capacity.map(|capacity| capacity as u64),
            ..Info::default()
        }
    }
}

/// What a new entry makes go.
pub(crate) enum Departed<K, V> {
    None,
    Replaced(K, V),
    Evicted(K, V),
    Rejected(K, V),
}

/// The entries of an [`LruCache`], from the one that was used last on; from [`LruCache::iter`].
///
/// ```
/// let mut cache = tuneup_caching::LruCache::new(10);
/// cache.insert(1, 'a');
/// let mut entries = cache.iter();
/// assert_eq!((entries.next(), entries.next()), (Some((&1, &'a')), None));
/// ```
#[must_use = "iterators do nothing unless advanced"]
pub struct LruIter<'a, K, V>(lru::Iter<'a, Kept<K>, V>);

impl<'a, K, V> Iterator for LruIter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(kept, value)| (&kept.key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> fmt::Debug for LruIter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LruIter").finish_non_exhaustive()
    }
}

impl<'a, K: Hash + Eq, V, S> IntoIterator for &'a LruCache<K, V, S> {
    type Item = (&'a K, &'a V);
    type IntoIter = LruIter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The entries, from the one that was used last on.
impl<K: Hash + Eq + fmt::Debug, V: fmt::Debug, S> fmt::Debug for LruCache<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests;
