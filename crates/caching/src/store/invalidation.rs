//! News between processes that something in a store has changed.

use std::{
    fmt,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::StoreFuture;
use crate::Error;

/// What is no longer true.
///
/// # Examples
/// ```
/// use tuneup_caching::Invalidation;
///
/// let news = Invalidation::Key(b"user:7".to_vec());
/// assert_ne!(news, Invalidation::All);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Invalidation {
    /// The value under a key, in the bytes of the store.
    Key(Vec<u8>),
    /// All values with a tag.
    Tag(String),
    /// Everything.
    All,
}

/// What a [listener](InvalidationChannel::subscribe) is told.
///
/// # Examples
/// ```
/// use tuneup_caching::ChannelEvent;
///
/// assert_ne!(ChannelEvent::Connected, ChannelEvent::Lost);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelEvent {
    /// News will come from now on; what came before may have been missed.
    Connected,
    /// Another process has changed something.
    Invalidate(Invalidation),
    /// No news will come until the next `Connected`.
    Lost,
}

/// Carries [`Invalidation`]s from each process to all others that share a store.
///
/// A sender does not hear its own news. News may be lost while a connection is; a listener learns *that* by
/// [`ChannelEvent::Connected`], which comes at each connection. [`RedisStore`](crate::RedisStore) is one, by the
/// publish and subscribe of Redis (<https://redis.io/docs/latest/develop/pubsub/>).
///
/// # Examples
/// A channel to nobody:
/// ```
/// use tuneup_caching::{ChannelEvent, Error, Invalidation, InvalidationChannel, Subscription};
///
/// struct Alone;
///
/// impl InvalidationChannel for Alone {
///     fn publish(&self, _: &Invalidation) -> Result<(), Error> {
///         Ok(())
///     }
///
///     fn subscribe(&self, _: Box<dyn Fn(ChannelEvent) + Send + Sync>) -> Result<Subscription, Error> {
///         Ok(Subscription::new().0)
///     }
/// }
/// # let _ = Alone.publish(&Invalidation::All);
/// ```
#[doc(alias = "pubsub")]
pub trait InvalidationChannel: Send + Sync {
    /// Tells all other processes. Blocks for as long as the command timeout of the channel.
    ///
    /// # Errors
    /// If they may not have been told.
    fn publish(&self, news: &Invalidation) -> Result<(), Error>;

    /// As [`publish`](Self::publish), for asynchronous callers. By default it blocks.
    fn publish_async<'a>(&'a self, news: &'a Invalidation) -> StoreFuture<'a, ()> {
        Box::pin(std::future::ready(self.publish(news)))
    }

    /// Calls `listener` with what others publish, on a thread of the channel, until the [`Subscription`] is dropped.
    /// Connects in the background, again and again, as long as there is a handle of the channel. A panic of `listener` may end the
    /// thread.
    ///
    /// # Errors
    /// If no thread could be started.
    fn subscribe(
        &self,
        listener: Box<dyn Fn(ChannelEvent) + Send + Sync>,
    ) -> Result<Subscription, Error>;
}

/// Listens as long as it lives; see [`InvalidationChannel::subscribe`].
///
/// Dropping it does not wait for the listening thread, which ends within a heartbeat.
///
/// # Examples
/// ```
/// use tuneup_caching::Subscription;
///
/// let (subscription, stopped) = Subscription::new();
/// assert!(!stopped());
/// drop(subscription);
/// assert!(stopped());
/// ```
#[must_use = "no news comes once the subscription is dropped"]
pub struct Subscription {
    stopped: Arc<AtomicBool>,
}

impl Subscription {
    /// A subscription, and the question of whether it was dropped, which the listening thread asks.
    ///
    /// # Examples
    /// ```
    /// let (subscription, stopped) = tuneup_caching::Subscription::new();
    /// assert!(!stopped());
    /// # drop(subscription);
    /// ```
    pub fn new() -> (Self, impl Fn() -> bool + Send + 'static) {
        let stopped = Arc::new(AtomicBool::new(false));
        let question = Arc::clone(&stopped);
        (Self { stopped }, move || question.load(Ordering::Acquire))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

/// Sixteen bytes that no other process has: who sent news, who holds a lease.
pub(crate) fn random_identity() -> [u8; 16] {
    // The keys of the standard hasher come from the system's random numbers.
    let mut identity = [0; 16];
    for half in identity.chunks_exact_mut(8) {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u32(std::process::id());
        half.copy_from_slice(&hasher.finish().to_le_bytes());
    }
    identity
}
