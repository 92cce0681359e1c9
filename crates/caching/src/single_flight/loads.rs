//! What misses do about it: one loads, the others wait.

use super::{Flights, Joined, Lead, Leading, NotLoaded, Outcome, Sharing, Source};
use crate::{
    statistics::{Running, Statistics},
    timeline::Timeline,
};

/// A cache whose missing values are loaded.
pub(crate) trait Loads<K, V> {
    fn flights(&self) -> &Flights<K, V>;
    fn statistics(&self) -> &Statistics;
    fn timeline(&self) -> &Timeline;

    /// The value of a key, if it is there and good; counts as nothing.
    fn present(&self, hash: u64, key: &K) -> Option<V>;

    /// Puts in what was loaded, unless the lead [may not](Lead::may_cache) any more.
    fn keep(&self, hash: u64, key: K, value: V, load_ns: u64, lead: &Lead<'_, K, V>);
}

/// A value that is to be loaded anew.
pub(crate) struct Old<V> {
    pub(crate) value: V,
    /// Whether its time is over: what is good then is newer.
    pub(crate) is_over: bool,
}

/// The value of a key that was looked up, and counted, already: what `load` gives, or what comes of somebody else's load that is
/// under way. An old value is given out while somebody else loads, and if loading fails.
#[cold]
pub(crate) fn load_missing<C, K, V, X, H>(
    cache: &C,
    hash: u64,
    key: K,
    old: Option<Old<V>>,
    load: impl FnOnce() -> Result<V, X>,
) -> Result<V, NotLoaded<X>>
where
    C: Loads<K, V>,
    K: Eq + Clone,
    V: Clone,
    H: Sharing<X>,
{
    let mut has_waited = false;
    loop {
        match cache.flights().join(hash, key.clone(), Source::Elsewhere) {
            Joined::Leads(lead) => {
                let leader = match Leader::begin(cache, (hash, key), old, lead) {
                    Ok(leader) => leader,
                    Err(value) => return Ok(value),
                };
                let loaded = {
                    let _leading = Leading::enter(leader.lead.flight());
                    load()
                };
                return leader.land::<X, H>(loaded);
            }
            Joined::Waits(flight) => {
                if let Some(old) = old {
                    return Ok(serve_stale(cache, old.value));
                }
                count_wait(cache, &mut has_waited);
                if let Some(end) = arrived::<_, _, H>(flight.wait()?) {
                    return end;
                }
            }
        }
    }
}

/// As [`load_missing`], with a future.
pub(crate) async fn load_missing_async<C, K, V, X, H, F>(
    cache: &C,
    hash: u64,
    key: K,
    old: Option<Old<V>>,
    load: impl FnOnce() -> F,
) -> Result<V, NotLoaded<X>>
where
    C: Loads<K, V>,
    K: Eq + Clone,
    V: Clone,
    H: Sharing<X>,
    F: Future<Output = Result<V, X>>,
{
    let mut has_waited = false;
    loop {
        match cache.flights().join(hash, key.clone(), Source::Elsewhere) {
            Joined::Leads(lead) => {
                let leader = match Leader::begin(cache, (hash, key), old, lead) {
                    Ok(leader) => leader,
                    Err(value) => return Ok(value),
                };
                let loaded = Leading::polling(leader.lead.flight(), load()).await;
                return leader.land::<X, H>(loaded);
            }
            Joined::Waits(flight) => {
                if let Some(old) = old {
                    return Ok(serve_stale(cache, old.value));
                }
                count_wait(cache, &mut has_waited);
                flight.ended().await?;
                if let Some(end) = flight.outcome().and_then(arrived::<_, _, H>) {
                    return end;
                }
            }
        }
    }
}

/// Counts a caller that waits, once for all the leaders that it may come to wait for.
fn count_wait<C: Loads<K, V>, K, V>(cache: &C, has_waited: &mut bool) {
    if !std::mem::replace(has_waited, true) {
        cache.statistics().loads.count_wait();
    }
}

fn serve_stale<C: Loads<K, V>, K, V>(cache: &C, old: V) -> V {
    cache.statistics().loads.count_stale_hit();
    old
}

/// One who loads. Dropped before it has landed, its load has failed, and those who wait are let go.
struct Leader<'a, C, K, V> {
    cache: &'a C,
    hash: u64,
    key: K,
    old: Option<Old<V>>,
    lead: Lead<'a, K, V>,
    running: Running<'a>,
    start: u64,
}

impl<'a, C: Loads<K, V>, K, V: Clone> Leader<'a, C, K, V> {
    /// The error is a value that came while this caller was on its way to load it.
    fn begin(
        cache: &'a C,
        (hash, key): (u64, K),
        old: Option<Old<V>>,
        lead: Lead<'a, K, V>,
    ) -> Result<Self, V> {
        if old.as_ref().is_none_or(|old| old.is_over)
            && let Some(value) = cache.present(hash, &key)
        {
            lead.finish(&value);
            return Err(value);
        }
        Ok(Self {
            cache,
            hash,
            key,
            old,
            lead,
            running: cache.statistics().loads.begin(),
            start: cache.timeline().now(),
        })
    }

    /// Puts in what was loaded, if nobody has invalidated its key meanwhile, and tells those who wait.
    fn land<X, H: Sharing<X>>(self, loaded: Result<V, X>) -> Result<V, NotLoaded<X>> {
        let (cache, lead) = (self.cache, self.lead);
        match loaded {
            Ok(value) => {
                let timeline = cache.timeline();
                let load_ns = timeline.ns_between(self.start, timeline.now());
                self.running.succeeded(load_ns);
                if lead.may_cache() {
                    cache.keep(self.hash, self.key, value.clone(), load_ns, &lead);
                }
                lead.finish(&value);
                Ok(value)
            }
            Err(error) => match self.old {
                Some(old) => {
                    lead.fail(None);
                    Ok(serve_stale(cache, old.value))
                }
                None => {
                    lead.fail(H::share(&error));
                    Err(NotLoaded::Failed(error))
                }
            },
        }
    }
}

/// What came of the load that this caller waited for; none, if it is to try for itself.
fn arrived<V, X, H>(outcome: &Outcome<V>) -> Option<Result<V, NotLoaded<X>>>
where
    V: Clone,
    H: Sharing<X>,
{
    match outcome {
        Outcome::Loaded(value) => Some(Ok(value.clone())),
        Outcome::Failed(shared) => H::accept(shared).map(|error| Err(NotLoaded::Failed(error))),
        Outcome::Abandoned => None,
    }
}
