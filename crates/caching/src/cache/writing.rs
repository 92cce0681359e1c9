//! What changes a cache: entries that come, make room, and go.

use std::{
    hash::{BuildHasher, Hash},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use equivalent::Equivalent;

use super::{
    Cache, Departures, EvictionCause, Extra, Hashed, Inner, Shard, details::Details, expiry::NEVER,
    load_cost, random,
};
use crate::{concurrent::BiasedLock, policy::Nodes, single_flight::Lead};

/// An entry that is about to come in, with all that was found out about it while no lock was held.
pub(super) struct Arrival<K, V> {
    pub(super) key: K,
    pub(super) value: V,
    pub(super) details: Details,
    /// For how long this value may stay, if neither its details nor the rules say shorter.
    pub(super) at_most: Option<Duration>,
    /// What loading it took; none, if nobody loaded it.
    pub(super) load_ns: Option<u64>,
}

impl<K, V> Arrival<K, V> {
    pub(super) fn new(key: K, value: V) -> Self {
        Self {
            key,
            value,
            details: Details::none(),
            at_most: None,
            load_ns: None,
        }
    }
}

impl<K, V, S> Cache<K, V, S>
where
    K: Hash + Eq,
    V: Clone,
    S: BuildHasher,
{
    /// Puts in a value, in place of another of the same key. A load of the key that is under way gives its value to those who wait for it,
    /// and to nobody after that: this one is newer.
    ///
    /// What has to go to make room is dropped, or told to the listener, before this returns. An entry that weighs more
    /// than the capacity does not come in, and an older value of its key goes all the same:
    /// [`EvictionCause::Rejected`].
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// cache.insert("a", 1);
    /// cache.insert("a", 2);
    /// assert_eq!(cache.get("a"), Some(2));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn insert(&self, key: K, value: V) {
        let hash = self.hash(&key);
        self.insert_arrival(hash, Arrival::new(key, value));
    }

    /// Puts in a value for a time of its own, whatever the rules of the cache say; jitter applies. A time of zero is over at
    /// once.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// cache.insert_with_ttl("token", 17, Duration::from_secs(60));
    /// assert!(cache.contains_key("token"));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn insert_with_ttl(&self, key: K, value: V, ttl: Duration) {
        let hash = self.hash(&key);
        let mut arrival = Arrival::new(key, value);
        arrival.details.ttl = Some(ttl);
        self.insert_arrival(hash, arrival);
    }

    /// Puts in a value that goes when any of its tags is [invalidated](Self::invalidate_tag).
    ///
    /// A tag costs its name once, as long as an entry has it, and each entry 16 bytes a tag.
    ///
    /// ```
    /// let pages = tuneup_caching::Cache::new(10)?;
    /// pages.insert_tagged("/ada", "<h1>Ada</h1>", &["user:1", "layout"]);
    /// pages.insert_tagged("/bob", "<h1>Bob</h1>", &["user:2", "layout"]);
    /// pages.invalidate_tag("user:1");
    /// assert_eq!((pages.get("/ada"), pages.get("/bob")), (None, Some("<h1>Bob</h1>")));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn insert_tagged(&self, key: K, value: V, tags: &[&str]) {
        let hash = self.hash(&key);
        let mut arrival = Arrival::new(key, value);
        arrival.details.stamps = self.inner.tags.stamp(tags);
        self.insert_arrival(hash, arrival);
    }

    /// Takes out the value of a key; it is returned if it was good. A load of the key that is under way gives its value to
    /// those who wait for it, and to nobody after that.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// cache.insert("a", 1);
    /// assert_eq!(cache.remove("a"), Some(1));
    /// assert_eq!(cache.remove("a"), None);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "invalidate")]
    pub fn remove<Q>(&self, key: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let hash = self.hash(key);
        let inner = &*self.inner;
        let mut departures = Departures::new();
        let mut forgotten = Vec::new();
        let value = {
            let mut shard = inner.shard(hash).write();
            inner.flights.forget(hash.mixed, key, &mut forgotten);
            let slot = shard.find(hash.in_shard(), key)?;
            let now = inner.timeline.now();
            let is_good = shard
                .slab
                .extra(slot)
                .is_none_or(|extra| inner.is_good_at(extra, now));
            let value = is_good.then(|| shard.slab.entry(slot).1.clone());
            let cause = if is_good {
                EvictionCause::Removed
            } else {
                EvictionCause::Expired
            };
            inner.take_out(&mut shard, slot, cause, &mut departures);
            value
        };
        inner.tell(departures);
        value
    }

    /// Puts in what somebody has given. A load of the key that is under way, or a change, may have begun before that came to be, so
    /// that it is not to take its place.
    pub(super) fn insert_arrival(&self, hash: Hashed, arrival: Arrival<K, V>) {
        self.insert_loaded(hash, arrival, None);
    }

    /// Puts in what a load has brought, unless its key was invalidated since it began.
    pub(super) fn insert_loaded(
        &self,
        hash: Hashed,
        arrival: Arrival<K, V>,
        load: Option<&Lead<'_, K, V>>,
    ) {
        let inner = &*self.inner;
        let class = arrival.load_ns.map(load_cost::class);
        let (entry, extra) = inner.prepare(hash, arrival);
        let mut departures = Departures::new();
        inner.place(hash, entry, extra, class, load, &mut departures);
        inner.tell(departures);
    }
}

