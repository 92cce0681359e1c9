//! SIEVE: a hand goes from the oldest entry to the newest and evicts the first that was not hit since it last came by
//! (Zhang et al., NSDI 2024).

use super::{
    list::List,
    node::{Nodes, Queue},
    order::Order,
};

/// One queue, one mark for each entry, and a hand.
#[derive(Debug)]
pub(crate) struct Sieve {
    list: List,
    hand: Option<u32>,
}

impl Sieve {
    /// An entry was hit or not.
    pub(super) const MOST_HITS: u8 = 1;

    pub(crate) const fn new() -> Self {
        Self {
            list: List::new(),
            hand: None,
        }
    }
}

impl Order for Sieve {
    fn insert(&mut self, nodes: &impl Nodes, slot: u32, _recalled: bool) {
        let node = nodes.node(slot);
        node.set_queue(Queue::Main);
        node.set_frequency(0);
        self.list.push(nodes, slot);
    }

    #[cfg(any(test, feature = "simulate"))]
    fn hit(&mut self, nodes: &impl Nodes, slot: u32) {
        nodes.node(slot).count_up_to(Self::MOST_HITS);
    }

    /// Terminates: each entry loses its mark when the hand passes, so a second round finds none.
    fn evict(&mut self, nodes: &impl Nodes) -> Option<u32> {
        let mut slot = self.hand.or(self.list.tail())?;
        while nodes.node(slot).frequency() > 0 {
            nodes.node(slot).set_frequency(0);
            slot = match self.list.newer(nodes, slot) {
                Some(newer) => newer,
                None => self.list.tail()?,
            };
        }
        self.hand = self.list.newer(nodes, slot);
        self.list.remove(nodes, slot);
        nodes.node(slot).set_queue(Queue::Out);
        Some(slot)
    }
}

impl Sieve {
    pub(crate) fn remove(&mut self, nodes: &impl Nodes, slot: u32) {
        if self.hand == Some(slot) {
            self.hand = self.list.newer(nodes, slot);
        }
        self.list.remove(nodes, slot);
        nodes.node(slot).set_queue(Queue::Out);
    }

    pub(crate) fn reweigh(&mut self, from: u64, to: u64) {
        self.list.reweigh(from, to);
    }
}
