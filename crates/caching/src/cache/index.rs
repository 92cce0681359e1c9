//! Where the entry of a key is: numbers of slots by hash, in chunks of one cache line.
//!
//! After F14 of [Folly](https://engineering.fb.com/2019/04/25/developer-tools/f14/): a chunk has a byte of each hash, all compared at once, and counts
//! how many entries would be here if there had been room. So nothing has to be left behind where an entry was taken out, and
//! a lookup mostly reads one line before that of the entry itself.

/// Slots in a chunk.
const WIDTH: usize = 12;
/// Chunks are full at so many slots on average: then one entry in thirty is not in its first chunk.
const FULL: usize = 9;
/// The bit that every tag has, and an empty place has not.
const TAKEN: u8 = 0x80;

/// Twelve places, and what is known of them at a glance.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct Chunk {
    /// One for each slot, with the bit `TAKEN`; 0 where there is none. The last byte counts who passed.
    tags: [u8; 16],
    slots: [u32; WIDTH],
}

/// Slots by 32-bit hashes; equal hashes may be here many times.
#[derive(Debug)]
pub(super) struct Index {
    /// Never none.
    chunks: Vec<Chunk>,
    len: usize,
}

/// Where a slot is, as far as its first chunk tells.
#[derive(Clone, Copy)]
pub(super) enum Near {
    Here,
    Nowhere,
    /// Perhaps, in chunks that follow.
    Further,
}

impl Chunk {
    /// Which of so many chunks an entry is in if there is room: by the high bits, so that the number may be any.
    #[inline(always)]
    pub(super) fn place(hash: u32, chunks: usize) -> usize {
        ((u64::from(hash) * chunks as u64) >> 32) as usize
    }

    const EMPTY: Self = Self {
        tags: [0; 16],
        slots: [0; WIDTH],
    };
    /// In `tags`, behind those of the slots: how many entries passed this chunk because it was full. It has not the bit
    /// `TAKEN` and stays where it is once it is as large as it can be.
    const PASSED: usize = 15;
    const MOST_PASSED: u8 = TAKEN - 1;

    /// The places with this tag, a bit each.
    #[inline(always)]
    fn places(&self, tag: u8) -> u32 {
        matches(&self.tags, tag) & ((1 << WIDTH) - 1)
    }

    #[inline(always)]
    fn find(&self, hash: u32, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut places = self.places(tag(hash));
        while places != 0 {
            let slot = self.slots[places.trailing_zeros() as usize];
            if is_it(slot) {
                return Some(slot);
            }
            places &= places - 1;
        }
        None
    }

    fn empty_place(&self) -> Option<usize> {
        self.tags[..WIDTH].iter().position(|tag| *tag == 0)
    }

    fn passed(&self) -> u8 {
        self.tags[Self::PASSED]
    }

    fn pass(&mut self) {
        let passed = &mut self.tags[Self::PASSED];
        *passed = (*passed + 1).min(Self::MOST_PASSED);
    }

