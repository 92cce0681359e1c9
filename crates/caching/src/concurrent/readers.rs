//! The threads that read: each has a word in which it says what it is reading, and a small number.
//!
//! The words are never freed and are used again: there are as many as threads have read at the same time. Those of the first few
//! threads are in one array, which a writer can afford to walk each time.

use std::{
    cell::Cell,
    ptr,
    sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering},
};

/// One thread's word. On two cache lines of its own: processors fetch them in pairs.
#[repr(align(128))]
#[derive(Debug)]
pub(crate) struct Reader {
    /// The address of what the thread is reading; 0 if it is not.
    pub(super) reading: AtomicUsize,
    /// Reads with a barrier, of all locks; written by the thread alone.
    reads: AtomicU32,
    taken: AtomicBool,
    number: usize,
    /// See [`Reader::place`].
    place: usize,
    next: *const Reader,
}

// SAFETY: `next` is written before the reader is published and points to a reader that is never freed.
unsafe impl Sync for Reader {}
// SAFETY: as above.
unsafe impl Send for Reader {}

/// So many readers are looked at by each write.
const FEW: usize = 32;

/// Readers with a number below this have a place of their own in tables; the others share the place behind.
pub(super) const PLACES: usize = 64;

/// So many reads are told to the lock at once, whichever locks they were of: on average it is right.
const COUNTED_AT_ONCE: u32 = 64;

static EARLY: [Reader; FEW] = {
    let mut readers = [const { Reader::new(0, false) }; FEW];
    let mut number = 0;
    while number < FEW {
        readers[number].set_number(number);
        number += 1;
    }
    readers
};

/// So many of the early ones were ever taken: the first ones.
static EARLY_TAKEN: AtomicUsize = AtomicUsize::new(0);

/// The reader that was added last to the early ones; the others follow by `next`.
static NEWEST: AtomicPtr<Reader> = AtomicPtr::new(ptr::null_mut());

impl Reader {
    const fn new(number: usize, taken: bool) -> Self {
        Self {
            reading: AtomicUsize::new(0),
            reads: AtomicU32::new(0),
            taken: AtomicBool::new(taken),
            number,
            place: number,
            next: ptr::null(),
        }
    }

    const fn set_number(&mut self, number: usize) {
        self.number = number;
        self.place = if number < PLACES { number } else { PLACES };
    }

    /// The number, which no other living thread has, if it is small; otherwise [`PLACES`].
    #[inline(always)]
    pub(super) fn place(&self) -> usize {
        self.place
    }

    /// Whether it is one of those that [`early`] gives.
    #[inline(always)]
    pub(super) fn is_early(&self) -> bool {
        self.number < FEW
    }

    /// Counts a read, if there is room for it: else [`take_count`](Self::take_count) is due.
    #[inline(always)]
    pub(super) fn counts_by_itself(&self) -> bool {
        let reads = self.reads.load(Ordering::Relaxed);
        self.reads.store(reads + 1, Ordering::Relaxed);
        reads < COUNTED_AT_ONCE
    }

    /// How many reads were counted since the last time.
    pub(super) fn take_count(&self) -> u32 {
        let reads = self.reads.load(Ordering::Relaxed);
        self.reads.store(0, Ordering::Relaxed);
        reads
    }

    fn claim() -> &'static Self {
        let mut readers = EARLY.iter().chain(added());
        readers
            .find(|reader| reader.take())
            .map_or_else(Self::add, |reader| {
                if reader.is_early() {
                    // Before it announces anything, and in one order with that for all threads.
                    EARLY_TAKEN.fetch_max(reader.number + 1, Ordering::SeqCst);
                }
                reader
            })
    }

    fn take(&self) -> bool {
        !self.taken.load(Ordering::Relaxed)
            && self
                .taken
                .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
    }

    fn add() -> &'static Self {
        let mut newest = NEWEST.load(Ordering::Acquire);
        let mut reader = Box::new(Self::new(0, true));
        loop {
            // SAFETY: null, or a reader that is never freed.
            let number = unsafe { newest.as_ref() }.map_or(FEW, |newest| newest.number + 1);
            reader.set_number(number);
            reader.next = newest;
            let added = Box::into_raw(reader);
            match NEWEST.compare_exchange(newest, added, Ordering::AcqRel, Ordering::Acquire) {
                // SAFETY: just made from a box, published, and never freed.
                Ok(_) => return unsafe { &*added },
                Err(other) => {
                    newest = other;
                    // SAFETY: not published, so it is still this thread's alone.
                    reader = unsafe { Box::from_raw(added) };
                }
            }
        }
    }
}

/// The readers of the first threads.
pub(super) fn early() -> impl Iterator<Item = &'static Reader> {
    EARLY[..EARLY_TAKEN.load(Ordering::SeqCst)].iter()
}

/// All readers there ever were.
pub(super) fn all() -> impl Iterator<Item = &'static Reader> {
    early().chain(added())
}

fn added() -> impl Iterator<Item = &'static Reader> {
    // SAFETY: null, or a reader that is never freed.
    let newest = unsafe { NEWEST.load(Ordering::Acquire).as_ref() };
    // SAFETY: as above.
    std::iter::successors(newest, |reader| unsafe { reader.next.as_ref() })
}

/// Gives the reader back when the thread ends.
struct GivesBack(Cell<bool>);

impl Drop for GivesBack {
    fn drop(&mut self) {
        let reader = MINE.replace(ptr::null());
        // SAFETY: null, or a reader that is never freed.
        if let Some(reader) = unsafe { reader.as_ref() } {
            reader.taken.store(false, Ordering::Release);
        }
    }
}

thread_local! {
    /// The reader of this thread; null before it is needed, and while the thread is torn down. Without a destructor, so that
    /// the way to it is one load.
    static MINE: Cell<*const Reader> = const { Cell::new(ptr::null()) };
    static GIVES_BACK: GivesBack = const { GivesBack(Cell::new(false)) };
}

/// The reader of this thread, if it has needed one before.
#[inline(always)]
pub(super) fn known() -> Option<&'static Reader> {
    // SAFETY: null, or a reader that is never freed.
    unsafe { MINE.get().as_ref() }
}

/// The reader of this thread; none while the thread is torn down.
#[inline(always)]
pub(crate) fn current() -> Option<&'static Reader> {
    known().or_else(adopt)
}

#[cold]
fn adopt() -> Option<&'static Reader> {
    // Touched, so that its destructor will run; refused if the thread is past that.
    GIVES_BACK
        .try_with(|gives_back| gives_back.0.set(true))
        .ok()?;
    let reader = Reader::claim();
    MINE.set(reader);
    Some(reader)
}
