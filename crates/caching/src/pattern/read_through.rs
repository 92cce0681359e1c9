//! The cache loads by itself, and refreshes in the background.

use std::{
    fmt,
    hash::Hash,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tuneup_measure::Clock;

use super::{Source, Tier, load_optional};
use crate::{Cache, Error, Executor, LoadError, generations::Generations};

/// Beyond so many keys, the age of the others is forgotten, and they are refreshed once more than needed.
const MAX_TRACKED: u64 = 1 << 20;

/// The read-through pattern: the cache knows its [`Source`], and a reader just asks.
///
/// A missing value is loaded once for all who ask. With [`refresh_after`](ReadThroughBuilder::refresh_after), a value
/// that is older is returned at once and loaded anew in the background, by an executor that the program gives, once at a
/// time for each key; if that fails, the old value stays until the cache lets it expire, and the next try comes after
/// the same time.
///
/// A handle: clones share everything. No lock is held while the source works. With refreshing, a hit costs a second
/// look-up, and memory for a key and a mark per value.
///
/// The patterns of Caffeine's `LoadingCache` and `refreshAfterWrite`
/// (<https://github.com/ben-manes/caffeine/wiki/Refresh>).
///
/// # Examples
/// ```
/// use std::convert::Infallible;
/// use tuneup_caching::{Cache, ReadThrough};
///
/// let squares = ReadThrough::builder(Cache::<u64, u64>::new(10)?, |key: &u64| {
///     Ok::<_, Infallible>((*key < 100).then_some(key * key))
/// })
/// .build()?;
/// assert_eq!(squares.get(&7)?, Some(49));
/// assert_eq!(squares.get(&700)?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "loading cache")]
pub struct ReadThrough<K, V, T, S> {
    inner: Arc<Inner<K, V, T, S>>,
}

struct Inner<K, V, T, S> {
    tier: T,
    source: S,
    refreshing: Option<Refreshing<K>>,
    generations: Generations,
    loads: AtomicU64,
    load_failures: AtomicU64,
    refreshes: AtomicU64,
    refresh_failures: AtomicU64,
    types: PhantomData<fn() -> V>,
}

struct Refreshing<K> {
    /// The keys whose values are not to be refreshed yet, or are being refreshed.
    fresh: Cache<K, ()>,
    executor: Executor,
}

/// What a [`ReadThrough`] has done.
///
/// # Examples
/// ```
/// use std::convert::Infallible;
/// use tuneup_caching::{Cache, ReadThrough};
///
/// let source = |key: &u64| Ok::<_, Infallible>(Some(*key));
/// let numbers = ReadThrough::builder(Cache::<u64, u64>::new(10)?, source).build()?;
/// numbers.get(&7)?;
/// assert_eq!(numbers.info().loads, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadThroughInfo {
    /// Loads that somebody waited for.
    pub loads: u64,
    /// Of these, those that failed.
    pub load_failures: u64,
    /// Loads in the background that have begun.
    pub refreshes: u64,
    /// Of these, those that failed.
    pub refresh_failures: u64,
}

/// The options of a [`ReadThrough`]; see [`ReadThrough::builder`].
///
/// # Examples
/// ```
/// use std::{convert::Infallible, sync::Arc, time::Duration};
/// use tuneup_caching::{Cache, ReadThrough};
///
/// let source = |key: &u64| Ok::<_, Infallible>(Some(*key));
/// let numbers = ReadThrough::builder(Cache::<u64, u64>::new(10)?, source)
///     .refresh_after(Duration::from_secs(60), Arc::new(|job| {
///         std::thread::spawn(job);
///     }))
///     .build()?;
/// # drop(numbers);
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[must_use = "a builder does nothing before `build`"]
pub struct ReadThroughBuilder<K, V, T, S> {
    tier: T,
    source: S,
    refresh: Option<(Duration, Executor)>,
    clock: Clock,
    types: PhantomData<fn(K) -> V>,
}

impl<K, V, T, S> ReadThroughBuilder<K, V, T, S>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: 'static,
    T: Tier<K, V> + 'static,
    S: Source<K, V> + 'static,
{
    /// Refreshes what was loaded longer ago than `time`, when it is read: more than zero, by default never.
    ///
    /// Choose less than the time to live of the cache; a value that nobody reads is not refreshed and expires. An executor that
    /// is full may drop the job: the next try comes after `time`.
    ///
    /// # Examples
    /// See [`ReadThroughBuilder`].
    pub fn refresh_after(mut self, time: Duration, executor: Executor) -> Self {
        self.refresh = Some((time, executor));
        self
    }

    /// What the age of values is counted by: by default [`Clock::new`].
    ///
    /// # Examples
    /// See [`ReadThroughBuilder`].
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The cache with its source.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the time to refresh is zero.
    ///
    /// # Examples
    /// See [`ReadThroughBuilder`].
    pub fn build(self) -> Result<ReadThrough<K, V, T, S>, Error> {
        let refreshing = match self.refresh {
            None => None,
            Some((time, _)) if time.is_zero() => {
                return Err(Error::OutOfRange {
                    option: "refresh_after",
                    value: "0 s".to_owned(),
                    allowed: "more than zero",
                });
            }
            Some((time, executor)) => {
                let keys = self.tier.expected_keys().unwrap_or(MAX_TRACKED);
                Some(Refreshing {
                    fresh: Cache::builder(keys.clamp(1, MAX_TRACKED))
                        .ttl(time)
                        .clock(self.clock)
                        .build()?,
                    executor,
                })
            }
        };
        Ok(ReadThrough {
            inner: Arc::new(Inner {
                tier: self.tier,
                source: self.source,
                refreshing,
                generations: Generations::new(),
                loads: AtomicU64::new(0),
                load_failures: AtomicU64::new(0),
                refreshes: AtomicU64::new(0),
                refresh_failures: AtomicU64::new(0),
                types: PhantomData,
            }),
        })
    }
}

