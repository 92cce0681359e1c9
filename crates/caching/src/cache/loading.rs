//! Values that are loaded when they are missing: once for all who ask meanwhile, whether they are threads or tasks.

use std::{
    convert::Infallible,
    hash::{BuildHasher, Hash},
    sync::Arc,
};

use equivalent::Equivalent;

use super::{
    Cache, Hashed, details::Details, expiry::NEVER, load_cost, load_error::LoadError, random,
    writing::Arrival,
};
use crate::{
    concurrent::current_reader,
    single_flight::{
        ByReference, Flights, Joined, Lead, Leading, Loads, NotLoaded, Old, Recursive, Sharing,
        Source, Unshared, load_missing, load_missing_async,
    },
    statistics::Statistics,
    timeline::Timeline,
};

#[cfg(feature = "store")]
mod limited;

/// What a loader without errors gives.
fn infallible<V>(loaded: Result<V, NotLoaded<Infallible>>) -> V {
    match loaded {
        Ok(value) => value,
        Err(NotLoaded::Failed(never)) => match never {},
        Err(NotLoaded::Recursive) => {
            panic!(
                "the loader of a cache asked for the key that it was loading; compute that part without the cache, or use `try_get_or_insert_with`"
            )
        }
    }
}

/// What is there before a load.
enum Before<V> {
    Good(V),
    /// To be loaded anew, but good enough while somebody does.
    Old(Old<V>, Details),
    Missing,
}

impl<V> Before<V> {
    /// The good value is the error: otherwise there is something to load, in place of an old value, if there is one.
    fn into_old(self) -> Result<(Option<Old<V>>, Details), V> {
        match self {
            Self::Good(value) => Err(value),
            Self::Old(old, details) => Ok((Some(old), details)),
            Self::Missing => Ok((None, Details::none())),
        }
    }
}

