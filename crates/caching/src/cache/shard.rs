//! One part of a cache, behind one lock: the index of its keys, its entries, and their order.

use std::sync::atomic::Ordering::Relaxed;

use super::{
    departure::{Departures, EvictionCause},
    index::{Chunk, Index, Near},
    slab::{Extra, Slab},
};
use crate::policy::{Mark, Node, Nodes, Queues};
use equivalent::Equivalent;

/// No policy counts as far.
const NOT_PLAIN: u8 = u8::MAX;

/// So many slots are looked at for entries that are over, at each write.
const SWEPT_AT_A_WRITE: u32 = 2;

/// The entries whose keys hash to this shard.
#[derive(Debug)]
pub(super) struct Shard<K, V> {
    /// Names no slot but live ones: a slot is added when it has become live, and taken out before it ceases to be.
    index: Index,
    pub(super) slab: Slab<K, V>,
    queues: Queues,
    /// Of the queues, which are all of one kind for ever.
    mark: Mark,
    /// What marks of hits are counted up to, if that is all there is to a hit: no times, no tags, no numbers of uses. Otherwise
    /// [`NOT_PLAIN`].
    plain_hits: u8,
    /// The slot that is looked at next for an entry that is over.
    sweep: u32,
    /// How many went, by cause.
    departed: [u64; EvictionCause::COUNT],
}

/// An entry that was looked up.
pub(super) struct Found<'a, V> {
    pub(super) slot: u32,
    node: &'a Node,
    pub(super) value: &'a V,
}

/// What a lookup finds that has nothing to look at but one place of the index.
pub(super) enum PlainLook<'a, V> {
    /// The value, and the class of what loading it took.
    Hit(&'a V, u8),
    Missing,
    /// Says nothing: look again.
    NotPlain,
}

impl<V> Found<'_, V> {
    /// The class of what loading the value took.
    #[inline(always)]
    pub(super) fn cost(&self) -> u8 {
        self.node.cost.load(Relaxed)
    }
}

impl<K, V> Shard<K, V> {
    pub(super) fn new(queues: Queues) -> Self {
        Self {
            index: Index::default(),
            slab: Slab::new(),
            mark: queues.mark(),
            plain_hits: match queues.mark() {
                Mark::CountUpTo(most) => most,
                Mark::Time => NOT_PLAIN,
            },
            queues,
            sweep: 0,
            departed: [0; EvictionCause::COUNT],
        }
    }

    #[inline]
    pub(super) fn find<Q: Equivalent<K> + ?Sized>(&self, hash: u32, key: &Q) -> Option<u32> {
        self.find_entry(hash, key).map(|found| found.slot)
    }

