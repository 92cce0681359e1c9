//! A curve of the requests that a running program makes.

use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use super::{
    MissRatioCurve,
    shards::{Shards, spread},
};
use crate::Error;

/// Records requests as they come, in bounded memory, and gives their [`MissRatioCurve`] at any time.
///
/// It looks at the requests of some keys only, chosen by their hashes: at all keys at first, and at fewer when
/// there would be more than the samples it may have (SHARDS, as [`MissRatioCurve::sampled`]).
///
/// A request of a key that is not in the sample costs a multiplication, a relaxed load and a comparison. One that is takes a lock
/// and O(log samples), some 0.1 µs, unless the one before it in the sample was of the same key, which costs an atomic addition. When another thread has the lock, the request is not waited for but counted as
/// [lost](Self::lost). What that is on average is set by [`with_rate`](Self::with_rate): a cache whose keys are all in the
/// sample pays it for every request. At most 70 bytes a sample, plus 60 KiB: 0.6 MiB for 8192, a
/// third of it allocated at once and the rest as keys come. `Sync`: any number of threads record.
///
/// ```
/// use std::hash::{BuildHasher, RandomState};
/// use tuneup_caching::MissRatioSampler;
///
/// let sampler = MissRatioSampler::new(MissRatioSampler::DEFAULT_SAMPLES)?;
/// let hasher = RandomState::new();
/// for request in 0..10_000_u32 {
///     sampler.record(hasher.hash_one(request % 100));
/// }
/// let curve = sampler.curve();
/// assert_eq!((curve.hit_ratio(99), curve.hit_ratio(100)), (0.0, 0.99));
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
pub struct MissRatioSampler {
    threshold: Threshold,
    /// The place that was recorded last: another request of it right after that needs no lock.
    last: AtomicU64,
    /// How many of those there were, and are not in `shards` yet.
    repeats: AtomicU64,
    lost: AtomicU64,
    samples: usize,
    rate: f64,
    shards: Mutex<Shards>,
}

/// Of no key: it is not below any threshold.
const NO_PLACE: u64 = u64::MAX;

/// Read by every request, and alone on its cache lines: nothing that is written often is beside it.
#[repr(align(128))]
struct Threshold(AtomicU64);

impl MissRatioSampler {
    /// So many keys make a curve that is right within 0.02 on average.
    pub const DEFAULT_SAMPLES: usize = 8192;

    /// A sampler of at most so many keys, 1 to 2²⁴.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for other numbers of samples.
    pub fn new(samples: usize) -> Result<Self, Error> {
        Self::with(samples, 1.0)
    }

    fn with(samples: usize, rate: f64) -> Result<Self, Error> {
        let shards = Shards::new(samples, rate)?;
        Ok(Self {
            threshold: Threshold(AtomicU64::new(shards.threshold())),
            last: AtomicU64::new(NO_PLACE),
            repeats: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            samples,
            rate,
            shards: Mutex::new(shards),
        })
    }

    /// Which share of the keys to look at from the beginning: above 0.0, 1.0 by default.
    ///
    /// A lower rate makes requests cheaper as long as there are fewer keys than samples. What it costs is precision: with a rate
    /// of 0.01 and 100,000 keys there are 1000 samples.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for other rates, as well as NaN.
    pub fn with_rate(self, rate: f64) -> Result<Self, Error> {
        Self::with(self.samples, rate)
    }

    /// Notes a request of the key with this hash, whether it was a hit or not.
    ///
    /// The hash may come from any hasher, as long as it is the same one for all requests; it is spread once more. Two keys with
    /// the same hash are one key to the curve.
    #[inline]
    pub fn record(&self, hash: u64) {
        self.record_spread(spread(hash));
    }

    /// As [`record`](Self::record), of a hash that is spread over all numbers already.
    #[inline(always)]
    pub(crate) fn record_spread(&self, place: u64) {
        if place < self.threshold() {
            self.record_sampled(place);
        }
    }

    /// Requests from here on are of no key in the sample.
    pub(crate) fn threshold(&self) -> u64 {
        self.threshold.0.load(Relaxed)
    }

    #[cold]
    #[inline(never)]
    fn record_sampled(&self, place: u64) {
        if self.last.load(Relaxed) == place {
            self.repeats.fetch_add(1, Relaxed);
            return;
        }
        let Ok(mut shards) = self.shards.try_lock() else {
            self.lost.fetch_add(1, Relaxed);
            return;
        };
        // Another thread may have lowered it since.
        if place < shards.threshold() {
            shards.record_repeats(self.repeats.swap(0, Relaxed));
            shards.record(place);
            self.last.store(place, Relaxed);
            self.threshold.0.store(shards.threshold(), Relaxed);
        }
    }

    fn shards(&self) -> MutexGuard<'_, Shards> {
        let mut shards = self.shards.lock().unwrap_or_else(PoisonError::into_inner);
        shards.record_repeats(self.repeats.swap(0, Relaxed));
        shards
    }

    /// The curve of what was recorded so far. Takes the lock for some 10 µs, in which sampled requests are lost.
    ///
    /// If it is known how many requests there were, [`curve_of`](Self::curve_of) is more precise.
    #[must_use]
    pub fn curve(&self) -> MissRatioCurve {
        self.shards().curve(None, self.lost())
    }

    /// The curve of what was recorded so far, which were so many requests in all, in the sample or not: with that, the estimate is
    /// corrected for keys that are used a lot and are in the sample by chance, or not (SHARDS-adj).
    ///
    /// ```
    /// use tuneup_caching::MissRatioSampler;
    ///
    /// let sampler = MissRatioSampler::new(64)?;
    /// for request in 0..100_000_u64 {
    ///     sampler.record(request * request % 1009);
    /// }
    /// let curve = sampler.curve_of(100_000);
    /// assert!((0.9..=1.0).contains(&curve.hit_ratio(1009)));
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    #[must_use]
    pub fn curve_of(&self, requests: u64) -> MissRatioCurve {
        self.shards().curve(Some(requests), self.lost())
    }

    /// How many requests of sampled keys were not recorded, because another thread had the lock.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }

    /// Which share of the keys is looked at now, above 0.0 and at most 1.0.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.shards().rate()
    }

    /// Forgets everything, so that the next curve is of what comes from now on. What was allocated is freed.
    pub fn reset(&self) {
        let mut shards = self.shards();
        self.last.store(NO_PLACE, Relaxed);
        // What was valid once is valid still.
        if let Ok(fresh) = Shards::new(self.samples, self.rate) {
            *shards = fresh;
        }
        self.threshold.0.store(shards.threshold(), Relaxed);
        self.lost.store(0, Relaxed);
    }
}

impl fmt::Debug for MissRatioSampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MissRatioSampler")
            .field("samples", &self.samples)
            .field("lost", &self.lost())
            .finish_non_exhaustive()
    }
}
