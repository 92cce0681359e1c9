//! All stacks that were met, each once, under a number.

use std::{ptr::NonNull, sync::atomic::Ordering};

use crate::{
    heap::spin_lock::SpinLock,
    memory::{self, Zeroed},
    sync::{AtomicBool, AtomicU64},
};

/// The number of the stack that stands for all that found no room.
pub(crate) const OTHERS: u32 = 0;

/// A set of stacks that only grows, up to a bound. Looking a known stack up takes no lock.
///
/// A stack is known by its 64-bit hash and its length: of a million stacks two are taken for one with a probability of
/// 1 in 40 million.
///
/// Invariants: `slots` has `mask + 1` elements, at least twice as many as there may be stacks; `words` and `offsets`
/// have room for the most stacks of the largest depth. A slot is 0, or the upper half of a hash above a number whose
/// offset and record were written before.
pub(crate) struct Stacks {
    slots: NonNull<Word>,
    mask: usize,
    words: NonNull<Word>,
    offsets: NonNull<Word>,
    most: u32,
    depth: usize,
    growth: SpinLock<Growth, AtomicBool>,
}

struct Growth {
    stacks: u32,
    words: usize,
}

/// A number in an array that comes as zeroes.
#[derive(Debug, Default)]
#[repr(transparent)]
struct Word(AtomicU64);

// SAFETY: an atomic of zeroes is zero.
unsafe impl Zeroed for Word {
    #[cfg(all(test, loom))]
    fn zeroed() -> Self {
        Self::default()
    }
}

// SAFETY: arrays of atomics that are never freed.
unsafe impl Send for Stacks {}
// SAFETY: as above; what is not atomic does not change.
unsafe impl Sync for Stacks {}

/// What stands before the frames of a stack: its hash, its length, and its tag.
const HEADER_WORDS: usize = 3;

/// What a stack is known by: its mark, its length and its hash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    tag: u32,
    len: usize,
    hash: u64,
}

/// A polynomial in an odd number, modulo 2⁶⁴, of the frames that were pushed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyBuilder {
    tag: u32,
    len: usize,
    sum: u64,
}

impl KeyBuilder {
    #[inline(always)]
    pub(crate) fn new(tag: u32) -> Self {
        Self {
            tag,
            len: 0,
            sum: u64::from(tag),
        }
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, frame: usize) {
        const BASE: u64 = 0x9E37_79B9_7F4A_7C15;
        self.sum = self.sum.wrapping_mul(BASE).wrapping_add(frame as u64);
        self.len += 1;
    }

