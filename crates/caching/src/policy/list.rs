//! A doubly linked list through the nodes of the entries.

use std::sync::atomic::Ordering::Relaxed;

use super::node::{NONE, Nodes};

/// Slots in an order, with the sum of their weights. The newest is at the head, the next to go at the tail.
#[derive(Debug)]
pub(super) struct List {
    head: u32,
    tail: u32,
    weight: u64,
}

impl List {
    pub(super) const fn new() -> Self {
        Self {
            head: NONE,
            tail: NONE,
            weight: 0,
        }
    }

    pub(super) fn weight(&self) -> u64 {
        self.weight
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tail == NONE
    }

    pub(super) fn tail(&self) -> Option<u32> {
        (self.tail != NONE).then_some(self.tail)
    }

    /// The slot that came after `slot`: the next one towards the head.
    pub(super) fn newer(&self, nodes: &impl Nodes, slot: u32) -> Option<u32> {
        let newer = nodes.node(slot).prev.load(Relaxed);
        (newer != NONE).then_some(newer)
    }

    pub(super) fn push(&mut self, nodes: &impl Nodes, slot: u32) {
        let node = nodes.node(slot);
        node.prev.store(NONE, Relaxed);
        node.next.store(self.head, Relaxed);
        match self.head {
            NONE => self.tail = slot,
            head => nodes.node(head).prev.store(slot, Relaxed),
        }
        self.head = slot;
        self.weight += nodes.weight(slot);
    }

    pub(super) fn remove(&mut self, nodes: &impl Nodes, slot: u32) {
        let node = nodes.node(slot);
        let (prev, next) = (node.prev.load(Relaxed), node.next.load(Relaxed));
        match prev {
            NONE => self.head = next,
            prev => nodes.node(prev).next.store(next, Relaxed),
        }
        match next {
            NONE => self.tail = prev,
            next => nodes.node(next).prev.store(prev, Relaxed),
        }
        self.weight -= nodes.weight(slot);
    }

    pub(super) fn pop(&mut self, nodes: &impl Nodes) -> Option<u32> {
        let slot = self.tail()?;
        self.remove(nodes, slot);
        Some(slot)
    }

    /// Takes note that the weight of an entry in this list is about to change.
    pub(super) fn reweigh(&mut self, from: u64, to: u64) {
        self.weight = self.weight - from + to;
    }
}
