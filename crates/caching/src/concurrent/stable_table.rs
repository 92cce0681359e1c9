//! A hash table whose entries stay where they are until they are taken out: readers take no lock, and writers do not wait for them.
//!
//! A slot holds a hash and a pointer to an entry. Readers announce themselves in a word of their own ([`readers`]), as those of
//! [`BiasedLock`](super::BiasedLock) do, but no writer ever keeps them out: an entry comes in by one store, and goes by one. What has gone
//! is in limbo until each reader was seen outside of the table since. Usually that is at once; otherwise the next change tries again.
//!
//! Where the kernel can put barriers into other threads, a reader's announcement is a plain store, and whoever takes out calls
//! for the barrier; elsewhere each reader has one. The scheme is that of hazard pointers (Michael, IEEE TPDS 15(6), 2004), with one for
//! the whole table.

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;

use std::{
    fmt,
    ptr::{self, NonNull},
    sync::{PoisonError, atomic::Ordering},
};

use super::{
    barrier,
    readers::{self, Reader},
    sync::{AtomicPtr, AtomicU64, AtomicUsize, Mutex, MutexGuard, fence, yield_now},
};

/// No entry, and none that was to be here is further on.
const EMPTY: u64 = 0;
/// An entry was here.
const GONE: u64 = 2;
/// Set in the hash of each entry, so that it is neither.
const IS_ENTRY: u64 = 1;

/// 2⁶⁴ by the golden ratio: multiples of it are far from each other, so that hashes which follow each other, as those of numbers in a row may, do
/// not fill slots in a row (Knuth, The Art of Computer Programming, volume 3, section 6.4).
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// The slots of the first entries.
#[cfg(not(all(test, loom)))]
const FIRST_SLOTS: usize = 8;
#[cfg(all(test, loom))]
const FIRST_SLOTS: usize = 2;

/// So many looks at a reader before what has gone stays in limbo.
#[cfg(not(all(test, loom)))]
const LOOKS: u32 = 256;
#[cfg(all(test, loom))]
const LOOKS: u32 = 1;

/// So many looks before another thread may run.
const LOOKS_BEFORE_YIELD: u32 = 64;

/// Entries that many threads read: see the module.
pub(crate) struct StableTable<T> {
    /// Null before the first entry.
    slots: AtomicPtr<Slots<T>>,
    /// The same, for readers that leave the barrier to who takes out; null where they may not.
    usual_slots: AtomicPtr<Slots<T>>,
    /// Readers without an announcement: inside of another read, or in a thread that is being torn down.
    unannounced: AtomicUsize,
    /// Readers may leave the barrier to who takes out.
    is_light: bool,
    changes: Mutex<Changes<T>>,
}

// SAFETY: readers on several threads share `&T`, and any of them may drop a `T`.
unsafe impl<T: Send + Sync> Sync for StableTable<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Send for StableTable<T> {}

/// What only who changes the table sees.
struct Changes<T> {
    len: usize,
    /// Slots that are not empty: of entries, and where entries were.
    used: usize,
    limbo: Departed<T>,
}

/// What has gone from the table. Dropped only when no reader can see it any more.
pub(crate) struct Departed<T> {
    entries: Vec<NonNull<T>>,
    slots: Vec<NonNull<Slots<T>>>,
}

/// A power of two of them; at most half are not empty.
struct Slots<T> {
    slots: Box<[Slot<T>]>,
    /// One less than there are.
    mask: usize,
    /// A hash that is spread and shifted right by so much is the number of its first slot.
    shift: u32,
}

struct Slot<T> {
    /// Stored after the entry, so that who sees the one sees the other.
    hash: AtomicU64,
    entry: AtomicPtr<T>,
}

impl<T> Slots<T> {
    fn new(len: usize) -> Self {
        let empty = || Slot {
            hash: AtomicU64::new(EMPTY),
            entry: AtomicPtr::new(ptr::null_mut()),
        };
        Self {
            slots: (0..len).map(|_| empty()).collect(),
            mask: len - 1,
            shift: u64::BITS - len.trailing_zeros(),
        }
    }

