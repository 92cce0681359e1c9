//! The entries of a shard, in slots that are used again.

use std::{
    fmt,
    mem::MaybeUninit,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use super::{
    details::{CompactTtl, Details},
    tags::Stamps,
};
use crate::policy::{Node, Nodes};

/// The free list ends here.
const NO_SLOT: u32 = u32::MAX;
/// The flag of a slot that holds an entry.
const LIVE: u8 = 1;

/// 16 bytes and the entry.
struct Slot<K, V> {
    node: Node,
    /// Of the key: for the index when it grows, for the policy when the entry has gone, and to compare before keys are.
    hash: u32,
    /// Initialised while the node has the flag `LIVE`. Otherwise `hash` is the next free slot.
    entry: MaybeUninit<(K, V)>,
}

/// What only entries of some caches have: a weight of their own, an end, tags.
#[derive(Debug)]
pub(super) struct Extra {
    pub(super) weight: u32,
    /// That somebody gave this very entry.
    pub(super) own_ttl: CompactTtl,
    /// In ticks of the cache's clock; the largest number for never.
    pub(super) expires: u64,
    /// As above; moved on by readers.
    pub(super) idle_until: AtomicU64,
    pub(super) stamps: Stamps,
}

impl Extra {
    /// That of an entry that has nothing special.
    pub(super) const fn plain() -> Self {
        Self {
            weight: 1,
            own_ttl: CompactTtl::NONE,
            expires: u64::MAX,
            idle_until: AtomicU64::new(u64::MAX),
            stamps: Stamps::none(),
        }
    }

    /// What the next value of the same key has, too.
    pub(super) fn details(&self) -> Details {
        Details {
            ttl: self.own_ttl.ttl(),
            stamps: self.stamps.clone(),
        }
    }
}

/// Entries by the numbers of their slots. Grows by a quarter at a time, so that little is allocated in advance.
pub(super) struct Slab<K, V> {
    slots: Vec<Slot<K, V>>,
    /// Empty until an entry needs one; from then on one for each slot.
    extras: Vec<Extra>,
    first_free: u32,
    len: usize,
}

impl<K, V> Slab<K, V> {
    pub(super) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            extras: Vec::new(),
            first_free: NO_SLOT,
            len: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Slots there are, free ones included.
    pub(super) fn slots(&self) -> u32 {
        self.slots.len() as u32
    }

    #[inline]
    pub(super) fn is_live(&self, slot: u32) -> bool {
        self.slots[slot as usize].node.flags.load(Relaxed) & LIVE != 0
    }

    /// The node and the entry of a slot, if its hash is this one.
    ///
    /// # Safety
    /// The slot is live.
    #[inline(always)]
    pub(super) unsafe fn entry_of(&self, slot: u32, hash: u32) -> Option<(&Node, &(K, V))> {
        // SAFETY: a live slot is one that there is.
        let slot = unsafe { self.slots.get_unchecked(slot as usize) };
        debug_assert!(
            slot.node.flags.load(Relaxed) & LIVE != 0,
            "the slot is free"
        );
        if slot.hash != hash {
            return None;
        }
        // SAFETY: a live slot is initialised.
        Some((&slot.node, unsafe { slot.entry.assume_init_ref() }))
    }

    #[inline]
    pub(super) fn hash(&self, slot: u32) -> u32 {
        self.slots[slot as usize].hash
    }

    /// The entry in a slot that holds one.
    #[inline]
    pub(super) fn entry(&self, slot: u32) -> &(K, V) {
        let slot = &self.slots[slot as usize];
        assert!(
            slot.node.flags.load(Relaxed) & LIVE != 0,
            "the slot is free"
        );
        // SAFETY: a live slot is initialised.
        unsafe { slot.entry.assume_init_ref() }
    }

    fn entry_mut(&mut self, slot: u32) -> &mut (K, V) {
        let slot = &mut self.slots[slot as usize];
        assert!(
            slot.node.flags.load(Relaxed) & LIVE != 0,
            "the slot is free"
        );
        // SAFETY: a live slot is initialised.
        unsafe { slot.entry.assume_init_mut() }
    }

    pub(super) fn has_extras(&self) -> bool {
        !self.extras.is_empty()
    }

    #[inline]
    pub(super) fn extra(&self, slot: u32) -> Option<&Extra> {
        self.extras.get(slot as usize)
    }

    /// Puts an entry into a free slot.
    ///
    /// # Panics
    /// If there are 2³² − 1 entries.
    pub(super) fn insert(&mut self, hash: u32, key: K, value: V, extra: Option<Extra>) -> u32 {
        let slot = self.free_slot();
        let place = &mut self.slots[slot as usize];
        place.hash = hash;
        place.entry.write((key, value));
        place.node.cost.store(0, Relaxed);
        place.node.flags.store(LIVE, Relaxed);
        self.len += 1;
        self.set_extra(slot, extra);
        slot
    }

    fn free_slot(&mut self) -> u32 {
        if self.first_free != NO_SLOT {
            let slot = self.first_free;
            self.first_free = self.slots[slot as usize].hash;
            return slot;
        }
        let slot = self.slots.len();
        assert!(slot < NO_SLOT as usize, "a shard of a cache is full");
        if slot == self.slots.capacity() {
            self.slots.reserve_exact((slot / 4).max(4));
        }
        self.slots.push(Slot {
            node: Node::new(),
            hash: 0,
            entry: MaybeUninit::uninit(),
        });
        if !self.extras.is_empty() {
            self.extras.push(Extra::plain());
        }
        slot as u32
    }

    fn set_extra(&mut self, slot: u32, extra: Option<Extra>) {
        match extra {
            Some(extra) => {
                if self.extras.is_empty() {
                    self.extras.resize_with(self.slots.len(), Extra::plain);
                }
                self.extras[slot as usize] = extra;
            }
            None => {
                if let Some(place) = self.extras.get_mut(slot as usize) {
                    *place = Extra::plain();
                }
            }
        }
    }

    /// Puts another value in the place of a live one, and gives the old entry back.
    pub(super) fn replace(&mut self, slot: u32, key: K, value: V, extra: Option<Extra>) -> (K, V) {
        self.slots[slot as usize].node.cost.store(0, Relaxed);
        self.set_extra(slot, extra);
        std::mem::replace(self.entry_mut(slot), (key, value))
    }

    /// Takes the entry out of a live slot, which is free from then on.
    pub(super) fn take(&mut self, slot: u32) -> (K, V) {
        let place = &mut self.slots[slot as usize];
        assert!(
            place.node.flags.load(Relaxed) & LIVE != 0,
            "the slot is free"
        );
        place.node.flags.store(0, Relaxed);
        place.hash = self.first_free;
        self.first_free = slot;
        self.len -= 1;
        if let Some(extra) = self.extras.get_mut(slot as usize) {
            *extra = Extra::plain();
        }
        // SAFETY: the slot was live until just now, so it is initialised, and it is not read again before it is written.
        unsafe { place.entry.assume_init_read() }
    }

    pub(super) fn live(&self) -> impl Iterator<Item = u32> {
        (0..self.slots()).filter(|slot| self.is_live(*slot))
    }
}

impl<K, V> Nodes for Slab<K, V> {
    #[inline]
    fn node(&self, slot: u32) -> &Node {
        &self.slots[slot as usize].node
    }

    #[inline]
    fn weight(&self, slot: u32) -> u64 {
        self.extra(slot).map_or(1, |extra| u64::from(extra.weight))
    }

    #[inline]
    fn fingerprint(&self, slot: u32) -> u32 {
        self.hash(slot)
    }
}

impl<K, V> Drop for Slab<K, V> {
    fn drop(&mut self) {
        if !std::mem::needs_drop::<(K, V)>() {
            return;
        }
        for slot in &mut self.slots {
            if std::mem::take(slot.node.flags.get_mut()) & LIVE != 0 {
                // SAFETY: a live slot is initialised, and has just ceased to be live.
                unsafe { slot.entry.assume_init_drop() };
            }
        }
    }
}

impl<K, V> fmt::Debug for Slab<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slab")
            .field("len", &self.len)
            .field("slots", &self.slots.len())
            .finish_non_exhaustive()
    }
}