    #[inline(always)]
    pub(crate) fn key(self) -> Key {
        let mixed = (self.sum ^ (self.sum >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        Key {
            tag: self.tag,
            len: self.len,
            hash: mixed ^ (mixed >> 29),
        }
    }
}

impl Key {
    fn half(&self) -> u64 {
        self.hash & !u64::from(u32::MAX)
    }
}

impl Stacks {
    /// Room for `most` stacks of `depth` frames: address space, of which only what is used takes memory. `None` if the
    /// system does not give it.
    pub(crate) fn new(most: u32, depth: usize) -> Option<Self> {
        let slots = (2 * most as usize + 2).next_power_of_two();
        let stacks = most as usize + 1;
        Some(Self {
            slots: memory::zeroed_array(slots)?,
            mask: slots - 1,
            words: memory::zeroed_array(stacks * (depth + HEADER_WORDS))?,
            offsets: memory::zeroed_array(stacks)?,
            most,
            depth,
            growth: SpinLock::with_flag(
                AtomicBool::new(false),
                Growth {
                    stacks: 0,
                    words: 0,
                },
            ),
        })
    }

    /// The number of a stack, if it is known.
    #[inline(always)]
    pub(crate) fn number(&self, key: &Key) -> Option<u32> {
        self.find(key).ok()
    }

    /// The number, or the free slot at which the search ended.
    #[inline]
    fn find(&self, key: &Key) -> Result<u32, usize> {
        let mut index = key.hash as usize & self.mask;
        loop {
            let slot = self.slot(index).load(Ordering::Acquire);
            if slot == 0 {
                return Err(index);
            }
            let number = slot as u32;
            if slot & !u64::from(u32::MAX) == key.half() && self.is(number, key) {
                return Ok(number);
            }
            index = (index + 1) & self.mask;
        }
    }

    fn is(&self, number: u32, key: &Key) -> bool {
        let offset = self.offset(number);
        self.word(offset).load(Ordering::Relaxed) == key.hash
            && self.word(offset + 1).load(Ordering::Relaxed) == key.len as u64
    }

    /// Adds a stack, if nobody has done so meanwhile, and gives its number; [`OTHERS`] if there is no room for it. `frames`
    /// are those that the key was made of.
    pub(crate) fn add(&self, key: &Key, frames: &[usize]) -> u32 {
        let mut growth = self.growth.lock();
        let index = match self.find(key) {
            Ok(number) => return number,
            Err(index) => index,
        };
        if growth.stacks == self.most || frames.len() > self.depth {
            return OTHERS;
        }
        growth.stacks += 1;
        let (number, offset) = (growth.stacks, growth.words);
        growth.words += HEADER_WORDS + frames.len();
        let header = [key.hash, frames.len() as u64, u64::from(key.tag)];
        let frames = frames.iter().map(|frame| *frame as u64);
        for (place, word) in header.into_iter().chain(frames).enumerate() {
            self.word(offset + place).store(word, Ordering::Relaxed);
        }
        self.offset_word(number)
            .store(offset as u64, Ordering::Relaxed);
        // The upper half of a hash may be 0; a number never is.
        self.slot(index)
            .store(key.half() | u64::from(number), Ordering::Release);
        number
    }

    /// Lets no stack be added, for a fork.
    pub(crate) fn hold(&self) {
        self.growth.hold();
    }

    /// # Safety
    ///
    /// As of [`SpinLock::let_go`], after [`hold`](Self::hold).
    pub(crate) unsafe fn let_go(&self) {
        // SAFETY: the caller's promise.
        unsafe { self.growth.let_go() };
    }

    /// How many stacks there are: their numbers are from 1 on.
    pub(crate) fn len(&self) -> u32 {
        self.growth.lock().stacks
    }

    /// The tag and the frames of a stack that [`len`](Self::len) has counted.
    pub(crate) fn get(&self, number: u32) -> (u32, impl ExactSizeIterator<Item = usize>) {
        let offset = self.offset(number);
        let word = move |place: usize| self.word(offset + place).load(Ordering::Relaxed);
        let frames = word(1) as usize;
        (
            word(2) as u32,
            (0..frames).map(move |frame| word(HEADER_WORDS + frame) as usize),
        )
    }

    /// The bytes of it that are written.
    pub(crate) fn used_bytes(&self) -> u64 {
        let growth = self.growth.lock();
        let slots = (self.mask + 1) * size_of::<Word>();
        let stacks = growth.stacks as usize * size_of::<Word>() + growth.words * size_of::<Word>();
        (slots + stacks) as u64
    }

    pub(crate) fn room(&self) -> (u32, usize) {
        (self.most, self.depth)
    }

    pub(crate) fn fits(&self, most: u32, depth: usize) -> bool {
        self.most >= most && self.depth >= depth
    }

    fn offset(&self, number: u32) -> usize {
        self.offset_word(number).load(Ordering::Relaxed) as usize
    }

    fn slot(&self, index: usize) -> &AtomicU64 {
        // SAFETY: the mask keeps the index within the array.
        &unsafe { memory::element::<Word>(self.slots, index & self.mask) }.0
    }

    fn offset_word(&self, number: u32) -> &AtomicU64 {
        // SAFETY: numbers are at most `most`, and there is one more offset.
        &unsafe { memory::element::<Word>(self.offsets, number as usize) }.0
    }

    fn word(&self, place: usize) -> &AtomicU64 {
        // SAFETY: there is room for the most stacks of the largest depth, and places are within a stack's record.
        &unsafe { memory::element::<Word>(self.words, place) }.0
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn number(stacks: &Stacks, tag: u32, frames: &[usize]) -> u32 {
        let mut key = KeyBuilder::new(tag);
        frames.iter().for_each(|frame| key.push(*frame));
        let key = key.key();
        let known = stacks.number(&key);
        known.unwrap_or_else(|| stacks.add(&key, frames))
    }

    proptest! {
        /// Few different frames, so that stacks come again and are the beginnings of others.
        #[test]
        fn every_stack_has_one_number_and_keeps_its_frames(
            met in proptest::collection::vec((0..2_u32, proptest::collection::vec(1..4_usize, 0..6)), 0..200),
        ) {
            const MOST: u32 = 40;
            let stacks = Stacks::new(MOST, 5).unwrap();
            let mut known = HashMap::new();
            for (tag, frames) in &met {
                let number = number(&stacks, *tag, frames);
                let expected = match known.get(&(tag, frames)) {
                    Some(number) => *number,
                    None if known.len() < MOST as usize => known.len() as u32 + 1,
                    None => OTHERS,
                };
                prop_assert_eq!(number, expected);
                if number != OTHERS {
                    known.insert((tag, frames), number);
                }
            }
            prop_assert_eq!(stacks.len() as usize, known.len());
            for ((tag, frames), number) in known {
                let (known_tag, known_frames) = stacks.get(number);
                prop_assert_eq!(known_tag, *tag);
                prop_assert_eq!(&known_frames.collect::<Vec<_>>(), frames);
            }
        }
    }

    #[test]
    fn a_stack_that_is_too_deep_is_one_of_the_others() {
        let stacks = Stacks::new(4, 2).unwrap();
        assert_eq!(number(&stacks, 0, &[1, 2, 3]), OTHERS);
        assert_eq!(number(&stacks, 0, &[1, 2]), 1);
    }
}

#[cfg(all(test, loom))]
mod model {
    use loom::{sync::Arc, thread};

    use super::{KeyBuilder, Stacks};

    #[test]
    fn two_that_meet_a_stack_together_give_it_one_number() {
        loom::model(|| {
            let stacks = Arc::new(Stacks::new(2, 2).unwrap());
            let meet = |stacks: &Stacks, frames: &[usize]| {
                let mut key = KeyBuilder::new(0);
                frames.iter().for_each(|frame| key.push(*frame));
                let key = key.key();
                let known = stacks.number(&key);
                let number = known.unwrap_or_else(|| stacks.add(&key, frames));
                // Whoever has a number can read what it stands for.
                assert!(stacks.get(number).1.eq(frames.iter().copied()));
                number
            };
            let other = {
                let stacks = Arc::clone(&stacks);
                thread::spawn(move || meet(&stacks, &[1, 2]))
            };
            let numbers = [meet(&stacks, &[1, 2]), meet(&stacks, &[3])];
            let other = other.join().unwrap();
            assert_eq!(numbers[0], other);
            assert_ne!(numbers[0], numbers[1]);
            assert_eq!(stacks.len(), 2);
        });
    }
}
