//! Numbers without gaps for keys of any kind.

use std::{collections::HashMap, hash::BuildHasher};

use crate::DefaultHasher;

/// Numbers keys in the order in which they first come.
///
/// Numbers are kept as they are. Of texts a hash of 128 bits is kept, with a random seed: that two of 2³² keys are taken for one
/// has a chance below 2⁻⁶⁴, and how long the texts are does not matter to the memory.
pub(super) struct Interner {
    numbers: HashMap<u64, u32, DefaultHasher>,
    texts: HashMap<(u64, u64), u32, DefaultHasher>,
    halves: [foldhash::quality::RandomState; 2],
}

impl Interner {
    pub(super) fn new() -> Self {
        Self {
            numbers: HashMap::default(),
            texts: HashMap::default(),
            halves: [
                foldhash::quality::RandomState::default(),
                foldhash::quality::RandomState::default(),
            ],
        }
    }

    /// There are no more keys than requests, whose count fits.
    pub(super) fn len(&self) -> u32 {
        (self.numbers.len() + self.texts.len()) as u32
    }

    pub(super) fn number(&mut self, key: u64) -> u32 {
        let next = self.len();
        *self.numbers.entry(key).or_insert(next)
    }

    pub(super) fn text(&mut self, key: &[u8]) -> u32 {
        let next = self.len();
        let [high, low] = &self.halves;
        let hash = (high.hash_one(key), low.hash_one(key));
        *self.texts.entry(hash).or_insert(next)
    }
}
