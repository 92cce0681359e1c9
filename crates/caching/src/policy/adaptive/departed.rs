//! The fingerprints of entries that went, each with the time at which its entry had come in.

/// So many are remembered for each entry that is there.
const PER_ENTRY: usize = 2;
/// Fingerprints that compete for the same places: half a cache line of them.
const WAYS: usize = 8;
/// Times are kept in 16 bits, in ticks so long that these last for so many misses per entry. What stays in its bucket for longer looks young
/// again; by then dozens of others have come to each bucket.
const SPAN_PER_ENTRY: usize = 16;

/// Tags in the upper halves, times in the lower ones; 0 is a free place.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Bucket([u32; WAYS]);

/// A table of a fixed size in which the oldest of a bucket makes room: four bytes a fingerprint.
///
/// Sixteen bits of the fingerprint are kept, beside those that choose the bucket, so one key in eight thousand is taken for
/// another. Which ones are forgotten first is the order of their times only roughly, as buckets fill unevenly.
#[derive(Debug)]
pub(super) struct Departed {
    buckets: Vec<Bucket>,
    /// Binary logarithm of the misses in a tick.
    tick: u32,
}

/// Where a fingerprint belongs, and what stands there for it.
fn place(fingerprint: u32, buckets: usize) -> (usize, u16) {
    let mixed = u64::from(fingerprint).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    let bucket = ((mixed >> 32) * buckets as u64) >> 32;
    (bucket as usize, (mixed as u16).max(1))
}

fn tag(place: u32) -> u16 {
    (place >> 16) as u16
}

fn tick_for(entries: usize) -> u32 {
    let ticks = (entries * SPAN_PER_ENTRY) >> 16;
    usize::BITS - ticks.leading_zeros()
}

impl Departed {
    pub(super) const fn new() -> Self {
        Self {
            buckets: Vec::new(),
            tick: 0,
        }
    }

    fn entries(&self) -> usize {
        self.buckets.len() * WAYS / PER_ENTRY
    }

    fn age(&self, place: u32, now: u32) -> u32 {
        let ticks = ((now >> self.tick) as u16).wrapping_sub(place as u16);
        u32::from(ticks) << self.tick
    }

    fn remember(&self, tag: u16, born: u32) -> u32 {
        (u32::from(tag) << 16) | u32::from((born >> self.tick) as u16)
    }

    /// How long ago the entry of this fingerprint had come in, if it is known; it no longer is.
    pub(super) fn take(&mut self, fingerprint: u32, now: u32) -> Option<u32> {
        let (bucket, wanted) = place(fingerprint, self.buckets.len());
        let ways = &mut self.buckets.get_mut(bucket)?.0;
        let way = ways.iter().position(|place| tag(*place) == wanted)?;
        let found = std::mem::take(&mut ways[way]);
        Some(self.age(found, now))
    }

    /// Remembers an entry that came in at `born`, in the place of the oldest. `entries` are there beside it.
    pub(super) fn add(&mut self, fingerprint: u32, born: u32, now: u32, entries: usize) {
        self.grow_for(entries, now);
        let (bucket, wanted) = place(fingerprint, self.buckets.len());
        let remembered = self.remember(wanted, born);
        let ticks = (now >> self.tick) as u16;
        let ways = &mut self.buckets[bucket].0;
        let (mut way, mut most) = (0, 0);
        for (number, place) in ways.iter().enumerate() {
            // The same fingerprint is replaced before a free place is taken, and that before an old one.
            let age = u32::from(ticks.wrapping_sub(*place as u16));
            let is_free = u32::from(*place == 0) << 16;
            let is_same = u32::from(tag(*place) == wanted) << 17;
            let rank = age | is_free | is_same;
            (way, most) = if rank >= most {
                (number, rank)
            } else {
                (way, most)
            };
        }
        ways[way] = remembered;
    }

