//! First in, first out.

use super::{
    list::List,
    node::{Nodes, Queue},
    order::Order,
};

/// Evicts what has been there for longest; hits change nothing.
#[derive(Debug)]
pub(crate) struct Fifo(List);

impl Fifo {
    pub(crate) const fn new() -> Self {
        Self(List::new())
    }
}

impl Order for Fifo {
    #[cfg(any(test, feature = "simulate"))]
    fn hit(&mut self, _nodes: &impl Nodes, _slot: u32) {}

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

impl Fifo {
    pub(crate) fn remove(&mut self, nodes: &impl Nodes, slot: u32) {
        nodes.node(slot).set_queue(Queue::Out);
        self.0.remove(nodes, slot);
    }

    pub(crate) fn reweigh(&mut self, from: u64, to: u64) {
        self.0.reweigh(from, to);
    }
}
