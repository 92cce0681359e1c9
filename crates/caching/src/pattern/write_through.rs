//! Each write goes to what is behind the cache, and then into the cache.

use std::{fmt, hash::Hash, marker::PhantomData};

use super::{ChangeError, Sink, Tier};
use crate::{Error, generations::Generations};

/// The write-through pattern: a write is done when the [`Sink`] has it, and then the cache has it too.
///
/// Writers of one key that overlap may reach the sink and the cache in different orders; then the key is removed from
/// the cache, because only the sink knows which was last. A load that is under way meanwhile keeps its value to itself.
/// No lock is held while the sink works. All methods take `&self`; a write costs the sink's time and two atomic
/// additions.
///
/// The pattern of <https://docs.oracle.com/cd/E15357_01/coh.360/e15723/cache_rtwtwbra.htm>.
///
/// # Examples
/// ```
/// use std::{collections::HashMap, convert::Infallible, sync::{Arc, Mutex}};
/// use tuneup_caching::{Cache, Sink, WriteThrough};
///
/// #[derive(Default)]
/// struct Table(Mutex<HashMap<u64, String>>);
///
/// impl Sink<u64, String> for Table {
///     type Error = Infallible;
///
///     fn write(&self, key: &u64, value: &String) -> Result<(), Infallible> {
///         self.0.lock().unwrap().insert(*key, value.clone());
///         Ok(())
///     }
///
///     fn delete(&self, key: &u64) -> Result<(), Infallible> {
///         self.0.lock().unwrap().remove(key);
///         Ok(())
///     }
/// }
///
/// let table = Arc::new(Table::default());
/// let names = WriteThrough::new(Cache::new(10)?, Arc::clone(&table));
/// names.write(7, "Ada".to_owned())?;
/// assert_eq!(names.get(&7).as_deref(), Some("Ada"));
/// assert_eq!(table.0.lock().unwrap()[&7], "Ada");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct WriteThrough<K, V, T, S> {
    tier: T,
    sink: S,
    generations: Generations,
    types: PhantomData<fn(K) -> V>,
}

impl<K, V, T, S> WriteThrough<K, V, T, S>
where
    K: Hash + Eq + Clone,
    T: Tier<K, V>,
    S: Sink<K, V>,
{
    /// In front of `sink` is the cache `tier`.
    ///
    /// # Examples
    /// See [`WriteThrough`].
    #[must_use]
    pub fn new(tier: T, sink: S) -> Self {
        Self {
            tier,
            sink,
            generations: Generations::new(),
            types: PhantomData,
        }
    }

    /// The value of `key` in the cache. With a [`ReadThrough`](super::ReadThrough) on a clone of the same cache, what is
    /// not there is loaded.
    ///
    /// # Examples
    /// See [`WriteThrough`].
    #[must_use]
    pub fn get(&self, key: &K) -> Option<V> {
        self.tier.look_up(key)
    }

    /// Writes to the sink, then into the cache.
    ///
    /// # Errors
    /// - [`ChangeError::Sink`]: that of the sink. The key is removed from the cache, since the write may have happened.
    /// - [`ChangeError::Cache`]: the sink has it, and the store of a tiered cache may have the old value still.
    ///
    /// # Examples
    /// See [`WriteThrough`].
    pub fn write(&self, key: K, value: V) -> Result<(), ChangeError<S::Error>> {
        let before = self.generations.stamp(&key);
        let written = self.sink.write(&key, &value);
        self.generations.invalidate(&key);
        if let Err(error) = written {
            // The error of the sink is the one to tell.
            let _ = self.tier.take_out(&key);
            return Err(ChangeError::Sink(error));
        }
        self.put(key, value, before.next())
            .map_err(ChangeError::Cache)
    }

    /// Puts the value into the cache, if no other writer was on its way at the same time.
    fn put(&self, key: K, value: V, stamp: crate::generations::Stamp) -> Result<(), Error> {
        let put = self.tier.put(key.clone(), value);
        if self.generations.holds(stamp) {
            put
        } else {
            self.tier.take_out(&key)
        }
    }

    /// Deletes from the sink, then from the cache.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    ///
    /// # Examples
    /// See [`WriteThrough`].
    pub fn delete(&self, key: &K) -> Result<(), ChangeError<S::Error>> {
        let deleted = self.sink.delete(key);
        self.generations.invalidate(key);
        let taken = self.tier.take_out(key);
        deleted.map_err(ChangeError::Sink)?;
        taken.map_err(ChangeError::Cache)
    }

    /// The cache.
    ///
    /// # Examples
    /// See [`WriteThrough`].
    #[must_use]
    pub fn tier(&self) -> &T {
        &self.tier
    }

    /// The sink.
    ///
    /// # Examples
    /// See [`WriteThrough`].
    #[must_use]
    pub fn sink(&self) -> &S {
        &self.sink
    }
}

impl<K, V, T, S> fmt::Debug for WriteThrough<K, V, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteThrough").finish_non_exhaustive()
    }
}
