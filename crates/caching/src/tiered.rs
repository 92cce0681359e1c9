//! A cache in memory in front of a store.

use std::{fmt, future::Future, hash::Hash, sync::Arc};

use self::engine::{Access, Engine};
use crate::{
    AsyncStore, Cache, Codec, Error, LoadError, PostcardCodec, Store, Subscription,
    store::{Immediate, run_immediate},
};

mod builder;
mod counters;
mod engine;
mod lease;
mod listening;
#[cfg(test)]
mod tests;

pub use self::{builder::TieredBuilder, counters::TieredInfo};

/// A [`Cache`] in front of a [`Store`] or [`AsyncStore`]: what is not in memory may be in the store, which other
/// processes and later runs share.
///
/// A handle: clones share everything. With a `Store` it has blocking methods, with an `AsyncStore` the ones that end in
/// `_async`; with a store of both kinds, such as [`RedisStore`](crate::RedisStore), all of them.
///
/// **A failing store is never an error for who reads**: a value that cannot be fetched, is of another version, damaged or
/// somebody else's, is a miss and counted in [`info`](Self::info). Who *writes* is told, since another process may go
/// on to read what was there before. A [`CircuitBreaker`](crate::CircuitBreaker) sees to it that not every request waits for the
/// timeout of a dead server; memory and loaders go on.
///
/// **One load for many**: concurrent [`get_or_load`](Self::get_or_load)s of one key in this process load once, as in
/// the cache alone. Across processes, the first one leaves a *lease* under the key while it loads, and the others wait
/// for the value, briefly: who has waited for too long computes it too. A load that fails or panics gives its lease back, and
/// so does one whose future is dropped, if the store [can do that](AsyncStore::discard); the lease of a process that dies
/// expires. Whoever writes or removes the key meanwhile overwrites the lease, so that a load that has begun before does not put
/// its older value into the store: the leases of R. Nishtala et al., *Scaling Memcache at Facebook* (NSDI 2013).
///
/// **Old values**: how long a value lives in memory is the shortest of [`memory_ttl`](TieredBuilder::memory_ttl),
/// what is left of its [`ttl`](TieredBuilder::ttl), and what the rules of the cache say, such as
/// [`negative_ttl`](crate::CacheBuilder::negative_ttl). An [early refresh](crate::CacheBuilder::early_refresh) takes the value of
/// the store if that stays at least twice as long as the one in memory; otherwise it loads, and replaces both. With a [`channel`](TieredBuilder::channel), a change in one process removes
/// the key from the memory of the others at once. While the channel's connection is lost, memory goes on to serve, and a
/// change elsewhere is seen after `memory_ttl` at the latest; when it is back, memory is cleared, because news may have
/// been missed.
///
/// Cost: a hit in memory is a hit of the cache, and for `get_or_load` a clone of the key; everything else is one or more
/// round trips to the store.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tuneup_caching::{Cache, Error, MemoryStore, Tiered};
///
/// let store = MemoryStore::new(1000)?;
/// let users = Tiered::builder(Cache::<u64, String>::new(100)?, store.clone())
///     .ttl(Duration::from_secs(3600))
///     .memory_ttl(Duration::from_secs(10))
///     .build()?;
/// let name = users.get_or_load(7, || Ok::<_, Error>("Ada".to_owned()));
/// assert_eq!(name.ok().as_deref(), Some("Ada"));
///
/// // Another process, later: the value comes from the store.
/// let users = Tiered::builder(Cache::<u64, String>::new(100)?, store).build()?;
/// assert_eq!(users.get(&7).as_deref(), Some("Ada"));
/// assert_eq!(users.info().store_hits, 1);
/// # Ok::<(), Error>(())
/// ```
#[doc(alias = "multi-level cache")]
#[doc(alias = "near cache")]
#[doc(alias = "L2")]
pub struct Tiered<K, V, S = Arc<dyn Store>> {
    engine: Arc<Engine<K, V>>,
    store: Arc<S>,
    /// Listens as long as a handle lives.
    subscription: Option<Arc<Subscription>>,
}

impl<K, V, S> Tiered<K, V, S>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Begins to describe a tiered cache whose keys and values are turned into bytes by [`PostcardCodec`].
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).build()?;
    /// assert_eq!(tiered.get(&1), None);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn builder(cache: Cache<K, V>, store: S) -> TieredBuilder<K, V, S>
    where
        PostcardCodec: Codec<K> + Codec<V>,
    {
        Self::builder_with_codecs(cache, store, PostcardCodec, PostcardCodec)
    }

    /// Begins to describe a tiered cache whose keys and values are turned into bytes by the codecs given.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, PostcardCodec, Tiered};
    ///
    /// let cache = Cache::<u64, u64>::new(10)?;
    /// let tiered =
    ///     Tiered::builder_with_codecs(cache, MemoryStore::new(100)?, PostcardCodec, PostcardCodec)
    ///         .build()?;
    /// # drop(tiered);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn builder_with_codecs(
        cache: Cache<K, V>,
        store: S,
        key_codec: impl Codec<K> + 'static,
        value_codec: impl Codec<V> + 'static,
    ) -> TieredBuilder<K, V, S> {
        TieredBuilder::new(cache, store, Box::new(key_codec), Box::new(value_codec))
    }

    /// The memory tier.
    ///
    /// What is inserted there by hand is not in the store.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).build()?;
    /// assert_eq!(tiered.cache().len(), 0);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn cache(&self) -> &Cache<K, V> {
        &self.engine.cache
    }

    /// The store.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).build()?;
    /// assert!(tiered.store().is_empty());
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn store(&self) -> &S {
        &self.store
    }

    /// What has happened in each tier since it was built. A few dozen loads; the counts are not of one moment.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).build()?;
    /// tiered.get(&1);
    /// assert_eq!(tiered.info().store_misses, 1);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn info(&self) -> TieredInfo {
        self.engine.info()
    }
}

