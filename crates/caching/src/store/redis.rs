//! A store in a server that speaks the protocol of Redis.

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use tokio::runtime::Handle;

use self::{asynchronous::SharedConnection, blocking::Pool, commands::Commands};
use super::{
    AsyncStore, ChannelEvent, Invalidation, InvalidationChannel, Store, StoreFuture, Subscription,
};
use crate::Error;

mod asynchronous;
mod blocking;
mod builder;
mod commands;
mod connection;
mod gauge;
mod gauged_stream;
mod listener;
mod news;
#[cfg(test)]
mod tests;

pub use self::builder::RedisStoreBuilder;

/// A [`Store`] and [`AsyncStore`] in Redis, Valkey or another server that speaks their protocol (RESP2).
///
/// A handle: clones share the connections. Blocking calls take a connection from a pool and wait for their answer;
/// asynchronous calls of all tasks share one connection, and need a tokio runtime with I/O and time. Neither kind connects
/// before it is first needed, so that a program starts while its server is down.
///
/// - **Time limits**: [`connect_timeout`](RedisStoreBuilder::connect_timeout) for connecting, after the name of the host is
///   resolved; [`command_timeout`](RedisStoreBuilder::command_timeout) for the whole answer, however it comes, and before that for a
///   free connection. So a call takes at most twice each. [`clear`](Store::clear) is several commands.
/// - **Size limits**: values have at most 64 MiB. An answer that is larger, or of more than a million parts, is an error, is
///   not read to its end, and closes the connection.
/// - **Lost connections**: the next call makes a new one. A call that finds its idle connection dead tries once more on
///   a new one, if doing its work twice is the same as once.
/// - **Nonsense** from the server is an error, and closes the connection.
/// - **Namespace**: each key is `namespace::key` on the server. [`clear`](Store::clear) walks all keys of the server's
///   database to find the ones of the namespace (`SCAN`, O(keys)).
/// - **Secrets**: the password is in no `Debug`, no error and no message.
/// - **News**: it is an [`InvalidationChannel`] on the server's channel `namespace::invalidations`.
///
/// One server, or a proxy or primary that looks like one: redirections of Redis Cluster are errors. TLS is not built in.
///
/// # Examples
/// ```no_run
/// use std::time::Duration;
/// use tuneup_caching::{RedisStore, Store};
///
/// let store = RedisStore::builder("redis://127.0.0.1", "shop")
///     .command_timeout(Duration::from_millis(200))
///     .build()?;
/// Store::set(&store, b"key", b"value", Some(Duration::from_secs(60)))?;
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[doc(alias = "valkey")]
#[derive(Clone)]
pub struct RedisStore {
    inner: Arc<Inner>,
}

struct Inner {
    /// For people: host and port, or the path of a socket.
    server: String,
    namespace: String,
    commands: Commands,
    pool: Pool,
    shared: SharedConnection,
    /// Who sends news.
    identity: [u8; 16],
    heartbeat: Duration,
}

impl RedisStore {
    /// Begins to describe a store on the server at `address`, whose keys begin with `namespace`.
    ///
    /// The address is `redis://[user[:password]@]host[:port][/database]`, or `unix:///path`. The namespace is not empty,
    /// contains no `::` and does not end in `:`; then no namespace is part of another.
    ///
    /// # Examples
    /// ```
    /// let store = tuneup_caching::RedisStore::builder("redis://:secret@127.0.0.1/1", "shop").build()?;
    /// assert!(!format!("{store:?}").contains("secret"));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn builder(address: &str, namespace: &str) -> RedisStoreBuilder {
        RedisStoreBuilder::new(address, namespace)
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("server", &self.inner.server)
            .field("namespace", &self.inner.namespace)
            .finish_non_exhaustive()
    }
}

