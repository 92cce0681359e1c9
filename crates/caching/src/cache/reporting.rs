//! What a cache holds and has done.

use std::sync::atomic::Ordering::Relaxed;

use super::{Cache, EvictionCause, Inner, shard::Shard};
use crate::statistics::{Contents, Info};

impl<K, V, S> Cache<K, V, S> {
    /// How many entries are held. Some of them may be over already.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// cache.insert(1, 'a');
    /// assert_eq!(cache.len(), 1);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        let shards = self.inner.shards.iter();
        shards.map(|part| part.lock.read(Shard::len)).sum()
    }

    /// Whether nothing is held.
    ///
    /// ```
    /// assert!(tuneup_caching::Cache::<u32, u32>::unbounded().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the entries weigh; their number, if there is no weigher.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::builder(100)
    ///     .weigher(|_, text: &String| text.len() as u32)
    ///     .build()?;
    /// cache.insert(1, "hello".to_owned());
    /// assert_eq!(cache.weight(), 5);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.inner.used.0.load(Relaxed)
    }

    /// What the entries may weigh; none, if there is no bound.
    ///
    /// ```
    /// use tuneup_caching::Cache;
    ///
    /// assert_eq!(Cache::<u32, u32>::new(100)?.capacity(), Some(100));
    /// assert_eq!(Cache::<u32, u32>::unbounded().capacity(), None);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn capacity(&self) -> Option<u64> {
        (!self.inner.is_unbounded).then_some(self.inner.capacity)
    }

    /// What the cache has done and what it holds. O(shards + threads); takes no lock that a reader waits for.
    ///
    /// Counts of lookups that run meanwhile may be in it or not.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// cache.insert(1, 'a');
    /// cache.get(&1);
    /// cache.get(&2);
    /// assert_eq!(cache.info().to_string().split(',').next(), Some("50.0 % hits of 2 lookups"));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "cache_info")]
    #[doc(alias = "stats")]
    #[must_use]
    pub fn info(&self) -> Info {
        let inner = &*self.inner;
        inner.statistics.info(&inner.timeline, || inner.contents())
    }

    /// Begins all counts of [`info`](Self::info) anew; entries stay.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::<u32, u32>::new(10)?;
    /// cache.get(&1);
    /// cache.reset_info();
    /// assert_eq!(cache.info().misses, 0);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn reset_info(&self) {
        let inner = &*self.inner;
        inner.statistics.reset(&inner.timeline, || inner.contents());
    }
}

#[cfg(feature = "simulate")]
impl<K, V, S> Cache<K, V, S> {
    /// What the hit ratio would be at other capacities, for the requests so far, with the policy LRU; none, if the builder
    /// was not asked to [sample](crate::CacheBuilder::sample_miss_ratios). Other policies are simulated from a [`Trace`](crate::Trace).
    ///
    /// Takes some 10 µs, in which requests of sampled keys are not recorded.
    ///
    /// ```
    /// use tuneup_caching::Cache;
    ///
    /// let cache = Cache::builder(100).sample_miss_ratios(1.0).build()?;
    /// for request in 0..10_000_u64 {
    ///     cache.get_or_insert_with(request * request % 997, || ());
    /// }
    /// let curve = cache.miss_ratio_curve().expect("it is sampled");
    /// assert!(curve.hit_ratio(997) > 0.9 && curve.hit_ratio(100) < 0.4);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn miss_ratio_curve(&self) -> Option<crate::MissRatioCurve> {
        let sampler = self.inner.sampling.sampler()?;
        let counts = self.inner.statistics.counters.sum();
        Some(sampler.curve_of(counts.hits + counts.misses))
    }
}

impl<K, V, S> Inner<K, V, S> {
    fn contents(&self) -> Contents {
        let mut departed = [0; EvictionCause::COUNT];
        let mut len = 0;
        for part in &self.shards {
            part.lock.read(|shard| {
                len += shard.len() as u64;
                for (sum, count) in departed.iter_mut().zip(shard.departed()) {
                    *sum += count;
                }
            });
        }
        let departed = |cause: EvictionCause| departed[cause as usize];
        Contents {
            len,
            weight: self.used.0.load(Relaxed),
            capacity: (!self.is_unbounded).then_some(self.capacity),
            evicted: departed(EvictionCause::Size),
            expired: departed(EvictionCause::Expired),
            replaced: departed(EvictionCause::Replaced),
            removed: departed(EvictionCause::Removed),
            rejected: departed(EvictionCause::Rejected),
        }
    }
}