/// With a store whose calls block.
impl<K, V, S> Tiered<K, V, S>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    S: Store,
{
    fn access<'a>(store: &'a Immediate<'a, S>) -> Access<'a> {
        Access {
            store,
            blocking: true,
        }
    }

    /// The value of `key` from memory or else from the store, whence it goes into memory.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).build()?;
    /// tiered.insert(1, 10)?;
    /// assert_eq!(tiered.get(&1), Some(10));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn get(&self, key: &K) -> Option<V> {
        let store = Immediate(&*self.store);
        run_immediate(self.engine.get(Self::access(&store), key))
    }

    /// The value of `key` from memory, or else from the store, or else from `load`, whence it goes into both.
    ///
    /// # Errors
    /// Those of `load`, which all callers share who waited for it; they are not kept. [`LoadError::Recursive`] if `load`
    /// asks for the same key.
    ///
    /// # Panics
    /// If `load` does.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, Error, MemoryStore, Tiered};
    ///
    /// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).build()?;
    /// let value = tiered.get_or_load(1, || Ok::<_, Error>(10)).ok();
    /// assert_eq!(value, Some(10));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn get_or_load<E, F>(&self, key: K, load: F) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
        F: FnOnce() -> Result<V, E>,
    {
        let store = Immediate(&*self.store);
        let engine = &*self.engine;
        let mut stamp = None;
        let result = engine.cache.load_limited(key.clone(), |stays| {
            stamp = Some(engine.generations.stamp(&key));
            let access = Self::access(&store);
            let fetched =
                run_immediate(engine.fetch_or_load(access, &key, stays, async { load() }))?;
            Ok((fetched.value, engine.memory_time(fetched.left)))
        });
        engine.settle(&key, stamp);
        result
    }

    /// Puts `value` into the store and into memory, and tells other processes.
    ///
    /// # Errors
    /// If it may not be in the store, or others may not have been told. It is in memory in any case.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).build()?;
    /// tiered.insert(1, 10)?;
    /// assert_eq!(tiered.store().len(), 1);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn insert(&self, key: K, value: V) -> Result<(), Error> {
        let store = Immediate(&*self.store);
        run_immediate(self.engine.insert(Self::access(&store), key, value))
    }

    /// Removes `key` from the store and from memory, and tells other processes.
    ///
    /// # Errors
    /// If it may still be in the store, or others may not have been told. It is not in memory in any case.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).build()?;
    /// tiered.insert(1, 10)?;
    /// tiered.remove(&1)?;
    /// assert_eq!(tiered.get(&1), None);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn remove(&self, key: &K) -> Result<(), Error> {
        let store = Immediate(&*self.store);
        run_immediate(self.engine.remove(Self::access(&store), key))
    }

    /// Removes everything from the store's namespace and from memory, and tells other processes.
    ///
    /// # Errors
    /// If something may still be in the store, or others may not have been told. Memory is empty in any case.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).build()?;
    /// tiered.insert(1, 10)?;
    /// tiered.clear()?;
    /// assert!(tiered.store().is_empty());
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn clear(&self) -> Result<(), Error> {
        let store = Immediate(&*self.store);
        run_immediate(self.engine.clear(Self::access(&store)))
    }

    /// Removes what has this tag from the memory of this process and all others.
    ///
    /// Tags are those of [`Cache::insert_tagged`] on [`cache`](Self::cache); the store knows none, and keeps what it has.
    ///
    /// # Errors
    /// If others may not have been told.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).build()?;
    /// tiered.cache().insert_tagged(1, 10, &["prices"]);
    /// tiered.invalidate_tag("prices")?;
    /// assert_eq!(tiered.get(&1), None);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn invalidate_tag(&self, tag: &str) -> Result<(), Error> {
        let store = Immediate(&*self.store);
        run_immediate(self.engine.invalidate_tag(Self::access(&store), tag))
    }
}

