//! The options of a Redis store.

use std::{fmt, sync::Arc, time::Duration};

use redis::{Client, ConnectionAddr, IntoConnectionInfo as _};

use super::{Inner, RedisStore, SharedConnection, blocking::Pool, commands::Commands};
use crate::{Error, store::random_identity};

/// Far enough from where moments end.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// The options of a [`RedisStore`]; see [`RedisStore::builder`].
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// let store = tuneup_caching::RedisStore::builder("redis://127.0.0.1", "shop")
///     .connect_timeout(Duration::from_millis(500))
///     .command_timeout(Duration::from_millis(100))
///     .max_connections(8)
///     .heartbeat(Duration::from_secs(1))
///     .build()?;
/// # drop(store);
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing before `build`"]
pub struct RedisStoreBuilder {
    address: String,
    namespace: String,
    connect_timeout: Duration,
    command_timeout: Duration,
    max_connections: usize,
    heartbeat: Duration,
}

impl RedisStoreBuilder {
    pub(super) fn new(address: &str, namespace: &str) -> Self {
        Self {
            address: address.to_owned(),
            namespace: namespace.to_owned(),
            connect_timeout: Duration::from_secs(1),
            command_timeout: Duration::from_millis(500),
            max_connections: 8,
            heartbeat: Duration::from_secs(2),
        }
    }

    /// How long it may take to connect, with the password and the choice of the database, after the name of the host is
    /// resolved: more than zero and at most 100 years, by default 1 s.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let builder = tuneup_caching::RedisStore::builder("redis://127.0.0.1", "shop")
    ///     .connect_timeout(Duration::from_millis(200));
    /// # drop(builder);
    /// ```
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long to wait for the whole answer to a command, and before that, in blocking calls, for one of the
    /// [`max_connections`](Self::max_connections): more than zero and at most 100 years, by default 500 ms.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let builder = tuneup_caching::RedisStore::builder("redis://127.0.0.1", "shop")
    ///     .command_timeout(Duration::from_millis(50));
    /// # drop(builder);
    /// ```
    pub fn command_timeout(mut self, timeout: Duration) -> Self {
        self.command_timeout = timeout;
        self
    }

    /// How many connections blocking calls may have at once: 1 or more, by default 8. The connection that asynchronous
    /// calls share, and one for each subscription, come on top.
    ///
    /// # Examples
    /// ```
    /// let builder = tuneup_caching::RedisStore::builder("redis://127.0.0.1", "shop").max_connections(2);
    /// # drop(builder);
    /// ```
    pub fn max_connections(mut self, max_connections: usize) -> Self {
        self.max_connections = max_connections;
        self
    }

    /// After how much silence a listener asks whether the server is there, and how long it waits for the answer: more
    /// than zero and at most 100 years, by default 2 s.
    ///
    /// A connection that dies without a word is noticed after twice this time.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let builder = tuneup_caching::RedisStore::builder("redis://127.0.0.1", "shop")
    ///     .heartbeat(Duration::from_millis(500));
    /// # drop(builder);
    /// ```
    pub fn heartbeat(mut self, heartbeat: Duration) -> Self {
        self.heartbeat = heartbeat;
        self
    }

    /// The store. It does not connect.
    ///
    /// # Errors
    /// - [`Error::Address`] if the address is not understood.
    /// - [`Error::OutOfRange`] if the namespace or a number is not allowed.
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Error, RedisStore};
    ///
    /// let error = RedisStore::builder("http://:secret@host", "shop").build().unwrap_err();
    /// assert!(matches!(error, Error::Address));
    /// ```
    pub fn build(self) -> Result<RedisStore, Error> {
        self.check()?;
        let info = self
            .address
            .as_str()
            .into_connection_info()
            .map_err(|_| Error::Address)?;
        let server = match &info.addr {
            ConnectionAddr::Tcp(host, port) => format!("{host}:{port}"),
            ConnectionAddr::Unix(path) => path.display().to_string(),
            // Another crate of the program may have taught the client TLS, which connections for blocking calls do not speak.
            ConnectionAddr::TcpTls { .. } => return Err(Error::Address),
        };
        // What it refuses is not supported here, such as sockets of files.
        Client::open(info.clone()).map_err(|_| Error::Address)?;
        Ok(RedisStore {
            inner: Arc::new(Inner {
                server,
                commands: Commands::new(&self.namespace),
                pool: Pool::new(
                    info.clone(),
                    self.max_connections,
                    self.connect_timeout,
                    self.command_timeout,
                ),
                shared: SharedConnection::new(info, self.connect_timeout, self.command_timeout),
                identity: random_identity(),
                heartbeat: self.heartbeat,
                namespace: self.namespace,
            }),
        })
    }

    fn check(&self) -> Result<(), Error> {
        let namespace = &self.namespace;
        if namespace.is_empty() || namespace.contains("::") || namespace.ends_with(':') {
            return Err(Error::OutOfRange {
                option: "namespace",
                value: format!("{namespace:?}"),
                allowed: "a text that is not empty, contains no `::` and does not end in `:`",
            });
        }
        if self.max_connections == 0 {
            return Err(Error::OutOfRange {
                option: "max_connections",
                value: "0".to_owned(),
                allowed: "1 or more",
            });
        }
        for (option, time) in [
            ("connect_timeout", self.connect_timeout),
            ("command_timeout", self.command_timeout),
            ("heartbeat", self.heartbeat),
        ] {
            if time.is_zero() || time > LONGEST {
                return Err(Error::OutOfRange {
                    option,
                    value: format!("{time:?}"),
                    allowed: "more than 0 and at most 100 years",
                });
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RedisStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the address, which may hold a password.
        f.debug_struct("RedisStoreBuilder")
            .field("namespace", &self.namespace)
            .field("connect_timeout", &self.connect_timeout)
            .field("command_timeout", &self.command_timeout)
            .field("max_connections", &self.max_connections)
            .field("heartbeat", &self.heartbeat)
            .finish_non_exhaustive()
    }
}
