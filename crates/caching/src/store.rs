//! Stores of bytes behind a cache: what they must do, and the ones there are.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use crate::Error;

mod codec;
mod envelope;
mod immediate;
mod invalidation;
mod memory;
mod offload;
#[cfg(test)]
mod tests;
mod wall_clock;

#[cfg(feature = "file-store")]
mod file;
#[cfg(feature = "redis")]
mod redis;

pub use self::{
    codec::{Codec, PostcardCodec},
    invalidation::{ChannelEvent, Invalidation, InvalidationChannel, Subscription},
    memory::MemoryStore,
    offload::{Executor, OffloadedStore},
};
pub(crate) use self::{
    envelope::{Content, Envelope, Undecodable},
    immediate::{Immediate, run_immediate},
    invalidation::random_identity,
    wall_clock::WallClock,
};

#[cfg(feature = "file-store")]
pub use self::file::{FileStore, FileStoreBuilder};
#[cfg(feature = "redis")]
pub use self::redis::{RedisStore, RedisStoreBuilder};

/// The future of an operation of an [`AsyncStore`].
///
/// Boxed, so that the trait is object safe; a store's answer takes longer than the allocation.
///
/// # Examples
/// ```
/// use tuneup_caching::StoreFuture;
///
/// let answer: StoreFuture<'_, bool> = Box::pin(async { Ok(true) });
/// # drop(answer);
/// ```
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A place for bytes under keys of bytes, with a time to live: the second tier behind a cache.
///
/// What a [`Tiered`](crate::Tiered) puts there are *envelopes*, which say by themselves whether they are whole, of the
/// right version and not expired; a store need not understand them. All it owes is:
///
/// - each operation is atomic: no reader sees half of a value;
/// - a value is gone some time after its time to live, and never before it for that reason;
/// - it may forget any value at any time, as a cache may, but [`compare_and_set`](Self::compare_and_set) and
///   [`compare_and_remove`](Self::compare_and_remove) are exact: they are what leases are made of;
/// - it is bounded, by itself or by the server behind it;
/// - an operation that cannot be done returns within a bounded time, as an error.
///
/// A time to live below a millisecond counts as one; `None` is no limit. The trait is object safe: `Arc<dyn Store>` is a
/// `Store`.
///
/// The operations are those of Redis that a cache needs: `GET`, `SET … PX`, `SET … NX`, `DEL`, and the
/// compare-and-delete of <https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/>.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tuneup_caching::{MemoryStore, Store};
///
/// let store = MemoryStore::new(100)?;
/// store.set(b"key", b"value", Some(Duration::from_secs(60)))?;
/// assert_eq!(store.get(b"key")?.as_deref(), Some(b"value".as_slice()));
/// assert!(store.remove(b"key")?);
/// assert_eq!(store.get(b"key")?, None);
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[doc(alias = "backend")]
#[doc(alias = "second level cache")]
pub trait Store: Send + Sync {
    /// The value under `key`, or none if there is none or its time is over.
    ///
    /// # Errors
    /// If the store cannot say.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// Puts `value` under `key`, in place of what is there.
    ///
    /// # Errors
    /// If it could not be stored, or the store does not know whether it was.
    fn set(&self, key: &[u8], value: &[u8], ttl: Option<Duration>) -> Result<(), Error>;

    /// Puts `value` under `key` if what is there is `expected`: nothing for `None`. Says whether it did.
    ///
    /// # Errors
    /// If the store cannot say.
    fn compare_and_set(
        &self,
        key: &[u8],
        expected: Option<&[u8]>,
        value: &[u8],
        ttl: Option<Duration>,
    ) -> Result<bool, Error>;

    /// Removes what is under `key`. Says whether there was something.
    ///
    /// # Errors
    /// If it could not be removed, or the store does not know whether it was.
    fn remove(&self, key: &[u8]) -> Result<bool, Error>;

    /// Removes what is under `key` if it is `expected`. Says whether it did.
    ///
    /// # Errors
    /// If the store cannot say.
    fn compare_and_remove(&self, key: &[u8], expected: &[u8]) -> Result<bool, Error>;

    /// Removes everything that is in this store's namespace.
    ///
    /// # Errors
    /// If not everything could be removed.
    fn clear(&self) -> Result<(), Error>;
}

