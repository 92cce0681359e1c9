//! The policy beside one written with nothing but searches, and where its share goes; how often it hits on whole traces is tested from
//! outside.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;
use crate::policy::Node;

const SLOTS: u32 = 60;

/// Slots that are named by their keys.
struct Slots {
    nodes: Vec<Node>,
    weights: Vec<u64>,
}

impl Slots {
    fn new(count: u32) -> Self {
        Self {
            nodes: (0..count).map(|_| Node::new()).collect(),
            weights: vec![1; count as usize],
        }
    }
}

impl Nodes for Slots {
    fn node(&self, slot: u32) -> &Node {
        &self.nodes[slot as usize]
    }

    fn weight(&self, slot: u32) -> u64 {
        self.weights[slot as usize]
    }

    fn fingerprint(&self, slot: u32) -> u32 {
        slot
    }
}

#[derive(Clone, Copy)]
struct Plain {
    slot: u32,
    weight: u64,
    hits: u8,
    born: u32,
}

/// The same policy, with queues in which everything is searched for: the front is what goes next. It is told what is remembered, and
/// what share it has.
#[derive(Default)]
struct Simplest {
    small: VecDeque<Plain>,
    main: VecDeque<Plain>,
    now: u32,
    /// How long ago the newcomer had come in, until it is decided on.
    distance: Option<u32>,
    is_refused: bool,
    strangers: u32,
}

fn sum(queue: &VecDeque<Plain>) -> u64 {
    queue.iter().map(|entry| entry.weight).sum()
}

impl Simplest {
    fn entry(&mut self, slot: u32) -> Option<&mut Plain> {
        let mut both = self.small.iter_mut().chain(&mut self.main);
        both.find(|entry| entry.slot == slot)
    }

    fn recall(&mut self, distance: Option<u32>) {
        self.now += 1;
        self.distance = distance;
        self.is_refused = false;
        self.strangers = match distance {
            Some(_) => 0,
            None => self.strangers + 1,
        };
    }

    fn insert(&mut self, slot: u32, weight: u64, to_main: bool) {
        let queue = if to_main {
            &mut self.main
        } else {
            &mut self.small
        };
        queue.push_back(Plain {
            slot,
            weight,
            hits: 0,
            born: self.now,
        });
        self.distance = None;
    }

    fn look(&mut self) -> Option<bool> {
        let tail = self.main.front_mut()?;
        if tail.hits == 0 {
            return Some(true);
        }
        tail.hits -= 1;
        tail.born = self.now;
        self.main.rotate_left(1);
        Some(false)
    }

    fn make_way(&mut self, distance: u32) -> Option<u32> {
        for _ in 0..5 {
            if self.look()? {
                let idle = self.now - self.main[0].born;
                return if idle >= 2 * distance {
                    self.main.pop_front()
                } else {
                    None
                }
                .map(|entry| entry.slot);
            }
        }
        None
    }

    fn evict(&mut self, share: f64) -> Option<u32> {
        let room = (((sum(&self.small) + sum(&self.main)) as f64 * share) as u64).max(1);
        if let Some(distance) = self.distance.take() {
            let spare = self
                .small
                .front()
                .is_some_and(|tail| sum(&self.small) - tail.weight >= room);
            if !spare {
                let victim = self.make_way(distance);
                self.is_refused = victim.is_none();
                if victim.is_some() {
                    return victim;
                }
            }
        } else if self.strangers >= 32 {
            self.strangers = 0;
            if self.look() == Some(true) {
                let now = self.now;
                let moved = self.small.pop_front();
                self.main.extend(moved.map(|entry| Plain {
                    hits: 0,
                    born: now,
                    ..entry
                }));
                return self.main.pop_front().map(|entry| entry.slot);
            }
        }
        loop {
            if sum(&self.small) < room || self.small.is_empty() {
                while !self.main.is_empty() {
                    if self.look() == Some(true) {
                        return self.main.pop_front().map(|entry| entry.slot);
                    }
                }
            }
            let entry = self.small.pop_front()?;
            if entry.hits == 0 {
                return Some(entry.slot);
            }
            let renewed = Plain {
                hits: 0,
                born: self.now,
                ..entry
            };
            if sum(&self.small) >= room {
                self.main.push_back(renewed);
            } else if let Some(victim) = self.make_way(self.now - entry.born) {
                self.main.push_back(renewed);
                return Some(victim);
            } else {
                self.small.push_back(renewed);
            }
        }
    }
}

fn slots_of(list: &List, nodes: &Slots) -> Vec<u32> {
    std::iter::successors(list.tail(), |slot| list.newer(nodes, *slot)).collect()
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Look up, and put in what is missing.
    Request(u32, u64),
    Remove(u32),
    Reweigh(u32, u64),
}

fn steps(heaviest: u64) -> impl Strategy<Value = Vec<Step>> {
    // Few keys are asked for often, and many rarely.
    let key = prop_oneof![0..12_u32, 0..SLOTS];
    let step = prop_oneof![
        30 => (key.clone(), 1..=heaviest).prop_map(|(key, weight)| Step::Request(key, weight)),
        1 => key.clone().prop_map(Step::Remove),
        1 => (key, 1..=heaviest).prop_map(|(key, weight)| Step::Reweigh(key, weight)),
    ];
    prop::collection::vec(step, 0..800)
}

