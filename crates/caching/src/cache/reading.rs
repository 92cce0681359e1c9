//! Lookups.

use std::{
    hash::{BuildHasher, Hash},
    sync::atomic::Ordering::Relaxed,
};

use equivalent::Equivalent;

use super::{
    Cache, Hashed, Inner,
    details::Details,
    expiry::NEVER,
    load_cost,
    shard::{PlainLook, Shard},
    slab::Extra,
};
use crate::concurrent::{Announced, Counters, Reader, current_reader};

/// What a lookup finds.
enum Look<V> {
    /// A value, and the class of what loading it took.
    Good(V, u8),
    Missing,
    /// A value whose time is over, or whose tag was invalidated.
    Over,
}

impl<K, V, S> Cache<K, V, S>
where
    K: Hash + Eq,
    V: Clone,
    S: BuildHasher,
{
    /// The value of a key, if there is one that is good; counts as a hit or a miss, and marks the entry as used.
    ///
    /// Borrowed forms do: `&str` for `String`, and whatever is [`Equivalent`].
    ///
    /// ```
    /// use tuneup_caching::Cache;
    ///
    /// let cache = Cache::new(10)?;
    /// cache.insert("key".to_owned(), 5);
    /// assert_eq!(cache.get("key"), Some(5));
    /// assert_eq!(cache.get("other"), None);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[inline]
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.get_hashed(self.hash(key), key)
    }

    #[inline(always)]
    pub(crate) fn get_hashed<Q>(&self, hash: Hashed, key: &Q) -> Option<V>
    where
        Q: Equivalent<K> + ?Sized,
    {
        let inner = &*self.inner;
        inner.sample_request(hash);
        let part = inner.part(hash);
        let Some(shard) = part.lock.announce_usual(|| part.prefetch(hash)) else {
            return self.get_unusual(hash, key);
        };
        let Some(counts) = inner.statistics.counters.own(shard.reader()) else {
            return self.get_announced(shard, hash, key);
        };
        match shard.plain_look(hash.in_shard(), key) {
            PlainLook::Hit(value, cost) => {
                let value = value.clone();
                drop(shard);
                Counters::hit_in(counts, load_cost::ns(cost));
                Some(value)
            }
            PlainLook::Missing => {
                drop(shard);
                inner.statistics.count_miss_in(counts, &inner.timeline);
                None
            }
            PlainLook::NotPlain => self.get_announced(shard, hash, key),
        }
    }

    /// A lookup that may be a miss, find its entry far from where it was expected, or have to look at times and tags.
    #[inline(never)]
    fn get_announced<Q>(
        &self,
        shard: Announced<'_, Shard<K, V>>,
        hash: Hashed,
        key: &Q,
    ) -> Option<V>
    where
        Q: Equivalent<K> + ?Sized,
    {
        let look = self.inner.look(&shard, hash, key);
        drop(shard);
        self.count(hash, key, look)
    }

    /// As [`get_announced`](Self::get_announced); it may meet a writer, or be inside of another lookup.
    #[inline(never)]
    fn get_unusual<Q>(&self, hash: Hashed, key: &Q) -> Option<V>
    where
        Q: Equivalent<K> + ?Sized,
    {
        let lock = self.inner.shard(hash);
        match lock.announce() {
            Some(shard) => self.get_announced(shard, hash, key),
            None => {
                let shard = lock.share();
                let look = self.inner.look(&shard, hash, key);
                drop(shard);
                self.count(hash, key, look)
            }
        }
    }

    /// Counts what a lookup has found.
    #[inline(always)]
    fn count<Q>(&self, hash: Hashed, key: &Q, look: Look<V>) -> Option<V>
    where
        Q: Equivalent<K> + ?Sized,
    {
        let reader = current_reader();
        match look {
            Look::Good(value, cost) => {
                self.inner
                    .statistics
                    .counters
                    .hit(reader, load_cost::ns(cost));
                Some(value)
            }
            Look::Missing => {
                self.inner.count_miss(reader);
                None
            }
            Look::Over => {
                self.inner.count_miss(reader);
                self.inner.remove_over(hash, key);
                None
            }
        }
    }

    /// The value of a key, if there is one that is good. Counts nothing and marks nothing.
    ///
    /// ```
    /// use tuneup_caching::Cache;
    ///
    /// let cache = Cache::new(10)?;
    /// cache.insert(1, 'a');
    /// assert_eq!(cache.peek(&1), Some('a'));
    /// assert_eq!(cache.info().hits, 0);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn peek<Q>(&self, key: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = self.hash(key);
        self.peek_hashed(hash, key)
    }

    pub(super) fn peek_hashed<Q>(&self, hash: Hashed, key: &Q) -> Option<V>
    where
        Q: Equivalent<K> + ?Sized,
    {
        self.inner.shard(hash).read(|shard| {
            let slot = self.inner.find_good(shard, hash, key)?;
            Some(shard.slab.entry(slot).1.clone())
        })
    }

    /// As [`peek_hashed`](Self::peek_hashed), with what else the entry has.
    pub(super) fn peek_detailed<Q>(&self, hash: Hashed, key: &Q) -> Option<(V, Details)>
    where
        Q: Equivalent<K> + ?Sized,
    {
        self.inner.shard(hash).read(|shard| {
            let slot = self.inner.find_good(shard, hash, key)?;
            let details = shard
                .slab
                .extra(slot)
                .map_or(Details::none(), Extra::details);
            Some((shard.slab.entry(slot).1.clone(), details))
        })
    }

    /// Whether a key has a value that is good. Counts nothing and marks nothing.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// cache.insert(1, 'a');
    /// assert!(cache.contains_key(&1) && !cache.contains_key(&2));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = self.hash(key);
        let shard = self.inner.shard(hash);
        shard.read(|shard| self.inner.find_good(shard, hash, key).is_some())
    }

    /// All keys whose values are good, shard by shard, each shard as it is at one moment. O(n); clones the keys.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// cache.insert(1, 'a');
    /// cache.insert(2, 'b');
    /// let mut keys = cache.keys();
    /// keys.sort();
    /// assert_eq!(keys, [1, 2]);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn keys(&self) -> Vec<K>
    where
        K: Clone,
    {
        let mut keys = Vec::new();
        for part in &self.inner.shards {
            part.lock.read(|shard| {
                self.inner
                    .good(shard)
                    .for_each(|slot| keys.push(shard.slab.entry(slot).0.clone()));
            });
        }
        keys
    }
}

