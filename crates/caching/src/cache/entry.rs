//! One key of a cache.

use std::hash::{BuildHasher, Hash};

use super::{Cache, LoadError};

/// A key of a cache, and what is to become of its value; from [`Cache::entry`]. Holds no lock.
#[derive(Debug)]
#[must_use = "an entry does nothing by itself"]
pub struct Entry<'a, K, V, S> {
    cache: &'a Cache<K, V, S>,
    key: K,
}

impl<K, V, S> Cache<K, V, S>
where
    K: Hash + Eq + Clone,
    V: Clone,
    S: BuildHasher,
{
    /// The entry of a key, whether it has a value or not.
    ///
    /// ```
    /// let counts = tuneup_caching::Cache::new(100)?;
    /// for word in ["a", "b", "a"] {
    ///     counts.entry(word).and_upsert_with(|count| count.unwrap_or(0) + 1);
    /// }
    /// assert_eq!((counts.get("a"), counts.get("b")), (Some(2), Some(1)));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn entry(&self, key: K) -> Entry<'_, K, V, S> {
        Entry { cache: self, key }
    }
}

impl<K, V, S> Entry<'_, K, V, S>
where
    K: Hash + Eq + Clone,
    V: Clone,
    S: BuildHasher,
{
    /// The key.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::<_, u32>::new(10)?;
    /// assert_eq!(cache.entry("a").key(), &"a");
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn key(&self) -> &K {
        &self.key
    }

    /// The value, or this one, which is put in.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// assert_eq!(cache.entry("a").or_insert(1), 1);
    /// assert_eq!(cache.entry("a").or_insert(2), 1);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn or_insert(self, value: V) -> V {
        self.or_insert_with(|| value)
    }

    /// As [`Cache::get_or_insert_with`].
    ///
    /// # Panics
    /// As there.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// assert_eq!(cache.entry("a").or_insert_with(|| 1), 1);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn or_insert_with(self, load: impl FnOnce() -> V) -> V {
        self.cache.get_or_insert_with(self.key, load)
    }

    /// As [`Cache::try_get_or_insert_with`].
    ///
    /// # Errors
    /// As there.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::<_, u32>::new(10)?;
    /// assert!(cache.entry("a").or_try_insert_with(|| "a".parse::<u32>()).is_err());
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn or_try_insert_with<E>(
        self,
        load: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
    {
        self.cache.try_get_or_insert_with(self.key, load)
    }

    /// Puts in what `change` makes of the value that is there, or of none, and returns it. Changes of one key take turns with
    /// each other and with its loads, so that none is lost; [`Cache::insert`] does not wait for them. Counts as no lookup.
    ///
    /// # Panics
    /// If `change` changes or loads the same key, or panics: then the value stays as it was.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// cache.insert("a", 1);
    /// assert_eq!(cache.entry("a").and_upsert_with(|old| old.map_or(0, |old| old + 10)), 11);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "compute")]
    pub fn and_upsert_with(self, change: impl FnOnce(Option<V>) -> V) -> V {
        match self.cache.change(self.key, change) {
            Ok(value) => value,
            Err(_) => panic!("the change of a cached value loads or changes the same key"),
        }
    }
}
