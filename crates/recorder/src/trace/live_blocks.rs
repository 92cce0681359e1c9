//! The blocks that are traced and not yet freed, by their address.

use std::{
    ptr::NonNull,
    sync::atomic::{AtomicU8, AtomicUsize, Ordering},
};

use crate::{
    heap::spin_lock::SpinLock,
    memory::{self, Zeroed},
};

/// A traced block.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[repr(C)]
pub(crate) struct Block {
    /// Never 0.
    pub(crate) address: usize,
    pub(crate) bytes: u64,
    /// When it was allocated, in nanoseconds since the trace began.
    pub(crate) born_ns: u64,
    pub(crate) stack: u32,
    /// How many blocks it stands for.
    pub(crate) weight: f32,
}

// SAFETY: numbers of zeroes are zero.
unsafe impl Zeroed for Block {
    #[cfg(all(test, loom))]
    fn zeroed() -> Self {
        Self::default()
    }
}

const SHARDS: usize = 64;
const FIRST_CAPACITY: usize = 64;

/// A hash table in parts, each with a lock of its own: open addressing with linear probing, at most half full; parts
/// grow by doubling, up to a bound for all of them.
///
/// Blocks that are neighbours in memory are neighbours in the table: see [`Place`]. A program that allocates or frees them
/// one after the other then meets no more cold memory in the table than in its own blocks.
pub(crate) struct LiveBlocks {
    shards: [Padded; SHARDS],
    /// Of all parts together.
    capacity: AtomicUsize,
    most: AtomicUsize,
}

/// Two locks in one cache line would be one.
#[repr(align(128))]
struct Padded(SpinLock<Shard>);

/// Invariant: `blocks` has `capacity` elements, a power of two from [`NEIGHBOURS`] on, or there are none of both. An element
/// is a block, or all zeroes where none ever was, or its address is [`TAKEN_OUT`]; the block of an address lies between its
/// own place and the next one where none ever was.
struct Shard {
    blocks: Option<NonNull<Block>>,
    capacity: usize,
    len: usize,
    /// Elements that are not zeroes: at most three quarters of all.
    used: usize,
}

/// Closing the gap that a block leaves would mean to look at others, which lie in cold memory.
const TAKEN_OUT: usize = 1;

// SAFETY: the array belongs to the shard alone.
unsafe impl Send for Shard {}

/// Blocks of so many bytes of memory lie together in the table: 64 elements, one for 32 bytes, less than which no common
/// allocator gives.
const NEIGHBOURHOOD_BYTES: usize = 2048;
const NEIGHBOURS: usize = FIRST_CAPACITY;

/// Where a block belongs: which neighbourhood of the table is hashed from its neighbourhood in memory, which element of
/// that follows from where it lies in there.
#[derive(Debug, Clone, Copy)]
struct Place {
    shard: usize,
    neighbourhood: usize,
    /// Exchanged with others by the hash, so that blocks which all lie at the begin of a page do not all want the first.
    neighbour: usize,
}

impl Place {
    #[inline(always)]
    fn of(address: usize) -> Self {
        let hash = ((address / NEIGHBOURHOOD_BYTES) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let granule = address / (NEIGHBOURHOOD_BYTES / NEIGHBOURS);
        Self {
            shard: (hash >> 58) as usize,
            neighbourhood: (hash >> 26) as usize & 0xFFFF_FFFF,
            neighbour: (granule ^ (hash >> 20) as usize) & (NEIGHBOURS - 1),
        }
    }

    /// The place in the order of probing: the first neighbours of all neighbourhoods, then the second ones. The capacity is
    /// not 0.
    #[inline(always)]
    fn probed(self, capacity: usize) -> usize {
        let neighbourhoods = capacity / NEIGHBOURS;
        self.neighbour * neighbourhoods + (self.neighbourhood & (neighbourhoods - 1))
    }
}

impl LiveBlocks {
    pub(crate) const fn new() -> Self {
        Self {
            shards: [const { Padded(SpinLock::new(Shard::EMPTY)) }; SHARDS],
            capacity: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        }
    }

    /// Forgets all blocks, and lets there be `most` from now on.
    pub(crate) fn clear(&self, most: usize) {
        self.most.store(most, Ordering::Relaxed);
        for shard in &self.shards {
            let mut shard = shard.0.lock();
            self.capacity.fetch_sub(shard.capacity, Ordering::Relaxed);
            shard.free();
        }
    }

    /// Adds a block, of an address that is not in the table; `false` if there is no room.
    #[inline]
    pub(crate) fn insert(&self, block: Block) -> bool {
        let place = Place::of(block.address);
        let mut shard = self.shards[place.shard].0.lock();
        if 2 * (shard.used + 1) > shard.capacity && !self.make_room(&mut shard) {
            return false;
        }
        shard.put(block, place);
        true
    }

    /// Takes a block out.
    #[inline]
    pub(crate) fn remove(&self, address: usize) -> Option<Block> {
        let place = Place::of(address);
        let mut shard = self.shards[place.shard].0.lock();
        shard.take(address, place)
    }