impl<K, V, S> Inner<K, V, S> {
    #[inline]
    fn look<Q>(&self, shard: &Shard<K, V>, hash: Hashed, key: &Q) -> Look<V>
    where
        Q: Equivalent<K> + ?Sized,
        V: Clone,
    {
        let Some(found) = shard.find_entry(hash.in_shard(), key) else {
            return Look::Missing;
        };
        if let Some(extra) = shard.slab.extra(found.slot)
            && !self.is_good_now(extra)
        {
            return Look::Over;
        }
        shard.hit(&found);
        Look::Good(found.value.clone(), found.cost())
    }

    /// The slot of a key whose value is good.
    fn find_good<Q>(&self, shard: &Shard<K, V>, hash: Hashed, key: &Q) -> Option<u32>
    where
        Q: Equivalent<K> + ?Sized,
    {
        let slot = shard.find(hash.in_shard(), key)?;
        let extra = shard.slab.extra(slot);
        extra
            .is_none_or(|extra| self.is_good_at(extra, self.timeline.now()))
            .then_some(slot)
    }

    #[inline(always)]
    pub(super) fn count_miss(&self, reader: Option<&Reader>) {
        self.statistics.count_miss(reader, &self.timeline);
    }

    /// Tells the sampler of miss ratios of a request, if there is one.
    #[inline(always)]
    pub(super) fn sample_request(&self, hash: Hashed) {
        #[cfg(feature = "simulate")]
        self.sampling.record(hash.mixed);
        #[cfg(not(feature = "simulate"))]
        let _ = hash;
    }

    /// Whether an entry is good now; if so, and if it lives as long as it is used, it lives longer.
    #[inline(never)]
    pub(super) fn is_good_now(&self, extra: &Extra) -> bool {
        let idle_until = extra.idle_until.load(Relaxed);
        if extra.expires == NEVER && idle_until == NEVER {
            return extra.stamps.are_current();
        }
        let now = self.timeline.now();
        if !self.is_good_at(extra, now) {
            return false;
        }
        if let Some(idle) = self.rules.expiry.idle {
            let later = self.timeline.after(now, idle);
            // A hot entry is not written to all the time: a 64th of the time is near enough.
            if later.saturating_sub(idle_until) > (later - now) / 64 {
                extra.idle_until.store(later, Relaxed);
            }
        }
        true
    }

    pub(super) fn is_good_at(&self, extra: &Extra, now: u64) -> bool {
        now < extra.expires && now < extra.idle_until.load(Relaxed) && extra.stamps.are_current()
    }

    pub(super) fn good<'a>(&'a self, shard: &'a Shard<K, V>) -> impl Iterator<Item = u32> + 'a {
        let now = self.timeline.now();
        shard.slab.live().filter(move |slot| {
            shard
                .slab
                .extra(*slot)
                .is_none_or(|extra| self.is_good_at(extra, now))
        })
    }
}