    /// Where an entry of this hash is if there is room.
    #[inline(always)]
    fn first(&self, hash: u64) -> usize {
        (hash.wrapping_mul(SPREAD) >> self.shift) as usize
    }

    /// The slot at a place, counted on from the last one to the first.
    #[inline(always)]
    fn slot(&self, place: usize) -> &Slot<T> {
        // SAFETY: there are a power of two of them, so the masked number is less.
        unsafe { self.slots.get_unchecked(place & self.mask) }
    }

    /// The slot and the entry of this hash for which `is_it` holds.
    ///
    /// # Safety
    /// No entry of the table is dropped while the answer is in use: the caller is a reader.
    #[inline(always)]
    unsafe fn find(&self, hash: u64, is_it: impl Fn(&T) -> bool) -> Option<(&Slot<T>, &T)> {
        let mut place = self.first(hash);
        loop {
            let slot = self.slot(place);
            let there = slot.hash.load(Ordering::Acquire);
            if there == hash {
                // SAFETY: null, or an entry that is dropped by nobody meanwhile, as the caller promises.
                let entry = unsafe { slot.entry.load(Ordering::Acquire).as_ref() };
                if let Some(entry) = entry
                    && is_it(entry)
                {
                    return Some((slot, entry));
                }
            } else if there == EMPTY {
                return None;
            }
            place = place.wrapping_add(1);
        }
    }

    /// Puts in an entry that is not here; whether its slot was empty. There is room.
    fn put(&self, hash: u64, entry: *mut T) -> bool {
        let mut place = self.first(hash);
        loop {
            let slot = self.slot(place);
            let there = slot.hash.load(Ordering::Relaxed);
            if there == EMPTY || there == GONE {
                slot.entry.store(entry, Ordering::Release);
                slot.hash.store(hash, Ordering::Release);
                return there == EMPTY;
            }
            place = place.wrapping_add(1);
        }
    }

    fn entries(&self) -> impl Iterator<Item = (u64, NonNull<T>)> {
        self.slots.iter().filter_map(|slot| {
            let entry = NonNull::new(slot.entry.load(Ordering::Relaxed))?;
            Some((slot.hash.load(Ordering::Relaxed), entry))
        })
    }
}

impl<T> StableTable<T> {
    pub(crate) fn new() -> Self {
        Self {
            slots: AtomicPtr::new(ptr::null_mut()),
            usual_slots: AtomicPtr::new(ptr::null_mut()),
            unannounced: AtomicUsize::new(0),
            is_light: barrier::is_available(),
            changes: Mutex::new(Changes {
                len: 0,
                used: 0,
                limbo: Departed::nothing(),
            }),
        }
    }

    /// Begins to read, and gives where; none if anything is unusual: then [`read`](Self::read) is the way. As short as can be.
    #[inline(always)]
    pub(crate) fn read_usual(&self) -> Option<(Reading<'_, T>, &'static Reader)> {
        let reader = readers::known()?;
        if reader.reading.load(Ordering::Relaxed) != 0 {
            return None;
        }
        reader.reading.store(self.address(), Ordering::Relaxed);
        barrier::light();
        let reading = Reading {
            table: self,
            reader: Some(reader),
            slots: self.usual_slots.load(Ordering::Acquire),
        };
        Some((reading, reader))
    }

