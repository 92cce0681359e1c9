//! One key of a cache.

use std::{
    hash::{BuildHasher, Hash},
    time::Duration,
};

use super::{Cache, LoadError, details::Details};

/// A key of a cache, and what is to become of its value; from [`Cache::entry`]. Holds no lock.
#[derive(Debug)]
#[must_use = "an entry does nothing by itself"]
pub struct Entry<'a, K, V, S> {
    cache: &'a Cache<K, V, S>,
    key: K,
    given: Details,
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
        Entry {
            cache: self,
            key,
            given: Details::none(),
        }
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

    /// Whatever value comes in by this entry lives for a time of its own, as of [`Cache::insert_with_ttl`]. One that is there already
    /// lives as before.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let tokens = tuneup_caching::Cache::new(10)?;
    /// let token = tokens.entry("api").ttl(Duration::from_secs(60)).or_insert_with(|| 17);
    /// assert_eq!(token, 17);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.given.ttl = Some(ttl);
        self
    }

    /// Whatever value comes in by this entry has these tags, as of [`Cache::insert_tagged`]. A tag that is invalidated while the value is
    /// loaded takes it with it: those who wait get it, and nobody after that.
    ///
    /// ```
    /// let pages = tuneup_caching::Cache::new(10)?;
    /// let page = pages.entry("/ada").tagged(&["user:1"]).or_insert_with(|| "<h1>Ada</h1>");
    /// pages.invalidate_tag("user:1");
    /// assert_eq!((page, pages.get("/ada")), ("<h1>Ada</h1>", None));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn tagged(mut self, tags: &[&str]) -> Self {
        self.given.stamps = self.cache.inner.tags.stamp(tags);
        self
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
        self.cache.get_or_load(self.key, || self.given, load)
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
        self.cache.try_get_or_load(self.key, || self.given, load)
    }

    /// As [`Cache::get_or_insert_async`].
    ///
    /// # Panics
    /// As there.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// assert_eq!(cache.entry("a").or_insert_async(async || 1).await, 1);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn or_insert_async<F>(self, load: impl FnOnce() -> F) -> V
    where
        F: Future<Output = V>,
    {
        let given = self.given;
        self.cache.get_or_load_async(self.key, || given, load).await
    }

    /// As [`Cache::try_get_or_insert_async`].
    ///
    /// # Errors
    /// As there.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// let cache = tuneup_caching::Cache::<_, u32>::new(10)?;
    /// assert!(cache.entry("a").or_try_insert_async(async || "a".parse::<u32>()).await.is_err());
    /// # Ok::<(), tuneup_caching::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn or_try_insert_async<E, F>(
        self,
        load: impl FnOnce() -> F,
    ) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
        F: Future<Output = Result<V, E>>,
    {
        let given = self.given;
        self.cache
            .try_get_or_load_async(self.key, || given, load)
            .await
    }

    /// Puts in what `change` makes of the value that is there, or of none, and returns it. Changes of one key take turns with
    /// each other and with its loads, so that none is lost; [`Cache::insert`] does not wait for them, and its value stays if one is under
    /// way. Tags, and a time to live of its own, stay; the time begins again. Counts as no lookup.
    ///
    /// Waits on this thread for a change or a load of the key that is under way: in async code not on the thread that is to poll that load.
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
        match self.cache.change(self.key, self.given, change) {
            Ok(value) => value,
            Err(_) => panic!("the change of a cached value loads or changes the same key"),
        }
    }
}