/// A [`Store`] whose operations are futures.
///
/// The same rules hold, and one more: an operation whose future is dropped before it is ready may have happened or not.
/// A store knows its runtime, so it also has the timer that a waiting cache needs.
///
/// # Examples
/// ```
/// use std::{sync::Arc, time::Duration};
/// use tuneup_caching::{AsyncStore, MemoryStore, OffloadedStore};
///
/// // Any `Store` is an `AsyncStore` with an executor for its calls: here a thread each.
/// let store = OffloadedStore::new(MemoryStore::new(100)?, Arc::new(|job| {
///     std::thread::spawn(job);
/// }));
/// pollster::block_on(async {
///     store.set(b"key", b"value", None).await?;
///     assert_eq!(store.get(b"key").await?.as_deref(), Some(b"value".as_slice()));
///     Ok::<(), tuneup_caching::Error>(())
/// })?;
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
pub trait AsyncStore: Send + Sync {
    /// As [`Store::get`].
    fn get<'a>(&'a self, key: &'a [u8]) -> StoreFuture<'a, Option<Vec<u8>>>;

    /// As [`Store::set`].
    fn set<'a>(
        &'a self,
        key: &'a [u8],
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> StoreFuture<'a, ()>;

    /// As [`Store::compare_and_set`].
    fn compare_and_set<'a>(
        &'a self,
        key: &'a [u8],
        expected: Option<&'a [u8]>,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> StoreFuture<'a, bool>;

    /// As [`Store::remove`].
    fn remove<'a>(&'a self, key: &'a [u8]) -> StoreFuture<'a, bool>;

    /// As [`Store::compare_and_remove`].
    fn compare_and_remove<'a>(&'a self, key: &'a [u8], expected: &'a [u8])
    -> StoreFuture<'a, bool>;

    /// As [`Store::clear`].
    fn clear(&self) -> StoreFuture<'_, ()>;

    /// Is ready after `time`, without blocking a thread of the runtime.
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// Has [`compare_and_remove`](Self::compare_and_remove) happen in the background, for who cannot wait for it: a load whose
    /// future is dropped discards its lease. Nobody is told what comes of it. By default nothing happens, and a lease expires.
    fn discard(&self, key: &[u8], expected: &[u8]) {
        let _ = (key, expected);
    }
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        (**self).get(key)
    }

    fn set(&self, key: &[u8], value: &[u8], ttl: Option<Duration>) -> Result<(), Error> {
        (**self).set(key, value, ttl)
    }

    fn compare_and_set(
        &self,
        key: &[u8],
        expected: Option<&[u8]>,
        value: &[u8],
        ttl: Option<Duration>,
    ) -> Result<bool, Error> {
        (**self).compare_and_set(key, expected, value, ttl)
    }

    fn remove(&self, key: &[u8]) -> Result<bool, Error> {
        (**self).remove(key)
    }

    fn compare_and_remove(&self, key: &[u8], expected: &[u8]) -> Result<bool, Error> {
        (**self).compare_and_remove(key, expected)
    }

    fn clear(&self) -> Result<(), Error> {
        (**self).clear()
    }
}

impl<S: AsyncStore + ?Sized> AsyncStore for Arc<S> {
    fn get<'a>(&'a self, key: &'a [u8]) -> StoreFuture<'a, Option<Vec<u8>>> {
        (**self).get(key)
    }

    fn set<'a>(
        &'a self,
        key: &'a [u8],
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> StoreFuture<'a, ()> {
        (**self).set(key, value, ttl)
    }

    fn compare_and_set<'a>(
        &'a self,
        key: &'a [u8],
        expected: Option<&'a [u8]>,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> StoreFuture<'a, bool> {
        (**self).compare_and_set(key, expected, value, ttl)
    }

    fn remove<'a>(&'a self, key: &'a [u8]) -> StoreFuture<'a, bool> {
        (**self).remove(key)
    }

    fn compare_and_remove<'a>(
        &'a self,
        key: &'a [u8],
        expected: &'a [u8],
    ) -> StoreFuture<'a, bool> {
        (**self).compare_and_remove(key, expected)
    }

    fn clear(&self) -> StoreFuture<'_, ()> {
        (**self).clear()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        (**self).sleep(time)
    }

    fn discard(&self, key: &[u8], expected: &[u8]) {
        (**self).discard(key, expected);
    }
}

/// The time to live as milliseconds, as stores count: at least one.
fn ttl_ms(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}
