//! What a thread knows of one site, whatever path it was called along.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use tuneup_measure::HistogramLayout;

use crate::{
    memory::{self, Zeroed},
    pointer_table::{self, Keyed},
    site::Site,
    sync::{AtomicPtr, Counter},
};

/// Sixteen buckets an octave: what comes out is within 1/32 of what went in, plus [`SHIFT`]. Up to 2⁴⁰ ticks (at
/// 3 GHz, six minutes); longer calls share the last bucket, and the maximum is exact.
#[cfg(not(all(test, loom)))]
pub(crate) const TICKS_LAYOUT: HistogramLayout =
    HistogramLayout::new(SUB_BUCKET_BITS, (1 << 40) - 1);

/// So few that every order of operations can be tried.
#[cfg(all(test, loom))]
pub(crate) const TICKS_LAYOUT: HistogramLayout = HistogramLayout::new(SUB_BUCKET_BITS, 31);

const SUB_BUCKET_BITS: u32 = 4;

/// What is added to ticks before they are counted, so that the bucket of every value is its exponent and the top of its
/// mantissa as a floating-point number: a conversion, which costs less than the search for a leading one does without
/// the instruction for it.
pub(crate) const SHIFT: u64 = 1 << SUB_BUCKET_BITS;

/// The index in [`TICKS_LAYOUT`] of shifted ticks.
#[inline(always)]
fn index(ticks: u64) -> usize {
    const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    const FIRST_EXPONENT: u64 = f64::MAX_EXP as u64 - 1 + SUB_BUCKET_BITS as u64 - 1;
    // Signed, because that is one instruction; ticks are below 2⁶³.
    let float = (ticks + SHIFT).cast_signed() as f64;
    let index = (float.to_bits() >> (MANTISSA_BITS - SUB_BUCKET_BITS))
        - (FIRST_EXPONENT << SUB_BUCKET_BITS);
    (index as usize).min(BUCKETS - 1)
}

const BUCKETS: usize = TICKS_LAYOUT.len();

/// Invariant: the site and `older` are written before the record can be reached by another thread.
/// The buckets are there for the whole session or not at all.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct SiteRecord {
    /// The shortest call so far; `u64::MAX` before the first.
    min: Counter,
    /// How much longer the longest call was: one comparison tells whether a call lies between the two.
    range: Counter,
    /// Null in a session without distributions.
    buckets: AtomicPtr<Counter>,
    /// The buckets, if a session ever needed them.
    kept_buckets: AtomicPtr<Counter>,
    site: AtomicPtr<Site>,
    /// The record that the thread made before this one.
    older: AtomicPtr<SiteRecord>,
    pub(crate) folded: FoldedCalls,
    pub(crate) polls: PollCounters,
    /// Threads that had the thread block before and called the site.
    pub(crate) earlier_threads: Counter,
    /// Calls when the thread block's present thread took it over.
    pub(crate) earlier_calls: Counter,
}

/// The calls of a site that found the call tree full.
#[derive(Debug, Default)]
pub(crate) struct FoldedCalls {
    pub(crate) calls: Counter,
    pub(crate) primitive_calls: Counter,
    pub(crate) self_ticks: Counter,
    pub(crate) cumulative_ticks: Counter,
    /// Calls in progress.
    pub(crate) active: Counter,
}

/// What is known of the futures of a site beyond the times of their polls.
#[derive(Debug, Default)]
pub(crate) struct PollCounters {
    pub(crate) polls: Counter,
    pub(crate) waiting_ticks: Counter,
    pub(crate) longest_ticks: Counter,
    pub(crate) completed: Counter,
    pub(crate) cancelled: Counter,
}

// SAFETY: a counter of zeroes is zero.
unsafe impl Zeroed for Counter {
    #[cfg(all(test, loom))]
    fn zeroed() -> Self {
        Self::default()
    }
}

