//! Counts that every request adds to, without an atomic read-modify-write.

use std::{
    ptr,
    sync::atomic::{
        AtomicPtr, AtomicU64,
        Ordering::{AcqRel, Acquire, Relaxed},
    },
};

use super::{Reader, readers::PLACES};

/// What requests are counted as. Each field is a sum since the cache was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    /// What the hits would have cost to load.
    pub(crate) saved_ns: u64,
}

impl Counts {
    /// What was counted after `earlier`.
    pub(crate) fn since(self, earlier: &Self) -> Self {
        Self {
            hits: self.hits.saturating_sub(earlier.hits),
            misses: self.misses.saturating_sub(earlier.misses),
            saved_ns: self.saved_ns.saturating_sub(earlier.saved_ns),
        }
    }
}

/// One thread's counts, or those of all threads without their own.
#[repr(align(128))]
#[derive(Default)]
pub(crate) struct Stripe {
    hits: AtomicU64,
    misses: AtomicU64,
    saved_ns: AtomicU64,
}

/// The counts of one cache: one stripe for each thread that ever used it and has a [place](Reader::place) of its own, and a shared one.
pub(crate) struct Counters {
    /// The last one stays null: it stands for the shared one.
    own: [AtomicPtr<Stripe>; PLACES + 1],
    shared: Stripe,
}

impl Counters {
    pub(crate) fn new() -> Self {
        Self {
            own: [const { AtomicPtr::new(ptr::null_mut()) }; PLACES + 1],
            shared: Stripe::default(),
        }
    }

    #[inline]
    pub(crate) fn hit(&self, reader: Option<&Reader>, saved_ns: u64) {
        match self.own_stripe(reader) {
            Some(stripe) => Self::hit_in(stripe, saved_ns),
            None => {
                self.shared.hits.fetch_add(1, Relaxed);
                self.shared.saved_ns.fetch_add(saved_ns, Relaxed);
            }
        }
    }

    /// Counts a hit in counts that [`own`](Self::own) has given.
    #[inline(always)]
    pub(crate) fn hit_in(stripe: &Stripe, saved_ns: u64) {
        add(&stripe.hits, 1);
        add(&stripe.saved_ns, saved_ns);
    }

    /// The counts that only the thread of this reader writes to, if it has any yet.
    #[inline(always)]
    pub(crate) fn own(&self, reader: &Reader) -> Option<&Stripe> {
        // SAFETY: a place is not more than `PLACES`.
        let place = unsafe { self.own.get_unchecked(reader.place()) };
        // SAFETY: null, or a stripe that lives as long as `self`.
        unsafe { place.load(Acquire).as_ref() }
    }

    /// Counts a miss; how many this thread has counted, or all threads without counts of their own.
    #[inline(always)]
    pub(crate) fn miss(&self, reader: Option<&Reader>) -> u64 {
        match self.own_stripe(reader) {
            Some(stripe) => Self::miss_in(stripe),
            None => self.shared.misses.fetch_add(1, Relaxed),
        }
    }

    /// Counts a miss in counts that [`own`](Self::own) has given; how many are in them.
    #[inline(always)]
    pub(crate) fn miss_in(stripe: &Stripe) -> u64 {
        add(&stripe.misses, 1);
        stripe.misses.load(Relaxed)
    }

    /// The sums over all threads. Counts of requests that run meanwhile may be in it or not.
    pub(crate) fn sum(&self) -> Counts {
        let mut counts = Counts::default();
        let own = self
            .own
            .iter()
            // SAFETY: null, or a stripe that lives as long as `self`.
            .filter_map(|stripe| unsafe { stripe.load(Acquire).as_ref() });
        for stripe in own.chain([&self.shared]) {
            counts.hits += stripe.hits.load(Relaxed);
            counts.misses += stripe.misses.load(Relaxed);
            counts.saved_ns += stripe.saved_ns.load(Relaxed);
        }
        counts
    }

    /// The stripe that only this thread, whose reader it is, writes to: its number is nobody else's while it lives, and who has it next begins
    /// after this thread has given it back.
    #[inline(always)]
    fn own_stripe(&self, reader: Option<&Reader>) -> Option<&Stripe> {
        let place = self.own[..PLACES].get(reader?.place())?;
        // SAFETY: null, or a stripe that lives as long as `self`.
        match unsafe { place.load(Acquire).as_ref() } {
            Some(stripe) => Some(stripe),
            None => Some(Self::add_stripe(place)),
        }
    }

    #[cold]
    fn add_stripe(place: &AtomicPtr<Stripe>) -> &Stripe {
        let added = Box::into_raw(Box::<Stripe>::default());
        // Only the thread whose place it is comes here, so it is null still.
        place.swap(added, AcqRel);
        // SAFETY: just made from a box, and freed only with `self`.
        unsafe { &*added }
    }
}

/// Adds to a number that no other thread writes.
#[inline(always)]
fn add(number: &AtomicU64, amount: u64) {
    number.store(number.load(Relaxed).wrapping_add(amount), Relaxed);
}

impl Drop for Counters {
    fn drop(&mut self) {
        for stripe in &mut self.own {
            let stripe = *stripe.get_mut();
            if !stripe.is_null() {
                // SAFETY: made from a box by `add_stripe`, and nobody else is left who knows it.
                drop(unsafe { Box::from_raw(stripe) });
            }
        }
    }
}