    #[inline(always)]
    pub(super) fn find_entry<Q: Equivalent<K> + ?Sized>(
        &self,
        hash: u32,
        key: &Q,
    ) -> Option<Found<'_, V>> {
        let mut found = None;
        self.index
            // SAFETY: the index names live slots.
            .find(hash, |slot| match unsafe { self.slab.entry_of(slot, hash) } {
                Some((node, entry)) if key.equivalent(&entry.0) => {
                    found = Some(Found {
                        slot,
                        node,
                        value: &entry.1,
                    });
                    true
                }
                _ => false,
            });
        found
    }

    /// A lookup of the plain kind. A hit is noted.
    #[inline(always)]
    pub(super) fn plain_look<Q: Equivalent<K> + ?Sized>(
        &self,
        hash: u32,
        key: &Q,
    ) -> PlainLook<'_, V> {
        let most = self.plain_hits;
        if most == NOT_PLAIN {
            return PlainLook::NotPlain;
        }
        let mut found = None;
        let near = self
            .index
            // SAFETY: the index names live slots.
            .find_near(hash, |slot| match unsafe { self.slab.entry_of(slot, hash) } {
                Some((node, entry)) if key.equivalent(&entry.0) => {
                    found = Some((node, &entry.1));
                    true
                }
                _ => false,
            });
        match (found, near) {
            (Some((node, value)), _) => {
                node.count_up_to(most);
                PlainLook::Hit(value, node.cost.load(Relaxed))
            }
            (None, Near::Nowhere) => PlainLook::Missing,
            (None, _) => PlainLook::NotPlain,
        }
    }

    /// Notes a hit, beside other readers.
    #[inline(always)]
    pub(super) fn hit(&self, found: &Found<'_, V>) {
        match self.mark {
            Mark::CountUpTo(most) => found.node.count_up_to(most),
            Mark::Time => self.queues.hit_now(&self.slab, found.slot),
        }
    }

    pub(super) fn set_cost(&mut self, slot: u32, class: u8) {
        self.slab.node(slot).cost.store(class, Relaxed);
    }

    /// See [`Queues::recall`].
    pub(super) fn recall(&mut self, hash: u32) -> bool {
        self.queues.recall(hash)
    }

    /// Takes in an entry whose key is not here.
    pub(super) fn insert(
        &mut self,
        hash: u32,
        (key, value): (K, V),
        extra: Option<Extra>,
        recalled: bool,
    ) -> u32 {
        let slot = self.slab.insert(hash, key, value, extra);
        self.queues.insert(&self.slab, slot, recalled);
        let slab = &self.slab;
        self.index.insert(hash, slot, |slot| slab.hash(slot));
        self.note_extras();
        slot
    }

    pub(super) fn chunks(&self) -> &[Chunk] {
        self.index.chunks()
    }

    fn note_extras(&mut self) {
        if self.slab.has_extras() {
            self.plain_hits = NOT_PLAIN;
        }
    }

    /// Puts another entry of the same key in the place of one that is here; counts as a hit.
    pub(super) fn replace(
        &mut self,
        slot: u32,
        (key, value): (K, V),
        extra: Option<Extra>,
        departures: &mut Departures<K, V>,
    ) {
        let weight = extra.as_ref().map_or(1, |extra| u64::from(extra.weight));
        let before = self.slab.weight(slot);
        if weight != before {
            self.queues.reweigh(&self.slab, slot, before, weight);
        }
        self.hit(&Found {
            slot,
            node: self.slab.node(slot),
            value: &self.slab.entry(slot).1,
        });
        let old = self.slab.replace(slot, key, value, extra);
        self.note_extras();
        self.depart(old, EvictionCause::Replaced, departures);
    }

    /// Takes out the entry that goes next; its weight.
    pub(super) fn evict(&mut self, departures: &mut Departures<K, V>) -> Option<u64> {
        let slot = self.queues.evict(&self.slab)?;
        Some(self.take(slot, EvictionCause::Size, departures))
    }

    /// Takes out an entry; its weight.
    pub(super) fn remove(
        &mut self,
        slot: u32,
        cause: EvictionCause,
        departures: &mut Departures<K, V>,
    ) -> u64 {
        self.queues.remove(&self.slab, slot);
        self.take(slot, cause, departures)
    }

    /// Takes an entry that stands in no queue out of the index and the slab.
    fn take(&mut self, slot: u32, cause: EvictionCause, departures: &mut Departures<K, V>) -> u64 {
        let weight = self.slab.weight(slot);
        let was_named = self.index.remove(self.slab.hash(slot), slot);
        assert!(was_named, "the index names every live slot");
        let entry = self.slab.take(slot);
        self.depart(entry, cause, departures);
        weight
    }

    #[inline]
    fn depart(&mut self, entry: (K, V), cause: EvictionCause, departures: &mut Departures<K, V>) {
        self.departed[cause as usize] += 1;
        departures.push(entry, cause);
    }

    /// Counts an entry that never came in.
    pub(super) fn reject(&mut self, entry: (K, V), departures: &mut Departures<K, V>) {
        self.depart(entry, EvictionCause::Rejected, departures);
    }

    /// The next slots that are due to be looked at, of those that hold an entry.
    pub(super) fn next_swept(&mut self) -> impl Iterator<Item = u32> + use<K, V> {
        let slots = self.slab.slots();
        let first = if self.sweep < slots { self.sweep } else { 0 };
        self.sweep = first + SWEPT_AT_A_WRITE;
        first..slots.min(first + SWEPT_AT_A_WRITE)
    }

    pub(super) fn departed(&self) -> &[u64; EvictionCause::COUNT] {
        &self.departed
    }

    pub(super) fn len(&self) -> usize {
        self.slab.len()
    }
}
