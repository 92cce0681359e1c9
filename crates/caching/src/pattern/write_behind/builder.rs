//! The options of a write-behind queue.

use std::{
    fmt,
    hash::Hash,
    marker::PhantomData,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use super::{OnUnwritten, Sink, Tier, Unwritten, WriteBehind, queue::Pace, shared::Shared, worker};
use crate::{Error, generations::Generations};

/// Longer than this, no time of a queue is useful, and sums of them could overflow.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// The options of a [`WriteBehind`]; see [`WriteBehind::builder`].
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
/// let counts = WriteBehind::builder(Cache::<u64, u64>::new(10)?, Nowhere)
///     .capacity(10_000)
///     .max_batch(500)
///     .delay(Duration::from_millis(100))
///     .retry_after(Duration::from_millis(100), Duration::from_secs(30))
///     .drop_timeout(Duration::from_secs(30))
///     .on_unwritten(|unwritten| eprintln!("{unwritten}"))
///     .build()?;
/// # drop(counts);
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[must_use = "a builder does nothing before `build`"]
pub struct WriteBehindBuilder<K, V, T, S> {
    tier: T,
    sink: S,
    capacity: usize,
    pace: Pace,
    drop_timeout: Duration,
    on_unwritten: Option<OnUnwritten<K, V>>,
    types: PhantomData<fn(K) -> V>,
}

impl<K, V, T, S> WriteBehindBuilder<K, V, T, S>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    T: Tier<K, V>,
    S: Sink<K, V> + 'static,
{
    pub(super) fn new(tier: T, sink: S) -> Self {
        Self {
            tier,
            sink,
            capacity: 1024,
            pace: Pace {
                max_batch: 64,
                delay: Duration::from_millis(10),
                first_retry: Duration::from_millis(50),
                last_retry: Duration::from_secs(10),
            },
            drop_timeout: Duration::from_secs(5),
            on_unwritten: None,
            types: PhantomData,
        }
    }

    /// How many changes may be on their way: 1 or more, by default 1024.
    ///
    /// # Examples
    /// See [`WriteBehindBuilder`].
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// How many changes the sink gets at once: 1 or more, by default 64.
    ///
    /// # Examples
    /// See [`WriteBehindBuilder`].
    pub fn max_batch(mut self, max_batch: usize) -> Self {
        self.pace.max_batch = max_batch;
        self
    }

    /// How long a change waits for others, if they do not fill a batch before: by default 10 ms; at most a year.
    ///
    /// # Examples
    /// See [`WriteBehindBuilder`].
    pub fn delay(mut self, delay: Duration) -> Self {
        self.pace.delay = delay;
        self
    }

    /// How long a change that the sink refused waits, at first and at most; it doubles in between: by default 50 ms and
    /// 10 s; more than zero, and at most a year.
    ///
    /// # Examples
    /// See [`WriteBehindBuilder`].
    #[doc(alias = "backoff")]
    pub fn retry_after(mut self, first: Duration, last: Duration) -> Self {
        self.pace.first_retry = first;
        self.pace.last_retry = last;
        self
    }

    /// How long dropping it waits for the sink: by default 5 s.
    ///
    /// # Examples
    /// See [`WriteBehindBuilder`].
    pub fn drop_timeout(mut self, timeout: Duration) -> Self {
        self.drop_timeout = timeout;
        self
    }

    /// Gets what dropping it could not write in time: by default nobody does. [`WriteBehind::shutdown`] returns it
    /// instead.
    ///
    /// # Examples
    /// See [`WriteBehindBuilder`].
    pub fn on_unwritten(
        mut self,
        on_unwritten: impl Fn(Unwritten<K, V>) + Send + Sync + 'static,
    ) -> Self {
        self.on_unwritten = Some(Box::new(on_unwritten));
        self
    }

    /// The queue, with its thread.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if an option is; [`Error::Thread`] if no thread can be started.
    ///
    /// # Examples
    /// See [`WriteBehindBuilder`].
    pub fn build(self) -> Result<WriteBehind<K, V, T>, Error> {
        for (option, number) in [
            ("capacity", self.capacity),
            ("max_batch", self.pace.max_batch),
        ] {
            if number == 0 {
                return Err(Error::OutOfRange {
                    option,
                    value: "0".to_owned(),
                    allowed: "1 or more",
                });
            }
        }
        for (option, time, least) in [
            ("delay", self.pace.delay, Duration::ZERO),
            (
                "the first retry",
                self.pace.first_retry,
                Duration::from_nanos(1),
            ),
            (
                "the last retry",
                self.pace.last_retry,
                self.pace.first_retry,
            ),
        ] {
            if !(least..=LONGEST).contains(&time) {
                return Err(Error::OutOfRange {
                    option,
                    value: format!("{time:?}"),
                    allowed: "up to a year; a retry more than zero, and the last one no shorter than the first",
                });
            }
        }
        let shared = Arc::new(Shared::new(self.capacity, self.pace));
        worker::start(Arc::clone(&shared), self.sink)?;
        Ok(WriteBehind {
            tier: self.tier,
            shared,
            generations: Generations::new(),
            cache_failures: AtomicU64::new(0),
            drop_timeout: self.drop_timeout,
            on_unwritten: self.on_unwritten,
        })
    }
}

impl<K, V, T, S> fmt::Debug for WriteBehindBuilder<K, V, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteBehindBuilder")
            .field("capacity", &self.capacity)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}
