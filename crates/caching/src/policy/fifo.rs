//! First in, first out.

use super::{
    list::List,
    node::{Nodes, Queue},
};

/// Evicts what has been there for longest; hits change nothing.
#[derive(Debug)]
pub(crate) struct Fifo(List);

impl Fifo {
    pub(crate) const fn new() -> Self {
        Self(List::new())
    }

    pub(crate) fn insert(&mut self, nodes: &impl Nodes, slot: u32) {
        nodes.node(slot).set_queue(Queue::Main);
        self.0.push(nodes, slot);
    }

    pub(crate) fn evict(&mut self, nodes: &impl Nodes) -> Option<u32> {
        let slot = self.0.pop(nodes)?;
        nodes.node(slot).set_queue(Queue::Out);
        Some(slot)
    }

    pub(crate) fn remove(&mut self, nodes: &impl Nodes, slot: u32) {
        nodes.node(slot).set_queue(Queue::Out);
        self.0.remove(nodes, slot);
    }

    pub(crate) fn reweigh(&mut self, from: u64, to: u64) {
        self.0.reweigh(from, to);
    }
}