    /// Begins to read, wherever this thread is.
    #[inline(never)]
    pub(crate) fn read(&self) -> Reading<'_, T> {
        let reader =
            readers::current().filter(|reader| reader.reading.load(Ordering::Relaxed) == 0);
        match reader {
            Some(reader) => {
                barrier::swap(&reader.reading, self.address());
            }
            None => {
                self.unannounced.fetch_add(1, Ordering::SeqCst);
                fence(Ordering::SeqCst);
            }
        }
        Reading {
            table: self,
            reader,
            slots: self.slots.load(Ordering::Acquire),
        }
    }

    /// Puts in an entry, if `may` says so, which is asked when nobody else changes the table. Its like must not be here.
    ///
    /// What comes back is for the caller to drop, who holds no lock then.
    pub(crate) fn insert(&self, hash: u64, entry: T, may: impl FnOnce() -> bool) -> Departed<T> {
        let entry = Box::new(entry);
        let mut changes = self.changes();
        if may() {
            let slots = self.slots_with_room(&mut changes);
            changes.used += usize::from(slots.put(hash | IS_ENTRY, Box::into_raw(entry)));
            changes.len += 1;
        }
        self.sweep(&mut changes)
    }

    /// Takes out the entry of this hash for which `is_it` holds; none, if there is none.
    pub(crate) fn remove(&self, hash: u64, is_it: impl Fn(&T) -> bool) -> Option<Departed<T>> {
        // Whoever was allowed to put something in before this was called has done so.
        drop(self.changes());
        loop {
            // `is_it` is the user's code, which is not to run while others cannot change the table.
            let reading = self.read();
            let slots = reading.slots()?;
            // SAFETY: `reading` lives until after the last use of the entry.
            let (slot, entry) = unsafe { slots.find(hash | IS_ENTRY, &is_it) }?;
            let mut changes = self.changes();
            // What is being read is not dropped, so that the same address is the same entry.
            let there = slot.entry.load(Ordering::Relaxed);
            if ptr::eq(there, entry) && ptr::eq(self.slots.load(Ordering::Relaxed), slots) {
                slot.hash.store(GONE, Ordering::Release);
                slot.entry.store(ptr::null_mut(), Ordering::Release);
                changes.len -= 1;
                changes.limbo.entries.extend(NonNull::new(there));
                drop(reading);
                return Some(self.sweep(&mut changes));
            }
        }
    }

    /// Takes out all entries; how many there were.
    pub(crate) fn clear(&self) -> (usize, Departed<T>) {
        let mut changes = self.changes();
        let old = NonNull::new(self.slots.load(Ordering::Relaxed));
        self.publish(ptr::null_mut());
        let len = std::mem::take(&mut changes.len);
        changes.used = 0;
        if let Some(old) = old {
            // SAFETY: slots that were here a moment ago, and that are dropped by who holds `changes` alone.
            let entries = unsafe { old.as_ref() }.entries();
            changes
                .limbo
                .entries
                .extend(entries.map(|(_, entry)| entry));
            changes.limbo.slots.push(old);
        }
        (len, self.sweep(&mut changes))
    }

    pub(crate) fn len(&self) -> usize {
        self.changes().len
    }

    fn changes(&self) -> MutexGuard<'_, Changes<T>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The slots, with an empty one more than is needed: new ones, if half of them were not empty.
    fn slots_with_room<'a>(&'a self, changes: &'a mut Changes<T>) -> &'a Slots<T> {
        let old = NonNull::new(self.slots.load(Ordering::Relaxed));
        // SAFETY: the slots that are here are dropped by nobody while `changes` is borrowed.
        let old_slots = old.map(|old| unsafe { old.as_ref() });
        match old_slots {
            Some(slots) if (changes.used + 1) * 2 <= slots.slots.len() => return slots,
            _ => {}
        }
        // As many again, unless most are gone entries'.
        let slots = Slots::new((changes.len * 4).next_power_of_two().max(FIRST_SLOTS));
        for (hash, entry) in old_slots.iter().flat_map(|slots| slots.entries()) {
            slots.put(hash, entry.as_ptr());
        }
        changes.used = changes.len;
        changes.limbo.slots.extend(old);
        let slots = Box::into_raw(Box::new(slots));
        self.publish(slots);
        // SAFETY: as above.
        unsafe { &*slots }
    }

    fn publish(&self, slots: *mut Slots<T>) {
        self.slots.store(slots, Ordering::Release);
        if self.is_light {
            self.usual_slots.store(slots, Ordering::Release);
        }
    }

    /// What no reader can see any more. Entries' drops are the user's code, and for the caller, who holds no lock.
    fn sweep(&self, changes: &mut Changes<T>) -> Departed<T> {
        if changes.limbo.is_nothing() || !self.was_left_by_all() {
            return Departed::nothing();
        }
        std::mem::replace(&mut changes.limbo, Departed::nothing())
    }

    /// Whether each reader was outside of the table at some time since this was called.
    fn was_left_by_all(&self) -> bool {
        if self.is_light {
            barrier::heavy();
        } else {
            fence(Ordering::SeqCst);
        }
        let own = readers::current().map(ptr::from_ref);
        let is_out = |reader: &Reader| reader.reading.load(Ordering::SeqCst) != self.address();
        readers::all()
            .all(|reader| is_out(reader) || (own != Some(reader) && comes_true(|| is_out(reader))))
            && comes_true(|| self.unannounced.load(Ordering::SeqCst) == 0)
    }

    fn address(&self) -> usize {
        (&raw const *self).addr()
    }
}

