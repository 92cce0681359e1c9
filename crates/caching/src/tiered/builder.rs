//! The options of a tiered cache.

use std::{fmt, hash::Hash, sync::Arc, time::Duration};

use tuneup_measure::Clock;

use super::{
    Tiered,
    counters::Counters,
    engine::Engine,
    lease::{LeaseTerms, Tokens},
    listening,
};
use crate::{
    Cache, CircuitBreaker, Codec, Error, InvalidationChannel,
    generations::Generations,
    store::{Envelope, WallClock},
};

/// The options of a [`Tiered`] cache; see [`Tiered::builder`].
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tuneup_caching::{Cache, CircuitBreaker, MemoryStore, Tiered};
///
/// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?)
///     .ttl(Duration::from_secs(3600))
///     .memory_ttl(Duration::from_secs(5))
///     .schema(2)
///     .lease(Duration::from_secs(10), Duration::from_secs(1))
///     .circuit_breaker(CircuitBreaker::new())
///     .build()?;
/// # drop(tiered);
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[must_use = "a builder does nothing before `build`"]
pub struct TieredBuilder<K, V, S> {
    cache: Cache<K, V>,
    store: S,
    key_codec: Box<dyn Codec<K>>,
    value_codec: Box<dyn Codec<V>>,
    schema: u32,
    ttl: Option<Duration>,
    memory_ttl: Option<Duration>,
    lease: Option<LeaseTerms>,
    breaker: CircuitBreaker,
    channel: Option<Arc<dyn InvalidationChannel>>,
    clock: Clock,
}

impl<K, V, S> TieredBuilder<K, V, S>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(
        cache: Cache<K, V>,
        store: S,
        key_codec: Box<dyn Codec<K>>,
        value_codec: Box<dyn Codec<V>>,
    ) -> Self {
        Self {
            cache,
            store,
            key_codec,
            value_codec,
            schema: 0,
            ttl: None,
            memory_ttl: None,
            lease: Some(LeaseTerms {
                time: Duration::from_secs(10),
                wait: Duration::from_secs(1),
            }),
            breaker: CircuitBreaker::new(),
            channel: None,
            clock: Clock::new(),
        }
    }

    /// How long values live in the store, and at most in memory: more than zero, by default without limit.
    ///
    /// The rules of the cache are about memory alone: what they let go sooner, such as a negative value, stays in the store.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let builder = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?)
    ///     .ttl(Duration::from_secs(60));
    /// # drop(builder);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// How long values live in memory, if not shorter in the store: more than zero, by default without limit.
    ///
    /// It bounds how old a value can be that another process has changed while no news come. Times of the cache hold too:
    /// each value lives for the shortest.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let builder = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?)
    ///     .memory_ttl(Duration::from_secs(5));
    /// # drop(builder);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn memory_ttl(mut self, ttl: Duration) -> Self {
        self.memory_ttl = Some(ttl);
        self
    }

    /// The version of the type of the values: by default 0. What was stored with another one is a miss.
    ///
    /// Change it when the type changes. Old and new deployments that run at the same time then overwrite each other's
    /// values, and read none of them.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let store = MemoryStore::new(100)?;
    /// let old = Tiered::builder(Cache::<u64, u64>::new(10)?, store.clone()).schema(1).build()?;
    /// old.insert(1, 10)?;
    /// let new = Tiered::builder(Cache::<u64, String>::new(10)?, store).schema(2).build()?;
    /// assert_eq!(new.get(&1), None);
    /// assert_eq!(new.info().other_schema, 1);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "version")]
    pub fn schema(mut self, schema: u32) -> Self {
        self.schema = schema;
        self
    }

    /// For how long a process that loads a value has it to itself, and how long the others wait for it: by default 10 s
    /// and 1 s. The first is more than zero.
    ///
    /// A load that takes longer than the lease is not put into the store, and counted as
    /// [`leases_lost`](crate::TieredInfo::leases_lost); choose more than the slowest load takes. Who has waited for too
    /// long loads by itself, and keeps the value in memory alone.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let builder = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?)
    ///     .lease(Duration::from_secs(30), Duration::from_millis(500));
    /// # drop(builder);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "stampede")]
    pub fn lease(mut self, time: Duration, wait: Duration) -> Self {
        self.lease = Some(LeaseTerms { time, wait });
        self
    }

    /// Loads without leases: saves a round trip a load, lets several processes load the same value at once, and lets a
    /// load that began before a change overwrite it in the store.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let builder = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).without_lease();
    /// # drop(builder);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn without_lease(mut self) -> Self {
        self.lease = None;
        self
    }

    /// When to stop asking a store that fails: by default [`CircuitBreaker::new`]. One breaker can serve several
    /// caches of the same server.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, CircuitBreaker, MemoryStore, Tiered};
    ///
    /// let breaker = CircuitBreaker::builder().failures(2).build()?;
    /// let builder = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?)
    ///     .circuit_breaker(breaker.clone());
    /// # drop(builder);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn circuit_breaker(mut self, breaker: CircuitBreaker) -> Self {
        self.breaker = breaker;
        self
    }

    /// Tells other processes of changes and hears theirs: by default neither. A clone of the
    /// [`RedisStore`](crate::RedisStore) is the usual choice.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, RedisStore, Tiered};
    ///
    /// let store = RedisStore::builder("redis://127.0.0.1", "shop").build()?;
    /// let builder = Tiered::builder(Cache::<u64, u64>::new(10)?, store.clone()).channel(store);
    /// # drop(builder);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn channel(mut self, channel: impl InvalidationChannel + 'static) -> Self {
        self.channel = Some(Arc::new(channel));
        self
    }

    /// Counts the times to live of values in the store by `clock` if it is a mock; any other clock changes nothing.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let (clock, _mock) = tuneup_measure::Clock::mock();
    /// let builder = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).clock(clock);
    /// # drop(builder);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The tiered cache. It asks the store nothing yet; a [`channel`](Self::channel) begins to connect.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if a time is zero; those of the channel.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let builder = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?);
    /// assert!(builder.ttl(Duration::ZERO).build().is_err());
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn build(self) -> Result<Tiered<K, V, S>, Error> {
        for (option, time) in [
            ("ttl", self.ttl),
            ("memory_ttl", self.memory_ttl),
            ("the time of the lease", self.lease.map(|lease| lease.time)),
        ] {
            if time.is_some_and(|time| time.is_zero()) {
                return Err(Error::OutOfRange {
                    option,
                    value: "0 s".to_owned(),
                    allowed: "more than zero",
                });
            }
        }
        let engine = Arc::new(Engine {
            cache: self.cache,
            key_codec: self.key_codec,
            value_codec: self.value_codec,
            envelope: Envelope {
                schema: self.schema,
            },
            ttl: self.ttl,
            memory_ttl: self.memory_ttl,
            lease: self.lease,
            tokens: Tokens::new(),
            breaker: self.breaker,
            channel: self.channel,
            clock: WallClock::new(&self.clock),
            counters: Counters::default(),
            generations: Generations::new(),
        });
        let subscription = listening::subscribe(&engine)?;
        Ok(Tiered {
            engine,
            store: Arc::new(self.store),
            subscription,
        })
    }
}

impl<K, V, S> fmt::Debug for TieredBuilder<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TieredBuilder")
            .field("schema", &self.schema)
            .field("ttl", &self.ttl)
            .field("memory_ttl", &self.memory_ttl)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}