    /// Shows all blocks to `look`, which may not allocate: a part of the table is locked meanwhile.
    pub(crate) fn for_each(&self, mut look: impl FnMut(&Block)) {
        for shard in &self.shards {
            let shard = shard.0.lock();
            shard.blocks().for_each(&mut look);
        }
    }

    /// How many blocks there are.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.0.lock().len).sum()
    }

    /// The bytes of the table.
    pub(crate) fn used_bytes(&self) -> u64 {
        (self.capacity.load(Ordering::Relaxed) * size_of::<Block>()) as u64
    }

    /// Locks all parts, for a fork.
    pub(crate) fn hold(&self) {
        self.shards.iter().for_each(|shard| shard.0.hold());
    }

    /// # Safety
    ///
    /// As of [`SpinLock::let_go`], after [`hold`](Self::hold).
    pub(crate) unsafe fn let_go(&self) {
        for shard in &self.shards {
            // SAFETY: the caller's promise.
            unsafe { shard.0.let_go() };
        }
    }

    /// Doubles a part, or makes it anew where much was taken out. One that may not grow fills up to the half with blocks,
    /// and up to three quarters with those that were taken out, before it is made anew.
    #[cold]
    #[inline(never)]
    fn make_room(&self, shard: &mut Shard) -> bool {
        let capacity = match 4 * (shard.len + 1) > shard.capacity {
            true => (2 * shard.capacity).max(FIRST_CAPACITY),
            false => shard.capacity,
        };
        self.make_anew(shard, capacity)
            || 2 * (shard.len + 1) <= shard.capacity
                && (4 * (shard.used + 1) <= 3 * shard.capacity
                    || self.make_anew(shard, shard.capacity))
    }

    fn make_anew(&self, shard: &mut Shard, capacity: usize) -> bool {
        // The bound is one of capacity: what all parts have together, half of it being free. Each part has a first array
        // in any case, so that none is left out when others have grown.
        let added = capacity - shard.capacity;
        let most = self.most.load(Ordering::Relaxed) * 2;
        let is_within = self.capacity.fetch_add(added, Ordering::Relaxed) + added <= most
            || added == 0
            || shard.capacity == 0;
        let blocks = is_within.then(|| memory::zeroed_array::<Block>(capacity));
        let Some(blocks) = blocks.flatten() else {
            self.capacity.fetch_sub(added, Ordering::Relaxed);
            return false;
        };
        let mut made = Shard {
            blocks: Some(blocks),
            capacity,
            ..Shard::EMPTY
        };
        for block in shard.blocks() {
            made.put(*block, Place::of(block.address));
        }
        shard.free();
        *shard = made;
        true
    }
}

impl Shard {
    const EMPTY: Self = Self {
        blocks: None,
        capacity: 0,
        len: 0,
        used: 0,
    };

    /// All of them, as they lie in memory.
    fn blocks(&self) -> impl Iterator<Item = &Block> {
        let elements = match self.blocks {
            // SAFETY: the array is this shard's, and has as many elements.
            Some(blocks) => unsafe { std::slice::from_raw_parts(blocks.as_ptr(), self.capacity) },
            None => &[],
        };
        elements.iter().filter(|block| block.address > TAKEN_OUT)
    }

    /// By its place in the order of probing.
    fn block(&self, probed: usize) -> &Block {
        const NONE: Block = Block {
            address: 0,
            bytes: 0,
            born_ns: 0,
            stack: 0,
            weight: 0.0,
        };
        match self.blocks {
            // SAFETY: the index is within the array.
            Some(blocks) => unsafe { memory::element(blocks, self.index(probed)) },
            None => &NONE,
        }
    }

    fn set(&mut self, probed: usize, block: Block) {
        if let Some(blocks) = self.blocks {
            // SAFETY: the index is within the array.
            let place = unsafe { blocks.add(self.index(probed)) };
            // SAFETY: the shard is held exclusively, and the place is within its array.
            unsafe { place.write(block) };
        }
    }

    /// The index in the array: below the capacity, which is not 0.
    #[inline(always)]
    fn index(&self, probed: usize) -> usize {
        let neighbourhoods = self.capacity / NEIGHBOURS;
        let probed = probed & (self.capacity - 1);
        (probed & (neighbourhoods - 1)) * NEIGHBOURS + (probed >> neighbourhoods.trailing_zeros())
    }

    /// There is a free place, and the address is nowhere.
    #[inline]
    fn put(&mut self, block: Block, place: Place) {
        let mut probed = place.probed(self.capacity);
        loop {
            let there = self.block(probed).address;
            if there <= TAKEN_OUT {
                self.set(probed, block);
                self.len += 1;
                self.used += usize::from(there != TAKEN_OUT);
                return;
            }
            probed = probed.wrapping_add(1);
        }
    }

