//! What keeps the answers of a memoized function.

use std::hash::Hash;

use equivalent::Equivalent;

use super::{Key, Settings, Value};
use crate::{Cache, CacheBuilder, Info, Policy, single_flight::Loads};

/// What keeps answers, for all threads. Nobody else has one.
#[expect(
    private_bounds,
    reason = "how a miss is loaded is no concern of expansions"
)]
pub trait Engine: Loads<Self::Key, Self::Value> + Send + Sync + 'static {
    /// Of the arguments.
    type Key: Key + Send + Sync;
    /// The answers.
    type Value: Value + Send + Sync;

    /// As the attribute asks for.
    fn new(settings: Settings) -> Self;

    /// The answer to what finds a key. Counts as a hit or a miss.
    fn get<Q>(&self, lookup: &Q) -> Option<Self::Value>
    where
        Q: Hash + Equivalent<Self::Key> + ?Sized;

    /// Under which a key is loaded.
    fn hash(&self, key: &Self::Key) -> u64;

    /// Forgets an answer; whether there was one.
    fn remove<Q>(&self, lookup: &Q) -> bool
    where
        Q: Hash + Equivalent<Self::Key> + ?Sized;

    /// What it has done, and what it holds.
    fn info(&self) -> Info;

    /// Forgets all answers, and begins to count anew.
    fn clear(&self);
}

impl<K, V> Engine for Cache<K, V>
where
    K: Key + Send + Sync,
    V: Value + Send + Sync,
{
    type Key = K;
    type Value = V;

    fn new(settings: Settings) -> Self {
        let mut builder = match settings.maxsize {
            None => CacheBuilder::unbounded(),
            // Of a cache that keeps nothing only the counts are used.
            Some(maxsize) => Self::builder((maxsize as u64).max(1)),
        };
        if let Some(policy) = settings.policy {
            builder = builder.policy(policy);
            if policy == Policy::Lru {
                // In several parts, each would be in the order of its own uses.
                builder = builder.shards(1);
            }
        }
        if let Some(ttl) = settings.ttl {
            builder = builder.ttl(ttl);
        }
        if let Some(shards) = settings.shards {
            builder = builder.shards(shards);
        }
        builder
            .build()
            .expect("the attribute accepts no setting that a cache does not")
    }

    #[inline(always)]
    fn get<Q>(&self, lookup: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        Self::get(self, lookup)
    }

    fn hash(&self, key: &K) -> u64 {
        self.load_hash(key)
    }

    fn remove<Q>(&self, lookup: &Q) -> bool
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        Self::remove(self, lookup).is_some()
    }

    fn info(&self) -> Info {
        Self::info(self)
    }

    fn clear(&self) {
        self.invalidate_all();
        self.reset_info();
    }
}