impl SiteRecord {
    /// A record of `site`; `None` if there is no memory for it.
    pub(crate) fn allocate(site: &'static Site, distribution: bool) -> Option<&'static Self> {
        let record = memory::leak(Self {
            min: Counter::default(),
            range: Counter::default(),
            buckets: AtomicPtr::new(std::ptr::null_mut()),
            kept_buckets: AtomicPtr::new(std::ptr::null_mut()),
            site: AtomicPtr::new(std::ptr::from_ref(site).cast_mut()),
            older: AtomicPtr::new(std::ptr::null_mut()),
            folded: FoldedCalls::default(),
            polls: PollCounters::default(),
            earlier_threads: Counter::default(),
            earlier_calls: Counter::default(),
        })?;
        record.reset(distribution).then_some(record)
    }

    /// Makes the record as it was when it was allocated; `false` if there is no memory for buckets that
    /// it did not have.
    pub(crate) fn reset(&self, distribution: bool) -> bool {
        self.min.set(u64::MAX);
        for counter in self.counters() {
            counter.set(0);
        }
        if distribution {
            return self.reset_buckets();
        }
        self.buckets.store(std::ptr::null_mut(), Release);
        true
    }

    fn reset_buckets(&self) -> bool {
        let first = self.kept_buckets.load(Relaxed);
        if first.is_null() {
            let Some(made) = memory::zeroed_array::<Counter>(BUCKETS) else {
                return false;
            };
            self.kept_buckets.store(made.as_ptr(), Relaxed);
        } else {
            self.buckets.store(first, Relaxed);
            let buckets = self.buckets().unwrap_or_default();
            buckets.iter().for_each(|bucket| bucket.set(0));
        }
        self.buckets.store(self.kept_buckets.load(Relaxed), Release);
        true
    }

    fn counters(&self) -> [&Counter; 13] {
        let (folded, polls) = (&self.folded, &self.polls);
        [
            &self.range,
            &folded.calls,
            &folded.primitive_calls,
            &folded.self_ticks,
            &folded.cumulative_ticks,
            &folded.active,
            &polls.polls,
            &polls.waiting_ticks,
            &polls.longest_ticks,
            &polls.completed,
            &polls.cancelled,
            &self.earlier_threads,
            &self.earlier_calls,
        ]
    }

    /// For the owner: counts a call that has ended for the shortest and the longest, and gives its bucket; `None` if the
    /// session keeps no distribution.
    #[inline(always)]
    pub(crate) fn bucket_of(&self, ticks: u64) -> Option<&'static Counter> {
        let first = self.buckets.load(Relaxed);
        if first.is_null() {
            return None;
        }
        self.extend_range(ticks);
        // SAFETY: a record has no buckets or `BUCKETS` of them, which are never freed; the index is below that.
        let bucket = unsafe { first.add(index(ticks)) };
        // SAFETY: as above.
        Some(unsafe { &*bucket })
    }

    /// All buckets, for readers; `None` if the session records no distribution.
    pub(crate) fn buckets(&self) -> Option<&'static [Counter]> {
        let first = self.buckets.load(Acquire);
        if first.is_null() {
            return None;
        }
        // SAFETY: a record has no buckets or `BUCKETS` of them, which are never freed.
        Some(unsafe { std::slice::from_raw_parts(first, BUCKETS) })
    }

    /// Counts a call for the shortest and the longest.
    #[inline(always)]
    fn extend_range(&self, ticks: u64) {
        if ticks.wrapping_sub(self.min.get()) > self.range.get() {
            self.extend_range_to(ticks);
        }
    }

    #[cold]
    #[inline(never)]
    fn extend_range_to(&self, ticks: u64) {
        let (min, max) = self.range().unwrap_or((ticks, ticks));
        self.min.set(min.min(ticks));
        self.range.set(max.max(ticks) - min.min(ticks));
    }

    /// The shortest and the longest call; `None` before the first.
    pub(crate) fn range(&self) -> Option<(u64, u64)> {
        let min = self.min.get();
        (min != u64::MAX).then(|| (min, min.saturating_add(self.range.get())))
    }

    pub(crate) fn site(&self) -> &'static Site {
        // SAFETY: by the invariant it came from a static reference.
        unsafe { &*self.site.load(Relaxed) }
    }

    pub(crate) fn older(&self) -> Option<&'static Self> {
        // SAFETY: by the invariant it is null or a record, and records are never freed.
        unsafe { self.older.load(Relaxed).as_ref() }
    }
}

/// The records of a thread, from the youngest to the oldest.
#[derive(Debug)]
pub(crate) struct SiteRecords {
    youngest: AtomicPtr<SiteRecord>,
}

impl SiteRecords {
    pub(crate) fn new() -> Self {
        Self {
            youngest: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// For the owner: from here on readers see the record.
    pub(crate) fn push(&self, record: &'static SiteRecord) {
        record.older.store(self.youngest.load(Relaxed), Relaxed);
        let record = std::ptr::from_ref(record).cast_mut();
        self.youngest.store(record, Release);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static SiteRecord> + use<> {
        // SAFETY: null or a record, and records are never freed.
        let youngest: Option<&'static SiteRecord> = unsafe { self.youngest.load(Acquire).as_ref() };
        std::iter::successors(youngest, |record| record.older())
    }
}

/// The key is the site.
impl Keyed for SiteRecord {
    type Key = *const Site;

    #[inline(always)]
    fn is(&self, site: Self::Key) -> bool {
        std::ptr::eq(self.site.load(Relaxed), site)
    }

    #[inline(always)]
    fn hash(site: Self::Key) -> usize {
        pointer_table::hash(site.addr(), 0)
    }

    fn own_hash(&self) -> usize {
        Self::hash(self.site.load(Relaxed))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_index_is_that_of_the_layout(exponent in 0_u32..62, mantissa in any::<u64>()) {
            let ticks = mantissa >> (63 - exponent);
            let expected = TICKS_LAYOUT.index(ticks + SHIFT).min(BUCKETS - 1);
            prop_assert_eq!(index(ticks), expected);
        }

        #[test]
        fn the_range_is_that_of_all_calls(calls in prop::collection::vec(0_u64..1 << 40, 1..50)) {
            static SITE: Site = Site::new(|| "range", crate::SiteKind::Function, "site_record.rs", 1);
            let record = SiteRecord::allocate(&SITE, true).unwrap();
            prop_assert_eq!(record.range(), None);
            for &ticks in &calls {
                prop_assert!(record.bucket_of(ticks).is_some());
            }
            let (min, max) = (calls.iter().min().unwrap(), calls.iter().max().unwrap());
            prop_assert_eq!(record.range(), Some((*min, *max)));
        }
    }
}
