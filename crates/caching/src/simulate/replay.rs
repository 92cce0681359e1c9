//! One policy at one size, and LRU at many.

use super::{
    Replacement,
    optimal::{NextUses, Optimal},
};
use crate::{
    Policy, Trace,
    miss_ratio::StackDistances,
    policy::{Adaptive, Fifo, LruList, Node, Nodes, Order, Queue, S3Fifo, Sieve},
};

/// Entries without keys and values: the number of a key is its slot.
struct KeyNodes(Vec<Node>);

impl KeyNodes {
    fn new(trace: &Trace) -> Self {
        Self((0..trace.distinct()).map(|_| Node::new()).collect())
    }

    #[inline]
    fn holds(&self, key: u32) -> bool {
        self.node(key).queue() != Queue::Out
    }
}

impl Nodes for KeyNodes {
    #[inline]
    fn node(&self, slot: u32) -> &Node {
        &self.0[slot as usize]
    }

    #[inline]
    fn weight(&self, _slot: u32) -> u64 {
        1
    }

    /// Tells keys apart without a mistake, other than a hash.
    #[inline]
    fn fingerprint(&self, slot: u32) -> u32 {
        slot
    }
}

/// A cache that is fed the requests of one trace in their order.
pub(crate) struct Replay<'a>(State<'a>);

enum State<'a> {
    Lru(Ordered<LruList>),
    Fifo(Ordered<Fifo>),
    Sieve(Ordered<Sieve>),
    S3Fifo(Ordered<S3Fifo>),
    Adaptive(Ordered<Adaptive>),
    Optimal(Optimal<'a>),
}

impl<'a> Replay<'a> {
    /// The optimum needs `next_uses`, those of the same trace.
    pub(crate) fn new(
        policy: Replacement,
        size: u64,
        trace: &Trace,
        next_uses: Option<&'a NextUses>,
    ) -> Self {
        Self(match policy {
            Replacement::Policy(Policy::Lru) => {
                State::Lru(Ordered::new(LruList::new(), size, trace))
            }
            Replacement::Policy(Policy::Fifo) => {
                State::Fifo(Ordered::new(Fifo::new(), size, trace))
            }
            Replacement::Policy(Policy::Sieve) => {
                State::Sieve(Ordered::new(Sieve::new(), size, trace))
            }
            Replacement::Policy(Policy::S3Fifo) => {
                State::S3Fifo(Ordered::new(S3Fifo::new(size), size, trace))
            }
            Replacement::Policy(Policy::Adaptive) => {
                State::Adaptive(Ordered::new(Adaptive::new(size), size, trace))
            }
            Replacement::Optimal => State::Optimal(Optimal::new(
                next_uses.expect("whoever asks for the optimum has looked ahead"),
                size,
            )),
        })
    }

    /// Takes the next requests, and counts the hits.
    pub(crate) fn feed(&mut self, ids: &[u32]) -> u64 {
        match &mut self.0 {
            State::Lru(cache) => cache.feed(ids),
            State::Fifo(cache) => cache.feed(ids),
            State::Sieve(cache) => cache.feed(ids),
            State::S3Fifo(cache) => cache.feed(ids),
            State::Adaptive(cache) => cache.feed(ids),
            State::Optimal(optimal) => optimal.feed(ids.len()),
        }
    }
}

struct Ordered<O> {
    nodes: KeyNodes,
    order: O,
    room: u64,
}

impl<O: Order> Ordered<O> {
    fn new(order: O, size: u64, trace: &Trace) -> Self {
        Self {
            nodes: KeyNodes::new(trace),
            order,
            room: size,
        }
    }

    fn feed(&mut self, ids: &[u32]) -> u64 {
        let Self { nodes, order, room } = self;
        let mut hits = 0;
        for &id in ids {
            if nodes.holds(id) {
                hits += 1;
                order.hit(nodes, id);
                continue;
            }
            let recalled = order.recall(nodes.fingerprint(id));
            match room.checked_sub(1) {
                Some(less) => *room = less,
                None => _ = order.evict(nodes),
            }
            order.insert(nodes, id, recalled);
        }
        hits
    }
}

/// LRU at many sizes: the sizes that hit are those from the stack distance on.
pub(super) struct LruSizes {
    distances: StackDistances,
    /// Ascending.
    sizes: Vec<u64>,
    /// By size, how many requests hit from there on and not below.
    hits: Vec<u64>,
}

impl LruSizes {
    pub(super) fn new(trace: &Trace, sizes: &[u64]) -> Self {
        Self {
            distances: StackDistances::new(trace.distinct() as usize),
            sizes: sizes.to_vec(),
            hits: vec![0; sizes.len()],
        }
    }

    pub(super) fn feed(&mut self, ids: &[u32]) {
        for &id in ids {
            if let Some(distance) = self.distances.record(id) {
                let smallest = self
                    .sizes
                    .partition_point(|&size| size < u64::from(distance));
                if let Some(hits) = self.hits.get_mut(smallest) {
                    *hits += 1;
                }
            }
        }
    }

    /// Sizes and what they hit.
    pub(super) fn hits(&self) -> impl Iterator<Item = (u64, u64)> {
        let hits = self.hits.iter().scan(0, |sum, hits| {
            *sum += hits;
            Some(*sum)
        });
        self.sizes.iter().copied().zip(hits)
    }
}
