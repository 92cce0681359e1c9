//! Entries that are taken out many at a time.

use std::{
    hash::{BuildHasher, Hash},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use super::{Cache, Departures, EvictionCause, Hashed, Inner, Part};
use crate::single_flight::{Forgotten, Source};

impl<K, V, S> Cache<K, V, S>
where
    K: Hash + Eq,
    V: Clone,
    S: BuildHasher,
{
    /// Takes out everything, and lets nothing be cached that is being loaded, or made of what goes. O(n).
    ///
    /// A listener, or the drop of a value, that panics does not keep the rest in: the panic goes on when all is out.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// cache.insert("a", 1);
    /// cache.invalidate_all();
    /// assert!(cache.is_empty());
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "clear")]
    #[doc(alias = "cache_clear")]
    pub fn invalidate_all(&self) {
        let inner = &*self.inner;
        inner.forget_loads();
        inner.in_every_shard(|part, departures, forgotten| {
            let mut shard = part.lock.write();
            // Changes of what is taken out: those that begin later find nothing.
            let is_here = |hash| std::ptr::eq(inner.part(Hashed { mixed: hash }), part);
            let flights = &inner.flights;
            flights.forget_if(
                |hash, source| source == Source::Entry && is_here(hash),
                forgotten,
            );
            let slots: Vec<u32> = shard.slab.live().collect();
            for slot in slots {
                inner.take_out(&mut shard, slot, EvictionCause::Removed, departures);
            }
        });
    }

    /// Takes out what was [put in with](Self::insert_tagged) a tag: none of it is found from now on, and its memory comes
    /// back as it is met. O(1).
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// cache.insert_tagged("a", 1, &["odd"]);
    /// cache.invalidate_tag("odd");
    /// assert_eq!(cache.get("a"), None);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn invalidate_tag(&self, tag: &str) {
        self.inner.tags.invalidate(tag);
    }

    /// Takes out all entries for which `predicate` is true. O(n); asks about clones of the entries, shard by shard, while no lock is
    /// held. A value that is replaced meanwhile may go too. What is being loaded cannot be asked about, and is not cached, whatever its key:
    /// whoever waits for it gets it, and the next one loads again. What is being [changed](super::Entry::and_upsert_with) goes if the
    /// value before it does.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// for key in 0..6 {
    ///     cache.insert(key, key * 10);
    /// }
    /// cache.invalidate_if(|key, _| key % 2 == 0);
    /// assert_eq!(cache.len(), 3);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "retain")]
    pub fn invalidate_if(&self, predicate: impl Fn(&K, &V) -> bool)
    where
        K: Clone,
    {
        let inner = &*self.inner;
        inner.forget_loads();
        inner.in_every_shard(|part, departures, forgotten| {
            let entries: Vec<(K, V)> = part.lock.read(|shard| {
                let entries = shard.slab.live().map(|slot| shard.slab.entry(slot).clone());
                entries.collect()
            });
            let chosen: Vec<(Hashed, K)> = entries
                .into_iter()
                .filter(|(key, value)| predicate(key, value))
                .map(|(key, _)| (self.hash(&key), key))
                .collect();
            if chosen.is_empty() {
                return;
            }
            let mut shard = part.lock.write();
            for (hash, key) in &chosen {
                inner.flights.forget(hash.mixed, key, forgotten);
                if let Some(slot) = shard.find(hash.in_shard(), key) {
                    inner.take_out(&mut shard, slot, EvictionCause::Removed, departures);
                }
            }
            // Before the keys: their drops are the user's code.
            drop(shard);
        });
    }

    /// Takes out what is over, or has a tag that was invalidated. Without it such entries go when they are looked up, replaced or evicted,
    /// and each write looks at two. O(n).
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::Cache;
    /// use tuneup_measure::Clock;
    ///
    /// let (clock, time) = Clock::mock();
    /// let cache = Cache::builder(10).ttl(Duration::from_secs(1)).clock(clock).build()?;
    /// cache.insert(1, 'a');
    /// time.advance(Duration::from_secs(2));
    /// cache.remove_expired();
    /// assert!(cache.is_empty());
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "purge")]
    pub fn remove_expired(&self) {
        let inner = &*self.inner;
        inner.in_every_shard(|part, departures, _| {
            let mut shard = part.lock.write();
            let slots: Vec<u32> = shard.slab.live().collect();
            for slot in slots {
                inner.remove_if_gone(&mut shard, slot, departures);
            }
        });
    }
}

impl<K, V, S> Inner<K, V, S> {
    /// Lets nothing be cached whose load is under way. What loads bring that begin later is new.
    fn forget_loads(&self) {
        let is_load = |_, source| source == Source::Elsewhere;
        self.flights.forget_if(is_load, &mut Vec::new());
    }

    /// Has entries taken out of one shard after the other, and tells of those of one before it comes to the next. Where that panics, the
    /// others have their turn all the same.
    fn in_every_shard(
        &self,
        take_out: impl Fn(&Part<K, V>, &mut Departures<K, V>, &mut Vec<Forgotten<K, V>>),
    ) {
        let mut panicked = None;
        for part in &self.shards {
            let mut departures = Departures::new();
            let mut forgotten = Vec::new();
            take_out(part, &mut departures, &mut forgotten);
            let told = catch_unwind(AssertUnwindSafe(|| {
                self.tell(departures);
                drop(forgotten);
            }));
            panicked = panicked.or(told.err());
        }
        if let Some(payload) = panicked {
            resume_unwind(payload);
        }
    }
}
