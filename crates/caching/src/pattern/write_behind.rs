//! Writes are acknowledged at once, and reach what is behind the cache a little later.

use std::{
    fmt,
    hash::Hash,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use self::{queue::Queue, shared::Shared};
use super::{Change, Sink, Tier, load_optional};
use crate::{LoadError, generations::Generations};

mod builder;
mod queue;
mod refusal;
mod shared;
#[cfg(test)]
mod tests;
mod worker;

pub use self::{
    builder::WriteBehindBuilder,
    refusal::{FlushTimedOut, Refused, Unwritten},
};

/// The write-behind pattern: a write is in the cache and in a queue when it returns, and a thread carries it to the
/// [`Sink`] in batches.
///
/// - **Bounded**: at most [`capacity`](WriteBehindBuilder::capacity) keys are on their way. When they are,
///   [`write`](Self::write) waits, and [`try_write`](Self::try_write) gives the value back.
/// - **Coalesced**: a second write of a key that waits takes the place of the first. The sink sees the values of one key in
///   the order of the writes, perhaps not all of them, and the last one in any case.
/// - **Retried**: a batch that fails is tried again change by change, so that one bad change does not hold up the others; a change
///   that fails waits longer each time, [`retry_after`](WriteBehindBuilder::retry_after), and is never given up while the
///   queue lives. A panic of the sink is a failure.
/// - **Not lost**: [`flush`](Self::flush) waits until everything written before it is in the sink.
///   [`shutdown`](Self::shutdown) does, and hands back what it could not write. Dropping waits for
///   [`drop_timeout`](WriteBehindBuilder::drop_timeout), 5 s by default, and gives what is left to
///   [`on_unwritten`](WriteBehindBuilder::on_unwritten). A process that is killed loses its queue: what must survive that
///   needs [`WriteThrough`](super::WriteThrough).
///
/// The sink runs on the queue's own thread, and must not write into its own queue: it would wait for itself.
/// [`get`](Self::get) sees what is on its way even if the cache has evicted it. No lock is held while the sink works.
/// A write costs a mutex and O(log n), and the cache's own write, which with a tiered cache is a round trip to its store.
///
/// The pattern of <https://docs.oracle.com/cd/E15357_01/coh.360/e15723/cache_rtwtwbra.htm>.
///
/// # Examples
/// ```
/// use std::{collections::HashMap, convert::Infallible, sync::{Arc, Mutex}, time::Duration};
/// use tuneup_caching::{Cache, Sink, WriteBehind};
///
/// #[derive(Default)]
/// struct Table(Mutex<HashMap<u64, u64>>);
///
/// impl Sink<u64, u64> for Table {
///     type Error = Infallible;
///
///     fn write(&self, key: &u64, value: &u64) -> Result<(), Infallible> {
///         self.0.lock().unwrap().insert(*key, *value);
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
/// let counts = WriteBehind::builder(Cache::new(10)?, Arc::clone(&table)).build()?;
/// for count in 1..=1000 {
///     counts.write(7, count)?;
/// }
/// assert_eq!(counts.get(&7), Some(1000));
/// counts.shutdown(Duration::from_secs(10))?;
/// assert_eq!(table.0.lock().unwrap()[&7], 1000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "write-back")]
pub struct WriteBehind<K, V, T>
where
    K: Hash + Eq + Clone,
    V: Clone,
{
    tier: T,
    shared: Arc<Shared<K, V>>,
    generations: Generations,
    cache_failures: AtomicU64,
    drop_timeout: Duration,
    on_unwritten: Option<OnUnwritten<K, V>>,
}

type OnUnwritten<K, V> = Box<dyn Fn(Unwritten<K, V>) + Send + Sync>;

/// What a [`WriteBehind`] has done, and what it has before it.
///
/// # Examples
/// See [`WriteBehind::info`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct WriteBehindInfo {
    /// Changes that were acknowledged.
    pub accepted: u64,
    /// Of these, those that a later one of the same key has replaced before they reached the sink.
    pub coalesced: u64,
    /// Changes that are in the sink.
    pub written: u64,
    /// Calls of the sink.
    pub batches: u64,
    /// Of these, those that failed or panicked.
    pub failures: u64,
    /// Writes that found no room and waited for it.
    pub waits: u64,
    /// Keys that are on their way.
    pub queued: u64,
    /// Changes that the store of a tiered cache may not know of.
    pub cache_failures: u64,
}

