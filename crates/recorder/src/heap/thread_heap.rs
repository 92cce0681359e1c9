//! What one thread has allocated and freed: in its thread-local memory, listed for readers while the thread runs.

use std::{cell::Cell, ptr};

use super::{
    size_classes::{CLASSES, ClassCounters, class_of},
    tally::Tally,
};
use crate::{allocations::AllocationCounters, trace};

/// The counters of a thread, and when it has to stop to do more than count.
///
/// Invariants: the thread alone writes the counters; whatever else others may read or write is touched under the lock
/// of the list (`super::threads`), [`next_event`](Self::next_event) being read without it by the thread itself.
#[repr(C, align(64))]
pub(crate) struct ThreadHeap {
    pub(crate) allocated_bytes: Tally,
    pub(crate) allocated_blocks: Tally,
    pub(crate) freed_bytes: Tally,
    pub(crate) freed_blocks: Tally,
    /// When the allocated bytes reach it, an allocation is an event. 0: each one is.
    pub(crate) next_event: Tally,
    /// What `super::WATCH` says when frees need nothing but counting; before the thread is listed, a number that it never says.
    pub(crate) quiet: Tally,
    pub(crate) listing: Cell<Listing>,
    /// When the allocated bytes reach it, the live bytes are published.
    pub(crate) next_publication: Cell<u64>,
    /// The live bytes as published last.
    pub(crate) published: Tally,
    /// How many measurements of this thread are running: then each allocation looks for a new peak.
    pub(crate) measurements: Cell<u32>,
    /// The most live bytes since the innermost of them began.
    pub(crate) measured_peak: Cell<i64>,
    pub(crate) number: Tally,
    pub(crate) system_id: Tally,
    pub(crate) previous: Cell<*const ThreadHeap>,
    pub(crate) next: Cell<*const ThreadHeap>,
    pub(crate) trace: trace::Local,
    classes: [ClassCounters; CLASSES],
}

/// Whether readers know of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    Unknown,
    Listed,
    /// The thread is being torn down: its memory may go at any time.
    Left,
}

/// No value of `super::WATCH`.
pub(crate) const NEVER_QUIET: u64 = u64::MAX;

impl ThreadHeap {
    pub(crate) const fn new() -> Self {
        Self {
            allocated_bytes: Tally::new(0),
            allocated_blocks: Tally::new(0),
            freed_bytes: Tally::new(0),
            freed_blocks: Tally::new(0),
            next_event: Tally::new(0),
            quiet: Tally::new(NEVER_QUIET),
            listing: Cell::new(Listing::Unknown),
            next_publication: Cell::new(0),
            published: Tally::new(0),
            measurements: Cell::new(0),
            measured_peak: Cell::new(0),
            number: Tally::new(0),
            system_id: Tally::new(0),
            previous: Cell::new(ptr::null()),
            next: Cell::new(ptr::null()),
            trace: trace::Local::new(),
            classes: [const { ClassCounters::new() }; CLASSES],
        }
    }

    /// Allocated less freed: negative for a thread that frees what others allocate.
    #[inline]
    pub(crate) fn live_bytes(&self) -> i64 {
        self.allocated_bytes
            .get()
            .wrapping_sub(self.freed_bytes.get())
            .cast_signed()
    }

    pub(crate) fn counters(&self) -> AllocationCounters {
        AllocationCounters {
            allocated_blocks: self.allocated_blocks.get(),
            allocated_bytes: self.allocated_bytes.get(),
            freed_blocks: self.freed_blocks.get(),
            freed_bytes: self.freed_bytes.get(),
        }
    }

    pub(crate) fn class(&self, class: usize) -> AllocationCounters {
        let class = &self.classes[class];
        AllocationCounters {
            allocated_blocks: class.allocated_blocks.get(),
            allocated_bytes: class.allocated_bytes.get(),
            freed_blocks: class.freed_blocks.get(),
            freed_bytes: class.freed_bytes.get(),
        }
    }

    pub(crate) fn count_class_allocated(&self, bytes: u64) {
        let class = &self.classes[class_of(bytes)];
        class.allocated_blocks.add(1);
        class.allocated_bytes.add(bytes);
    }

    pub(crate) fn count_class_freed(&self, bytes: u64) {
        let class = &self.classes[class_of(bytes)];
        class.freed_blocks.add(1);
        class.freed_bytes.add(bytes);
    }
}
