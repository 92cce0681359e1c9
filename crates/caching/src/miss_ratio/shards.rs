//! SHARDS: stack distances of a sample of the keys, as large as it may be.

use std::collections::BinaryHeap;

use hashbrown::{HashTable, hash_table::Entry};

use super::{MissRatioCurve, StackDistances};
use crate::Error;

/// Spreads hashes evenly over all 64-bit numbers, its high bits above all; different ones stay different.
#[inline]
pub(crate) fn spread(hash: u64) -> u64 {
    (hash ^ hash >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// The same for the ids of a trace, which have an order and few bits.
pub(crate) fn spread_id(id: u32, salt: u64) -> u64 {
    spread(spread(u64::from(id) ^ salt))
}

/// Places that are below a threshold have the same high bits, which the table wants to differ.
fn table_hash(place: u64) -> u64 {
    place.rotate_left(32)
}

const MOST_SAMPLES: usize = 1 << 24;

/// The keys whose places are below a threshold, of which there are a bounded number: the threshold falls when there would be
/// more. Waldspurger et al., "Efficient MRC construction with SHARDS" (FAST 2015), 3.2.
#[derive(Debug)]
pub(super) struct Shards {
    most: usize,
    threshold: u64,
    /// By slot, the place of the key.
    places: Vec<u64>,
    /// The slot of the key that was dropped last, until another has it.
    free: Option<u32>,
    /// Slots by the places of their keys.
    slots: HashTable<u32>,
    /// The largest place first.
    order: BinaryHeap<(u64, u32)>,
    distances: StackDistances,
    hits: DistanceHistogram,
    /// Of all requests of sampled keys, each in place of those that were not.
    weight: f64,
    recorded: u64,
}

impl Shards {
    pub(super) fn new(samples: usize, rate: f64) -> Result<Self, Error> {
        if !(1..=MOST_SAMPLES).contains(&samples) {
            return Err(Error::OutOfRange {
                option: "number of samples",
                value: samples.to_string(),
                allowed: "1 to 2^24",
            });
        }
        if !(rate > 0.0 && rate <= 1.0) {
            return Err(Error::OutOfRange {
                option: "rate of sampling",
                value: rate.to_string(),
                allowed: "more than 0 and at most 1",
            });
        }
        Ok(Self {
            most: samples,
            // Saturates to the largest threshold, below which are all places but one.
            threshold: (rate * ALL_PLACES) as u64,
            places: Vec::new(),
            free: None,
            slots: HashTable::new(),
            order: BinaryHeap::new(),
            // One more than are kept, before the last is dropped.
            distances: StackDistances::new(samples + 1),
            hits: DistanceHistogram::new(samples),
            weight: 0.0,
            recorded: 0,
        })
    }

    /// Keys from here on are not in the sample.
    #[inline]
    pub(super) fn threshold(&self) -> u64 {
        self.threshold
    }

    pub(super) fn rate(&self) -> f64 {
        self.threshold as f64 / ALL_PLACES
    }

    /// Notes so many requests of the key that the last one was of.
    pub(super) fn record_repeats(&mut self, repeats: u64) {
        if repeats > 0 {
            let weight = repeats as f64 / self.rate();
            self.weight += weight;
            self.recorded += repeats;
            self.hits.add(1.0, weight);
        }
    }

    /// Notes a request of a key whose place is below the threshold.
    pub(super) fn record(&mut self, place: u64) {
        let scale = 1.0 / self.rate();
        // Weights instead of counts that are scaled down whenever the threshold falls.
        self.weight += scale;
        self.recorded += 1;
        let places = &self.places;
        let entry = self.slots.entry(
            table_hash(place),
            |slot| places[*slot as usize] == place,
            |slot| table_hash(places[*slot as usize]),
        );
        match entry {
            Entry::Occupied(slot) => {
                if let Some(distance) = self.distances.record(*slot.get()) {
                    let others = f64::from(distance - 1) * scale;
                    self.hits.add(others + 1.0, scale);
                }
            }
            Entry::Vacant(vacant) => {
                let slot = self.free.take().unwrap_or(self.places.len() as u32);
                vacant.insert(slot);
                if slot as usize == self.places.len() {
                    self.places.push(place);
                } else {
                    self.places[slot as usize] = place;
                }
                self.order.push((place, slot));
                self.distances.record(slot);
                if self.slots.len() > self.most {
                    self.drop_largest();
                }
            }
        }
    }

    /// Lowers the threshold to the largest place, whose key is then not in the sample.
    fn drop_largest(&mut self) {
        let Some((place, slot)) = self.order.pop() else {
            return;
        };
        self.threshold = place;
        self.distances.remove(slot);
        if let Ok(entry) = self
            .slots
            .find_entry(table_hash(place), |other| *other == slot)
        {
            entry.remove();
        }
        self.free = Some(slot);
    }

    /// `requests` is how many there were in all, sampled or not; without it there is no correction. `lost` is how many
    /// requests of sampled keys were not recorded: the others stand for them.
    pub(super) fn curve(&self, requests: Option<u64>, lost: u64) -> MissRatioCurve {
        let estimated = requests.map_or(self.weight, |requests| requests as f64);
        let total = match requests {
            Some(requests) if self.recorded > 0 => {
                requests as f64 * (self.recorded as f64 / (self.recorded + lost) as f64)
            }
            _ => self.weight,
        };
        MissRatioCurve::from_steps(
            self.hits.steps(),
            total,
            total - self.weight,
            estimated.round() as u64,
            (self.slots.len() as f64 / self.rate()).round() as u64,
            self.rate(),
        )
    }
}

/// How many places there are.
pub(crate) const ALL_PLACES: f64 = 18_446_744_073_709_551_616.0;

/// Weights by distance: exact up to a power of two, and within 1/512 above.
#[derive(Debug)]
pub(super) struct DistanceHistogram {
    /// Up to two to so many each distance has its own weight.
    exact_bits: u32,
    weights: Vec<f64>,
}

/// So many parts has each doubling of the distance.
const PARTS_BITS: u32 = 8;
/// No cache has more entries than two to so many.
const MOST_BITS: u32 = 40;

impl DistanceHistogram {
    pub(super) fn new(samples: usize) -> Self {
        let exact_bits = samples.next_power_of_two().ilog2().max(PARTS_BITS);
        let parts = ((MOST_BITS - exact_bits) as usize) << PARTS_BITS;
        Self {
            exact_bits,
            weights: vec![0.0; (1 << exact_bits) + parts],
        }
    }

    fn add(&mut self, distance: f64, weight: f64) {
        let at = self.bucket(distance.round() as u64);
        self.weights[at] += weight;
    }

    pub(super) fn bucket(&self, distance: u64) -> usize {
        let distance = distance.clamp(1, (1 << MOST_BITS) - 1);
        let exact = 1 << self.exact_bits;
        if distance < exact {
            return distance as usize;
        }
        let bits = distance.ilog2();
        let part = (distance >> (bits - PARTS_BITS)) - (1 << PARTS_BITS);
        (exact + (u64::from(bits - self.exact_bits) << PARTS_BITS) + part) as usize
    }

    /// The middle of a bucket.
    pub(super) fn distance(&self, bucket: usize) -> u64 {
        let exact = 1 << self.exact_bits;
        let Some(beyond) = (bucket as u64).checked_sub(exact) else {
            return bucket as u64;
        };
        let bits = self.exact_bits + (beyond >> PARTS_BITS) as u32;
        let part = (1 << PARTS_BITS) + (beyond & ((1 << PARTS_BITS) - 1));
        let width = 1 << (bits - PARTS_BITS);
        part * width + width / 2
    }

    /// Distances and their weights, ascending.
    fn steps(&self) -> impl Iterator<Item = (u64, f64)> {
        self.weights
            .iter()
            .enumerate()
            .filter(|(_, weight)| **weight > 0.0)
            .map(|(bucket, weight)| (self.distance(bucket), *weight))
    }
}
