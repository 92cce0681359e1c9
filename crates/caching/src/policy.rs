//! Which entry goes when the room is used up: the algorithms, apart from what is kept and how it is locked.
//!
//! Entries are named by the numbers of their slots. The owner of the slots implements [`Nodes`], so that the same
//! algorithm orders the entries of a cache, with keys and values beside the nodes, and those of a simulation, which has
//! nothing but nodes. All operations are O(1) amortised, but for those of [`Recency`], which are O(log n).
//!
//! A hit is noted through a shared reference, by one relaxed store at most ([`Mark`]): readers come many at a time.
//! Everything else needs the queues exclusively.

mod adaptive;
mod fifo;
mod ghosts;
mod list;
mod node;
mod order;
mod queues;
mod recency;
mod s3_fifo;
mod sieve;

pub(crate) use self::{
    adaptive::Adaptive,
    fifo::Fifo,
    node::{Node, Nodes},
    queues::{Mark, Queues},
    recency::Recency,
    s3_fifo::S3Fifo,
    sieve::Sieve,
};
#[cfg(feature = "simulate")]
pub(crate) use self::{node::Queue, order::Order, recency::LruList};

/// Who goes when the capacity of a cache is used up.
///
/// Hits cost a reader one relaxed store at most with all of them but [`Lru`](Self::Lru), which takes two. Which one is best depends
/// on the traffic.
///
/// ```
/// use tuneup_caching::Policy;
///
/// assert_eq!(Policy::default(), Policy::Adaptive);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// As S3-FIFO, with two things more: what comes back takes the place of what was not used for twice as long as it was away, as in
    /// LIRS (Jiang and Zhang, SIGMETRICS 2002), and how many newcomers are on probation follows the traffic. Close to the best of all
    /// on most traffic, also on loops that are longer than the capacity. Takes 12 bytes an entry more than [`Sieve`](Self::Sieve), and about
    /// the time of S3-FIFO.
    #[default]
    Adaptive,
    /// Three queues: newcomers have to be used twice before they push out what was used for long. Yang et al., "FIFO queues are all you need
    /// for cache eviction" (SOSP 2023).
    S3Fifo,
    /// One queue and a hand that spares what was used since it last came by. Zhang et al., "SIEVE is simpler than LRU" (NSDI 2024).
    /// Poor where many keys are used once.
    Sieve,
    /// What was used least recently goes. Exactly so for one thread and one [shard](crate::CacheBuilder::shards). Gets nothing from loops that are longer than the
    /// capacity.
    Lru,
    /// What came first goes.
    Fifo,
}