impl<K, V, S> Inner<K, V, S> {
    /// Asks the rules about an entry, while no lock is held.
    fn prepare(&self, hash: Hashed, arrival: Arrival<K, V>) -> ((K, V), Option<Extra>) {
        let Arrival {
            key,
            value,
            details: Details { ttl, stamps },
            at_most,
            ..
        } = arrival;
        let rules = &self.rules;
        let weight = rules
            .weigher
            .as_ref()
            .map_or(1, |weigher| weigher(&key, &value).max(1));
        let needs_time = ttl.or(at_most).is_some() || rules.expiry.has_rules();
        if weight == 1 && !needs_time && stamps.are_none() {
            return ((key, value), None);
        }
        let mut extra = Extra::plain();
        extra.weight = weight;
        extra.own_ttl = ttl.into();
        extra.stamps = stamps;
        if needs_time {
            let now = self.timeline.now();
            let random = random(hash.mixed, now);
            let lifetime = match ttl {
                Some(ttl) => Some(rules.expiry.jittered(ttl, random)),
                None => rules.expiry.lifetime(&key, &value, random),
            };
            let at_most = at_most.map(|at_most| rules.expiry.jittered(at_most, random));
            let lifetime = lifetime.into_iter().chain(at_most).min();
            extra.expires = lifetime.map_or(NEVER, |lifetime| self.timeline.after(now, lifetime));
            if let Some(idle) = rules.expiry.idle {
                extra.idle_until = AtomicU64::new(self.timeline.after(now, idle));
            }
        }
        ((key, value), Some(extra))
    }

    /// Puts an entry into its shard, and makes room for it.
    ///
    /// Whoever invalidates a key says so to its load under the lock. Asked under the lock, a load either hears of it or comes first,
    /// and what it puts in is taken out; and a change begins either before, and hears of it, or with what is there after.
    fn place(
        &self,
        hash: Hashed,
        entry: (K, V),
        extra: Option<Extra>,
        class: Option<u8>,
        load: Option<&Lead<'_, K, V>>,
        departures: &mut Departures<K, V>,
    ) where
        K: Eq,
    {
        let weight = extra.as_ref().map_or(1, |extra| u64::from(extra.weight));
        let in_shard = hash.in_shard();
        let part = self.part(hash);
        part.prefetch(hash);
        let lock = &part.lock;
        let mut forgotten = Vec::new();
        let mut is_unwanted = |key: &K| match load {
            Some(load) => !load.may_cache(),
            None => {
                self.flights.forget(hash.mixed, key, &mut forgotten);
                false
            }
        };
        let mut shard = lock.write();
        self.sweep(&mut shard, departures);
        if is_unwanted(&entry.0) {
            // Before the entry: its drop is the user's code.
            drop(shard);
            return;
        }
        let found = shard.find(in_shard, &entry.0);
        let slot = match found {
            Some(slot) if shard.slab.weight(slot) == weight => {
                shard.replace(slot, entry, extra, departures);
                slot
            }
            _ if weight > self.capacity => {
                self.take_out_found(&mut shard, found, departures);
                shard.reject(entry, departures);
                return;
            }
            _ => {
                self.take_out_found(&mut shard, found, departures);
                let recalled = shard.recall(in_shard);
                // What is still to be booked: the weight of an evicted entry passes to the new one.
                let mut owed = weight;
                while !self.make_room(&mut shard, &mut owed, departures) {
                    drop(shard);
                    if !self.evict_elsewhere(lock, departures) {
                        // All room belongs to entries that are on their way in, and they may be waiting for this one's.
                        self.used.0.fetch_sub(weight - owed, Relaxed);
                        owed = weight;
                        std::thread::yield_now();
                    }
                    shard = lock.write();
                    if is_unwanted(&entry.0) {
                        self.used.0.fetch_sub(weight - owed, Relaxed);
                        // Before the entry: its drop is the user's code.
                        drop(shard);
                        return;
                    }
                    let found = shard.find(in_shard, &entry.0);
                    self.take_out_found(&mut shard, found, departures);
                }
                let slot = shard.insert(in_shard, entry, extra, recalled);
                part.note_index(&shard);
                slot
            }
        };
        shard.set_cost(slot, class.unwrap_or(0));
    }

