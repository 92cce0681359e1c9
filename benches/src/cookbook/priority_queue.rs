//! Always the next event in time, while new events come in.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tuneup_benchmarking::harness::{Class, Suite};

use super::SHORT_INPUTS;

/// Something due at a time, once or more often. Ordered by time, then by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// When it is due.
    pub due: u64,
    /// Names the event.
    pub id: u32,
    /// How often it comes again.
    pub repeats: u32,
    /// The time until it comes again.
    pub period: u64,
}

impl Event {
    /// The same event one period later, while it has repeats left.
    pub fn next(self) -> Option<Self> {
        let repeats = self.repeats.checked_sub(1)?;
        Some(Self {
            due: self.due + self.period,
            repeats,
            ..self
        })
    }
}

/// Sorts again after each new event: O(n) a push even though the sort finds the rest in order.
// ANCHOR: slow
pub fn sort_after_each_push(events: &[Event]) -> Vec<u32> {
    let mut pending = events.to_vec();
    pending.sort_by_key(|event| Reverse(*event));
    let mut order = Vec::new();
    while let Some(event) = pending.pop() {
        order.push(event.id);
        if let Some(next) = event.next() {
            pending.push(next);
            pending.sort_by_key(|event| Reverse(*event));
        }
    }
    order
}
// ANCHOR_END: slow

/// Looks at all pending events for the first one: O(n) a pop.
// ANCHOR: scan
pub fn scan_for_the_first(events: &[Event]) -> Vec<u32> {
    let mut pending = events.to_vec();
    let mut order = Vec::new();
    while let Some((first, _)) = pending.iter().enumerate().min_by_key(|(_, event)| *event) {
        let event = pending.swap_remove(first);
        order.push(event.id);
        pending.extend(event.next());
    }
    order
}
// ANCHOR_END: scan

/// A binary heap: O(log n) a push and a pop.
// ANCHOR: fast
pub fn heap(events: &[Event]) -> Vec<u32> {
    let mut pending: BinaryHeap<Reverse<Event>> = events.iter().copied().map(Reverse).collect();
    let mut order = Vec::new();
    while let Some(Reverse(event)) = pending.pop() {
        order.push(event.id);
        pending.extend(event.next().map(Reverse));
    }
    order
}
// ANCHOR_END: fast

/// `n` events that come twice each, others for each seed.
pub fn input(n: usize, seed: u64) -> Vec<Event> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..n as u32)
        .map(|id| Event {
            due: random.u64(..1 << 20),
            id,
            repeats: 1,
            period: random.u64(1..1 << 20),
        })
        .collect()
}

/// Registers the growing queue, and a short one.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/priority_queue")
        .about("n events in the order of time, each of which comes again once")
        .size(512)
        .sizes(&[8, 16, 32, 64, 128, 256, 512])
        .elements(|n| n as u64)
        .input(|n| input(n, 0))
        .case("sort after each push", |events: &Vec<Event>| {
            sort_after_each_push(events)
        })
        .class(Class::Quadratic)
        .case("scan for the first", |events: &Vec<Event>| {
            scan_for_the_first(events)
        })
        .class(Class::Quadratic)
        .case("heap", |events: &Vec<Event>| heap(events))
        .class(Class::Linearithmic)
        .finish();
    suite
        .group("cookbook/priority_queue-short")
        .about("n events in the order of time, 64 times")
        .size(8)
        .elements(|n| n as u64 * SHORT_INPUTS)
        .input(|n| {
            (0..SHORT_INPUTS)
                .map(|seed| input(n, seed))
                .collect::<Vec<_>>()
        })
        .case("sort after each push", |inputs: &Vec<Vec<Event>>| {
            inputs
                .iter()
                .map(|events| sort_after_each_push(events).len())
                .sum::<usize>()
        })
        .case("scan for the first", |inputs: &Vec<Vec<Event>>| {
            inputs
                .iter()
                .map(|events| scan_for_the_first(events).len())
                .sum::<usize>()
        })
        .case("heap", |inputs: &Vec<Vec<Event>>| {
            inputs
                .iter()
                .map(|events| heap(events).len())
                .sum::<usize>()
        })
        .finish();
}
