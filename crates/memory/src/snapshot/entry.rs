//! What blocks come to: numbers, estimates and their errors.

use std::time::Duration;

use tuneup_recorder::StackReading;

/// A number of blocks and their bytes. Where blocks were sampled these are estimates, and have standard errors: two in
/// three true values lie within one, 19 in 20 within two of them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// Blocks.
    pub blocks: f64,
    /// Bytes.
    pub bytes: f64,
    /// The standard error of the blocks; 0 if every block was recorded.
    pub blocks_error: f64,
    /// The standard error of the bytes; 0 if every block was recorded.
    pub bytes_error: f64,
}

/// What the blocks of one group come to.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// What they have in common.
    pub name: String,
    /// Those that live.
    pub live: Estimate,
    /// All that were allocated since the trace began.
    pub allocated: Estimate,
    /// Those that lived when the program had the most live bytes, since the trace began: [`Snapshot::peak`](crate::Snapshot::peak).
    pub at_peak: Estimate,
    /// For how long blocks live that were freed, on average; `None` if none was. Where every block is recorded, the clock
    /// is looked at now and then, and short lives count as none.
    pub mean_lifetime: Option<Duration>,
    /// The part of the allocated blocks that were freed before their thread's next (recorded) allocation: they would not
    /// be needed if the buffer was kept. 0 to 1.
    pub temporary_share: f64,
}

/// Sums over blocks, which can be added.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sums {
    pub(crate) live: Weighed,
    pub(crate) allocated: Weighed,
    pub(crate) at_peak: Weighed,
    pub(crate) freed_blocks: f64,
    pub(crate) lifetime_ns: f64,
    pub(crate) temporary_blocks: f64,
}

/// Blocks and bytes with their variances.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Weighed {
    pub(crate) blocks: f64,
    pub(crate) bytes: f64,
    pub(crate) blocks_variance: f64,
    pub(crate) bytes_variance: f64,
}

impl Weighed {
    fn of(estimate: &tuneup_recorder::Estimate) -> Self {
        Self {
            blocks: estimate.blocks,
            bytes: estimate.bytes,
            blocks_variance: estimate.blocks_variance,
            bytes_variance: estimate.bytes_variance,
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.blocks += other.blocks;
        self.bytes += other.bytes;
        self.blocks_variance += other.blocks_variance;
        self.bytes_variance += other.bytes_variance;
    }

    pub(crate) fn estimate(&self) -> Estimate {
        Estimate {
            blocks: self.blocks,
            bytes: self.bytes,
            blocks_error: self.blocks_variance.sqrt(),
            bytes_error: self.bytes_variance.sqrt(),
        }
    }
}

impl Sums {
    pub(crate) fn of(stack: &StackReading) -> Self {
        Self {
            live: Weighed::of(&stack.live),
            allocated: Weighed::of(&stack.allocated),
            at_peak: Weighed::of(&stack.at_peak),
            freed_blocks: stack.freed_blocks,
            lifetime_ns: stack.lifetime_ns,
            temporary_blocks: stack.temporary_blocks,
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.live.add(&other.live);
        self.allocated.add(&other.allocated);
        self.at_peak.add(&other.at_peak);
        self.freed_blocks += other.freed_blocks;
        self.lifetime_ns += other.lifetime_ns;
        self.temporary_blocks += other.temporary_blocks;
    }

    pub(crate) fn entry(&self, name: String) -> Entry {
        let mean_ns = (self.freed_blocks > 0.0).then(|| self.lifetime_ns / self.freed_blocks);
        let temporary_share = match self.allocated.blocks > 0.0 {
            true => self.temporary_blocks / self.allocated.blocks,
            false => 0.0,
        };
        Entry {
            name,
            live: self.live.estimate(),
            allocated: self.allocated.estimate(),
            at_peak: self.at_peak.estimate(),
            mean_lifetime: mean_ns.map(|ns| Duration::from_nanos(ns.max(0.0) as u64)),
            temporary_share,
        }
    }
}
