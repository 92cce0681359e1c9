//! S3-FIFO: three static queues (Yang et al., SOSP 2023), as the reference in libCacheSim 0.3 has it.

use super::{
    ghosts::Ghosts,
    list::List,
    node::{Nodes, Queue},
    order::Order,
};

/// An entry that was hit so often leaves the small queue for the main one.
const PROMOTED_AT: u8 = 2;

/// A small queue for entries on probation, a main queue in which hits give another round, and the
/// fingerprints of what left the small queue, which let it back into the main one.
#[derive(Debug)]
pub(crate) struct S3Fifo {
    small: List,
    main: List,
    ghosts: Ghosts,
    small_room: u64,
    main_room: u64,
    len: usize,
    has_evicted: bool,
}

impl S3Fifo {
    /// Hits beyond are not counted: so many rounds of the main queue they are worth.
    pub(super) const MOST_HITS: u8 = 3;

    /// For entries that weigh `capacity` in all: a tenth is the room of the small queue.
    pub(crate) fn new(capacity: u64) -> Self {
        let small_room = (capacity / 10).max(1);
        Self {
            small: List::new(),
            main: List::new(),
            ghosts: Ghosts::new(),
            small_room,
            main_room: capacity.saturating_sub(small_room),
            len: 0,
            has_evicted: false,
        }
    }
}

impl Order for S3Fifo {
    /// Whether a key that is about to come in was here lately. Asked before room is made for it: that adds ghosts, and the
    /// oldest of them would be forgotten.
    fn recall(&mut self, fingerprint: u32) -> bool {
        self.ghosts.take(fingerprint)
    }

    fn insert(&mut self, nodes: &impl Nodes, slot: u32, returns: bool) {
        let node = nodes.node(slot);
        node.set_frequency(0);
        self.len += 1;
        let fills_up = !self.has_evicted && self.small.weight() >= self.small_room;
        let is_heavy = nodes.weight(slot) > self.small_room;
        if returns || fills_up || is_heavy {
            node.set_queue(Queue::Main);
            self.main.push(nodes, slot);
        } else {
            node.set_queue(Queue::Small);
            self.small.push(nodes, slot);
        }
    }

    #[cfg(any(test, feature = "simulate"))]
    fn hit(&mut self, nodes: &impl Nodes, slot: u32) {
        nodes.node(slot).count_up_to(Self::MOST_HITS);
    }

    fn evict(&mut self, nodes: &impl Nodes) -> Option<u32> {
        self.has_evicted = true;
        loop {
            let from_main = self.main.weight() > self.main_room || self.small.is_empty();
            let victim = if from_main {
                self.evict_main(nodes)
            } else {
                self.evict_small(nodes)
            };
            if let Some(slot) = victim {
                nodes.node(slot).set_queue(Queue::Out);
                self.len -= 1;
                return Some(slot);
            }
            if self.small.is_empty() && self.main.is_empty() {
                return None;
            }
        }
    }
}

impl S3Fifo {
    /// Moves what was hit to the main queue until one was not; none, if all were.
    fn evict_small(&mut self, nodes: &impl Nodes) -> Option<u32> {
        while let Some(slot) = self.small.pop(nodes) {
            let node = nodes.node(slot);
            if node.frequency() >= PROMOTED_AT {
                node.set_frequency(0);
                node.set_queue(Queue::Main);
                self.main.push(nodes, slot);
            } else {
                let most = self.len * 9 / 10;
                self.ghosts.add(nodes.fingerprint(slot), most);
                return Some(slot);
            }
        }
        None
    }

    /// Terminates: each round costs an entry one of its hits, of which at most three count.
    fn evict_main(&mut self, nodes: &impl Nodes) -> Option<u32> {
        while let Some(slot) = self.main.pop(nodes) {
            let node = nodes.node(slot);
            match node.frequency() {
                0 => return Some(slot),
                hits => {
                    node.set_frequency(hits - 1);
                    self.main.push(nodes, slot);
                }
            }
        }
        None
    }

    pub(crate) fn remove(&mut self, nodes: &impl Nodes, slot: u32) {
        let node = nodes.node(slot);
        match node.queue() {
            Queue::Small => self.small.remove(nodes, slot),
            Queue::Main => self.main.remove(nodes, slot),
            Queue::Out => return,
        }
        node.set_queue(Queue::Out);
        self.len -= 1;
    }

    pub(crate) fn reweigh(&mut self, nodes: &impl Nodes, slot: u32, from: u64, to: u64) {
        match nodes.node(slot).queue() {
            Queue::Small => self.small.reweigh(from, to),
            Queue::Main => self.main.reweigh(from, to),
            Queue::Out => {}
        }
    }
}
