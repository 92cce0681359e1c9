//! What has happened in each tier.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::{CircuitInfo, Info};

/// Something that is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counter {
    StoreHits,
    StoreMisses,
    Loads,
    LoadFailures,
    Foreign,
    OtherSchema,
    Damaged,
    Unencodable,
    StoreFailures,
    StoreRefused,
    LeasesTaken,
    LeasesWaited,
    LeasesTimedOut,
    LeasesLost,
    Invalidations,
    PublishFailures,
    ChannelLosses,
}

const COUNTERS: usize = Counter::ChannelLosses as usize + 1;

/// Counted beside calls to a store, which take a thousand times as long: one shared set does.
#[derive(Debug, Default)]
pub(super) struct Counters {
    counts: [AtomicU64; COUNTERS],
    pub(super) listening: AtomicBool,
}

/// What a [`Tiered`](crate::Tiered) cache has seen since it was built.
///
/// # Examples
/// ```
/// use tuneup_caching::{Cache, MemoryStore, Tiered};
///
/// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).build()?;
/// tiered.insert(1, 10)?;
/// tiered.get(&1);
/// let info = tiered.info();
/// assert_eq!((info.memory.hits, info.store_hits, info.store_misses), (1, 0, 0));
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TieredInfo {
    /// The memory tier: its hits are the tiered cache's fast ones. Of the cache as a whole, also by its other handles.
    pub memory: Info,
    /// Values that came from the store.
    pub store_hits: u64,
    /// Lookups that found no value in the store, for whatever reason.
    pub store_misses: u64,
    /// Calls of loaders.
    pub loads: u64,
    /// Of these, those that returned an error.
    pub load_failures: u64,
    /// What lay under a key of this cache and is not from a cache, or from one with another layout of envelopes.
    pub foreign: u64,
    /// Values with another [`schema`](crate::TieredBuilder::schema).
    pub other_schema: u64,
    /// Values that are not whole, lie under another key than their own, or do not decode.
    pub damaged: u64,
    /// Keys and values that the codec could not turn into bytes.
    pub unencodable: u64,
    /// Calls to the store, and to the channel, that failed or timed out.
    pub store_failures: u64,
    /// Calls to the store that were not made, because the circuit was open.
    pub store_refused: u64,
    /// The breaker in front of the store.
    pub circuit: CircuitInfo,
    /// Leases that this process took, to load by itself.
    pub leases_taken: u64,
    /// Values of another process that were waited for, and came.
    pub leases_waited: u64,
    /// Values of another process that were waited for and did not come in time, and were loaded here.
    pub leases_timed_out: u64,
    /// Loaded values that did not go into the store, because the key was written or removed meanwhile, or the load took
    /// longer than the lease, or than the value lived that it was to renew.
    pub leases_lost: u64,
    /// News of other processes.
    pub invalidations: u64,
    /// News for other processes that may not have reached them.
    pub publish_failures: u64,
    /// How often the connection of the channel was lost.
    pub channel_losses: u64,
    /// Whether news of other processes come in now.
    pub listening: bool,
}

impl TieredInfo {
    /// Everything that was in the store and could not be used: [`foreign`](Self::foreign),
    /// [`other_schema`](Self::other_schema) and [`damaged`](Self::damaged).
    ///
    /// # Examples
    /// ```
    /// use tuneup_caching::{Cache, MemoryStore, Tiered};
    ///
    /// let tiered = Tiered::builder(Cache::<u64, u64>::new(10)?, MemoryStore::new(100)?).build()?;
    /// assert_eq!(tiered.info().undecodable(), 0);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn undecodable(&self) -> u64 {
        self.foreign + self.other_schema + self.damaged
    }
}

impl Counters {
    pub(super) fn count(&self, counter: Counter) {
        self.counts[counter as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn info(&self, memory: Info, circuit: CircuitInfo) -> TieredInfo {
        let of = |counter: Counter| self.counts[counter as usize].load(Ordering::Relaxed);
        TieredInfo {
            memory,
            store_hits: of(Counter::StoreHits),
            store_misses: of(Counter::StoreMisses),
            loads: of(Counter::Loads),
            load_failures: of(Counter::LoadFailures),
            foreign: of(Counter::Foreign),
            other_schema: of(Counter::OtherSchema),
            damaged: of(Counter::Damaged),
            unencodable: of(Counter::Unencodable),
            store_failures: of(Counter::StoreFailures),
            store_refused: of(Counter::StoreRefused),
            circuit,
            leases_taken: of(Counter::LeasesTaken),
            leases_waited: of(Counter::LeasesWaited),
            leases_timed_out: of(Counter::LeasesTimedOut),
            leases_lost: of(Counter::LeasesLost),
            invalidations: of(Counter::Invalidations),
            publish_failures: of(Counter::PublishFailures),
            channel_losses: of(Counter::ChannelLosses),
            listening: self.listening.load(Ordering::Relaxed),
        }
    }
}