    fn take_out_found(
        &self,
        shard: &mut Shard<K, V>,
        found: Option<u32>,
        departures: &mut Departures<K, V>,
    ) {
        if let Some(slot) = found {
            self.take_out(shard, slot, EvictionCause::Replaced, departures);
        }
    }

    /// Books what is `owed` of the capacity; entries of this shard go until there is room. False if it has none left.
    fn make_room(
        &self,
        shard: &mut Shard<K, V>,
        owed: &mut u64,
        departures: &mut Departures<K, V>,
    ) -> bool {
        if self.is_unbounded {
            self.used.0.fetch_add(*owed, Relaxed);
            return true;
        }
        while !self.book(*owed) {
            let Some(freed) = shard.evict(departures) else {
                return false;
            };
            if freed >= *owed {
                if freed > *owed {
                    self.used.0.fetch_sub(freed - *owed, Relaxed);
                }
                return true;
            }
            *owed -= freed;
        }
        true
    }

    /// Whether there was room for so much; it is taken if there was.
    fn book(&self, weight: u64) -> bool {
        let mut used = self.used.0.load(Relaxed);
        while weight <= self.capacity - used.min(self.capacity) {
            match self
                .used
                .0
                .compare_exchange_weak(used, used + weight, Relaxed, Relaxed)
            {
                Ok(_) => return true,
                Err(now) => used = now,
            }
        }
        false
    }

    /// One entry of another shard goes; false if there is none.
    fn evict_elsewhere(
        &self,
        lock: &BiasedLock<Shard<K, V>>,
        departures: &mut Departures<K, V>,
    ) -> bool {
        let others = self
            .shards
            .iter()
            .filter(|part| !std::ptr::eq(&raw const part.lock, lock));
        for part in others {
            if let Some(freed) = part.lock.write().evict(departures) {
                self.used.0.fetch_sub(freed, Relaxed);
                return true;
            }
        }
        false
    }

    /// Takes an entry out of its shard, and gives its room back.
    pub(super) fn take_out(
        &self,
        shard: &mut Shard<K, V>,
        slot: u32,
        cause: EvictionCause,
        departures: &mut Departures<K, V>,
    ) {
        let freed = shard.remove(slot, cause, departures);
        self.used.0.fetch_sub(freed, Relaxed);
    }

    /// Looks at the next few entries of a shard, so that what is over goes in time even if nobody asks for it.
    #[inline]
    fn sweep(&self, shard: &mut Shard<K, V>, departures: &mut Departures<K, V>) {
        if !shard.slab.has_extras() {
            return;
        }
        for slot in shard.next_swept() {
            self.remove_if_gone(shard, slot, departures);
        }
    }

    /// Removes an entry that is over for so long that it is not even served stale.
    pub(super) fn remove_if_gone(
        &self,
        shard: &mut Shard<K, V>,
        slot: u32,
        departures: &mut Departures<K, V>,
    ) {
        if !shard.slab.is_live(slot) {
            return;
        }
        let Some(extra) = shard.slab.extra(slot) else {
            return;
        };
        let cause = if !extra.stamps.are_current() {
            EvictionCause::Removed
        } else if self.is_gone_at(extra, self.timeline.now()) {
            EvictionCause::Expired
        } else {
            return;
        };
        self.take_out(shard, slot, cause, departures);
    }

    /// Whether an entry is over and no longer served stale either.
    pub(super) fn is_gone_at(&self, extra: &Extra, now: u64) -> bool {
        let stale_for = self.rules.expiry.stale_for;
        let until = stale_for.map_or(extra.expires, |stale_for| {
            self.timeline.after(extra.expires, stale_for)
        });
        now >= until || now >= extra.idle_until.load(Relaxed) || !extra.stamps.are_current()
    }

    /// Removes the entry of a key that was found to be over, if it still is and is not served stale.
    #[cold]
    pub(super) fn remove_over<Q>(&self, hash: Hashed, key: &Q)
    where
        Q: Equivalent<K> + ?Sized,
    {
        let mut departures = Departures::new();
        let mut shard = self.shard(hash).write();
        if let Some(slot) = shard.find(hash.in_shard(), key) {
            self.remove_if_gone(&mut shard, slot, &mut departures);
        }
        drop(shard);
        self.tell(departures);
    }

    /// Tells the listener, or drops what went. No lock is held.
    pub(super) fn tell(&self, departures: Departures<K, V>) {
        if let Some(listener) = &self.rules.listener {
            for (key, value, cause) in departures {
                listener(key, value, cause);
            }
        }
    }
}
