//! The optimum, which knows the future.

use crate::Trace;

/// Not used again.
const NEVER: u32 = u32::MAX;

/// For each request of a trace, which request is the next one for the same key.
///
/// A trace has at most `u32::MAX` requests, so the last one has a smaller number than `NEVER`.
#[derive(Debug)]
pub(crate) struct NextUses(Vec<u32>);

impl NextUses {
    pub(crate) fn new(trace: &Trace) -> Self {
        let mut next_by_key = vec![NEVER; trace.distinct() as usize];
        let mut next = vec![NEVER; trace.len()];
        for (request, &id) in trace.ids().iter().enumerate().rev() {
            next[request] = std::mem::replace(&mut next_by_key[id as usize], request as u32);
        }
        Self(next)
    }
}

/// A cache from which goes what is needed again latest.
///
/// An entry is nothing but the number of the request that needs it next: no two entries have the same, and a request hits
/// if its own number is there. Entries that no request needs are not noted at all: they would be the first to go, so they are in
/// nobody's way once they have come in.
#[derive(Debug)]
pub(super) struct Optimal<'a> {
    next_uses: &'a [u32],
    needed: NumberSet,
    needed_len: u64,
    capacity: u64,
    now: usize,
}

impl<'a> Optimal<'a> {
    pub(super) fn new(next_uses: &'a NextUses, capacity: u64) -> Self {
        Self {
            next_uses: &next_uses.0,
            needed: NumberSet::new(next_uses.0.len()),
            needed_len: 0,
            capacity,
            now: 0,
        }
    }

    /// Takes the next so many requests, and counts the hits.
    pub(super) fn feed(&mut self, requests: usize) -> u64 {
        let mut hits = 0;
        for now in self.now..self.now + requests {
            if self.needed.remove(now) {
                hits += 1;
                self.needed_len -= 1;
            } else if self.needed_len >= self.capacity {
                self.evict();
            }
            let next = self.next_uses[now];
            if next != NEVER {
                self.needed.insert(next as usize);
                self.needed_len += 1;
            }
        }
        self.now += requests;
        hits
    }

    fn evict(&mut self) {
        if let Some(latest) = self.needed.largest() {
            self.needed.remove(latest);
            self.needed_len -= 1;
        }
    }
}

/// Numbers below a bound, as bits, with levels of bits above them that tell which words are not empty: O(log₆₄ bound), which is five
/// words for 2³⁰ numbers.
#[derive(Debug)]
struct NumberSet {
    /// The lowest level first; the highest has one word.
    levels: Vec<Vec<u64>>,
}

impl NumberSet {
    fn new(bound: usize) -> Self {
        let mut levels = Vec::new();
        let mut words = bound;
        while words > 1 || levels.is_empty() {
            words = words.div_ceil(64).max(1);
            levels.push(vec![0; words]);
        }
        Self { levels }
    }

    fn insert(&mut self, mut number: usize) {
        for level in &mut self.levels {
            let word = &mut level[number / 64];
            let was_empty = *word == 0;
            *word |= 1 << (number % 64);
            if !was_empty {
                break;
            }
            number /= 64;
        }
    }

    /// Whether the number was there.
    fn remove(&mut self, mut number: usize) -> bool {
        if self.levels[0][number / 64] >> (number % 64) & 1 == 0 {
            return false;
        }
        for level in &mut self.levels {
            let word = &mut level[number / 64];
            *word &= !(1 << (number % 64));
            if *word != 0 {
                break;
            }
            number /= 64;
        }
        true
    }

    fn largest(&self) -> Option<usize> {
        self.levels.iter().rev().try_fold(0, |number, level| {
            let top = level[number].checked_ilog2()?;
            Some(number * 64 + top as usize)
        })
    }
}
