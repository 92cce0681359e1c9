//! How many keys were used since a key was last used.

/// No place: the key was not used yet.
const NOWHERE: u32 = u32::MAX;
/// Places of one counter of the tree.
const BLOCK: usize = 512;
const WORDS: usize = BLOCK / 64;

/// Finds for each use the place of its key in the order of recency, counted from 1: Mattson, Gecsei, Slutz and Traiger,
/// "Evaluation techniques for storage hierarchies" (1970). An LRU cache hits if and only if it has at least so many entries.
///
/// Each use takes the next place in a row of bits, and leaves its key's last one: the bits from there on, counted with a
/// Fenwick tree over blocks of them, are the distance. O(log keys) a use. When the row is used up, the places are numbered
/// afresh, without gaps. Four bytes a key and about 2.2 bits a place, of which there are at least twice as many as keys.
#[derive(Debug)]
pub(crate) struct StackDistances {
    /// By key, its place.
    last: Vec<u32>,
    bits: Vec<u64>,
    /// A Fenwick tree over the bits of each block.
    tree: Vec<u32>,
    next: u32,
    live: u32,
}

impl StackDistances {
    /// For keys below `keys`.
    pub(crate) fn new(keys: usize) -> Self {
        // Places are numbers of 32 bits; with 2³¹ keys or more, they are numbered afresh more often.
        let blocks = (2 * keys)
            .max(1024)
            .div_ceil(BLOCK)
            .min((1 << 32) / BLOCK - 1);
        Self {
            last: vec![NOWHERE; keys],
            bits: vec![0; blocks * WORDS],
            tree: vec![0; blocks + 1],
            next: 0,
            live: 0,
        }
    }

    /// Notes a use, and returns the distance to the last one of the same key.
    #[inline]
    pub(crate) fn record(&mut self, key: u32) -> Option<u32> {
        if self.next as usize == self.bits.len() * 64 {
            self.number_afresh();
        }
        let place = self.last[key as usize];
        let now = self.next;
        self.next += 1;
        self.last[key as usize] = now;
        let distance = if place == NOWHERE {
            self.live += 1;
            self.count(now, 1);
            None
        } else {
            let distance = self.live - self.before(place);
            self.flip(place);
            // The tree knows blocks only.
            if place as usize / BLOCK != now as usize / BLOCK {
                self.count(place, -1);
                self.count(now, 1);
            }
            Some(distance)
        };
        self.flip(now);
        distance
    }

    /// Forgets a key, as if it had never been used.
    pub(crate) fn remove(&mut self, key: u32) {
        let place = std::mem::replace(&mut self.last[key as usize], NOWHERE);
        if place != NOWHERE {
            self.live -= 1;
            self.count(place, -1);
            self.flip(place);
        }
    }

    fn flip(&mut self, place: u32) {
        self.bits[place as usize / 64] ^= 1 << (place % 64);
    }

    fn count(&mut self, place: u32, change: i32) {
        let mut node = place as usize / BLOCK + 1;
        while let Some(count) = self.tree.get_mut(node) {
            *count = count.wrapping_add_signed(change);
            node += node & node.wrapping_neg();
        }
    }

    /// How many keys were last used before this place.
    fn before(&self, place: u32) -> u32 {
        let word = place as usize / 64;
        let block = place as usize / BLOCK;
        let mut node = block;
        let mut count = (self.bits[word] & ((1 << (place % 64)) - 1)).count_ones();
        for bits in &self.bits[block * WORDS..word] {
            count += bits.count_ones();
        }
        while node > 0 {
            count += self.tree[node];
            node &= node - 1;
        }
        count
    }

    /// Moves all keys to the first places, in their order. O(keys + places), once in as many uses as there are places that no
    /// key has.
    fn number_afresh(&mut self) {
        let mut before = 0;
        let befores: Vec<u32> = self
            .bits
            .iter()
            .map(|bits| {
                let here = before;
                before += bits.count_ones();
                here
            })
            .collect();
        for place in self.last.iter_mut().filter(|place| **place != NOWHERE) {
            let word = *place as usize / 64;
            let lower = self.bits[word] & ((1 << (*place % 64)) - 1);
            *place = befores[word] + lower.count_ones();
        }
        self.bits.fill(0);
        self.tree.fill(0);
        for place in 0..self.live {
            self.flip(place);
            self.count(place, 1);
        }
        self.next = self.live;
    }
}
