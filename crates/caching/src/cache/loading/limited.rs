//! Loads that know for how long their values may stay, as those out of a store do.

use std::{
    hash::{BuildHasher, Hash},
    sync::{Arc, OnceLock},
    time::Duration,
};

use super::{Arrival, Cache, Detailed, Hashed, LoadError};
use crate::{
    single_flight::{ByReference, Flights, Lead, Loads, load_missing, load_missing_async},
    statistics::Statistics,
    timeline::Timeline,
};

impl<K, V, S> Cache<K, V, S>
where
    K: Hash + Eq + Clone,
    V: Clone,
    S: BuildHasher,
{
    /// Puts in a value that stays `at_most` so long, and shorter if the rules of the cache say so.
    pub(crate) fn insert_limited(&self, key: K, value: V, at_most: Option<Duration>) {
        let hash = self.hash(&key);
        let mut arrival = Arrival::new(key, value);
        arrival.at_most = at_most;
        self.insert_arrival(hash, arrival);
    }

    /// As [`try_get_or_insert_with`](Self::try_get_or_insert_with), for a loader that gives with its value for how long that may
    /// stay at most. If it is to renew a value, it is told for how long that one stays yet.
    pub(crate) fn load_limited<E>(
        &self,
        key: K,
        load: impl FnOnce(Option<Duration>) -> Result<(V, Option<Duration>), E>,
    ) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
    {
        let hash = self.hash(&key);
        let (old, details) = match self.before(hash, &key).into_old() {
            Ok(missing) => missing,
            Err(value) => return Ok(value),
        };
        let stays = old.is_some().then(|| self.stays(hash, &key));
        let loads = LimitedLoads::new(self.detailed(details));
        let load = || {
            load(stays)
                .map(|loaded| loads.take(loaded))
                .map_err(Arc::new)
        };
        Ok(load_missing::<_, _, _, Arc<E>, ByReference>(
            &loads, hash.mixed, key, old, load,
        )?)
    }

    /// As [`load_limited`](Self::load_limited), with a future.
    pub(crate) async fn load_limited_async<E, F>(
        &self,
        key: K,
        load: impl FnOnce(Option<Duration>) -> F,
    ) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
        F: Future<Output = Result<(V, Option<Duration>), E>>,
    {
        let hash = self.hash(&key);
        let (old, details) = match self.before(hash, &key).into_old() {
            Ok(missing) => missing,
            Err(value) => return Ok(value),
        };
        let stays = old.is_some().then(|| self.stays(hash, &key));
        let loads = LimitedLoads::new(self.detailed(details));
        let load = || async {
            let loaded = load(stays).await.map_err(Arc::new)?;
            Ok(loads.take(loaded))
        };
        Ok(load_missing_async::<_, _, _, Arc<E>, ByReference, _>(
            &loads, hash.mixed, key, old, load,
        )
        .await?)
    }

    /// For how long the entry of a key is good yet: not at all if it is over, or gone meanwhile.
    fn stays(&self, hash: Hashed, key: &K) -> Duration {
        let inner = &*self.inner;
        let now = inner.timeline.now();
        let expires = inner.shard(hash).read(|shard| {
            let found = shard.find_entry(hash.in_shard(), key)?;
            shard.slab.extra(found.slot).map(|extra| extra.expires)
        });
        inner.timeline.between(now, expires.unwrap_or(now))
    }
}

/// The cache for one such load, which leaves here what is known only when the value has come.
struct LimitedLoads<'a, K, V, S> {
    detailed: Detailed<'a, K, V, S>,
    at_most: OnceLock<Duration>,
}

impl<'a, K, V, S> LimitedLoads<'a, K, V, S> {
    fn new(detailed: Detailed<'a, K, V, S>) -> Self {
        Self {
            detailed,
            at_most: OnceLock::new(),
        }
    }

    fn take(&self, (value, at_most): (V, Option<Duration>)) -> V {
        if let Some(at_most) = at_most {
            // One load brings one value.
            let _ = self.at_most.set(at_most);
        }
        value
    }
}

impl<K, V, S> Loads<K, V> for LimitedLoads<'_, K, V, S>
where
    K: Hash + Eq + Clone,
    V: Clone,
    S: BuildHasher,
{
    fn flights(&self) -> &Flights<K, V> {
        self.detailed.flights()
    }

    fn statistics(&self) -> &Statistics {
        self.detailed.statistics()
    }

    fn timeline(&self) -> &Timeline {
        self.detailed.timeline()
    }

    fn present(&self, hash: u64, key: &K) -> Option<V> {
        self.detailed.present(hash, key)
    }

    fn keep(&self, hash: u64, key: K, value: V, load_ns: u64, lead: &Lead<'_, K, V>) {
        let Detailed { cache, details } = &self.detailed;
        let arrival = Arrival {
            key,
            value,
            details: details.clone(),
            at_most: self.at_most.get().copied(),
            load_ns: Some(load_ns),
        };
        cache.insert_loaded(Hashed { mixed: hash }, arrival, Some(lead));
    }
}
