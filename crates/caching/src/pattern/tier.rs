//! What a pattern can stand on: a cache in memory, or a tiered one.

use std::hash::{BuildHasher, Hash};

use crate::{Cache, Error, LoadError, Store, Tiered};

mod sealed {
    pub trait Sealed {}
}

/// A cache that a pattern can use: a [`Cache`], or a [`Tiered`] one with a blocking store.
///
/// Sealed: a pattern depends on how these two treat changes while a value is being loaded.
///
/// # Examples
/// ```
/// use tuneup_caching::{Cache, Tier};
///
/// fn remember(tier: &impl Tier<u64, String>) -> Result<(), tuneup_caching::Error> {
///     tier.put(7, "seven".to_owned())
/// }
/// remember(&Cache::new(10)?)?;
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
pub trait Tier<K, V>: sealed::Sealed + Send + Sync {
    /// The value of `key`, if it is there.
    fn look_up(&self, key: &K) -> Option<V>;

    /// The value of `key`, or else that of `load`, once for all who ask.
    ///
    /// # Errors
    /// Those of `load`; see [`LoadError`].
    fn get_or_load<E, F>(&self, key: K, load: F) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
        F: FnOnce() -> Result<V, E>;

    /// Puts a value in, also in place of one that is being loaded.
    ///
    /// # Errors
    /// Those of [`Tiered::insert`].
    fn put(&self, key: K, value: V) -> Result<(), Error>;

    /// Takes a value out, also one that is being loaded.
    ///
    /// # Errors
    /// Those of [`Tiered::remove`].
    fn take_out(&self, key: &K) -> Result<(), Error>;

    /// How many keys to expect, if that is bounded.
    #[doc(hidden)]
    fn expected_keys(&self) -> Option<u64>;
}

impl<K, V, H> sealed::Sealed for Cache<K, V, H> {}

impl<K, V, H> Tier<K, V> for Cache<K, V, H>
where
    K: Hash + Eq + Clone + Send + Sync,
    V: Clone + Send + Sync,
    H: BuildHasher + Send + Sync,
{
    fn look_up(&self, key: &K) -> Option<V> {
        self.get(key)
    }

    fn get_or_load<E, F>(&self, key: K, load: F) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
        F: FnOnce() -> Result<V, E>,
    {
        self.try_get_or_insert_with(key, load)
    }

    fn put(&self, key: K, value: V) -> Result<(), Error> {
        // To remove it makes a load that is under way keep its older value to itself.
        self.remove(&key);
        self.insert(key, value);
        Ok(())
    }

    fn take_out(&self, key: &K) -> Result<(), Error> {
        self.remove(key);
        Ok(())
    }

    fn expected_keys(&self) -> Option<u64> {
        self.capacity()
    }
}

impl<K, V, S> sealed::Sealed for Tiered<K, V, S> {}

impl<K, V, S> Tier<K, V> for Tiered<K, V, S>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    S: Store,
{
    fn look_up(&self, key: &K) -> Option<V> {
        self.get(key)
    }

    fn get_or_load<E, F>(&self, key: K, load: F) -> Result<V, LoadError<E>>
    where
        E: Send + Sync + 'static,
        F: FnOnce() -> Result<V, E>,
    {
        self.get_or_load(key, load)
    }

    fn put(&self, key: K, value: V) -> Result<(), Error> {
        self.insert(key, value)
    }

    fn take_out(&self, key: &K) -> Result<(), Error> {
        self.remove(key)
    }

    fn expected_keys(&self) -> Option<u64> {
        self.cache().capacity()
    }
}
