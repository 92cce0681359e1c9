//! How a program, a cache and what is behind it work together: the known patterns, as types.

use std::{fmt, hash::Hash, sync::Arc};

use crate::LoadError;

mod cache_aside;
mod read_through;
mod tier;
mod write_behind;
mod write_through;

pub use self::{
    cache_aside::CacheAside,
    read_through::{ReadThrough, ReadThroughBuilder, ReadThroughInfo},
    tier::Tier,
    write_behind::{
        FlushTimedOut, Refused, Unwritten, WriteBehind, WriteBehindBuilder, WriteBehindInfo,
    },
    write_through::WriteThrough,
};

/// Where values come from: a database, a service, a computation.
///
/// Every function `Fn(&K) -> Result<Option<V>, E>` is one.
///
/// # Examples
/// ```
/// use tuneup_caching::Source;
///
/// let squares = |key: &u64| Ok::<_, std::io::Error>(Some(key * key));
/// assert_eq!(squares.load(&7)?, Some(49));
/// # Ok::<(), std::io::Error>(())
/// ```
#[doc(alias = "loader")]
pub trait Source<K, V>: Send + Sync {
    /// What can go wrong.
    type Error: Send + Sync + 'static;

    /// The value of `key`; none if there is none.
    ///
    /// # Errors
    /// If the source cannot say.
    fn load(&self, key: &K) -> Result<Option<V>, Self::Error>;
}

impl<K, V, E, F> Source<K, V> for F
where
    F: Fn(&K) -> Result<Option<V>, E> + Send + Sync,
    E: Send + Sync + 'static,
{
    type Error = E;

    fn load(&self, key: &K) -> Result<Option<V>, E> {
        self(key)
    }
}

/// Where values go to.
///
/// An operation that fails may have happened or not. [`WriteBehind`] does it again, so that there it must be *idempotent*:
/// twice is the same as once.
///
/// # Examples
/// ```
/// use std::{collections::HashMap, convert::Infallible, sync::Mutex};
/// use tuneup_caching::Sink;
///
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
/// ```
#[doc(alias = "writer")]
pub trait Sink<K, V>: Send + Sync {
    /// What can go wrong.
    type Error: Send + Sync + 'static;

    /// Writes `value` under `key`, in place of what is there.
    ///
    /// # Errors
    /// If it may not be written.
    fn write(&self, key: &K, value: &V) -> Result<(), Self::Error>;

    /// Deletes what is under `key`, if there is something.
    ///
    /// # Errors
    /// If it may not be deleted.
    fn delete(&self, key: &K) -> Result<(), Self::Error>;

    /// Applies changes of different keys, of which no order is asked. By default one after the other up to the first
    /// error; a database does better with one statement or transaction.
    ///
    /// # Errors
    /// If not all may be applied; which ones are, need not be known.
    fn apply(&self, changes: &[Change<K, V>]) -> Result<(), Self::Error> {
        changes.iter().try_for_each(|change| match &change.value {
            Some(value) => self.write(&change.key, value),
            None => self.delete(&change.key),
        })
    }
}

impl<K, V, S: Source<K, V> + ?Sized> Source<K, V> for Arc<S> {
    type Error = S::Error;

    fn load(&self, key: &K) -> Result<Option<V>, S::Error> {
        (**self).load(key)
    }
}

impl<K, V, S: Sink<K, V> + ?Sized> Sink<K, V> for Arc<S> {
    type Error = S::Error;

    fn write(&self, key: &K, value: &V) -> Result<(), S::Error> {
        (**self).write(key, value)
    }

    fn delete(&self, key: &K) -> Result<(), S::Error> {
        (**self).delete(key)
    }

    fn apply(&self, changes: &[Change<K, V>]) -> Result<(), S::Error> {
        (**self).apply(changes)
    }
}

/// What is to become of a key.
///
/// # Examples
/// ```
/// use tuneup_caching::Change;
///
/// fn statement(change: &Change<u64, String>) -> &'static str {
///     if change.value.is_some() { "UPSERT" } else { "DELETE" }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change<K, V> {
    /// Of which key.
    pub key: K,
    /// The value to write; none to delete it.
    pub value: Option<V>,
}

/// Why a change was not made, or not made everywhere.
///
/// # Examples
/// ```
/// use std::io;
/// use tuneup_caching::{Cache, CacheAside, ChangeError};
///
/// let names = CacheAside::new(Cache::<u64, String>::new(10)?);
/// let error = names.change(&7, || Err::<(), _>(io::Error::other("down"))).unwrap_err();
/// assert!(matches!(error, ChangeError::Sink(_)));
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError<E> {
    /// The change may not have been made. The key is not in the cache.
    #[error("the change was not made")]
    Sink(#[source] E),
    /// The change was made, and the store behind the cache or other processes may not know of it.
    #[error("the change was made, but may not be known to all caches")]
    Cache(#[source] crate::Error),
}

/// Why a load gave no value, so that "there is none" is shared by those who wait, as an error is, and not cached.
enum NoValue<E> {
    Absent,
    Failed(Arc<E>),
}

/// Loads through a tier what may not exist.
fn load_optional<K, V, E, T>(
    tier: &T,
    key: K,
    load: impl FnOnce() -> Result<Option<V>, E>,
) -> Result<Option<V>, LoadError<E>>
where
    K: Hash + Eq + Clone,
    T: Tier<K, V>,
    E: Send + Sync + 'static,
{
    let result = tier.get_or_load(key, || match load() {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(NoValue::Absent),
        Err(error) => Err(NoValue::Failed(Arc::new(error))),
    });
    match result {
        Ok(value) => Ok(Some(value)),
        Err(LoadError::Failed(why)) => match &*why {
            NoValue::Absent => Ok(None),
            NoValue::Failed(error) => Err(LoadError::Failed(Arc::clone(error))),
        },
        Err(LoadError::Recursive) => Err(LoadError::Recursive),
    }
}

impl<K: fmt::Display, V> fmt::Display for Change<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.value.is_some() {
            "write"
        } else {
            "delete"
        };
        write!(f, "{what} {}", self.key)
    }
}
