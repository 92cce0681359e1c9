//! The policies behind one face, chosen at run time.

use super::{
    Adaptive, Fifo, Recency, S3Fifo, Sieve,
    node::{Nodes, Queue},
    order::Order,
};
use crate::Policy;

/// The entries of one shard in the order in which they go.
#[derive(Debug)]
pub(crate) enum Queues {
    /// Nothing ever goes to make room.
    Unbounded,
    Fifo(Fifo),
    Recency(Recency),
    Sieve(Sieve),
    S3Fifo(S3Fifo),
    Adaptive(Adaptive),
}

/// How a hit is noted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mark {
    /// By a count in its node, which stops there; 0 for not at all.
    CountUpTo(u8),
    /// By a time, which [`Queues::hit_now`] knows.
    Time,
}

impl Queues {
    /// For entries that weigh `capacity` in all.
    pub(crate) fn new(policy: Policy, capacity: u64) -> Self {
        match policy {
            Policy::S3Fifo => Self::S3Fifo(S3Fifo::new(capacity)),
            Policy::Adaptive => Self::Adaptive(Adaptive::new(capacity)),
            Policy::Sieve => Self::Sieve(Sieve::new()),
            Policy::Lru => Self::Recency(Recency::new()),
            Policy::Fifo => Self::Fifo(Fifo::new()),
        }
    }

    /// What a hit of an entry is to be noted by.
    pub(crate) fn mark(&self) -> Mark {
        match self {
            Self::Unbounded | Self::Fifo(_) => Mark::CountUpTo(0),
            Self::Sieve(_) => Mark::CountUpTo(Sieve::MOST_HITS),
            Self::S3Fifo(_) => Mark::CountUpTo(S3Fifo::MOST_HITS),
            Self::Adaptive(_) => Mark::CountUpTo(Adaptive::MOST_HITS),
            Self::Recency(_) => Mark::Time,
        }
    }

    /// Notes a hit that is marked by its time, beside other readers.
    pub(crate) fn hit_now(&self, nodes: &impl Nodes, slot: u32) {
        if let Self::Recency(recency) = self {
            recency.hit(nodes, slot);
        }
    }

    /// Whether a key that is about to come in went lately. Asked before room is made for it.
    pub(crate) fn recall(&mut self, fingerprint: u32) -> bool {
        match self {
            Self::S3Fifo(queues) => queues.recall(fingerprint),
            Self::Adaptive(queues) => queues.recall(fingerprint),
            _ => false,
        }
    }

    pub(crate) fn insert(&mut self, nodes: &impl Nodes, slot: u32, recalled: bool) {
        match self {
            Self::Unbounded => {}
            Self::Fifo(queue) => queue.insert(nodes, slot, recalled),
            Self::Recency(queue) => queue.insert(nodes, slot),
            Self::Sieve(queue) => queue.insert(nodes, slot, recalled),
            Self::S3Fifo(queues) => queues.insert(nodes, slot, recalled),
            Self::Adaptive(queues) => queues.insert(nodes, slot, recalled),
        }
    }

    /// Takes out the entry that goes next.
    pub(crate) fn evict(&mut self, nodes: &impl Nodes) -> Option<u32> {
        match self {
            Self::Unbounded => None,
            Self::Fifo(queue) => queue.evict(nodes),
            Self::Recency(queue) => queue.evict(nodes),
            Self::Sieve(queue) => queue.evict(nodes),
            Self::S3Fifo(queues) => queues.evict(nodes),
            Self::Adaptive(queues) => queues.evict(nodes),
        }
    }

    /// Takes out an entry, wherever it stands.
    pub(crate) fn remove(&mut self, nodes: &impl Nodes, slot: u32) {
        if nodes.node(slot).queue() == Queue::Out {
            return;
        }
        match self {
            Self::Unbounded => {}
            Self::Fifo(queue) => queue.remove(nodes, slot),
            Self::Recency(queue) => queue.remove(nodes, slot),
            Self::Sieve(queue) => queue.remove(nodes, slot),
            Self::S3Fifo(queues) => queues.remove(nodes, slot),
            Self::Adaptive(queues) => queues.remove(nodes, slot),
        }
    }

    /// The weight of an entry is about to change; `from` is what it is still.
    pub(crate) fn reweigh(&mut self, nodes: &impl Nodes, slot: u32, from: u64, to: u64) {
        match self {
            Self::Unbounded | Self::Recency(_) => {}
            Self::Fifo(queue) => queue.reweigh(from, to),
            Self::Sieve(queue) => queue.reweigh(from, to),
            Self::S3Fifo(queues) => queues.reweigh(nodes, slot, from, to),
            Self::Adaptive(queues) => queues.reweigh(nodes, slot, from, to),
        }
    }
}
