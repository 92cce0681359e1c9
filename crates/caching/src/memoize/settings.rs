//! What an attribute asked for.

use std::time::Duration;

use crate::Policy;

/// The options of one memoized function.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How many answers are kept; none, if there is no bound.
    pub maxsize: Option<usize>,
    /// For how long an answer is good.
    pub ttl: Option<Duration>,
    /// What goes when the cache is full.
    pub policy: Option<Policy>,
    /// In how many parts the cache is, if not as many as it finds right.
    pub shards: Option<usize>,
}