impl Store for RedisStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let Inner { commands, pool, .. } = &*self.inner;
        pool.query(&commands.get(key))
    }

    fn set(&self, key: &[u8], value: &[u8], ttl: Option<Duration>) -> Result<(), Error> {
        let Inner { commands, pool, .. } = &*self.inner;
        pool.query(&commands.set(key, value, ttl)?)
    }

    fn compare_and_set(
        &self,
        key: &[u8],
        expected: Option<&[u8]>,
        value: &[u8],
        ttl: Option<Duration>,
    ) -> Result<bool, Error> {
        let Inner { commands, pool, .. } = &*self.inner;
        pool.query(&commands.compare_and_set(key, expected, value, ttl)?)
    }

    fn remove(&self, key: &[u8]) -> Result<bool, Error> {
        let Inner { commands, pool, .. } = &*self.inner;
        pool.query(&commands.remove(key))
    }

    fn compare_and_remove(&self, key: &[u8], expected: &[u8]) -> Result<bool, Error> {
        let Inner { commands, pool, .. } = &*self.inner;
        pool.query(&commands.compare_and_remove(key, expected))
    }

    fn clear(&self) -> Result<(), Error> {
        let Inner { commands, pool, .. } = &*self.inner;
        let mut cursor = commands::SCAN_BEGIN;
        loop {
            let (next, keys) = pool.query(&commands.scan(cursor))?;
            if !keys.is_empty() {
                pool.query(&commands.unlink(&keys))?;
            }
            if next == commands::SCAN_BEGIN {
                return Ok(());
            }
            cursor = next;
        }
    }
}

impl AsyncStore for RedisStore {
    fn get<'a>(&'a self, key: &'a [u8]) -> StoreFuture<'a, Option<Vec<u8>>> {
        let Inner {
            commands, shared, ..
        } = &*self.inner;
        Box::pin(async move { shared.query(&commands.get(key)).await })
    }

    fn set<'a>(
        &'a self,
        key: &'a [u8],
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> StoreFuture<'a, ()> {
        let Inner {
            commands, shared, ..
        } = &*self.inner;
        Box::pin(async move { shared.query(&commands.set(key, value, ttl)?).await })
    }

    fn compare_and_set<'a>(
        &'a self,
        key: &'a [u8],
        expected: Option<&'a [u8]>,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> StoreFuture<'a, bool> {
        let Inner {
            commands, shared, ..
        } = &*self.inner;
        Box::pin(async move {
            let command = commands.compare_and_set(key, expected, value, ttl)?;
            shared.query(&command).await
        })
    }

    fn remove<'a>(&'a self, key: &'a [u8]) -> StoreFuture<'a, bool> {
        let Inner {
            commands, shared, ..
        } = &*self.inner;
        Box::pin(async move { shared.query(&commands.remove(key)).await })
    }

    fn compare_and_remove<'a>(
        &'a self,
        key: &'a [u8],
        expected: &'a [u8],
    ) -> StoreFuture<'a, bool> {
        let Inner {
            commands, shared, ..
        } = &*self.inner;
        Box::pin(async move {
            shared
                .query(&commands.compare_and_remove(key, expected))
                .await
        })
    }

    fn clear(&self) -> StoreFuture<'_, ()> {
        let Inner {
            commands, shared, ..
        } = &*self.inner;
        Box::pin(async move {
            let mut cursor = commands::SCAN_BEGIN;
            loop {
                let (next, keys) = shared.query(&commands.scan(cursor)).await?;
                if !keys.is_empty() {
                    shared.query(&commands.unlink(&keys)).await?;
                }
                if next == commands::SCAN_BEGIN {
                    return Ok(());
                }
                cursor = next;
            }
        })
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(time))
    }

    fn discard(&self, key: &[u8], expected: &[u8]) {
        // Futures are dropped without a runtime, too, when theirs ends.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let command = self.inner.commands.compare_and_remove(key, expected);
        let inner = Arc::clone(&self.inner);
        runtime.spawn(async move {
            // Nobody is told.
            let _ = inner.shared.query(&command).await;
        });
    }
}

impl InvalidationChannel for RedisStore {
    fn publish(&self, news: &Invalidation) -> Result<(), Error> {
        let Inner {
            commands,
            pool,
            identity,
            ..
        } = &*self.inner;
        pool.query(&commands.publish(&news::encode(identity, news)))
    }

    fn publish_async<'a>(&'a self, news: &'a Invalidation) -> StoreFuture<'a, ()> {
        let Inner {
            commands,
            shared,
            identity,
            ..
        } = &*self.inner;
        Box::pin(async move {
            shared
                .query(&commands.publish(&news::encode(identity, news)))
                .await
        })
    }

    fn subscribe(
        &self,
        listener: Box<dyn Fn(ChannelEvent) + Send + Sync>,
    ) -> Result<Subscription, Error> {
        listener::start(&self.inner, listener)
    }
}
