//! The concurrent cache.

mod builder;
mod departure;
mod details;
mod entry;
mod expiry;
mod index;
mod invalidation;
mod load_cost;
mod load_error;
mod loading;
mod part;
mod reading;
mod reporting;
#[cfg(feature = "simulate")]
mod sampling;
mod shard;
mod slab;
mod tags;
#[cfg(test)]
mod tests;
mod writing;

use std::{
    fmt,
    hash::{BuildHasher, Hash},
    sync::{Arc, atomic::AtomicU64},
};

pub use self::{
    builder::CacheBuilder, departure::EvictionCause, entry::Entry, load_error::LoadError,
};
use self::{
    departure::Departures,
    expiry::{Expiry, random},
    part::Part,
    shard::Shard,
    slab::Extra,
    tags::Tags,
};
use crate::{
    Error, concurrent::BiasedLock, hasher::DefaultHasher, single_flight::Flights,
    statistics::Statistics, timeline::Timeline,
};

/// A concurrent cache: a map that stays within its capacity by letting go of what is probably not needed again.
///
/// A handle: clones share the entries. Values come out as clones, so large ones are best put into an [`Arc`]. All methods
/// take `&self`, from any number of threads and tasks.
///
/// | to | use |
/// |---|---|
/// | look up, and load what is missing, once for all who ask meanwhile | [`get_or_insert_with`](Self::get_or_insert_with), [`try_get_or_insert_with`](Self::try_get_or_insert_with) |
/// | the same in async code | [`get_or_insert_async`](Self::get_or_insert_async), [`try_get_or_insert_async`](Self::try_get_or_insert_async) |
/// | look up; look without counting | [`get`](Self::get); [`peek`](Self::peek), [`contains_key`](Self::contains_key) |
/// | put in, for a time of its own, with tags | [`insert`](Self::insert), [`insert_with_ttl`](Self::insert_with_ttl), [`insert_tagged`](Self::insert_tagged) |
/// | change a value from what it was | [`entry`](Self::entry) |
/// | take out | [`remove`](Self::remove), [`invalidate_tag`](Self::invalidate_tag), [`invalidate_if`](Self::invalidate_if), [`invalidate_all`](Self::invalidate_all) |
/// | see how it does | [`info`](Self::info) |
///
/// # Capacity
/// One budget for all shards: nothing is evicted before the whole cache is full, and an entry may weigh as much as all of
/// it. The sum of weights never exceeds the capacity. A shard that has to make room lets go of entries of its own; only
/// if it has none, others do.
///
/// # Cost
/// A hit hashes the key once, finds it, marks it (one relaxed store, and none for what is hit all the time; [`Policy::Lru`] always two), and
/// clones the value. It takes no lock: a reader announces itself, by a plain store while the shard is only read, by an atomic exchange for the
/// thousand reads that follow a write. Hits and misses are counted exactly, without atomic
/// read-modify-writes for the first 64 threads. With times to live a hit reads the clock as well. A write locks one shard, and
/// evicts in O(1) amortised, O(log n) with [`Policy::Lru`]; it waits for the readers that are in the shard, the first one after many reads
/// by membarrier(2), a few microseconds.
///
/// An entry takes the size of key and value and about 40 bytes: 16 in its slot, 7 to 12 in the index, 12 for the memory of
/// what went; 40 more in caches with times, weights or tags. The cache itself takes about 1 KiB and 300 bytes a shard.
///
/// # What runs where
/// Loaders, weighers, listeners, predicates and the drops of keys and values run while no lock is held, and may use the
/// cache. `Eq` of keys and `Clone` of values run inside of a lookup and must not change the same cache: that is a panic, if it would wait for
/// itself. Where they panic, the cache stays as it was.
///
/// # Sources
/// That hits write nothing once they have been counted often enough is of S3-FIFO and [quick_cache](https://docs.rs/quick_cache); single flight is of
/// Go's [`singleflight`](https://pkg.go.dev/golang.org/x/sync/singleflight); the face follows
/// [moka](https://docs.rs/moka) and Python's [`functools`](https://docs.python.org/3/library/functools.html#functools.lru_cache).
///
/// ```
/// use tuneup_caching::Cache;
///
/// let lengths = Cache::new(1_000)?;
/// let length = lengths.get_or_insert_with("a long text".to_owned(), || 11);
/// assert_eq!(length, 11);
/// assert_eq!(lengths.get("a long text"), Some(11), "looked up by &str");
/// println!("{}", lengths.info());
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
///
/// [`Policy::Lru`]: crate::Policy::Lru
#[doc(alias = "lru_cache")]
#[doc(alias = "TTLCache")]
#[doc(alias = "memo")]
pub struct Cache<K, V, S = DefaultHasher> {
    inner: Arc<Inner<K, V, S>>,
}

