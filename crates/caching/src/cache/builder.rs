//! The options of a cache.

use std::{fmt, sync::Arc, thread, time::Duration};

use tuneup_measure::Clock;

#[cfg(feature = "simulate")]
use super::sampling::Sampling;
use super::{
    Cache, EvictionCause, Inner, Rules, Used, expiry::Expiry, part::Part, shard::Shard, tags::Tags,
};
use crate::{
    Error, Policy, hasher::DefaultHasher, policy::Queues, single_flight::Flights,
    statistics::Statistics, timeline::Timeline,
};

/// Fewer entries than this are not worth a shard: each orders its own.
const ENTRIES_A_SHARD: u64 = 512;
/// Shards for each processor: two threads seldom write to the same one.
const SHARDS_A_PROCESSOR: usize = 8;
const MOST_SHARDS: usize = 1 << 12;

/// The longest time that an entry may be told to live: a hundred years.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 86_400);

/// Options of a [`Cache`]; from [`Cache::builder`] or [`unbounded`](Self::unbounded). Checked by [`build`](Self::build).
///
/// ```
/// use std::time::Duration;
/// use tuneup_caching::Cache;
///
/// let cache = Cache::builder(64 << 20)
///     .weigher(|key: &String, page: &String| (key.len() + page.len()) as u32)
///     .ttl(Duration::from_secs(300))
///     .jitter(0.1)
///     .build()?;
/// cache.insert("/".to_owned(), "<h1>Hello</h1>".to_owned());
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[must_use = "a builder does nothing before `build`"]
pub struct CacheBuilder<K, V, S = DefaultHasher> {
    capacity: Option<u64>,
    policy: Policy,
    shards: Option<usize>,
    window: Duration,
    clock: Clock,
    hasher: S,
    rules: Rules<K, V>,
    #[cfg(feature = "simulate")]
    sample_rate: Option<f64>,
}

impl<K, V> CacheBuilder<K, V> {
    pub(super) fn new(capacity: u64) -> Self {
        Self {
            capacity: Some(capacity),
            ..Self::unbounded()
        }
    }

    /// Options of a cache that keeps everything until it is removed or its time is over.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::CacheBuilder;
    ///
    /// let tokens = CacheBuilder::unbounded().ttl(Duration::from_secs(60)).build()?;
    /// tokens.insert(1, "token");
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn unbounded() -> Self {
        Self {
            capacity: None,
            policy: Policy::default(),
            shards: None,
            window: Duration::from_secs(60),
            clock: Clock::new(),
            hasher: DefaultHasher::default(),
            rules: Rules {
                weigher: None,
                listener: None,
                expiry: Expiry::none(),
            },
            #[cfg(feature = "simulate")]
            sample_rate: None,
        }
    }
}

impl<K, V, S> CacheBuilder<K, V, S> {
    /// Who goes when the capacity is used up. Default: [`Policy::Adaptive`].
    ///
    /// ```
    /// use tuneup_caching::{Cache, Policy};
    ///
    /// let cache = Cache::builder(2).policy(Policy::Lru).build()?;
    /// cache.insert('a', 1);
    /// cache.insert('b', 2);
    /// cache.get(&'a');
    /// cache.insert('c', 3);
    /// assert_eq!(cache.get(&'b'), None, "least recently used");
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// How much of the capacity an entry uses, say in bytes; asked once, when it comes in. 0 counts as 1. Default: 1 each.
    ///
    /// ```
    /// use tuneup_caching::Cache;
    ///
    /// let texts = Cache::builder(1 << 20)
    ///     .weigher(|_: &u32, text: &String| text.len().try_into().unwrap_or(u32::MAX))
    ///     .build()?;
    /// texts.insert(1, "hello".to_owned());
    /// assert_eq!(texts.weight(), 5);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "getsizeof")]
    pub fn weigher(mut self, weigher: impl Fn(&K, &V) -> u32 + Send + Sync + 'static) -> Self {
        self.rules.weigher = Some(Box::new(weigher));
        self
    }

