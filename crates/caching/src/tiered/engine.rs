//! What a tiered cache does, written once for blocking and asynchronous stores.

use std::{
    future::{Future, ready},
    hash::Hash,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use super::{
    counters::{Counter, Counters, TieredInfo},
    lease::{LeaseTerms, Tokens},
};
use crate::{
    AsyncStore, Cache, CircuitBreaker, Codec, Error, Invalidation, InvalidationChannel,
    StoreFuture,
    generations::{Generations, Stamp},
    store::{Content, Envelope, Undecodable, WallClock},
};

pub(super) struct Engine<K, V> {
    pub(super) cache: Cache<K, V>,
    pub(super) key_codec: Box<dyn Codec<K>>,
    pub(super) value_codec: Box<dyn Codec<V>>,
    pub(super) envelope: Envelope,
    pub(super) ttl: Option<Duration>,
    pub(super) memory_ttl: Option<Duration>,
    pub(super) lease: Option<LeaseTerms>,
    pub(super) tokens: Tokens,
    pub(super) breaker: CircuitBreaker,
    pub(super) channel: Option<Arc<dyn InvalidationChannel>>,
    pub(super) clock: WallClock,
    pub(super) counters: Counters,
    pub(super) generations: Generations,
}

/// How a caller reaches the store.
#[derive(Clone, Copy)]
pub(super) struct Access<'a> {
    pub(super) store: &'a dyn AsyncStore,
    /// Whether the futures of the store block and are ready.
    pub(super) blocking: bool,
}

/// A value, and how long it lives yet, if it does not live forever.
pub(super) struct Fetched<V> {
    pub(super) value: V,
    pub(super) left: Option<Duration>,
}

/// What the store has under a key.
pub(super) enum Found<V> {
    /// With its bytes.
    Value(Fetched<V>, Vec<u8>),
    Nothing,
    /// Bytes that are no value now, and may be replaced.
    Useless(Vec<u8>),
    /// Something that cannot be compared with anything: no bytes, or damaged ones.
    Unreadable,
    /// Somebody loads the value.
    Lease,
    /// The store does not answer.
    Unknown,
}

