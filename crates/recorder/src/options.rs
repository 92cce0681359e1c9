//! What a recording session records.

use tuneup_measure::Clock;

/// The least and the most nodes a call tree may be limited to.
pub const NODE_LIMITS: std::ops::RangeInclusive<usize> = 16..=1 << 20;

/// What a session records, and with which clock.
///
/// ```
/// use tuneup_recorder::Options;
///
/// let options = Options::default();
/// assert!(options.timed && options.distribution);
/// assert_eq!(options.max_nodes, 16_384);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// What is read at the begin and at the end of each call. Default: the machine's best.
    pub clock: Clock,
    /// Whether calls are timed at all; if not, they are counted, and a sampler tells where time goes.
    /// Default: yes.
    pub timed: bool,
    /// Whether the shortest, the longest and the distribution of calls are kept: 5 KiB for each site
    /// and thread. Default: yes.
    pub distribution: bool,
    /// Nodes of the call tree of each thread, within [`NODE_LIMITS`]: 64 bytes each when used. What does
    /// not fit is folded. Default: 16 384.
    pub max_nodes: usize,
    /// Whether the counters of [`AllocationCounters`](crate::AllocationCounters) are read at the begin and at the end of each call.
    /// Default: whether the program's allocator keeps them.
    pub allocations: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Clock::new(),
            timed: true,
            distribution: true,
            max_nodes: 16_384,
            allocations: crate::AllocationCounters::are_running(),
        }
    }
}
