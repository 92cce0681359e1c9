//! Each policy beside one that is as simple as can be: the same entries go, in the same order.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use proptest::prelude::*;
use tuneup_caching::{Cache, EvictionCause, Policy};

/// A cache in a few lines, in which everything is searched for.
trait Oracle {
    /// Whether the key is there; if so, it counts as used.
    fn get(&mut self, key: u8) -> bool;
    /// Puts in a key that is not there; the ones that went.
    fn insert(&mut self, key: u8) -> Vec<u8>;
    fn remove(&mut self, key: u8);
}

/// First in first out; with `moves`, a hit moves to the front, which is least recently used.
struct Queue {
    capacity: usize,
    moves: bool,
    keys: VecDeque<u8>,
}

impl Oracle for Queue {
    fn get(&mut self, key: u8) -> bool {
        let found = self.keys.iter().position(|other| *other == key);
        if let (Some(place), true) = (found, self.moves) {
            self.keys.remove(place);
            self.keys.push_front(key);
        }
        found.is_some()
    }

    fn insert(&mut self, key: u8) -> Vec<u8> {
        let full = self.keys.len() == self.capacity;
        let gone = full.then(|| self.keys.pop_back().unwrap());
        self.keys.push_front(key);
        gone.into_iter().collect()
    }

    fn remove(&mut self, key: u8) {
        self.keys.retain(|other| *other != key);
    }
}

/// SIEVE as its paper's pseudocode has it: the head is the newest.
struct Sieve {
    capacity: usize,
    /// (key, visited), the newest first.
    keys: Vec<(u8, bool)>,
    hand: Option<u8>,
}

impl Sieve {
    fn place(&self, key: u8) -> Option<usize> {
        self.keys.iter().position(|(other, _)| *other == key)
    }

    fn newer(&self, place: usize) -> Option<u8> {
        (place > 0).then(|| self.keys[place - 1].0)
    }
}

impl Oracle for Sieve {
    fn get(&mut self, key: u8) -> bool {
        let place = self.place(key);
        if let Some(place) = place {
            self.keys[place].1 = true;
        }
        place.is_some()
    }

    fn insert(&mut self, key: u8) -> Vec<u8> {
        let mut gone = Vec::new();
        if self.keys.len() == self.capacity {
            let last = self.keys.len() - 1;
            let mut place = self.hand.and_then(|hand| self.place(hand)).unwrap_or(last);
            while self.keys[place].1 {
                self.keys[place].1 = false;
                place = if place == 0 { last } else { place - 1 };
            }
            self.hand = self.newer(place);
            gone.push(self.keys.remove(place).0);
        }
        self.keys.insert(0, (key, false));
        gone
    }

    fn remove(&mut self, key: u8) {
        if let Some(place) = self.place(key) {
            if self.hand == Some(key) {
                self.hand = self.newer(place);
            }
            self.keys.remove(place);
        }
    }
}

/// S3-FIFO as libCacheSim has it: a tenth for newcomers, a second hit while there for the main queue, ghosts of nine tenths.
struct S3Fifo {
    capacity: usize,
    /// (key, hits), the newest first.
    small: VecDeque<(u8, u8)>,
    main: VecDeque<(u8, u8)>,
    ghosts: VecDeque<u8>,
    has_evicted: bool,
}

impl S3Fifo {
    fn small_room(&self) -> usize {
        (self.capacity / 10).max(1)
    }

    fn evict(&mut self) -> u8 {
        self.has_evicted = true;
        let held = self.small.len() + self.main.len();
        loop {
            let from_small = self.main.len() <= self.capacity - self.small_room();
            while from_small && let Some((key, hits)) = self.small.pop_back() {
                if hits < 2 {
                    self.ghosts.push_front(key);
                    self.ghosts.truncate(held * 9 / 10);
                    return key;
                }
                self.main.push_front((key, 0));
            }
            while let Some((key, hits)) = self.main.pop_back() {
                if hits == 0 {
                    return key;
                }
                self.main.push_front((key, hits - 1));
            }
        }
    }
}

impl Oracle for S3Fifo {
    fn get(&mut self, key: u8) -> bool {
        let mut all = self.small.iter_mut().chain(&mut self.main);
        match all.find(|(other, _)| *other == key) {
            Some((_, hits)) => {
                *hits = (*hits + 1).min(3);
                true
            }
            None => false,
        }
    }