    fn pass_back(&mut self) {
        let passed = &mut self.tags[Self::PASSED];
        if *passed < Self::MOST_PASSED {
            *passed -= 1;
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn matches(tags: &[u8; 16], tag: u8) -> u32 {
    use std::arch::x86_64::{__m128i, _mm_cmpeq_epi8, _mm_movemask_epi8, _mm_set1_epi32};
    // SAFETY: both are 16 bytes for which every bit pattern is right.
    let tags = unsafe { std::mem::transmute::<[u8; 16], __m128i>(*tags) };
    // SAFETY: every x86-64 processor has SSE2.
    let wanted = unsafe { _mm_set1_epi32((u32::from(tag) * 0x0101_0101).cast_signed()) };
    // SAFETY: as above.
    let equal = unsafe { _mm_cmpeq_epi8(tags, wanted) };
    // SAFETY: as above.
    unsafe { _mm_movemask_epi8(equal) as u32 }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn matches(tags: &[u8; 16], tag: u8) -> u32 {
    let bits = tags.iter().enumerate();
    bits.fold(0, |mask, (place, other)| {
        mask | u32::from(*other == tag) << place
    })
}

#[inline(always)]
fn tag(hash: u32) -> u8 {
    hash as u8 | TAKEN
}

impl Default for Index {
    fn default() -> Self {
        Self {
            chunks: vec![Chunk::EMPTY],
            len: 0,
        }
    }
}

impl Index {
    #[inline(always)]
    fn first(&self, hash: u32) -> usize {
        Chunk::place(hash, self.chunks.len())
    }

    /// The chunk that an entry of this hash is in, if there was room.
    #[inline(always)]
    fn first_chunk(&self, hash: u32) -> &Chunk {
        // SAFETY: there is a chunk, and a hash is less than 2³², so its place is less than the number of chunks.
        unsafe { self.chunks.get_unchecked(self.first(hash)) }
    }

    pub(super) fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// Where an entry is that does not fit into `chunk`.
    #[inline]
    fn next(&self, chunk: usize) -> usize {
        let next = chunk + 1;
        if next == self.chunks.len() { 0 } else { next }
    }

    /// As [`find`](Self::find), in the first chunk alone, where nearly all are.
    #[inline(always)]
    pub(super) fn find_near(&self, hash: u32, is_it: impl FnMut(u32) -> bool) -> Near {
        let chunk = self.first_chunk(hash);
        if chunk.find(hash, is_it).is_some() {
            Near::Here
        } else if chunk.passed() == 0 {
            Near::Nowhere
        } else {
            Near::Further
        }
    }

    /// The first slot of this hash for which `is_it` is true.
    #[inline(always)]
    pub(super) fn find(&self, hash: u32, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let chunk = self.first_chunk(hash);
        if let Some(slot) = chunk.find(hash, &mut is_it) {
            return Some(slot);
        }
        if chunk.passed() == 0 {
            return None;
        }
        self.find_further(self.first(hash), hash, is_it)
    }

    /// Looks where those are that did not fit into their first chunk.
    #[inline(never)]
    fn find_further(
        &self,
        first: usize,
        hash: u32,
        mut is_it: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        let mut at = self.next(first);
        while at != first {
            let chunk = &self.chunks[at];
            if let Some(slot) = chunk.find(hash, &mut is_it) {
                return Some(slot);
            }
            if chunk.passed() == 0 {
                return None;
            }
            at = self.next(at);
        }
        None
    }

    /// Adds a slot; `hash_of` gives the hashes of those that are here, if they have to move.
    pub(super) fn insert(&mut self, hash: u32, slot: u32, hash_of: impl Fn(u32) -> u32) {
        if self.len >= self.chunks.len() * FULL {
            self.grow(hash_of);
        }
        self.put(hash, slot);
    }

    fn put(&mut self, hash: u32, slot: u32) {
        let mut at = self.first(hash);
        loop {
            let chunk = &mut self.chunks[at];
            if let Some(place) = chunk.empty_place() {
                chunk.tags[place] = tag(hash);
                chunk.slots[place] = slot;
                self.len += 1;
                return;
            }
            chunk.pass();
            at = self.next(at);
        }
    }

    /// Half as many chunks again.
    #[cold]
    fn grow(&mut self, hash_of: impl Fn(u32) -> u32) {
        let chunks = self.chunks.len();
        let larger = vec![Chunk::EMPTY; chunks + chunks.div_ceil(2)];
        let old = std::mem::replace(&mut self.chunks, larger);
        self.len = 0;
        for chunk in &old {
            for (slot, _) in chunk
                .slots
                .iter()
                .zip(&chunk.tags)
                .filter(|(_, tag)| **tag != 0)
            {
                self.put(hash_of(*slot), *slot);
            }
        }
    }

    /// Takes a slot out, if it is here under this hash; whether it was.
    pub(super) fn remove(&mut self, hash: u32, slot: u32) -> bool {
        let first = self.first(hash);
        let mut at = first;
        for _ in 0..self.chunks.len() {
            let chunk = &mut self.chunks[at];
            let places = chunk.places(tag(hash));
            let place =
                (0..WIDTH).find(|place| places >> place & 1 != 0 && chunk.slots[*place] == slot);
            if let Some(place) = place {
                chunk.tags[place] = 0;
                self.len -= 1;
                self.pass_back(first, at);
                return true;
            }
            at = self.next(at);
        }
        false
    }

    /// The entry that passed the chunks from `first` on is no longer at `to`.
    fn pass_back(&mut self, first: usize, to: usize) {
        let mut at = first;
        while at != to {
            self.chunks[at].pass_back();
            at = self.next(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// Beside a map from slots to hashes. Few hashes, so that chunks are full and entries pass.
        #[test]
        fn finds_what_a_map_has(
            spread in prop::sample::select(vec![1_u32, 0x0100_0000, 0x9E37_79B9]),
            steps in prop::collection::vec((0_u32..300, any::<bool>()), 0..300),
        ) {
            let mut index = Index::default();
            let mut oracle: HashMap<u32, u32> = HashMap::new();
            for (slot, adds) in steps {
                let hash = (slot % 40).wrapping_mul(spread);
                if adds && !oracle.contains_key(&slot) {
                    index.insert(hash, slot, |slot| oracle[&slot]);
                    oracle.insert(slot, hash);
                } else if !adds {
                    index.remove(hash, slot);
                    oracle.remove(&slot);
                }
                for slot in 0..300_u32 {
                    let hash = (slot % 40).wrapping_mul(spread);
                    let found = index.find(hash, |other| other == slot);
                    prop_assert_eq!(found.is_some(), oracle.contains_key(&slot));
                }
                prop_assert_eq!(index.len, oracle.len());
            }
        }
    }

    #[test]
    fn many_equal_hashes_are_found_and_leave_nothing_behind() {
        let mut index = Index::default();
        for slot in 0..2_000 {
            index.insert(7, slot, |_| 7);
        }
        assert_eq!(index.find(7, |slot| slot == 1_999), Some(1_999));
        for slot in 0..2_000 {
            index.remove(7, slot);
        }
        assert_eq!(index.find(7, |_| true), None);
        assert!(
            index
                .chunks
                .iter()
                .all(|chunk| chunk.empty_place() == Some(0))
        );
    }

    #[test]
    fn a_chunk_is_a_cache_line() {
        assert_eq!(size_of::<Chunk>(), 64);
    }
}
