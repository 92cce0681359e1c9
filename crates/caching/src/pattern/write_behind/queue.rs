//! The changes on their way, as plain data: what waits, what the sink has in hand, and in which order.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Change, WriteBehindInfo};

/// At most one waiting change a key, and beside it at most one in hand.
pub(super) struct Queue<K, V> {
    waiting: HashMap<K, Waiting<V>>,
    /// The waiting keys by their place: the number of the oldest acknowledged change that they stand for.
    places: BTreeMap<u64, K>,
    in_hand: Option<Batch<K, V>>,
    next_place: u64,
    capacity: usize,
    pub(super) info: WriteBehindInfo,
}

struct Waiting<V> {
    place: u64,
    since: Instant,
    value: Option<V>,
    /// How often the sink has refused it.
    failures: u32,
    /// When to try it again.
    not_before: Option<Instant>,
}

/// Changes that the sink has in hand.
pub(super) struct Batch<K, V> {
    pub(super) changes: Arc<Vec<Change<K, V>>>,
    places: Vec<u64>,
    failures: Vec<u32>,
}

impl<K, V> Clone for Batch<K, V> {
    fn clone(&self) -> Self {
        Self {
            changes: Arc::clone(&self.changes),
            places: self.places.clone(),
            failures: self.failures.clone(),
        }
    }
}

/// When the worker takes which changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    pub(super) max_batch: usize,
    /// How long a change waits for others, and for its successors.
    pub(super) delay: Duration,
    pub(super) first_retry: Duration,
    pub(super) last_retry: Duration,
}

/// What the worker is to do.
pub(super) enum Next<K, V> {
    Apply(Batch<K, V>),
    /// Nothing before this time.
    WaitUntil(Instant),
    /// Nothing before something changes.
    Wait,
}