/// With a store whose calls are futures. These futures may be dropped at any time: a load that is not finished is
/// taken over by another caller of this process, and its lease is [discarded](AsyncStore::discard).
impl<K, V, S> Tiered<K, V, S>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    S: AsyncStore,
{
    fn access_async(&self) -> Access<'_> {
        Access {
            store: &*self.store,
            blocking: false,
        }
    }

    /// As [`get`](Self::get).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example() -> Result<(), tuneup_caching::Error> {
    /// use tuneup_caching::{Cache, RedisStore, Tiered};
    ///
    /// let store = RedisStore::builder("redis://127.0.0.1", "shop").build()?;
    /// let prices = Tiered::builder(Cache::<u64, u64>::new(1000)?, store).build()?;
    /// let price = prices.get_async(&7).await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_async(&self, key: &K) -> Option<V> {
        self.engine.get(self.access_async(), key).await
    }

    /// As [`get_or_load`](Self::get_or_load).
    ///
    /// # Errors
    /// Those of `load`, which all callers share who waited for it; they are not kept.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example() -> Result<(), tuneup_caching::Error> {
    /// use tuneup_caching::{Cache, Error, RedisStore, Tiered};
    ///
    /// let store = RedisStore::builder("redis://127.0.0.1", "shop").build()?;
    /// let prices = Tiered::builder(Cache::<u64, u64>::new(1000)?, store).build()?;
    /// let price = prices.get_or_load_async(7, || async { Ok::<_, Error>(499) }).await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_or_load_async<E, F, Fut>(&self, key: K, load: F) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<V, E>>,
    {
        let engine = &*self.engine;
        let mut stamp = None;
        let result = engine
            .cache
            .load_limited_async(key.clone(), |stays| {
                let (key, stamp) = (&key, &mut stamp);
                async move {
                    *stamp = Some(engine.generations.stamp(key));
                    let access = self.access_async();
                    let fetched = engine
                        .fetch_or_load(access, key, stays, async move { load().await })
                        .await?;
                    Ok((fetched.value, engine.memory_time(fetched.left)))
                }
            })
            .await;
        engine.settle(&key, stamp);
        result
    }

    /// As [`insert`](Self::insert). If its future is dropped, the value may be in the store or not, others may not have been told,
    /// and memory has no value of the key.
    ///
    /// # Errors
    /// If it may not be in the store, or others may not have been told.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example() -> Result<(), tuneup_caching::Error> {
    /// use tuneup_caching::{Cache, RedisStore, Tiered};
    ///
    /// let store = RedisStore::builder("redis://127.0.0.1", "shop").build()?;
    /// let prices = Tiered::builder(Cache::<u64, u64>::new(1000)?, store).build()?;
    /// prices.insert_async(7, 499).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn insert_async(&self, key: K, value: V) -> Result<(), Error> {
        self.engine.insert(self.access_async(), key, value).await
    }

    /// As [`remove`](Self::remove). If its future is dropped, the value may be in the store or not, others may not have been told,
    /// and it is not in memory.
    ///
    /// # Errors
    /// If it may still be in the store, or others may not have been told.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example() -> Result<(), tuneup_caching::Error> {
    /// use tuneup_caching::{Cache, RedisStore, Tiered};
    ///
    /// let store = RedisStore::builder("redis://127.0.0.1", "shop").build()?;
    /// let prices = Tiered::builder(Cache::<u64, u64>::new(1000)?, store).build()?;
    /// prices.remove_async(&7).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn remove_async(&self, key: &K) -> Result<(), Error> {
        self.engine.remove(self.access_async(), key).await
    }

    /// As [`clear`](Self::clear). If its future is dropped, something may be in the store, others may not have been told, and memory
    /// is empty.
    ///
    /// # Errors
    /// If something may still be in the store, or others may not have been told.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example() -> Result<(), tuneup_caching::Error> {
    /// use tuneup_caching::{Cache, RedisStore, Tiered};
    ///
    /// let store = RedisStore::builder("redis://127.0.0.1", "shop").build()?;
    /// let prices = Tiered::builder(Cache::<u64, u64>::new(1000)?, store).build()?;
    /// prices.clear_async().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn clear_async(&self) -> Result<(), Error> {
        self.engine.clear(self.access_async()).await
    }

    /// As [`invalidate_tag`](Self::invalidate_tag).
    ///
    /// # Errors
    /// If others may not have been told.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn example() -> Result<(), tuneup_caching::Error> {
    /// use tuneup_caching::{Cache, RedisStore, Tiered};
    ///
    /// let store = RedisStore::builder("redis://127.0.0.1", "shop").build()?;
    /// let prices = Tiered::builder(Cache::<u64, u64>::new(1000)?, store).build()?;
    /// prices.invalidate_tag_async("sale").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn invalidate_tag_async(&self, tag: &str) -> Result<(), Error> {
        self.engine.invalidate_tag(self.access_async(), tag).await
    }
}

impl<K, V, S> Clone for Tiered<K, V, S> {
    fn clone(&self) -> Self {
        Self {
            engine: Arc::clone(&self.engine),
            store: Arc::clone(&self.store),
            subscription: self.subscription.clone(),
        }
    }
}

impl<K, V, S> fmt::Debug for Tiered<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tiered")
            .field("listens", &self.subscription.is_some())
            .finish_non_exhaustive()
    }
}