    /// For how long an entry is good after it came in. More than zero, at most a hundred years. Default: for ever.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::Cache;
    /// use tuneup_measure::Clock;
    ///
    /// let (clock, time) = Clock::mock();
    /// let cache = Cache::builder(10).ttl(Duration::from_secs(5)).clock(clock).build()?;
    /// cache.insert(1, 'a');
    /// time.advance(Duration::from_secs(5));
    /// assert_eq!(cache.get(&1), None);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "expire_after_write")]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.rules.expiry.ttl = Some(ttl);
        self
    }

    /// For how long an entry is good after it was last looked up, to a 64th of that time. More than zero. Default: for ever.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::Cache;
    ///
    /// let sessions = Cache::builder(10).time_to_idle(Duration::from_secs(1_800)).build()?;
    /// sessions.insert(1, "Ada");
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "expire_after_access")]
    pub fn time_to_idle(mut self, idle: Duration) -> Self {
        self.rules.expiry.idle = Some(idle);
        self
    }

    /// Makes times to live shorter by a random part of them, up to this one, 0 to 1: what came in together is not loaded anew
    /// together. Default: 0.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::Cache;
    ///
    /// let cache = Cache::<u32, u32>::builder(10)
    ///     .ttl(Duration::from_secs(60))
    ///     .jitter(0.1) // 54 to 60 seconds
    ///     .build()?;
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn jitter(mut self, part: f64) -> Self {
        self.rules.expiry.jitter = part;
        self
    }

    /// For how long this very entry is good; none for the [`ttl`](Self::ttl) of all. Asked when it comes in.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::Cache;
    ///
    /// let cache = Cache::builder(10)
    ///     .expire_after(|_: &&str, seconds: &u64| Some(Duration::from_secs(*seconds)))
    ///     .build()?;
    /// cache.insert("a minute", 60);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "TLRUCache")]
    pub fn expire_after(
        mut self,
        lifetime: impl Fn(&K, &V) -> Option<Duration> + Send + Sync + 'static,
    ) -> Self {
        self.rules.expiry.expire_after = Some(Box::new(lifetime));
        self
    }

    /// For how long a value is good that says that there is none: say `None`, or an error. Before all other rules.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::Cache;
    ///
    /// let users = Cache::builder(1_000)
    ///     .ttl(Duration::from_secs(600))
    ///     .negative_ttl(Duration::from_secs(5), Option::is_none)
    ///     .build()?;
    /// let nobody: Option<String> = users.get_or_insert_with(17, || None);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn negative_ttl(
        mut self,
        ttl: Duration,
        is_negative: impl Fn(&V) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.rules.expiry.negative = Some((ttl, Box::new(is_negative)));
        self
    }

    /// For how long after its end a value may still be given to those who ask while one of them loads it anew, or when that
    /// failed; by the methods that load, not by [`get`](Cache::get). More than zero. Default: not at all. After RFC 5861.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::Cache;
    /// use tuneup_measure::Clock;
    ///
    /// let (clock, time) = Clock::mock();
    /// let cache = Cache::builder(10)
    ///     .ttl(Duration::from_secs(60))
    ///     .stale_while_revalidate(Duration::from_secs(30))
    ///     .clock(clock)
    ///     .build()?;
    /// cache.insert("rate", 117);
    /// time.advance(Duration::from_secs(61));
    /// let rate = cache.try_get_or_insert_with("rate", || Err("the server is down"));
    /// assert_eq!(rate.ok(), Some(117));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "stale-if-error")]
    pub fn stale_while_revalidate(mut self, stale_for: Duration) -> Self {
        self.rules.expiry.stale_for = Some(stale_for);
        self
    }

    /// Has a value loaded anew before its end by one of those who ask for it, at random, the more probably the nearer the end is
    /// and the longer loading it took; so that it is not missing for all at once. 1 is optimal for most; more is earlier. Default: not at all.
    ///
    /// After Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache Stampede Prevention" (VLDB 2015), known as XFetch.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::Cache;
    ///
    /// let cache = Cache::<u32, u32>::builder(10)
    ///     .ttl(Duration::from_secs(60))
    ///     .early_refresh(1.0)
    ///     .build()?;
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "XFetch")]
    pub fn early_refresh(mut self, beta: f64) -> Self {
        self.rules.expiry.early_refresh = Some(beta);
        self
    }

    /// Called with each entry that goes, and why; by whoever made it go, before the method returns, while no lock is held. It may use
    /// the cache. If it panics, so does that method; the cache stays as it is, and the other entries that went with it are dropped.
    ///
    /// ```
    /// use tuneup_caching::Cache;
    ///
    /// let cache = Cache::builder(1)
    ///     .on_evict(|key: u32, _: char, cause| println!("{key} went: {cause:?}"))
    ///     .build()?;
    /// cache.insert(1, 'a');
    /// cache.insert(2, 'b'); // 1 went: Size
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "eviction_listener")]
    #[doc(alias = "removal listener")]
    pub fn on_evict(
        mut self,
        listener: impl Fn(K, V, EvictionCause) + Send + Sync + 'static,
    ) -> Self {
        self.rules.listener = Some(Box::new(listener));
        self
    }

    /// In how many parts the cache is locked and ordered, 1 to 4096; rounded up to a power of two. Default: eight for each
    /// processor, and less for less than 512 of capacity each. One shard follows the policy to the letter; several do so each for its keys.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::<u32, u32>::builder(100_000).shards(64).build()?;
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = Some(shards);
        self
    }

    /// Keeps a miss-ratio curve of all lookups, from a sample of the keys, for [`Cache::miss_ratio_curve`]: which size would
    /// hit how much. The share of the keys, above 0 and at most 1; never more than 8192 of them. Default: no curve.
    ///
    /// A lookup of another key costs one comparison more, one of a sampled key a short lock more, or an atomic addition if it was the
    /// last one sampled, too: with a share of 0.003 that is a few hundredths of what a hit costs. The curve is right within 0.02
    /// with 8192 keys in the sample; with fewer it is less precise. SHARDS: Waldspurger et al., FAST 2015.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::<u32, u32>::builder(1_000).sample_miss_ratios(0.01).build()?;
    /// assert_eq!(cache.miss_ratio_curve().map(|curve| curve.requests()), Some(0));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[cfg(feature = "simulate")]
    pub fn sample_miss_ratios(mut self, share: f64) -> Self {
        self.sample_rate = Some(share);
        self
    }

    /// Over which time [`Info::recent`](crate::Info::recent) counts. More than zero. Default: a minute.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let cache = tuneup_caching::Cache::<u32, u32>::builder(10)
    ///     .window(Duration::from_secs(10))
    ///     .build()?;
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// The clock by which times are up. Default: the machine's. A [mock](Clock::mock) lets a test move time.
    ///
    /// ```
    /// use tuneup_measure::Clock;
    ///
    /// let (clock, time) = Clock::mock();
    /// let cache = tuneup_caching::Cache::<u32, u32>::builder(10).clock(clock).build()?;
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The hasher of keys. Default: [`DefaultHasher`], for keys that are not chosen by an enemy.
    ///
    /// ```
    /// use std::hash::RandomState;
    ///
    /// let cache = tuneup_caching::Cache::<String, u32>::builder(10)
    ///     .hasher(RandomState::new())
    ///     .build()?;
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn hasher<T>(self, hasher: T) -> CacheBuilder<K, V, T> {
        CacheBuilder {
            capacity: self.capacity,
            policy: self.policy,
            shards: self.shards,
            window: self.window,
            clock: self.clock,
            hasher,
            rules: self.rules,
            #[cfg(feature = "simulate")]
            sample_rate: self.sample_rate,
        }
    }

    /// The cache.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a capacity of 0, a time of zero or of more than a hundred years, a jitter outside of 0 to 1, a number of
    /// shards outside of 1 to 4096, and an early refresh that is negative or not a number.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::Cache;
    ///
    /// let error = Cache::<u32, u32>::builder(10).ttl(Duration::ZERO).build().unwrap_err();
    /// assert_eq!(error.to_string(), "time to live is 0ns; allowed is more than 0 and at most 100 years");
    /// ```
    pub fn build(self) -> Result<Cache<K, V, S>, Error> {
        self.check()?;
        #[cfg(feature = "simulate")]
        let inner = {
            let sampling = self.sampling()?;
            Inner {
                sampling,
                ..self.inner()
            }
        };
        #[cfg(not(feature = "simulate"))]
        let inner = self.inner();
        Ok(Cache {
            inner: Arc::new(inner),
        })
    }

    #[cfg(feature = "simulate")]
    fn sampling(&self) -> Result<Sampling, Error> {
        let Some(share) = self.sample_rate else {
            return Ok(Sampling::none());
        };
        let sampler = crate::MissRatioSampler::new(crate::MissRatioSampler::DEFAULT_SAMPLES)?;
        Ok(Sampling::with(sampler.with_rate(share)?))
    }

    fn check(&self) -> Result<(), Error> {
        let expiry = &self.rules.expiry;
        if self.capacity == Some(0) {
            return Err(out_of_range("capacity", &0, "1 or more"));
        }
        if let Some(shards) = self.shards
            && !(1..=MOST_SHARDS).contains(&shards)
        {
            return Err(out_of_range("number of shards", &shards, "1 to 4096"));
        }
        let times = [
            ("time to live", expiry.ttl),
            ("time to idle", expiry.idle),
            (
                "time to live of negative values",
                expiry.negative.as_ref().map(|(ttl, _)| *ttl),
            ),
            ("time of stale values", expiry.stale_for),
            ("window", Some(self.window)),
        ];
        for (option, time) in times {
            if let Some(time) = time
                && (time.is_zero() || time > LONGEST)
            {
                return Err(out_of_range(
                    option,
                    &format_args!("{time:?}"),
                    "more than 0 and at most 100 years",
                ));
            }
        }
        if !(0.0..=1.0).contains(&expiry.jitter) {
            return Err(out_of_range("jitter", &expiry.jitter, "0 to 1"));
        }
        match expiry.early_refresh {
            Some(beta) if !(beta.is_finite() && beta >= 0.0) => Err(out_of_range(
                "early refresh",
                &beta,
                "a number of 0 or more",
            )),
            _ => Ok(()),
        }
    }

    /// What is behind a cache of these options, which are known to be right.
    pub(super) fn inner(self) -> Inner<K, V, S> {
        let capacity = self.capacity.unwrap_or(u64::MAX);
        let shards = self.shards.unwrap_or_else(|| default_shards(capacity));
        let shards = shards.next_power_of_two();
        // An uneven rest would make no difference: entries do not spread evenly either.
        let share = capacity.div_ceil(shards as u64);
        let queues = || match self.capacity {
            Some(_) => Queues::new(self.policy, share),
            None => Queues::Unbounded,
        };
        let parts = (0..shards).map(|_| Part::new(Shard::new(queues())));
        Inner {
            shards: parts.collect(),
            shift: (u64::BITS - shards.trailing_zeros()).min(u64::BITS - 1),
            mask: shards - 1,
            capacity,
            is_unbounded: self.capacity.is_none(),
            used: Used::default(),
            timeline: Timeline::new(self.clock),
            tags: Tags::default(),
            flights: Flights::new(),
            statistics: Statistics::new(self.window),
            #[cfg(feature = "simulate")]
            sampling: Sampling::none(),
            hasher: self.hasher,
            rules: self.rules,
        }
    }
}

fn default_shards(capacity: u64) -> usize {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let wanted = (processors * SHARDS_A_PROCESSOR).next_power_of_two();
    // Rounded down, so that each has its entries.
    let worth = usize::try_from(capacity / ENTRIES_A_SHARD).unwrap_or(usize::MAX);
    let worth = worth.checked_ilog2().map_or(1, |log| 1 << log);
    wanted.min(worth).min(MOST_SHARDS)
}

fn out_of_range(option: &'static str, value: &dyn fmt::Display, allowed: &'static str) -> Error {
    Error::OutOfRange {
        option,
        value: value.to_string(),
        allowed,
    }
}

impl<K, V, S> fmt::Debug for CacheBuilder<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheBuilder")
            .field("capacity", &self.capacity)
            .field("policy", &self.policy)
            .field("shards", &self.shards)
            .finish_non_exhaustive()
    }
}