fn goes_the_same_way(capacity: u64, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut nodes = Slots::new(SLOTS);
    let mut policy = Adaptive::new(capacity);
    let mut simplest = Simplest::default();
    for step in steps {
        match step {
            Step::Request(key, _) if nodes.node(key).queue() != Queue::Out => {
                policy.hit(&nodes, key);
                let entry = simplest.entry(key).unwrap();
                entry.hits = (entry.hits + 1).min(4);
            }
            Step::Request(key, weight) => {
                nodes.weights[key as usize] = weight;
                let returns = policy.recall(key);
                simplest.recall(match policy.newcomer {
                    Newcomer::Returns(age) => Some(age),
                    _ => None,
                });
                prop_assert_eq!(returns, simplest.distance.is_some());
                while policy.small.weight() + policy.main.weight() + weight > capacity {
                    let share = policy.share;
                    let gone = policy.evict(&nodes);
                    prop_assert_eq!(gone, simplest.evict(share));
                    let Some(gone) = gone else { break };
                    prop_assert_eq!(nodes.node(gone).queue(), Queue::Out);
                    prop_assert!(policy.share <= LARGEST_SHARE);
                }
                let fills_up =
                    !policy.has_evicted && policy.small.weight() >= policy.room_of(capacity);
                policy.insert(&nodes, key, returns);
                simplest.insert(key, weight, fills_up || returns && !simplest.is_refused);
            }
            Step::Remove(key) => {
                policy.remove(&nodes, key);
                simplest.small.retain(|entry| entry.slot != key);
                simplest.main.retain(|entry| entry.slot != key);
            }
            Step::Reweigh(key, weight) => {
                if let Some(entry) = simplest.entry(key) {
                    policy.reweigh(&nodes, key, entry.weight, weight);
                    nodes.weights[key as usize] = weight;
                    entry.weight = weight;
                }
            }
        }
        for (list, queue) in [
            (&policy.small, &simplest.small),
            (&policy.main, &simplest.main),
        ] {
            let plain: Vec<u32> = queue.iter().map(|entry| entry.slot).collect();
            prop_assert_eq!(slots_of(list, &nodes), plain);
            prop_assert_eq!(list.weight(), sum(queue));
        }
        prop_assert_eq!(policy.len, simplest.small.len() + simplest.main.len());
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_same_entries_go_as_in_the_simplest(capacity in 1_u64..40, steps in steps(1)) {
        goes_the_same_way(capacity, steps)?;
    }

    #[test]
    fn the_same_entries_go_as_in_the_simplest_by_weight(capacity in 1_u64..200, steps in steps(30)) {
        goes_the_same_way(capacity, steps)?;
    }
}

/// Requests to a cache of `size`; how many were hit of those after `from`.
fn replay(policy: &mut Adaptive, size: usize, keys: &[u32], from: usize) -> usize {
    let nodes = Slots::new(keys.iter().max().map_or(0, |most| most + 1));
    let mut hits = 0;
    for (number, key) in keys.iter().enumerate() {
        if nodes.node(*key).queue() != Queue::Out {
            policy.hit(&nodes, *key);
            hits += usize::from(number >= from);
            continue;
        }
        let returns = policy.recall(*key);
        if policy.len == size {
            policy.evict(&nodes).unwrap();
        }
        policy.insert(&nodes, *key, returns);
    }
    hits
}

#[test]
fn a_loop_that_is_too_long_keeps_what_fits() {
    let keys: Vec<u32> = (0..200_000).map(|number| number % 1_100).collect();
    let mut policy = Adaptive::new(1_000);
    let hits = replay(&mut policy, 1_000, &keys, 100_000);
    // The best that can be is 999 of 1 099.
    assert!(hits > 90_000, "{hits}");
    assert!(policy.share < 0.002, "{}", policy.share);
}

#[test]
fn a_loop_takes_over_from_what_was_hot_before() {
    let hot = (0..100_000).map(|number| number * 7 % 100);
    let keys: Vec<u32> = hot
        .chain((0..100_000).map(|number| 100 + number % 1_500))
        .collect();
    // Too long for anyone to be remembered when it comes round.
    let hits = replay(&mut Adaptive::new(100), 100, &keys, 190_000);
    assert!(hits > 500, "{hits}");
}

#[test]
fn the_small_queue_grows_where_recency_counts() {
    // New keys come all the time; each is asked for again twice, when a tenth of the capacity came after it.
    let keys: Vec<u32> = (0..60_000)
        .flat_map(|number: u32| [number, number.saturating_sub(40), number.saturating_sub(90)])
        .collect();
    let mut policy = Adaptive::new(1_000);
    let hits = replay(&mut policy, 1_000, &keys, 90_000);
    assert!(policy.share > 0.03, "{}", policy.share);
    assert!(hits > 55_000, "{hits}");
}
