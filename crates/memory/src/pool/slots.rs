//! The slots of a pool, and who may touch which.
//!
//! A slot is *idle* (it has an object that nobody uses), *vacant* (it has none), or *taken*. Whoever changes it to taken,
//! by compare-and-exchange, holds it alone until setting it to something else, by a plain store. There is no ABA problem: an idle slot is
//! an idle slot, whatever happened to it before.
//!
//! Slots come into use one after another, when there is no idle one. Those that never were are taken, by nobody, and are not looked
//! at. So a search is as long as the pool was busy at its busiest, whatever its capacity.

use std::{
    cell::UnsafeCell,
    mem::MaybeUninit,
    sync::atomic::{AtomicU64 as StatisticU64, Ordering},
};

use super::sync::{AtomicU32, AtomicUsize};

/// How far to look for an idle slot while there are others without an object: filling a pool of thousands would otherwise
/// look at thousands for each.
pub(super) const NEAR: usize = 256;

const TAKEN: u32 = 0;
const IDLE: u32 = 1;
const VACANT: u32 = 2;

/// A slot that somebody holds, on its way to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) index: u32,
    /// Whether there is an object in it.
    pub(super) filled: bool,
}

/// On lines of its own: neighbours are used by different threads. Two lines, because processors fetch lines in pairs.
#[repr(align(128))]
pub(super) struct Slot<T> {
    state: AtomicU32,
    index: u32,
    /// How often the slot's objects were used again. Only the slot's holder writes it.
    reuses: StatisticU64,
    object: UnsafeCell<MaybeUninit<T>>,
}

impl<T> Slot<T> {
    fn new(index: u32) -> Self {
        Self {
            state: AtomicU32::new(TAKEN),
            index,
            reuses: StatisticU64::new(0),
            object: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Takes it, if it is in that state.
    #[inline(always)]
    fn take(&self, state: u32) -> bool {
        // Acquire: what the last holder did to the object comes before what this one does.
        self.state
            .compare_exchange(state, TAKEN, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    #[inline(always)]
    pub(super) fn take_idle(&self) -> bool {
        self.take(IDLE)
    }

    /// Makes a slot idle that the caller holds, and that has an object.
    #[inline(always)]
    pub(super) fn put(&self) {
        // Release: see `take`.
        self.state.store(IDLE, Ordering::Release);
    }

    /// The place of the object. Only the holder of a filled slot may read or write it.
    #[inline(always)]
    pub(super) fn object(&self) -> *mut T {
        self.object.get().cast()
    }

    /// Only the slot's holder may call it.
    #[inline(always)]
    pub(super) fn count_reuse(&self) {
        let reuses = self.reuses.load(Ordering::Relaxed) + 1;
        self.reuses.store(reuses, Ordering::Relaxed);
    }

    #[inline(always)]
    pub(super) fn index(&self) -> usize {
        self.index as usize
    }

    pub(super) fn taken(&self, filled: bool) -> Taken {
        let index = self.index;
        Taken { index, filled }
    }
}

pub(super) struct Slots<T> {
    slots: Box<[Slot<T>]>,
    /// How many, from the first, are in use or have been. Only grows.
    opened: AtomicUsize,
    /// How many are vacant, or more: counted before they are, and until they are no longer.
    vacant: AtomicUsize,
}

// SAFETY: an object is reached only through a taken slot, which one thread holds at a time; taking and giving back order
// the accesses. So the objects change threads, and are not shared.
unsafe impl<T: Send> Sync for Slots<T> {}

impl<T> Slots<T> {
    /// None of them in use. `capacity` fits into a `u32`.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            slots: (0..capacity as u32).map(Slot::new).collect(),
            opened: AtomicUsize::new(0),
            vacant: AtomicUsize::new(0),
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.slots.len()
    }

    #[inline(always)]
    pub(super) fn get(&self, index: usize) -> Option<&Slot<T>> {
        self.slots.get(index)
    }

    pub(super) fn slot(&self, taken: Taken) -> &Slot<T> {
        &self.slots[taken.index as usize]
    }

    fn opened(&self) -> &[Slot<T>] {
        &self.slots[..self.opened.load(Ordering::Relaxed)]
    }

    /// Takes the first slot in that state after `start`, all around, and looks at `most` slots at most. O(opened slots). `None` if none
    /// was seen, though one may have come behind the search's back.
    fn search(&self, start: usize, state: u32, most: usize) -> Option<&Slot<T>> {
        let opened = self.opened();
        let (before, after) = opened.split_at((start.wrapping_add(1)).min(opened.len()));
        let mut all = after.iter().chain(before).take(most);
        // Reading first leaves the line to its user.
        all.find(|slot| slot.state.load(Ordering::Relaxed) == state && slot.take(state))
    }

    /// Takes an idle slot, one of the next `NEAR`.
    pub(super) fn take_idle_near(&self, start: usize) -> Option<Taken> {
        let slot = self.search(start, IDLE, NEAR)?;
        Some(slot.taken(true))
    }

    /// Takes an idle slot. As `search`.
    pub(super) fn take_idle(&self, start: usize) -> Option<Taken> {
        let slot = self.search(start, IDLE, self.capacity())?;
        Some(slot.taken(true))
    }

    /// Takes a slot without an object. As `search`.
    pub(super) fn take_vacant(&self, start: usize) -> Option<Taken> {
        if self.vacant.load(Ordering::Relaxed) != 0
            && let Some(slot) = self.search(start, VACANT, self.capacity())
        {
            self.vacant.fetch_sub(1, Ordering::Relaxed);
            return Some(slot.taken(false));
        }
        let more = |opened| (opened < self.capacity()).then_some(opened + 1);
        let opened = self
            .opened
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        // Nobody else has opened that one, and it has been taken from the start.
        opened.ok().map(|index| self.slots[index].taken(false))
    }

    /// Takes an idle slot, or else one without an object. As `search`.
    pub(super) fn take_any(&self, start: usize) -> Option<Taken> {
        self.take_idle(start).or_else(|| self.take_vacant(start))
    }

    /// Gives a slot back. The caller held it, and does no longer.
    pub(super) fn put(&self, taken: Taken) {
        let slot = self.slot(taken);
        if taken.filled {
            slot.put();
        } else {
            self.vacant.fetch_add(1, Ordering::Relaxed);
            slot.state.store(VACANT, Ordering::Release);
        }
    }

    /// O(opened slots).
    pub(super) fn reuses(&self) -> u64 {
        let slots = self.opened().iter();
        slots.map(|slot| slot.reuses.load(Ordering::Relaxed)).sum()
    }

    /// How many are idle, and how many taken. O(opened slots).
    pub(super) fn count(&self) -> (usize, usize) {
        self.opened().iter().fold((0, 0), |(idle, taken), slot| {
            let state = slot.state.load(Ordering::Relaxed);
            let one_if = |of| usize::from(state == of);
            (idle + one_if(IDLE), taken + one_if(TAKEN))
        })
    }
}