    #[inline]
    fn take(&mut self, address: usize, place: Place) -> Option<Block> {
        if self.len == 0 {
            return None;
        }
        let mut probed = place.probed(self.capacity);
        loop {
            let there = self.block(probed);
            if there.address == address {
                let block = *there;
                let taken_out = Block {
                    address: TAKEN_OUT,
                    ..block
                };
                self.set(probed, taken_out);
                self.len -= 1;
                return Some(block);
            }
            if there.address == 0 {
                return None;
            }
            probed = probed.wrapping_add(1);
        }
    }

    fn free(&mut self) {
        if let Some(blocks) = self.blocks.take() {
            // SAFETY: the array is this shard's, with this capacity, and is forgotten here.
            unsafe { memory::free_array(blocks, self.capacity) };
        }
        *self = Self::EMPTY;
    }
}

/// Tells most frees that their block is not traced, without looking for it: for each hash of an address how many traced
/// blocks have it. A count that cannot go on stays where it is, and sends all to the table.
pub(crate) struct Filter([AtomicU8; FILTER_LEN]);

const FILTER_LEN: usize = 1 << 15;

impl Filter {
    pub(crate) const fn new() -> Self {
        Self([const { AtomicU8::new(0) }; FILTER_LEN])
    }

    #[inline(always)]
    fn count(&self, address: usize) -> &AtomicU8 {
        let hash =
            (address as u64 >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - FILTER_LEN.ilog2());
        &self.0[hash as usize & (FILTER_LEN - 1)]
    }

    /// Whether the block may be traced; never wrong when it says no.
    #[inline(always)]
    pub(crate) fn may_have(&self, address: usize) -> bool {
        self.count(address).load(Ordering::Relaxed) != 0
    }

    pub(crate) fn clear(&self) {
        self.0
            .iter()
            .for_each(|count| count.store(0, Ordering::Relaxed));
    }

    pub(crate) fn add(&self, address: usize) {
        let next = |count: u8| count.checked_add(1);
        let _ = self
            .count(address)
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    }

    pub(crate) fn remove(&self, address: usize) {
        let next = |count: u8| (count != u8::MAX).then(|| count.saturating_sub(1));
        let _ = self
            .count(address)
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::{
        collections::{HashMap, VecDeque},
        ops::Range,
    };

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Addresses that collide often, because they are multiples of what the hash is spread by.
        #[test]
        fn the_table_is_a_map(
            steps in proptest::collection::vec((any::<bool>(), 1..400_usize), 0..2000),
        ) {
            let table = LiveBlocks::new();
            table.clear(1 << 20);
            let mut map = HashMap::new();
            for (born_ns, (is_new, address)) in (0_u64..).zip(steps) {
                let address = address * 16;
                prop_assert_eq!(table.remove(address), map.remove(&address));
                if is_new {
                    let block = Block { address, born_ns, ..Block::default() };
                    prop_assert!(table.insert(block));
                    map.insert(address, block);
                }
                prop_assert_eq!(table.len(), map.len());
            }
            let mut seen = HashMap::new();
            table.for_each(|block| {
                seen.insert(block.address, *block);
            });
            prop_assert_eq!(seen, map);
        }

        #[test]
        fn the_filter_never_denies_what_is_there(
            steps in proptest::collection::vec((any::<bool>(), 1..40_usize), 0..2000),
        ) {
            let filter = Filter::new();
            let mut there = HashMap::<usize, u32>::new();
            for (is_new, address) in steps {
                // A factor that leaves few different hashes makes counts meet their bound.
                let address = address << 60 | 8;
                let count = there.entry(address).or_default();
                if is_new {
                    *count += 1;
                    filter.add(address);
                } else if *count > 0 {
                    *count -= 1;
                    filter.remove(address);
                }
                for (address, count) in &there {
                    prop_assert!(*count == 0 || filter.may_have(*address));
                }
            }
        }
    }

    #[test]
    fn a_full_table_refuses_and_takes_again_after_removal() {
        const MOST: usize = 4096;
        let table = LiveBlocks::new();
        table.clear(MOST);
        let block = |address| Block {
            address,
            ..Block::default()
        };
        let kept = (1..1 << 20)
            .take_while(|address| table.insert(block(address * 16)))
            .count();
        let most = 2 * MOST + SHARDS * FIRST_CAPACITY;
        assert!((MOST / 2..most / 2).contains(&kept), "{kept}");
        assert!(table.used_bytes() <= (most * size_of::<Block>()) as u64);
        // In the part that was full, one that was taken out makes room for another one, however often.
        let full = Place::of((kept + 1) * 16).shard;
        let in_full = |address: &usize| Place::of(*address).shard == full;
        let addresses = |numbers: Range<usize>| numbers.map(|number| number * 16).filter(in_full);
        let mut there = addresses(1..kept + 1).collect::<VecDeque<_>>();
        assert!(!there.is_empty());
        for another in addresses(kept + 1..1_000_000) {
            assert!(!table.insert(block(another)));
            assert!(table.remove(there.pop_front().unwrap()).is_some());
            assert!(table.insert(block(another)));
            there.push_back(another);
        }
        table.clear(0);
        assert_eq!((table.remove(16), table.used_bytes()), (None, 0));
    }
}