impl<K, V, S> Cache<K, V, S>
where
    K: Hash + Eq + Clone,
    V: Clone,
    S: BuildHasher,
{
    /// The value of a key; if there is none, what `load` gives, which is put in.
    ///
    /// Concurrent callers of the same key load once, and the others wait. If the one who loads panics, one of those who
    /// waited loads. Callers of other keys do not wait. With [`stale_while_revalidate`](super::CacheBuilder::stale_while_revalidate) or
    /// [`early_refresh`](super::CacheBuilder::early_refresh), one caller loads a value anew and the others get the old one meanwhile.
    ///
    /// In async code use [`get_or_insert_async`](Self::get_or_insert_async): this one may block the thread.
    ///
    /// # Panics
    /// If `load` asks for the same key, itself or by way of other loads, of this cache or of others; or if `load` panics.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// assert_eq!(cache.get_or_insert_with(3, || "three"), "three");
    /// assert_eq!(cache.get_or_insert_with(3, || unreachable!("it is there")), "three");
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "get_with")]
    #[doc(alias = "memoize")]
    pub fn get_or_insert_with(&self, key: K, load: impl FnOnce() -> V) -> V {
        self.get_or_load(key, Details::none, load)
    }

    /// As [`get_or_insert_with`](Self::get_or_insert_with), for a borrowed key that is only made owned if the value is missing.
    ///
    /// # Panics
    /// As there.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::<String, usize>::new(10)?;
    /// assert_eq!(cache.get_or_insert_with_ref("abc", || 3), 3);
    /// assert_eq!(cache.get("abc"), Some(3));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn get_or_insert_with_ref<Q>(&self, key: &Q, load: impl FnOnce() -> V) -> V
    where
        Q: Hash + Equivalent<K> + ToOwned<Owned = K> + ?Sized,
    {
        let hash = self.hash(key);
        infallible(self.load::<Q, Infallible, Unshared>(
            hash,
            key,
            || key.to_owned(),
            Details::none,
            || Ok(load()),
        ))
    }

    /// As [`get_or_insert_with`](Self::get_or_insert_with), for a loader that may fail. An error is not cached; concurrent callers
    /// get the same one. To cache errors for a while, make `V` a `Result`, with
    /// [`negative_ttl`](super::CacheBuilder::negative_ttl).
    ///
    /// If there is an old value that may be served, it is, instead of the error.
    ///
    /// # Errors
    /// [`LoadError::Failed`] with the error of `load`; [`LoadError::Recursive`] instead of a deadlock if `load` asks for the same key.
    ///
    /// ```
    /// let cache = tuneup_caching::Cache::<&str, u32>::new(10)?;
    /// assert!(cache.try_get_or_insert_with("seven", || "seven".parse::<u32>()).is_err());
    /// assert_eq!(cache.try_get_or_insert_with("7", || "7".parse::<u32>()).ok(), Some(7));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[doc(alias = "try_get_with")]
    pub fn try_get_or_insert_with<E>(
        &self,
        key: K,
        load: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
    {
        self.try_get_or_load(key, Details::none, load)
    }

    /// As [`get_or_insert_with`](Self::get_or_insert_with), for a loader that is a future. Needs no particular runtime.
    ///
    /// Threads and tasks that ask for the same key load once together. A future that is dropped while it loads hands over:
    /// one of those who wait loads with its own loader.
    ///
    /// Those who wait do so for as long as the future that loads lives, so that it has to be polled or dropped: kept aside, it keeps them
    /// waiting. A loader that awaits another task which asks for the same key waits for itself, and for ever; only what the loader asks for
    /// while it is polled itself is found to be recursive. That is also true of a task that happens to run inside of it, on a runtime
    /// that the loader blocks on.
    ///
    /// # Panics
    /// As there.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// let cache = tuneup_caching::Cache::new(10)?;
    /// assert_eq!(cache.get_or_insert_async(3, async || "three").await, "three");
    /// # Ok::<(), tuneup_caching::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn get_or_insert_async<F>(&self, key: K, load: impl FnOnce() -> F) -> V
    where
        F: Future<Output = V>,
    {
        self.get_or_load_async(key, Details::none, load).await
    }

    /// As [`get_or_insert_async`](Self::get_or_insert_async), for a loader that may fail; of errors
    /// [`try_get_or_insert_with`](Self::try_get_or_insert_with) is true.
    ///
    /// # Errors
    /// As there.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// let cache = tuneup_caching::Cache::<&str, u32>::new(10)?;
    /// let answer = cache.try_get_or_insert_async("7", async || "7".parse::<u32>()).await;
    /// assert_eq!(answer.ok(), Some(7));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn try_get_or_insert_async<E, F>(
        &self,
        key: K,
        load: impl FnOnce() -> F,
    ) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
        F: Future<Output = Result<V, E>>,
    {
        self.try_get_or_load_async(key, Details::none, load).await
    }

    /// [`get_or_insert_with`](Self::get_or_insert_with) of a value that has details.
    #[inline]
    pub(super) fn get_or_load(
        &self,
        key: K,
        give: impl FnOnce() -> Details,
        load: impl FnOnce() -> V,
    ) -> V {
        let hash = self.hash(&key);
        let load = || Ok(load());
        infallible(self.load::<K, Infallible, Unshared>(hash, &key, || key.clone(), give, load))
    }

    /// [`try_get_or_insert_with`](Self::try_get_or_insert_with) of a value that has details.
    #[inline]
    pub(super) fn try_get_or_load<E>(
        &self,
        key: K,
        give: impl FnOnce() -> Details,
        load: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
    {
        let hash = self.hash(&key);
        let load = || load().map_err(Arc::new);
        Ok(self.load::<K, Arc<E>, ByReference>(hash, &key, || key.clone(), give, load)?)
    }

    /// [`get_or_insert_async`](Self::get_or_insert_async) of a value that has details.
    #[inline]
    pub(super) async fn get_or_load_async<F>(
        &self,
        key: K,
        give: impl FnOnce() -> Details,
        load: impl FnOnce() -> F,
    ) -> V
    where
        F: Future<Output = V>,
    {
        let hash = self.hash(&key);
        let load = || async { Ok(load().await) };
        infallible(
            self.load_async::<K, Infallible, Unshared, _>(hash, &key, || key.clone(), give, load)
                .await,
        )
    }

    /// [`try_get_or_insert_async`](Self::try_get_or_insert_async) of a value that has details.
    #[inline]
    pub(super) async fn try_get_or_load_async<E, F>(
        &self,
        key: K,
        give: impl FnOnce() -> Details,
        load: impl FnOnce() -> F,
    ) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
        F: Future<Output = Result<V, E>>,
    {
        let hash = self.hash(&key);
        let load = || async { load().await.map_err(Arc::new) };
        Ok(self
            .load_async::<K, Arc<E>, ByReference, _>(hash, &key, || key.clone(), give, load)
            .await?)
    }

    /// The value of a key, or what comes of loading it; `own` makes the key, and `give` details, if there is something to load.
    #[inline]
    pub(crate) fn load<Q, X, H>(
        &self,
        hash: Hashed,
        key: &Q,
        own: impl FnOnce() -> K,
        give: impl FnOnce() -> Details,
        load: impl FnOnce() -> Result<V, X>,
    ) -> Result<V, NotLoaded<X>>
    where
        Q: Equivalent<K> + ?Sized,
        H: Sharing<X>,
    {
        match self.before(hash, key) {
            Before::Good(value) => Ok(value),
            Before::Old(old, details) => {
                let cache = self.detailed(give().or(details));
                load_missing::<_, _, _, X, H>(&cache, hash.mixed, own(), Some(old), load)
            }
            Before::Missing => {
                let cache = self.detailed(give());
                load_missing::<_, _, _, X, H>(&cache, hash.mixed, own(), None, load)
            }
        }
    }

    /// As [`load`](Self::load), with a future.
    pub(crate) async fn load_async<Q, X, H, F>(
        &self,
        hash: Hashed,
        key: &Q,
        own: impl FnOnce() -> K,
        give: impl FnOnce() -> Details,
        load: impl FnOnce() -> F,
    ) -> Result<V, NotLoaded<X>>
    where
        Q: Equivalent<K> + ?Sized,
        H: Sharing<X>,
        F: Future<Output = Result<V, X>>,
    {
        let (old, details) = match self.before(hash, key).into_old() {
            Ok((old, details)) => (old, give().or(details)),
            Err(value) => return Ok(value),
        };
        let cache = self.detailed(details);
        load_missing_async::<_, _, _, X, H, F>(&cache, hash.mixed, own(), old, load).await
    }

    fn detailed(&self, details: Details) -> Detailed<'_, K, V, S> {
        Detailed {
            cache: self,
            details,
        }
    }

    /// Looks, and counts a hit or a miss; tells a value that is over but may be served from none.
    #[inline]
    fn before<Q>(&self, hash: Hashed, key: &Q) -> Before<V>
    where
        Q: Equivalent<K> + ?Sized,
    {
        let expiry = &self.inner.rules.expiry;
        if expiry.stale_for.is_none() && expiry.early_refresh.is_none() {
            return self
                .get_hashed(hash, key)
                .map_or(Before::Missing, Before::Good);
        }
        self.before_or_stale(hash, key)
    }

    /// As [`before`](Self::before), where an entry may be due before its end, or served after it.
    fn before_or_stale<Q>(&self, hash: Hashed, key: &Q) -> Before<V>
    where
        Q: Equivalent<K> + ?Sized,
    {
        let inner = &*self.inner;
        inner.sample_request(hash);
        let now = inner.timeline.now();
        let found = inner.shard(hash).read(|shard| {
            let found = shard.find_entry(hash.in_shard(), key)?;
            let cost = found.cost();
            let value = || found.value.clone();
            let Some(extra) = shard.slab.extra(found.slot) else {
                shard.hit(&found);
                return Some((Before::Good(value()), cost));
            };
            if inner.is_gone_at(extra, now) {
                return None;
            }
            shard.hit(&found);
            if !inner.is_good_now(extra) {
                let old = Old {
                    value: value(),
                    is_over: true,
                };
                return Some((Before::Old(old, extra.details()), 0));
            }
            let load_ticks = inner
                .timeline
                .ticks(std::time::Duration::from_nanos(load_cost::ns(cost)));
            let is_due = extra.expires != NEVER
                && inner.rules.expiry.is_due_early(
                    extra.expires - now.min(extra.expires),
                    load_ticks,
                    random(hash.mixed, now),
                );
            let value = value();
            Some(if is_due {
                let is_over = false;
                (Before::Old(Old { value, is_over }, extra.details()), cost)
            } else {
                (Before::Good(value), cost)
            })
        });
        match found {
            Some((before, cost)) => {
                inner
                    .statistics
                    .counters
                    .hit(current_reader(), load_cost::ns(cost));
                before
            }
            None => {
                inner.count_miss(current_reader());
                Before::Missing
            }
        }
    }

    /// The value that `change` makes of the one that is there, or of none, put in its place. Changes and loads of one key take
    /// turns.
    pub(super) fn change(
        &self,
        key: K,
        given: Details,
        change: impl FnOnce(Option<V>) -> V,
    ) -> Result<V, Recursive> {
        let hash = self.hash(&key);
        loop {
            let flights = &self.inner.flights;
            match flights.join(hash.mixed, key.clone(), Source::Entry) {
                Joined::Leads(lead) => {
                    let (old, details) = self.peek_detailed(hash, &key).unzip();
                    let value = {
                        let _leading = Leading::enter(lead.flight());
                        change(old)
                    };
                    if lead.may_cache() {
                        let mut arrival = Arrival::new(key, value.clone());
                        arrival.details = given.or(details.unwrap_or(Details::none()));
                        self.insert_loaded(hash, arrival, Some(&lead));
                    }
                    lead.finish(&value);
                    return Ok(value);
                }
                Joined::Waits(flight) => {
                    flight.wait()?;
                }
            }
        }
    }
}

