//! The fingerprints of entries that went, in the order in which they did.

use hashbrown::{HashTable, hash_table::Entry};

/// At most so many fingerprints; the oldest goes when another comes. A fingerprint that is found is taken out.
///
/// About twelve bytes a fingerprint: a ring of fingerprints, and a table of places in the ring. What is taken out leaves a
/// gap in the ring; when the ring is full of gaps it is packed, which is O(1) a fingerprint over time.
#[derive(Debug)]
pub(super) struct Ghosts {
    /// Positions count from the beginning of time and wrap; `ring[position - first]`.
    ring: std::collections::VecDeque<Option<u32>>,
    first: u32,
    places: HashTable<u32>,
}

/// Spreads a fingerprint over the 64 bits that the table wants.
fn spread(fingerprint: u32) -> u64 {
    u64::from(fingerprint).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Ghosts {
    pub(super) const fn new() -> Self {
        Self {
            ring: std::collections::VecDeque::new(),
            first: 0,
            places: HashTable::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether the fingerprint was here; it no longer is.
    pub(super) fn take(&mut self, fingerprint: u32) -> bool {
        let Self {
            ring,
            first,
            places,
        } = self;
        let found = places.find_entry(spread(fingerprint), |place| {
            ring[place.wrapping_sub(*first) as usize] == Some(fingerprint)
        });
        match found {
            Ok(entry) => {
                let (place, _) = entry.remove();
                ring[place.wrapping_sub(*first) as usize] = None;
                true
            }
            Err(_) => false,
        }
    }

    /// Adds a fingerprint, unless it is there, and forgets the oldest until at most `most` are left.
    pub(super) fn add(&mut self, fingerprint: u32, most: usize) {
        self.pack_if_sparse();
        let Self {
            ring,
            first,
            places,
        } = self;
        let entry = places.entry(
            spread(fingerprint),
            |place| ring[place.wrapping_sub(*first) as usize] == Some(fingerprint),
            |place| spread(ring[place.wrapping_sub(*first) as usize].unwrap_or_default()),
        );
        if let Entry::Vacant(vacant) = entry {
            vacant.insert(first.wrapping_add(ring.len() as u32));
            ring.push_back(Some(fingerprint));
        }
        while self.len() > most {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(Some(fingerprint)) = self.ring.front().copied() {
            let first = self.first;
            if let Ok(entry) = self
                .places
                .find_entry(spread(fingerprint), |place| *place == first)
            {
                entry.remove();
            }
        }
        self.ring.pop_front();
        self.first = self.first.wrapping_add(1);
    }

    /// Closes the gaps when there are half as many as fingerprints.
    fn pack_if_sparse(&mut self) {
        if self.ring.len() < 8 + self.places.len() + self.places.len() / 2 {
            return;
        }
        let kept: Vec<u32> = self.ring.drain(..).flatten().collect();
        self.first = 0;
        self.places.clear();
        for (place, fingerprint) in (0..).zip(kept) {
            self.ring.push_back(Some(fingerprint));
            let ring = &self.ring;
            self.places
                .insert_unique(spread(fingerprint), place, |place: &u32| {
                    spread(ring[*place as usize].unwrap_or_default())
                });
        }
    }

    #[cfg(test)]
    pub(super) fn is_sound(&self) -> bool {
        self.places
            .iter()
            .all(|place| self.ring[place.wrapping_sub(self.first) as usize].is_some())
            && self.ring.iter().flatten().count() == self.len()
            && self.ring.len() <= 9 + 2 * self.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Beside a queue in which everything is searched for.
        #[test]
        fn remembers_what_a_queue_does(
            steps in prop::collection::vec((0_u32..40, any::<bool>(), 0_usize..20), 0..400),
        ) {
            let mut ghosts = Ghosts::new();
            let mut oracle: VecDeque<u32> = VecDeque::new();
            for (fingerprint, adds, most) in steps {
                if adds {
                    ghosts.add(fingerprint, most);
                    if !oracle.contains(&fingerprint) {
                        oracle.push_back(fingerprint);
                    }
                    while oracle.len() > most {
                        oracle.pop_front();
                    }
                } else {
                    let place = oracle.iter().position(|other| *other == fingerprint);
                    prop_assert_eq!(ghosts.take(fingerprint), place.is_some());
                    place.map(|place| oracle.remove(place));
                }
                prop_assert_eq!(ghosts.len(), oracle.len());
                prop_assert!(ghosts.is_sound());
            }
        }
    }

    #[test]
    fn stays_small_when_most_are_taken_out_again() {
        let mut ghosts = Ghosts::new();
        for fingerprint in 0..100_000 {
            ghosts.add(fingerprint, 100);
            if fingerprint % 10 != 0 {
                assert!(ghosts.take(fingerprint));
            }
        }
        assert!(ghosts.is_sound() && ghosts.ring.capacity() < 1_000);
    }
}