    fn insert(&mut self, key: u8) -> Vec<u8> {
        let returns = self.ghosts.contains(&key);
        self.ghosts.retain(|ghost| *ghost != key);
        let full = self.small.len() + self.main.len() == self.capacity;
        let gone = full.then(|| self.evict());
        if returns || (!self.has_evicted && self.small.len() >= self.small_room()) {
            self.main.push_front((key, 0));
        } else {
            self.small.push_front((key, 0));
        }
        gone.into_iter().collect()
    }

    fn remove(&mut self, key: u8) {
        self.small.retain(|(other, _)| *other != key);
        self.main.retain(|(other, _)| *other != key);
    }
}

fn oracle(policy: Policy, capacity: usize) -> Box<dyn Oracle> {
    match policy {
        Policy::Fifo | Policy::Lru => Box::new(Queue {
            capacity,
            moves: policy == Policy::Lru,
            keys: VecDeque::new(),
        }),
        Policy::Sieve => Box::new(Sieve {
            capacity,
            keys: Vec::new(),
            hand: None,
        }),
        Policy::S3Fifo => Box::new(S3Fifo {
            capacity,
            small: VecDeque::new(),
            main: VecDeque::new(),
            ghosts: VecDeque::new(),
            has_evicted: false,
        }),
        other => unreachable!("{other:?} has no oracle"),
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// Look up, and put in what is missing.
    Request(u8),
    Remove(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Few keys are asked for often, and many rarely.
    let key = prop_oneof![0_u8..12, 0_u8..60];
    let step = prop_oneof![
        19 => key.clone().prop_map(Step::Request),
        1 => key.prop_map(Step::Remove),
    ];
    prop::collection::vec(step, 0..500)
}

proptest! {
    #[test]
    fn the_same_entries_go_as_in_the_simplest_cache(
        policy in prop::sample::select(vec![Policy::Fifo, Policy::Lru, Policy::Sieve, Policy::S3Fifo]),
        capacity in 1_usize..40,
        steps in steps(),
    ) {
        let gone = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&gone);
        let cache = Cache::builder(capacity as u64)
            .policy(policy)
            .shards(1)
            .on_evict(move |key: u8, _: (), cause| {
                if cause == EvictionCause::Size {
                    seen.lock().unwrap().push(key);
                }
            })
            .build()
            .unwrap();
        let mut oracle = oracle(policy, capacity);
        for step in steps {
            match step {
                Step::Request(key) => {
                    let is_there = oracle.get(key);
                    prop_assert_eq!(cache.get(&key).is_some(), is_there, "{} by {:?}", key, policy);
                    if !is_there {
                        let expected = oracle.insert(key);
                        cache.insert(key, ());
                        prop_assert_eq!(std::mem::take(&mut *gone.lock().unwrap()), expected);
                    }
                }
                Step::Remove(key) => {
                    oracle.remove(key);
                    cache.remove(&key);
                }
            }
        }
    }

    /// Whatever is done, what a cache says it holds is what it holds, and no more than it may.
    #[test]
    fn weights_and_numbers_agree(
        policy in prop::sample::select(vec![Policy::Fifo, Policy::Lru, Policy::Sieve, Policy::S3Fifo, Policy::Adaptive]),
        capacity in 1_u64..100,
        shards in 1_usize..5,
        steps in prop::collection::vec((0_u8..60, 0_u32..30, 0_u8..10), 0..300),
    ) {
        let cache = Cache::builder(capacity)
            .policy(policy)
            .shards(shards)
            .weigher(|_, weight: &u32| *weight)
            .build()
            .unwrap();
        for (key, weight, action) in steps {
            match action {
                0 => drop(cache.remove(&key)),
                1..4 => drop(cache.get(&key)),
                _ => {
                    cache.insert(key, weight);
                    let heavy = u64::from(weight) > capacity;
                    prop_assert_eq!(cache.peek(&key), (!heavy).then_some(weight), "what came in is there");
                }
            }
            let held: Vec<u32> = cache.keys().iter().map(|key| cache.peek(key).unwrap()).collect();
            prop_assert_eq!(held.len(), cache.len());
            prop_assert_eq!(held.iter().map(|weight| u64::from((*weight).max(1))).sum::<u64>(), cache.weight());
            prop_assert!(cache.weight() <= capacity);
        }
    }
}