impl<K, V, S> Loads<K, V> for Cache<K, V, S>
where
    K: Hash + Eq + Clone,
    V: Clone,
    S: BuildHasher,
{
    fn flights(&self) -> &Flights<K, V> {
        &self.inner.flights
    }

    fn statistics(&self) -> &Statistics {
        &self.inner.statistics
    }

    fn timeline(&self) -> &Timeline {
        &self.inner.timeline
    }

    fn present(&self, hash: u64, key: &K) -> Option<V> {
        self.peek_hashed(Hashed { mixed: hash }, key)
    }

    fn keep(&self, hash: u64, key: K, value: V, load_ns: u64, lead: &Lead<'_, K, V>) {
        let arrival = Arrival {
            key,
            value,
            details: Details::none(),
            at_most: None,
            load_ns: Some(load_ns),
        };
        self.insert_loaded(Hashed { mixed: hash }, arrival, Some(lead));
    }
}

/// A cache that gives details to what it loads.
struct Detailed<'a, K, V, S> {
    cache: &'a Cache<K, V, S>,
    details: Details,
}

impl<K, V, S> Loads<K, V> for Detailed<'_, K, V, S>
where
    K: Hash + Eq + Clone,
    V: Clone,
    S: BuildHasher,
{
    fn flights(&self) -> &Flights<K, V> {
        self.cache.flights()
    }

    fn statistics(&self) -> &Statistics {
        self.cache.statistics()
    }

    fn timeline(&self) -> &Timeline {
        self.cache.timeline()
    }

    fn present(&self, hash: u64, key: &K) -> Option<V> {
        self.cache.present(hash, key)
    }

    fn keep(&self, hash: u64, key: K, value: V, load_ns: u64, lead: &Lead<'_, K, V>) {
        let arrival = Arrival {
            key,
            value,
            details: self.details.clone(),
            at_most: None,
            load_ns: Some(load_ns),
        };
        self.cache
            .insert_loaded(Hashed { mixed: hash }, arrival, Some(lead));
    }
}