impl<K: Hash + Eq + Clone, V: Clone> Queue<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            waiting: HashMap::new(),
            places: BTreeMap::new(),
            in_hand: None,
            next_place: 0,
            capacity,
            info: WriteBehindInfo::default(),
        }
    }

    /// How many changes there are, waiting and in hand.
    pub(super) fn len(&self) -> usize {
        let in_hand = self.in_hand.as_ref().map_or(0, |batch| batch.changes.len());
        self.waiting.len() + in_hand
    }

    /// The value of a key after all its changes; none if nothing of it is on its way.
    pub(super) fn get(&self, key: &K) -> Option<Option<V>> {
        if let Some(waiting) = self.waiting.get(key) {
            return Some(waiting.value.clone());
        }
        let batch = self.in_hand.as_ref()?;
        let change = batch.changes.iter().find(|change| change.key == *key)?;
        Some(change.value.clone())
    }

    /// Whether a change of this key needs no room, or has it.
    pub(super) fn has_room(&self, key: &K) -> bool {
        self.waiting.contains_key(key) || self.len() < self.capacity
    }

    /// Takes a change, for which there is room. Says whether the worker has to look anew.
    pub(super) fn push(&mut self, key: K, value: Option<V>, now: Instant) -> bool {
        self.info.accepted += 1;
        let place = self.next_place;
        self.next_place += 1;
        if let Some(waiting) = self.waiting.get_mut(&key) {
            // It keeps its place, so that a key that is written all the time is not put off forever.
            waiting.value = value;
            self.info.coalesced += 1;
            return false;
        }
        self.places.insert(place, key.clone());
        self.waiting.insert(
            key,
            Waiting {
                place,
                since: now,
                value,
                failures: 0,
                not_before: None,
            },
        );
        true
    }

    /// The place of the next change: all earlier ones are before it.
    pub(super) fn end(&self) -> u64 {
        self.next_place
    }

    /// Whether all changes before `end` are done with.
    pub(super) fn is_done_before(&self, end: u64) -> bool {
        let waiting = self.places.first_key_value().map(|(place, _)| *place);
        let in_hand = self
            .in_hand
            .iter()
            .flat_map(|batch| batch.places.iter().copied())
            .min();
        waiting.into_iter().chain(in_hand).all(|place| place >= end)
    }

    /// Forgets how long to leave the sink alone: somebody waits for it now.
    pub(super) fn retry_now(&mut self) {
        for waiting in self.waiting.values_mut() {
            waiting.not_before = None;
        }
    }

    /// Gives the worker its next batch, if it is time; changes before `hurry` do not wait for others.
    ///
    /// What has failed before goes alone, so that a bad change does not spoil the batches of the others.
    pub(super) fn next(&mut self, pace: &Pace, hurry: u64, now: Instant) -> Next<K, V> {
        let mut due = Vec::new();
        let mut wake: Option<Instant> = None;
        let is_full = self.len() >= pace.max_batch.min(self.capacity);
        for (place, key) in &self.places {
            let Some(waiting) = self.waiting.get(key) else {
                continue;
            };
            let time = match waiting.not_before {
                Some(time) => time,
                None if is_full || *place < hurry || waiting.failures > 0 => now,
                None => waiting.since + pace.delay,
            };
            if time > now {
                wake = Some(wake.map_or(time, |wake| wake.min(time)));
                continue;
            }
            if waiting.failures > 0 {
                if due.is_empty() {
                    due.push(*place);
                    break;
                }
                continue;
            }
            due.push(*place);
            if due.len() == pace.max_batch {
                break;
            }
        }
        if due.is_empty() {
            return wake.map_or(Next::Wait, Next::WaitUntil);
        }
        Next::Apply(self.take(due))
    }

    fn take(&mut self, places: Vec<u64>) -> Batch<K, V> {
        let mut changes = Vec::with_capacity(places.len());
        let mut failures = Vec::with_capacity(places.len());
        for place in &places {
            let taken = self
                .places
                .remove(place)
                .and_then(|key| self.waiting.remove_entry(&key));
            if let Some((key, waiting)) = taken {
                failures.push(waiting.failures);
                changes.push(Change {
                    key,
                    value: waiting.value,
                });
            }
        }
        let batch = Batch {
            changes: Arc::new(changes),
            places,
            failures,
        };
        self.in_hand = Some(batch.clone());
        batch
    }

    /// The sink has taken the batch.
    pub(super) fn succeed(&mut self) {
        self.info.batches += 1;
        if let Some(batch) = self.in_hand.take() {
            self.info.written += batch.changes.len() as u64;
        }
    }

    /// The sink has refused the batch: each change goes back to its place, unless it has a successor, which gets the place.
    pub(super) fn fail(&mut self, pace: &Pace, now: Instant) {
        self.info.batches += 1;
        self.info.failures += 1;
        let Some(batch) = self.in_hand.take() else {
            return;
        };
        let is_single = batch.changes.len() == 1;
        let changes = Arc::unwrap_or_clone(batch.changes);
        for ((change, place), failures) in changes.into_iter().zip(batch.places).zip(batch.failures)
        {
            let failures = failures.saturating_add(1);
            // Of a batch, only one may be to blame: the others are tried alone at once.
            let not_before = is_single.then(|| now + pace.pause(failures));
            if let Some(successor) = self.waiting.get_mut(&change.key) {
                self.info.coalesced += 1;
                self.places.remove(&successor.place);
                self.places.insert(place, change.key);
                successor.place = place;
                successor.failures = failures;
                successor.not_before = not_before;
                continue;
            }
            self.places.insert(place, change.key.clone());
            self.waiting.insert(
                change.key,
                Waiting {
                    place,
                    since: now,
                    value: change.value,
                    failures,
                    not_before,
                },
            );
        }
    }

    /// Everything that may not be in the sink; what is in hand first.
    pub(super) fn take_all(&mut self) -> Vec<Change<K, V>> {
        let mut changes = match self.in_hand.take() {
            Some(batch) => Arc::unwrap_or_clone(batch.changes),
            None => Vec::new(),
        };
        for key in std::mem::take(&mut self.places).into_values() {
            if let Some(waiting) = self.waiting.remove(&key) {
                changes.push(Change {
                    key,
                    value: waiting.value,
                });
            }
        }
        changes
    }
}

impl Pace {
    /// How long a change waits after so many failures.
    fn pause(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(30);
        self.first_retry
            .saturating_mul(1 << doublings)
            .min(self.last_retry)
    }
}
