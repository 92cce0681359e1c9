//! What a cache tells of itself.

use std::{fmt, time::Duration};

/// What a cache has done and what it holds; from [`Cache::info`](crate::Cache::info).
///
/// With the feature `serde` it is written and read by serde, its times in nanoseconds (`load_time_ns`): as JSON, `cargo tuneup advise`
/// reads it.
///
/// Counts begin when the cache is made, or at the last [`reset_info`](crate::Cache::reset_info).
///
/// ```
/// use tuneup_caching::Cache;
///
/// let cache = Cache::new(100)?;
/// for key in [1, 2, 1, 1] {
///     cache.get_or_insert_with(key, || key * 10);
/// }
/// let info = cache.info();
/// assert_eq!((info.hits, info.misses, info.loads, info.len), (2, 2, 2, 2));
/// assert_eq!(info.hit_ratio(), Some(0.5));
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[doc(alias = "cache_info")]
#[doc(alias = "CacheStats")]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Info {
    /// Lookups that found a value that was good.
    pub hits: u64,
    /// Lookups that did not.
    pub misses: u64,
    /// Values that a loader gave.
    pub loads: u64,
    /// Loaders that failed or panicked, and futures of loaders that were dropped.
    pub load_failures: u64,
    /// Misses that waited for somebody else's load instead of loading.
    pub waits: u64,
    /// Lookups that were served a value that was over, because somebody was loading it anew or loading failed.
    pub stale_hits: u64,
    /// What all loads took together: of a load inside of another one, its time is in both.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "load_time_ns", with = "super::nanoseconds")
    )]
    pub load_time: Duration,
    /// What the hits would have cost: for each hit on a value that was loaded, the time that took, to 6 %.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "time_saved_ns", with = "super::nanoseconds")
    )]
    pub time_saved: Duration,
    /// Entries that went to make room.
    pub evicted: u64,
    /// Entries that went because their time was over.
    pub expired: u64,
    /// Entries whose value was replaced.
    pub replaced: u64,
    /// Entries that were removed, by key, tag, predicate, or with all others.
    pub removed: u64,
    /// Entries that were heavier than the whole capacity, and never came in.
    pub rejected: u64,
    /// Entries that are held. Some of them may be over already.
    pub len: u64,
    /// What they weigh; their number, if there is no weigher.
    pub weight: u64,
    /// What they may weigh; none, if there is no bound.
    pub capacity: Option<u64>,
    /// Hits and misses of late, and over which time.
    pub recent: Recent,
}

/// Hits and misses of late: since a sample that was taken about one window ago.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Recent {
    /// Hits in that time.
    pub hits: u64,
    /// Misses in that time.
    pub misses: u64,
    /// How long that is: about the window, less if the cache is younger, more if it is used rarely.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "over_ns", with = "super::nanoseconds")
    )]
    pub over: Duration,
}

fn ratio(hits: u64, misses: u64) -> Option<f64> {
    let lookups = hits + misses;
    (lookups > 0).then(|| hits as f64 / lookups as f64)
}

impl Info {
    /// Hits of all lookups, 0 to 1; none if there was none.
    #[must_use]
    pub fn hit_ratio(&self) -> Option<f64> {
        ratio(self.hits, self.misses)
    }

    /// What a load takes on average; none if there was none.
    #[must_use]
    pub fn mean_load_time(&self) -> Option<Duration> {
        let loads = u32::try_from(self.loads).unwrap_or(u32::MAX);
        (loads > 0).then(|| self.load_time / loads)
    }
}

impl Recent {
    /// Hits of all lookups of late, 0 to 1; none if there was none.
    #[must_use]
    pub fn hit_ratio(&self) -> Option<f64> {
        ratio(self.hits, self.misses)
    }
}

/// One line for people.
impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hit_ratio() {
            Some(ratio) => write!(
                f,
                "{:.1} % hits of {} lookups",
                ratio * 100.0,
                self.hits + self.misses
            )?,
            None => f.write_str("no lookups")?,
        }
        write!(
            f,
            ", {:?} saved by {} loads of {:?}",
            self.time_saved, self.loads, self.load_time
        )?;
        write!(f, ", {} entries", self.len)?;
        match self.capacity {
            Some(capacity) => write!(f, " ({} of {capacity})", self.weight)?,
            None => f.write_str(" (unbounded)")?,
        }
        write!(f, ", {} evicted, {} expired", self.evicted, self.expired)
    }
}