impl<K, V, T, S> ReadThrough<K, V, T, S>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: 'static,
    T: Tier<K, V> + 'static,
    S: Source<K, V> + 'static,
{
    /// Begins to describe `tier` in front of `source`.
    ///
    /// # Examples
    /// See [`ReadThrough`].
    pub fn builder(tier: T, source: S) -> ReadThroughBuilder<K, V, T, S> {
        ReadThroughBuilder {
            tier,
            source,
            refresh: None,
            clock: Clock::new(),
            types: PhantomData,
        }
    }

    /// The value of `key`, from the cache or else from the source; none if the source has none, which is not cached.
    ///
    /// # Errors
    /// Those of the source, which are not cached.
    ///
    /// # Examples
    /// See [`ReadThrough`].
    pub fn get(&self, key: &K) -> Result<Option<V>, LoadError<S::Error>> {
        let inner = &self.inner;
        let mut loaded = false;
        let result = load_optional(&inner.tier, key.clone(), || {
            loaded = true;
            inner.loads.fetch_add(1, Ordering::Relaxed);
            let stamp = inner.generations.stamp(key);
            let result = inner.source.load(key);
            match &result {
                Ok(Some(_)) if inner.generations.holds(stamp) => inner.mark_fresh(key),
                Ok(_) => {}
                Err(_) => {
                    inner.load_failures.fetch_add(1, Ordering::Relaxed);
                }
            }
            result
        });
        if !loaded && matches!(result, Ok(Some(_))) {
            self.refresh_if_old(key);
        }
        result
    }

    /// Takes the key out of the cache, because it has changed in the source.
    ///
    /// Use this rather than the cache's own method, so that a refresh that is under way does not bring the old value
    /// back.
    ///
    /// # Errors
    /// If the store of a tiered cache may have the value still.
    ///
    /// # Examples
    /// ```
    /// use std::convert::Infallible;
    /// use tuneup_caching::{Cache, ReadThrough};
    ///
    /// let source = |key: &u64| Ok::<_, Infallible>(Some(*key));
    /// let numbers = ReadThrough::builder(Cache::<u64, u64>::new(10)?, source).build()?;
    /// numbers.get(&7)?;
    /// numbers.remove(&7)?;
    /// assert!(numbers.tier().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove(&self, key: &K) -> Result<(), Error> {
        self.inner.generations.invalidate(key);
        self.inner.tier.take_out(key)
    }

    /// What it has done. Four loads.
    ///
    /// # Examples
    /// See [`ReadThroughInfo`].
    #[must_use]
    pub fn info(&self) -> ReadThroughInfo {
        let inner = &self.inner;
        ReadThroughInfo {
            loads: inner.loads.load(Ordering::Relaxed),
            load_failures: inner.load_failures.load(Ordering::Relaxed),
            refreshes: inner.refreshes.load(Ordering::Relaxed),
            refresh_failures: inner.refresh_failures.load(Ordering::Relaxed),
        }
    }

    /// The cache.
    ///
    /// # Examples
    /// See [`ReadThrough`].
    #[must_use]
    pub fn tier(&self) -> &T {
        &self.inner.tier
    }

    fn refresh_if_old(&self, key: &K) {
        let Some(refreshing) = &self.inner.refreshing else {
            return;
        };
        if refreshing.fresh.contains_key(key) {
            return;
        }
        // Of those who find it old at once, one sets the mark.
        let mut is_mine = false;
        refreshing
            .fresh
            .get_or_insert_with(key.clone(), || is_mine = true);
        if is_mine {
            let inner = Arc::downgrade(&self.inner);
            let key = key.clone();
            (refreshing.executor)(Box::new(move || {
                // Nobody is interested any more once all handles are gone.
                if let Some(inner) = inner.upgrade() {
                    inner.refresh(key);
                }
            }));
        }
    }
}

impl<K, V, T, S> Inner<K, V, T, S>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    T: Tier<K, V>,
    S: Source<K, V>,
{
    fn mark_fresh(&self, key: &K) {
        if let Some(refreshing) = &self.refreshing {
            refreshing.fresh.insert(key.clone(), ());
        }
    }

    fn refresh(&self, key: K) {
        self.refreshes.fetch_add(1, Ordering::Relaxed);
        let stamp = self.generations.stamp(&key);
        // A store that does not answer is counted by the tier.
        match self.source.load(&key) {
            Ok(Some(value)) => {
                self.mark_fresh(&key);
                if self.generations.holds(stamp) {
                    let _ = self.tier.put(key.clone(), value);
                }
                if !self.generations.holds(stamp) {
                    let _ = self.tier.take_out(&key);
                }
            }
            Ok(None) => {
                let _ = self.tier.take_out(&key);
            }
            Err(_) => {
                self.refresh_failures.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl<K, V, T, S> Clone for ReadThrough<K, V, T, S> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<K, V, T, S> fmt::Debug for ReadThrough<K, V, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadThrough").finish_non_exhaustive()
    }
}

impl<K, V, T, S> fmt::Debug for ReadThroughBuilder<K, V, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadThroughBuilder").finish_non_exhaustive()
    }
}