impl<K, V, T> WriteBehind<K, V, T>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    T: Tier<K, V>,
{
    /// Begins to describe `tier` in front of `sink`.
    ///
    /// # Examples
    /// See [`WriteBehind`].
    pub fn builder<S: Sink<K, V> + 'static>(tier: T, sink: S) -> WriteBehindBuilder<K, V, T, S> {
        WriteBehindBuilder::new(tier, sink)
    }

    /// Writes into the queue and the cache. Waits while the queue is full, which is for as long as the sink needs to
    /// take a change.
    ///
    /// # Errors
    /// [`Refused`] if it is shut down meanwhile.
    ///
    /// # Examples
    /// See [`WriteBehind`].
    pub fn write(&self, key: K, value: V) -> Result<(), Refused<K, V>> {
        self.change(key, Some(value), true)
    }

    /// Writes into the queue and the cache, or not at all if the queue is full.
    ///
    /// # Errors
    /// [`Refused`] with the key and value, if it is full or shut down.
    ///
    /// # Examples
    /// See [`Refused`].
    pub fn try_write(&self, key: K, value: V) -> Result<(), Refused<K, V>> {
        self.change(key, Some(value), false)
    }

    /// Deletes by way of the queue, and from the cache. Waits while the queue is full.
    ///
    /// # Errors
    /// [`Refused`] if it is shut down meanwhile.
    ///
    /// # Examples
    /// ```
    /// # use std::{convert::Infallible, time::Duration};
    /// # use tuneup_caching::{Cache, Sink, WriteBehind};
    /// # struct Nowhere;
    /// # impl Sink<u64, u64> for Nowhere {
    /// #     type Error = Infallible;
    /// #     fn write(&self, _: &u64, _: &u64) -> Result<(), Infallible> { Ok(()) }
    /// #     fn delete(&self, _: &u64) -> Result<(), Infallible> { Ok(()) }
    /// # }
    /// let counts = WriteBehind::builder(Cache::new(10)?, Nowhere).build()?;
    /// counts.write(7, 1)?;
    /// counts.delete(7)?;
    /// assert_eq!(counts.get(&7), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn delete(&self, key: K) -> Result<(), Refused<K, V>> {
        self.change(key, None, true)
    }

    fn change(&self, key: K, value: Option<V>, waits: bool) -> Result<(), Refused<K, V>> {
        let before = self.generations.stamp(&key);
        self.shared.accept(key.clone(), value.clone(), waits)?;
        self.generations.invalidate(&key);
        let mut cached = match value {
            Some(value) => self.tier.put(key.clone(), value),
            None => self.tier.take_out(&key),
        };
        if !self.generations.holds(before.next()) {
            // Two changes of this key were on their way at once, and the queue knows which is the last.
            cached = self.tier.take_out(&key);
        }
        if cached.is_err() {
            self.cache_failures.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The value of `key` on its way to the sink, or else in the cache.
    ///
    /// # Examples
    /// See [`WriteBehind`].
    #[must_use]
    pub fn get(&self, key: &K) -> Option<V> {
        match self.shared.on_its_way(key) {
            Some(value) => value,
            None => self.tier.look_up(key),
        }
    }

    /// The value of `key` on its way to the sink, or else in the cache, or else from `load`, once for all who ask.
    ///
    /// # Errors
    /// Those of `load`, which are not cached.
    ///
    /// # Examples
    /// ```
    /// # use std::{convert::Infallible, time::Duration};
    /// # use tuneup_caching::{Cache, Sink, WriteBehind};
    /// # struct Nowhere;
    /// # impl Sink<u64, u64> for Nowhere {
    /// #     type Error = Infallible;
    /// #     fn write(&self, _: &u64, _: &u64) -> Result<(), Infallible> { Ok(()) }
    /// #     fn delete(&self, _: &u64) -> Result<(), Infallible> { Ok(()) }
    /// # }
    /// let counts = WriteBehind::builder(Cache::new(10)?, Nowhere).build()?;
    /// assert_eq!(counts.get_or_load(7, || Ok::<_, Infallible>(Some(1)))?, Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_or_load<E, F>(&self, key: K, load: F) -> Result<Option<V>, LoadError<E>>
    where
        E: Send + Sync + 'static,
        F: FnOnce() -> Result<Option<V>, E>,
    {
        if let Some(value) = self.shared.on_its_way(&key) {
            return Ok(value);
        }
        // A change that comes while `load` runs makes the cache keep the loaded value to who asked for it.
        load_optional(&self.tier, key.clone(), || {
            // The source does not have yet what is on its way.
            match self.shared.on_its_way(&key) {
                Some(value) => Ok(value),
                None => load(),
            }
        })
    }

    /// Waits until everything that was accepted before is in the sink. What waits for its next try is tried at once.
    ///
    /// # Errors
    /// [`FlushTimedOut`] if that takes longer than `timeout`; nothing is lost.
    ///
    /// # Examples
    /// See [`FlushTimedOut`].
    pub fn flush(&self, timeout: Duration) -> Result<(), FlushTimedOut> {
        self.shared.flush(deadline(timeout))
    }

    /// Accepts nothing more, and waits until everything is in the sink.
    ///
    /// # Errors
    /// [`Unwritten`], with every change that may not be in the sink, if that takes longer than `timeout`. If the sink is at
    /// work at that moment, its changes are among them, and may reach it yet.
    ///
    /// # Examples
    /// See [`WriteBehind`].
    pub fn shutdown(self, timeout: Duration) -> Result<(), Unwritten<K, V>> {
        // Whatever comes of it, there is nothing left for the drop.
        let left = self.shared.close(deadline(timeout));
        if left.is_empty() {
            Ok(())
        } else {
            Err(Unwritten { changes: left })
        }
    }

    /// What it has done, and what is queued. One mutex.
    ///
    /// # Examples
    /// ```
    /// # use std::{convert::Infallible, time::Duration};
    /// # use tuneup_caching::{Cache, Sink, WriteBehind};
    /// # struct Nowhere;
    /// # impl Sink<u64, u64> for Nowhere {
    /// #     type Error = Infallible;
    /// #     fn write(&self, _: &u64, _: &u64) -> Result<(), Infallible> { Ok(()) }
    /// #     fn delete(&self, _: &u64) -> Result<(), Infallible> { Ok(()) }
    /// # }
    /// let counts = WriteBehind::builder(Cache::new(10)?, Nowhere).build()?;
    /// counts.write(7, 1)?;
    /// counts.flush(Duration::from_secs(10))?;
    /// let info = counts.info();
    /// assert_eq!((info.accepted, info.written, info.queued), (1, 1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn info(&self) -> WriteBehindInfo {
        WriteBehindInfo {
            cache_failures: self.cache_failures.load(Ordering::Relaxed),
            ..self.shared.info()
        }
    }

    /// The cache.
    ///
    /// # Examples
    /// See [`WriteBehind`].
    #[must_use]
    pub fn tier(&self) -> &T {
        &self.tier
    }
}

impl<K, V, T> Drop for WriteBehind<K, V, T>
where
    K: Hash + Eq + Clone,
    V: Clone,
{
    fn drop(&mut self) {
        let left = self.shared.close(deadline(self.drop_timeout));
        if let Some(on_unwritten) = &self.on_unwritten
            && !left.is_empty()
        {
            // A panic in a drop that a panic has caused would end the program.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                on_unwritten(Unwritten { changes: left });
            }));
        }
    }
}

impl<K, V, T> fmt::Debug for WriteBehind<K, V, T>
where
    K: Hash + Eq + Clone,
    V: Clone,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteBehind")
            .field("info", &self.shared.info())
            .finish_non_exhaustive()
    }
}

/// When a time is over that begins now; never, if it is too long to count.
fn deadline(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}
