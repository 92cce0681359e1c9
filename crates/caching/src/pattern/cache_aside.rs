//! The program talks to its database by itself, with a cache aside.

use std::{fmt, hash::Hash, marker::PhantomData};

use super::{ChangeError, Tier, load_optional};
use crate::LoadError;

/// The cache-aside pattern: the program reads through the cache and changes its database by itself, and this type does
/// the two in the order that is right.
///
/// A change goes to the database first and then *removes* the key: to remove it first would let a reader bring the old
/// value back in between, and to write it would let the slower of two writers win. A load that is under way while a key
/// is changed keeps its value to itself.
///
/// The pattern of
/// <https://learn.microsoft.com/en-us/azure/architecture/patterns/cache-aside>. No lock is held while the program's
/// code runs. All methods take `&self`.
///
/// # Examples
/// ```
/// use std::{collections::HashMap, convert::Infallible, sync::Mutex};
/// use tuneup_caching::{Cache, CacheAside};
///
/// let database = Mutex::new(HashMap::from([(7, "Ada")]));
/// let names = CacheAside::new(Cache::<u64, &str>::new(10)?);
///
/// let read = || Ok::<_, Infallible>(database.lock().unwrap().get(&7).copied());
/// assert_eq!(names.get(7, read)?, Some("Ada"));
/// names.change(&7, || {
///     database.lock().unwrap().insert(7, "Grace");
///     Ok::<_, Infallible>(())
/// })?;
/// assert_eq!(names.get(7, read)?, Some("Grace"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "lazy loading")]
pub struct CacheAside<K, V, T> {
    tier: T,
    types: PhantomData<fn(K) -> V>,
}

impl<K, V, T> CacheAside<K, V, T>
where
    K: Hash + Eq + Clone,
    T: Tier<K, V>,
{
    /// Aside of the program is this cache.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, CacheAside};
    ///
    /// let names = CacheAside::new(Cache::<u64, String>::new(10)?);
    /// # drop(names);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn new(tier: T) -> Self {
        Self {
            tier,
            types: PhantomData,
        }
    }

    /// The value of `key` from the cache, or else from `load`, once for all who ask. That there is none is not cached.
    ///
    /// # Errors
    /// Those of `load`, which are not cached.
    ///
    /// # Examples
    /// ```
    /// use std::convert::Infallible;
    /// use tuneup_caching::{Cache, CacheAside};
    ///
    /// let names = CacheAside::new(Cache::<u64, String>::new(10)?);
    /// assert_eq!(names.get(7, || Ok::<_, Infallible>(None))?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get<E, F>(&self, key: K, load: F) -> Result<Option<V>, LoadError<E>>
    where
        E: Send + Sync + 'static,
        F: FnOnce() -> Result<Option<V>, E>,
    {
        load_optional(&self.tier, key, load)
    }

    /// Makes a change of `key` by `write`, and then removes the key from the cache, even if `write` fails or panics: it may have
    /// happened.
    ///
    /// # Errors
    /// - [`ChangeError::Sink`]: that of `write`.
    /// - [`ChangeError::Cache`]: the change was made, and the store of a tiered cache may have the old value still.
    ///
    /// # Panics
    /// If `write` does.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, CacheAside, Error};
    ///
    /// let names = CacheAside::new(Cache::<u64, String>::new(10)?);
    /// let rows = names.change(&7, || Ok::<_, Error>(1))?;
    /// assert_eq!(rows, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn change<R, E>(
        &self,
        key: &K,
        write: impl FnOnce() -> Result<R, E>,
    ) -> Result<R, ChangeError<E>> {
        let on_panic = RemoveOnDrop {
            tier: Some(&self.tier),
            key,
            types: PhantomData,
        };
        let result = write();
        let removed = on_panic.now();
        let value = result.map_err(ChangeError::Sink)?;
        removed.map_err(ChangeError::Cache)?;
        Ok(value)
    }

    /// The cache.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, CacheAside};
    ///
    /// let names = CacheAside::new(Cache::<u64, String>::new(10)?);
    /// assert!(names.tier().is_empty());
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn tier(&self) -> &T {
        &self.tier
    }
}

impl<K, V, T> fmt::Debug for CacheAside<K, V, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheAside").finish_non_exhaustive()
    }
}

/// Removes a key, at the latest when a panic goes by.
struct RemoveOnDrop<'a, K, V, T: Tier<K, V>> {
    tier: Option<&'a T>,
    key: &'a K,
    types: PhantomData<fn() -> V>,
}

impl<K, V, T: Tier<K, V>> RemoveOnDrop<'_, K, V, T> {
    fn now(mut self) -> Result<(), crate::Error> {
        self.tier
            .take()
            .map_or(Ok(()), |tier| tier.take_out(self.key))
    }
}

impl<K, V, T: Tier<K, V>> Drop for RemoveOnDrop<'_, K, V, T> {
    fn drop(&mut self) {
        if let Some(tier) = self.tier.take() {
            // The panic is the greater problem.
            let _ = tier.take_out(self.key);
        }
    }
}