/// Whether a condition is true soon.
fn comes_true(condition: impl Fn() -> bool) -> bool {
    (1..=LOOKS).any(|look| {
        if look % LOOKS_BEFORE_YIELD == 0 || cfg!(all(test, loom)) {
            yield_now();
        } else {
            std::hint::spin_loop();
        }
        condition()
    })
}

impl<T> Drop for StableTable<T> {
    fn drop(&mut self) {
        let (_, departed) = self.clear();
        drop(departed);
        // Nobody reads what nobody else has.
        let limbo = std::mem::replace(&mut self.changes().limbo, Departed::nothing());
        drop(limbo);
    }
}

impl<T> fmt::Debug for StableTable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StableTable")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// A reader of a table: nothing that it can see is dropped before it is.
#[must_use = "the reading ends when the guard is dropped"]
pub(crate) struct Reading<'a, T> {
    table: &'a StableTable<T>,
    /// The word with the announcement, if there is one.
    reader: Option<&'static Reader>,
    /// Loaded after the announcement.
    slots: *const Slots<T>,
}

impl<T> Reading<'_, T> {
    /// The entry of this hash for which `is_it` holds.
    #[inline(always)]
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(&T) -> bool) -> Option<&T> {
        // SAFETY: the entry is borrowed from this reader.
        let found = unsafe { self.slots()?.find(hash | IS_ENTRY, is_it) };
        found.map(|(_, entry)| entry)
    }

    #[inline(always)]
    fn slots(&self) -> Option<&Slots<T>> {
        // SAFETY: null, or slots that are not dropped before this reader is.
        unsafe { self.slots.as_ref() }
    }
}

impl<T> Drop for Reading<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        match self.reader {
            Some(reader) => reader.reading.store(0, Ordering::Release),
            None => {
                self.table.unannounced.fetch_sub(1, Ordering::Release);
            }
        }
    }
}

impl<T> Departed<T> {
    const fn nothing() -> Self {
        Self {
            entries: Vec::new(),
            slots: Vec::new(),
        }
    }

    fn is_nothing(&self) -> bool {
        self.entries.is_empty() && self.slots.is_empty()
    }
}

impl<T> Drop for Departed<T> {
    fn drop(&mut self) {
        for slots in self.slots.drain(..) {
            // SAFETY: made from a box, taken out of the table, and seen by no reader any more.
            drop(unsafe { Box::from_raw(slots.as_ptr()) });
        }
        // All of them before any is dropped: a drop that panics keeps nothing from those after it.
        let entries = self.entries.drain(..).map(NonNull::as_ptr);
        // SAFETY: as above.
        let entries: Vec<Box<T>> = entries
            .map(|entry| unsafe { Box::from_raw(entry) })
            .collect();
        drop(entries);
    }
}