    /// Entries of one weight are as many as they will ever be when the first one goes. Where weights differ there may be more later:
    /// for twice as many each bucket becomes two.
    fn grow_for(&mut self, entries: usize, now: u32) {
        if self.buckets.is_empty() {
            let buckets = (entries.max(1) * PER_ENTRY).div_ceil(WAYS);
            self.buckets = vec![Bucket([0; WAYS]); buckets];
            self.tick = tick_for(entries);
        }
        while entries >= 2 * self.entries() {
            // A fingerprint belongs to one of the two, which is not known any more: the other copy is forgotten in time.
            self.buckets = self
                .buckets
                .iter()
                .flat_map(|bucket| [*bucket; 2])
                .collect();
            let before = self.tick;
            self.tick = tick_for(self.entries());
            if self.tick > before {
                self.stretch(before, now);
            }
        }
    }

    /// Writes the times anew that were kept in shorter ticks.
    fn stretch(&mut self, before: u32, now: u32) {
        let after = self.tick;
        for place in self.buckets.iter_mut().flat_map(|bucket| &mut bucket.0) {
            if *place != 0 {
                let ticks = ((now >> before) as u16).wrapping_sub(*place as u16);
                let born = now.wrapping_sub(u32::from(ticks) << before);
                *place = (*place & 0xFFFF_0000) | u32::from((born >> after) as u16);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, VecDeque};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What is told of a fingerprint is when it came in last, and of those that came to their bucket last it is told.
        #[test]
        fn times_are_those_of_the_last_departure(
            steps in prop::collection::vec((0_u32..200, any::<bool>(), 0_u32..3), 0..600),
            first in any::<u32>(),
            entries in 1_usize..40,
        ) {
            let mut departed = Departed::new();
            let mut known: HashMap<u32, u32> = HashMap::new();
            let mut now = first;
            let mut lately = VecDeque::new();
            for (fingerprint, adds, pause) in steps {
                now = now.wrapping_add(pause);
                if adds {
                    departed.add(fingerprint, now.wrapping_sub(fingerprint % 7), now, entries);
                    known.insert(fingerprint, now.wrapping_sub(fingerprint % 7));
                    lately.push_back(fingerprint);
                    if lately.len() > 2 {
                        lately.pop_front();
                    }
                } else {
                    let born = known.remove(&fingerprint);
                    let found = departed.take(fingerprint, now);
                    if let Some(age) = found {
                        prop_assert_eq!(born, Some(now.wrapping_sub(age)));
                    }
                    if lately.contains(&fingerprint) {
                        prop_assert_eq!(found.is_some(), born.is_some());
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_known_stays_known_when_there_is_room_for_more() {
        let mut departed = Departed::new();
        for fingerprint in 0..8 {
            departed.add(fingerprint, 1_000 + fingerprint, 1_010, 100);
        }
        // So many that the ticks of the clock become longer twice.
        departed.add(8, 1_008, 1_010, 20_000);
        let tick = 1 << departed.tick;
        assert!(tick >= 4, "{tick}");
        for fingerprint in 0..9 {
            let age = departed.take(fingerprint, 1_100).unwrap();
            assert!(
                age.abs_diff(100 - fingerprint) <= 3 * tick,
                "{fingerprint}: {age}"
            );
        }
        assert_eq!(departed.take(3, 1_100), None);
    }

    #[test]
    fn remembers_about_two_for_each_that_is_there() {
        let mut departed = Departed::new();
        for fingerprint in 0..100_000 {
            departed.add(fingerprint, fingerprint, fingerprint, 10_000);
        }
        assert!(size_of_val(&departed.buckets[..]) <= 8 * 10_000 + 32);
        let known = |from: u32, departed: &mut Departed| {
            (from..from + 10_000)
                .filter(|it| departed.take(*it, 100_000).is_some())
                .count()
        };
        assert!(known(90_000, &mut departed) > 9_500);
        assert!(known(70_000, &mut departed) < 5_000);
        assert!(known(0, &mut departed) < 20);
    }
}
