//! Least recently used, exactly, in two ways: as a list, for whoever has it exclusively at every hit, and by times of
//! last use, for readers that may only store a number.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::node::{Nodes, Queue};
#[cfg(any(test, feature = "simulate"))]
use super::{list::List, order::Order};

/// The list: a hit moves its entry to the head.
#[cfg(any(test, feature = "simulate"))]
#[derive(Debug)]
pub(crate) struct LruList(List);

#[cfg(any(test, feature = "simulate"))]
impl LruList {
    pub(crate) const fn new() -> Self {
        Self(List::new())
    }

    #[cfg(test)]
    fn remove(&mut self, nodes: &impl Nodes, slot: u32) {
        self.0.remove(nodes, slot);
        nodes.node(slot).set_queue(Queue::Out);
    }
}

#[cfg(any(test, feature = "simulate"))]
impl Order for LruList {
    fn hit(&mut self, nodes: &impl Nodes, slot: u32) {
        self.0.remove(nodes, slot);
        self.0.push(nodes, slot);
    }

    fn insert(&mut self, nodes: &impl Nodes, slot: u32, _recalled: bool) {
        nodes.node(slot).set_queue(Queue::Main);
        self.0.push(nodes, slot);
    }

    fn evict(&mut self, nodes: &impl Nodes) -> Option<u32> {
        let slot = self.0.pop(nodes)?;
        nodes.node(slot).set_queue(Queue::Out);
        Some(slot)
    }
}

/// When an entry is used, the count of uses is stored in its node. A heap orders the entries by a count that was true
/// once: what comes up with an old count goes back with the true one, so each use costs one move in the heap at most, and
/// only when entries are evicted.
///
/// With several readers at a time two may store the same count, and which of the two was first is not known. Counts are
/// 32 bits: when they are used up, all entries are numbered afresh, in their order.
#[derive(Debug)]
pub(crate) struct Recency {
    uses: AtomicU32,
    /// (count, slot), a binary heap with the smallest count at the top. The node's `next` is the true count, its `prev` the
    /// place in the heap.
    heap: Vec<(u32, u32)>,
}

/// From here on no more uses are counted before the next exclusive access, which numbers afresh.
const LAST_USE: u32 = u32::MAX - 1;

impl Recency {
    pub(crate) const fn new() -> Self {
        Self {
            uses: AtomicU32::new(0),
            heap: Vec::new(),
        }
    }

    #[inline]
    fn next_use(&self) -> u32 {
        let now = self.uses.load(Relaxed);
        if now < LAST_USE {
            self.uses.store(now + 1, Relaxed);
        }
        now
    }

    pub(crate) fn insert(&mut self, nodes: &impl Nodes, slot: u32) {
        if self.uses.load(Relaxed) == LAST_USE {
            self.number_afresh(nodes);
        }
        let now = self.next_use();
        let node = nodes.node(slot);
        node.set_queue(Queue::Main);
        node.next.store(now, Relaxed);
        self.heap.push((now, slot));
        self.rise(nodes, self.heap.len() - 1);
    }

    #[inline]
    pub(crate) fn hit(&self, nodes: &impl Nodes, slot: u32) {
        nodes.node(slot).next.store(self.next_use(), Relaxed);
    }

    pub(crate) fn evict(&mut self, nodes: &impl Nodes) -> Option<u32> {
        loop {
            let &(count, slot) = self.heap.first()?;
            let last = nodes.node(slot).next.load(Relaxed);
            if last == count {
                self.remove(nodes, slot);
                return Some(slot);
            }
            self.heap[0].0 = last;
            self.sink(nodes, 0);
        }
    }

    pub(crate) fn remove(&mut self, nodes: &impl Nodes, slot: u32) {
        let node = nodes.node(slot);
        let place = node.prev.load(Relaxed) as usize;
        node.set_queue(Queue::Out);
        self.heap.swap_remove(place);
        if place < self.heap.len() {
            self.rise(nodes, place);
            self.sink(nodes, place);
        }
    }

    fn settle(&self, nodes: &impl Nodes, place: usize) {
        nodes
            .node(self.heap[place].1)
            .prev
            .store(place as u32, Relaxed);
    }

    fn rise(&mut self, nodes: &impl Nodes, mut place: usize) {
        while place > 0 {
            let parent = (place - 1) / 2;
            if self.heap[parent].0 <= self.heap[place].0 {
                break;
            }
            self.heap.swap(parent, place);
            self.settle(nodes, place);
            place = parent;
        }
        self.settle(nodes, place);
    }

    fn sink(&mut self, nodes: &impl Nodes, mut place: usize) {
        loop {
            let left = 2 * place + 1;
            let Some(&(count, _)) = self.heap.get(left) else {
                break;
            };
            let child = match self.heap.get(left + 1) {
                Some(&(right, _)) if right < count => left + 1,
                _ => left,
            };
            if self.heap[place].0 <= self.heap[child].0 {
                break;
            }
            self.heap.swap(place, child);
            self.settle(nodes, place);
            place = child;
        }
        self.settle(nodes, place);
    }

    /// Entries keep their order; a sorted array is a heap.
    fn number_afresh(&mut self, nodes: &impl Nodes) {
        for (count, slot) in &mut self.heap {
            *count = nodes.node(*slot).next.load(Relaxed);
        }
        self.heap.sort_unstable();
        for place in 0..self.heap.len() {
            self.heap[place].0 = place as u32;
            nodes
                .node(self.heap[place].1)
                .next
                .store(place as u32, Relaxed);
            self.settle(nodes, place);
        }
        self.uses.store(self.heap.len() as u32, Relaxed);
    }

    /// As if so many uses had been counted.
    #[cfg(test)]
    fn skip_to(&self, uses: u32) {
        self.uses.store(uses, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::Node;

    struct Plain(Vec<Node>);

    impl Plain {
        fn new() -> Self {
            Self((0..30).map(|_| Node::new()).collect())
        }
    }

    impl Nodes for Plain {
        fn node(&self, slot: u32) -> &Node {
            &self.0[slot as usize]
        }

        fn weight(&self, _: u32) -> u64 {
            1
        }

        fn fingerprint(&self, slot: u32) -> u32 {
            slot
        }
    }

    proptest! {
        /// The two ways agree, also where the count of uses is used up on the way.
        #[test]
        fn times_and_a_list_give_the_same_order(
            left in 0_u32..60,
            steps in prop::collection::vec((0_u32..30, 0_u8..8), 0..300),
        ) {
            let (times, list) = (Plain::new(), Plain::new());
            let (mut by_times, mut by_list) = (Recency::new(), LruList::new());
            by_times.skip_to(LAST_USE - left);
            for (slot, action) in steps {
                let is_in = list.node(slot).queue() != Queue::Out;
                match action {
                    0 => prop_assert_eq!(by_times.evict(&times), by_list.evict(&list)),
                    1 if is_in => {
                        by_times.remove(&times, slot);
                        by_list.remove(&list, slot);
                    }
                    _ if is_in => {
                        // Readers cannot number afresh: a write does, and there is one between any two uses here.
                        if by_times.uses.load(Relaxed) == LAST_USE {
                            by_times.number_afresh(&times);
                        }
                        by_times.hit(&times, slot);
                        by_list.hit(&list, slot);
                    }
                    _ => {
                        by_times.insert(&times, slot);
                        by_list.insert(&list, slot, false);
                    }
                }
            }
        }
    }
}
