//! What was allocated at a node of the call tree.

use crate::{
    allocations::AllocationCounters,
    memory::Zeroed,
    running_total::{ORIGIN, RunningTotal},
    sync::Counter,
};

/// Beside the nodes rather than in them: only sessions that read the allocation counters have it.
#[derive(Debug, Default)]
pub(crate) struct NodeAllocations {
    /// The counters when the running call began; the owner's alone.
    start_blocks: Counter,
    start_bytes: Counter,
    /// Blocks of the calls, those of their callees included.
    pub(crate) blocks: RunningTotal,
    pub(crate) bytes: RunningTotal,
}

// SAFETY: counters of zeroes are zero.
unsafe impl Zeroed for NodeAllocations {
    #[cfg(all(test, loom))]
    fn zeroed() -> Self {
        Self::default()
    }
}

impl NodeAllocations {
    pub(crate) fn reset(&self) {
        self.start_blocks.set(0);
        self.start_bytes.set(0);
        self.blocks.reset();
        self.bytes.reset();
    }

    pub(crate) fn begin(&self, now: AllocationCounters) {
        self.start_blocks.set(now.allocated_blocks);
        self.start_bytes.set(now.allocated_bytes);
        self.blocks.begin(now.allocated_blocks);
        self.bytes.begin(now.allocated_bytes);
    }

    pub(crate) fn end(&self, now: AllocationCounters) {
        let (blocks, bytes) = (self.start_blocks.get(), self.start_bytes.get());
        self.blocks
            .end(blocks, now.allocated_blocks.saturating_sub(blocks));
        self.bytes
            .end(bytes, now.allocated_bytes.saturating_sub(bytes));
    }
}

/// The allocation counters of a thread as they were at its last call: what a running total is completed with
/// by others, who cannot read the counters themselves.
#[derive(Debug, Default)]
pub(crate) struct LatestAllocations {
    pub(crate) blocks: Counter,
    pub(crate) bytes: Counter,
}

impl LatestAllocations {
    /// For the owner: the counters now, moved up so that they can begin running totals.
    pub(crate) fn look(&self) -> AllocationCounters {
        let mut now = AllocationCounters::of_this_thread();
        now.allocated_blocks += ORIGIN;
        now.allocated_bytes += ORIGIN;
        self.blocks.set(now.allocated_blocks);
        self.bytes.set(now.allocated_bytes);
        now
    }
}