struct Inner<K, V, S> {
    hasher: S,
    shards: Box<[Part<K, V>]>,
    /// A hash shifted right by so much is the number of a shard, once it is masked.
    shift: u32,
    /// One less than there are shards, which are a power of two.
    mask: usize,
    capacity: u64,
    is_unbounded: bool,
    /// The weight of all entries, and of those for whom room was made.
    used: Used,
    rules: Rules<K, V>,
    timeline: Timeline,
    tags: Tags,
    flights: Flights<K, V>,
    statistics: Statistics,
    #[cfg(feature = "simulate")]
    sampling: sampling::Sampling,
}

/// What the user has asked for.
struct Rules<K, V> {
    weigher: Option<Weigher<K, V>>,
    listener: Option<Listener<K, V>>,
    expiry: Expiry<K, V>,
}

type Weigher<K, V> = Box<dyn Fn(&K, &V) -> u32 + Send + Sync>;
type Listener<K, V> = Box<dyn Fn(K, V, EvictionCause) + Send + Sync>;

/// On cache lines of its own: processors fetch them in pairs.
#[repr(align(128))]
#[derive(Default)]
struct Used(AtomicU64);

/// A hash, mixed so that even a poor hasher's numbers spread over shards and buckets.
#[derive(Clone, Copy)]
pub(crate) struct Hashed {
    mixed: u64,
}

impl Hashed {
    /// What a shard knows a key by.
    #[inline(always)]
    fn in_shard(self) -> u32 {
        (self.mixed >> 16) as u32
    }
}

impl<K, V> Cache<K, V> {
    /// A cache of at most `capacity` entries, with the default policy.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the capacity is 0.
    ///
    /// ```
    /// use tuneup_caching::Cache;
    ///
    /// let cache = Cache::new(2)?;
    /// cache.insert("a", 1);
    /// assert_eq!(cache.get("a"), Some(1));
    /// assert!(Cache::<u32, u32>::new(0).is_err());
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn new(capacity: u64) -> Result<Self, Error> {
        Self::builder(capacity).build()
    }

    /// Options of a cache whose entries weigh `capacity` in all: their number, unless there is a
    /// [`weigher`](CacheBuilder::weigher).
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_caching::{Cache, Policy};
    ///
    /// let sessions = Cache::builder(10_000)
    ///     .policy(Policy::Lru)
    ///     .ttl(Duration::from_secs(3_600))
    ///     .build()?;
    /// sessions.insert(17, "Ada");
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn builder(capacity: u64) -> CacheBuilder<K, V> {
        CacheBuilder::new(capacity)
    }

    /// A cache that keeps everything until it is removed. With times to live, by
    /// [`CacheBuilder::unbounded`].
    ///
    /// It grows with its keys: for keys that come from outside, choose a capacity.
    ///
    /// ```
    /// use tuneup_caching::Cache;
    ///
    /// let squares = Cache::unbounded();
    /// assert_eq!(squares.get_or_insert_with(12_u64, || 144), 144);
    /// ```
    #[must_use]
    pub fn unbounded() -> Self {
        Self {
            inner: Arc::new(CacheBuilder::unbounded().inner()),
        }
    }
}

impl<K, V, S> Cache<K, V, S>
where
    K: Hash + Eq,
    V: Clone,
    S: BuildHasher,
{
    #[inline(always)]
    pub(crate) fn hash<Q: Hash + ?Sized>(&self, key: &Q) -> Hashed {
        let hash = self.inner.hasher.hash_one(key);
        Hashed {
            mixed: hash.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        }
    }
}

#[cfg(feature = "memoize")]
impl<K: Hash + Eq, V: Clone, S: BuildHasher> Cache<K, V, S> {
    /// Under which a key is [loaded](crate::single_flight::load_missing).
    pub(crate) fn load_hash(&self, key: &K) -> u64 {
        self.hash(key).mixed
    }
}

impl<K, V, S> Inner<K, V, S> {
    #[inline(always)]
    fn part(&self, hash: Hashed) -> &Part<K, V> {
        let number = (hash.mixed >> self.shift) as usize & self.mask;
        // SAFETY: the mask is one less than there are of them, so the number is less.
        unsafe { self.shards.get_unchecked(number) }
    }

    #[inline(always)]
    fn shard(&self, hash: Hashed) -> &BiasedLock<Shard<K, V>> {
        &self.part(hash).lock
    }
}

impl<K, V, S> Clone for Cache<K, V, S> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<K, V, S> fmt::Debug for Cache<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("capacity", &self.capacity())
            .field("weight", &self.weight())
            .field("shards", &self.inner.shards.len())
            .finish_non_exhaustive()
    }
}
