//! A hash table of pointers that one thread has for itself: from a key of two addresses to a record
//! that holds its own key.

use std::{cell::Cell, marker::PhantomData, ptr::NonNull};

use crate::memory::{self, Zeroed};

/// Mixes two addresses; the upper bits are the good ones, so they are what comes back low.
///
/// A sum costs one instruction. Pairs with the same sum meet in one place, but few of the pairs that there could be are there.
#[inline(always)]
pub(crate) fn hash(first: usize, second: usize) -> usize {
    /// 2⁶⁴ divided by the golden ratio, as in Knuth's multiplicative hashing (TAOCP 3, 6.4).
    const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
    let sum = (first as u64).wrapping_add((second as u64).wrapping_mul(8));
    (sum.wrapping_mul(MULTIPLIER) >> 32) as usize
}

/// What can be looked up by its own key.
pub(crate) trait Keyed {
    /// The key of a lookup.
    type Key: Copy;

    fn is(&self, key: Self::Key) -> bool;

    fn hash(key: Self::Key) -> usize;

    /// The hash of its own key.
    fn own_hash(&self) -> usize;
}

/// Open addressing with linear probing, at most half full; grows by doubling, never removes.
///
/// Invariant: every entry is null or a pointer that was given to [`insert`](Self::insert), whose target
/// lives as long as the table.
pub(crate) struct PointerTable<T> {
    entries: Cell<NonNull<Entry>>,
    /// The number of entries less one; the number is a power of two.
    mask: Cell<usize>,
    len: Cell<usize>,
    target: PhantomData<*const T>,
}

#[repr(transparent)]
struct Entry(Cell<*const ()>);

// SAFETY: a cell of zeroes is a null pointer, and has no drop.
unsafe impl Zeroed for Entry {
    #[cfg(all(test, loom))]
    fn zeroed() -> Self {
        Self(Cell::new(std::ptr::null()))
    }
}

/// The table before the first record: one entry, which is empty and stays so.
struct Empty(Entry);

// SAFETY: nobody writes to it: a table of capacity 1 grows before anything is placed.
unsafe impl Sync for Empty {}

static EMPTY: Empty = Empty(Entry(Cell::new(std::ptr::null())));

const FIRST_CAPACITY: usize = 64;

impl<T: Keyed> PointerTable<T> {
    pub(crate) fn new() -> Self {
        Self {
            entries: Cell::new(NonNull::from_ref(&EMPTY.0)),
            mask: Cell::new(0),
            len: Cell::new(0),
            target: PhantomData,
        }
    }

    /// The record of `key`, if it was inserted.
    #[inline(always)]
    pub(crate) fn find(&self, key: T::Key) -> Option<&T> {
        let entries = self.entries.get();
        let mut index = T::hash(key) & self.mask.get();
        loop {
            // SAFETY: the mask keeps the index within the table.
            let entry = unsafe { memory::element(entries, index) };
            // SAFETY: by the invariant of the table.
            let record = unsafe { entry.0.get().cast::<T>().as_ref() }?;
            if record.is(key) {
                return Some(record);
            }
            index = (index + 1) & self.mask.get();
        }
    }

    /// Adds a record whose key is not in the table; `false` if there is no memory for it.
    ///
    /// # Safety
    /// `record` lives as long as the table is used or until [`clear`](Self::clear).
    pub(crate) unsafe fn insert(&self, record: *const T) -> bool {
        if (self.len.get() + 1) * 2 > self.capacity() && !self.grow() {
            return false;
        }
        self.len.set(self.len.get() + 1);
        self.place(record);
        true
    }

    /// Forgets all records and keeps the memory.
    pub(crate) fn clear(&self) {
        if self.len.replace(0) > 0 {
            for index in 0..self.capacity() {
                // SAFETY: the index is within the table.
                let entry = unsafe { memory::element(self.entries.get(), index) };
                entry.0.set(std::ptr::null());
            }
        }
    }

    fn capacity(&self) -> usize {
        self.mask.get() + 1
    }

    fn place(&self, record: *const T) {
        let entries = self.entries.get();
        // SAFETY: by the invariant of the table.
        let mut index = unsafe { &*record }.own_hash() & self.mask.get();
        loop {
            // SAFETY: the mask keeps the index within the table.
            let entry = unsafe { memory::element(entries, index) };
            if entry.0.get().is_null() {
                return entry.0.set(record.cast());
            }
            index = (index + 1) & self.mask.get();
        }
    }

    #[cold]
    fn grow(&self) -> bool {
        let old_capacity = self.capacity();
        let capacity = (old_capacity * 2).max(FIRST_CAPACITY);
        let Some(larger) = memory::zeroed_array::<Entry>(capacity) else {
            return false;
        };
        let old = self.entries.replace(larger);
        self.mask.set(capacity - 1);
        if old_capacity > 1 {
            for index in 0..old_capacity {
                // SAFETY: the index is within the old table.
                let record = unsafe { memory::element(old, index) }.0.get();
                if !record.is_null() {
                    self.place(record.cast());
                }
            }
            // SAFETY: the table is the thread's own, and nothing points into it any more.
            unsafe { memory::free_array(old, old_capacity) };
        }
        true
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