impl<K, V> Engine<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) async fn get(&self, access: Access<'_>, key: &K) -> Option<V> {
        if let Some(value) = self.cache.get(key) {
            return Some(value);
        }
        let stamp = self.generations.stamp(key);
        let bytes = self.encode_key(key).ok()?;
        let Found::Value(fetched, _) = self.read(access, &bytes).await else {
            self.counters.count(Counter::StoreMisses);
            return None;
        };
        self.counters.count(Counter::StoreHits);
        let value = fetched.value;
        self.put_in_memory(key.clone(), value.clone(), fetched.left);
        if !self.generations.holds(stamp) {
            self.cache.remove(key);
        }
        Some(value)
    }

    /// Takes out again what a load that began at `stamp` has put into memory, if the key was invalidated meanwhile. None,
    /// if this caller has not loaded.
    pub(super) fn settle(&self, key: &K, stamp: Option<Stamp>) {
        if stamp.is_some_and(|stamp| !self.generations.holds(stamp)) {
            self.cache.remove(key);
        }
    }

    pub(super) async fn insert(&self, access: Access<'_>, key: K, value: V) -> Result<(), Error> {
        let before = self.generations.stamp(&key);
        let stored = self
            .change(self.write(access, &key, &value), || self.forget(&key))
            .await;
        self.generations.invalidate(&key);
        self.put_in_memory(key.clone(), value, self.ttl);
        // Another writer of this key, here or elsewhere, was faster or slower on its way to the store, which is unknown:
        // the store knows.
        if !self.generations.holds(before.next()) {
            self.cache.remove(&key);
        }
        let bytes = stored?;
        self.publish(access, Invalidation::Key(bytes)).await
    }

    /// Returns the bytes of the key.
    async fn write(&self, access: Access<'_>, key: &K, value: &V) -> Result<Vec<u8>, Error> {
        let bytes = self.encode_key(key)?;
        let value = self.wrap(&bytes, value)?;
        self.ask(|| access.store.set(&bytes, &value, self.ttl))
            .await?;
        Ok(bytes)
    }

    pub(super) async fn remove(&self, access: Access<'_>, key: &K) -> Result<(), Error> {
        let removed = match self.encode_key(key) {
            Ok(bytes) => self
                .change(self.ask(|| access.store.remove(&bytes)), || {
                    self.forget(key);
                })
                .await
                .map(|_| bytes),
            Err(error) => Err(error),
        };
        self.forget(key);
        let bytes = removed?;
        self.publish(access, Invalidation::Key(bytes)).await
    }

    pub(super) async fn clear(&self, access: Access<'_>) -> Result<(), Error> {
        let cleared = self
            .change(self.ask(|| access.store.clear()), || self.forget_all())
            .await;
        self.forget_all();
        cleared?;
        self.publish(access, Invalidation::All).await
    }

    pub(super) async fn invalidate_tag(&self, access: Access<'_>, tag: &str) -> Result<(), Error> {
        self.generations.invalidate_all();
        self.cache.invalidate_tag(tag);
        self.publish(access, Invalidation::Tag(tag.to_owned()))
            .await
    }

    /// What comes of a change of the store. If its future is dropped, or the store panics, nobody will know, and memory is to `forget` what
    /// may have been overtaken.
    async fn change<T>(&self, change: impl Future<Output = T>, forget: impl FnOnce()) -> T {
        let mut unsure = Unsure(Some(forget));
        let changed = change.await;
        unsure.0 = None;
        changed
    }

    /// Takes a key out of the memory tier, also on its way there.
    pub(super) fn forget(&self, key: &K) {
        self.generations.invalidate(key);
        self.cache.remove(key);
    }

    /// Empties the memory tier, also of what is on its way there.
    pub(super) fn forget_all(&self) {
        self.generations.invalidate_all();
        self.cache.invalidate_all();
    }

    async fn publish(&self, access: Access<'_>, news: Invalidation) -> Result<(), Error> {
        let Some(channel) = &self.channel else {
            return Ok(());
        };
        let result = self
            .ask(|| {
                if access.blocking {
                    Box::pin(ready(channel.publish(&news)))
                } else {
                    channel.publish_async(&news)
                }
            })
            .await;
        if result.is_err() {
            self.counters.count(Counter::PublishFailures);
        }
        result
    }

    /// Asks the store, unless it has failed too often of late.
    pub(super) async fn ask<'a, T>(
        &self,
        question: impl FnOnce() -> StoreFuture<'a, T>,
    ) -> Result<T, Error> {
        let permit = self
            .breaker
            .acquire()
            .inspect_err(|_| self.counters.count(Counter::StoreRefused))?;
        let result = question().await;
        match &result {
            // Its answer may not be liked, but the store is there.
            Ok(_)
            | Err(
                Error::ForeignValue { .. } | Error::DamagedValue { .. } | Error::OutOfRange { .. },
            ) => permit.succeed(),
            Err(_) => {
                self.counters.count(Counter::StoreFailures);
                permit.fail();
            }
        }
        result
    }

    pub(super) async fn read(&self, access: Access<'_>, key: &[u8]) -> Found<V> {
        let bytes = match self.ask(|| access.store.get(key)).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Found::Nothing,
            Err(Error::ForeignValue { .. }) => {
                self.counters.count(Counter::Foreign);
                return Found::Unreadable;
            }
            Err(Error::DamagedValue { .. }) => {
                self.counters.count(Counter::Damaged);
                return Found::Unreadable;
            }
            Err(_) => return Found::Unknown,
        };
        match self.envelope.open(key, &bytes, &self.clock) {
            Content::Value { payload, expiry_ms } => {
                if let Ok(value) = self.value_codec.decode(payload) {
                    let left = self.clock.remaining(expiry_ms);
                    return Found::Value(Fetched { value, left }, bytes);
                }
                self.counters.count(Counter::Damaged);
            }
            Content::Lease => return Found::Lease,
            Content::Expired => {}
            Content::Undecodable(why) => self.counters.count(match why {
                Undecodable::Foreign => Counter::Foreign,
                Undecodable::Schema => Counter::OtherSchema,
                Undecodable::Damaged => Counter::Damaged,
            }),
        }
        Found::Useless(bytes)
    }

    /// Runs the user's loader.
    pub(super) async fn load<E>(
        &self,
        load: impl Future<Output = Result<V, E>>,
    ) -> Result<Fetched<V>, E> {
        self.counters.count(Counter::Loads);
        match load.await {
            Ok(value) => Ok(Fetched {
                value,
                left: self.ttl,
            }),
            Err(error) => {
                self.counters.count(Counter::LoadFailures);
                Err(error)
            }
        }
    }

    pub(super) fn encode_key(&self, key: &K) -> Result<Vec<u8>, Error> {
        self.key_codec
            .encode(key)
            .inspect_err(|_| self.counters.count(Counter::Unencodable))
    }

    pub(super) fn wrap(&self, key: &[u8], value: &V) -> Result<Vec<u8>, Error> {
        let payload = self
            .value_codec
            .encode(value)
            .inspect_err(|_| self.counters.count(Counter::Unencodable))?;
        Ok(self
            .envelope
            .wrap_value(key, &payload, self.clock.expiry_ms(self.ttl)))
    }

    fn put_in_memory(&self, key: K, value: V, left: Option<Duration>) {
        self.cache
            .insert_limited(key, value, self.memory_time(left));
    }

    /// How long a value may stay in memory that has so much left in the store, as far as the rules of the cache allow; none
    /// for no limit.
    pub(super) fn memory_time(&self, left: Option<Duration>) -> Option<Duration> {
        match (self.memory_ttl, left) {
            (Some(memory), Some(left)) => Some(memory.min(left)),
            (memory, left) => memory.or(left),
        }
        // What is over in this very moment is as good as over in the next.
        .map(|time| time.max(Duration::from_millis(1)))
    }

    pub(super) fn info(&self) -> TieredInfo {
        self.counters.info(self.cache.info(), self.breaker.info())
    }
}

/// Does what it has, if it is dropped with it.
struct Unsure<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for Unsure<F> {
    fn drop(&mut self) {
        if let Some(forget) = self.0.take() {
            // Listeners of the cache are the user's, and this is perhaps a panic already.
            let _ = catch_unwind(AssertUnwindSafe(forget));
        }
    }
}
