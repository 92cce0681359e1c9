//! What a policy keeps of one entry.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

/// No slot.
pub(crate) const NONE: u32 = u32::MAX;

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Queue {
    /// In none.
    Out = 0,
    /// In the only queue, or in the one that most entries are in.
    Main = 1,
    /// In the queue of those that came lately and have to prove themselves.
    Small = 2,
}

/// The part of an entry that belongs to the policy: twelve bytes.
///
/// Atomic, because readers mark hits while other readers look; only whoever has the queues exclusively changes the links.
#[derive(Debug)]
pub(crate) struct Node {
    pub(super) prev: AtomicU32,
    pub(super) next: AtomicU32,
    /// How often the entry was hit, as far as the policy counts.
    pub(super) frequency: AtomicU8,
    queue: AtomicU8,
    /// A byte for the owner of the slots, next to what a hit reads anyway.
    pub(crate) cost: AtomicU8,
    /// Another.
    pub(crate) flags: AtomicU8,
}

impl Node {
    pub(crate) const fn new() -> Self {
        Self {
            prev: AtomicU32::new(NONE),
            next: AtomicU32::new(NONE),
            frequency: AtomicU8::new(0),
            queue: AtomicU8::new(Queue::Out as u8),
            cost: AtomicU8::new(0),
            flags: AtomicU8::new(0),
        }
    }

    pub(crate) fn queue(&self) -> Queue {
        match self.queue.load(Relaxed) {
            1 => Queue::Main,
            2 => Queue::Small,
            _ => Queue::Out,
        }
    }

    pub(super) fn set_queue(&self, queue: Queue) {
        self.queue.store(queue as u8, Relaxed);
    }

    pub(super) fn frequency(&self) -> u8 {
        self.frequency.load(Relaxed)
    }

    pub(super) fn set_frequency(&self, frequency: u8) {
        self.frequency.store(frequency, Relaxed);
    }

    /// Counts a hit, up to `most`: an entry that is hit all the time is not written to.
    #[inline(always)]
    pub(crate) fn count_up_to(&self, most: u8) {
        let frequency = self.frequency.load(Relaxed);
        if frequency < most {
            self.frequency.store(frequency + 1, Relaxed);
        }
    }
}

/// The slots of entries, as a policy sees them.
pub(crate) trait Nodes {
    fn node(&self, slot: u32) -> &Node;

    /// How much of the capacity the entry uses.
    fn weight(&self, slot: u32) -> u64;

    /// A number that tells this entry's key from others after the entry has gone.
    fn fingerprint(&self, slot: u32) -> u32;
}
