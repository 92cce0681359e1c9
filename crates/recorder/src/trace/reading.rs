//! What a trace has kept, for others to read.

use std::sync::atomic::Ordering;

use super::{
    INTERVAL_BYTES, LIVE, REGISTRY, now_ns, peak, stacks, threads, timeline::TimelineReading,
};
use crate::{allocations::AllocationCounters, heap};

/// What a trace has kept so far.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct TraceReading {
    /// The mean number of bytes between two samples; 1 if every block was traced.
    pub interval_bytes: u64,
    /// For how long the trace had run, in nanoseconds.
    pub elapsed_ns: u64,
    /// The stacks that have allocated. The first may be those that found no room: then it has no frames.
    pub stacks: Vec<StackReading>,
    /// Blocks that were traced.
    pub samples: u64,
    /// Traced blocks that are live.
    pub live_samples: u64,
    /// Each of them, where blocks were sampled; empty where every block was traced.
    pub live_blocks: Vec<LiveBlock>,
    /// Blocks that should have been traced and found no room.
    pub missed: u64,
    /// What the process has allocated and freed since the trace began, by its counters: of blocks that are older or were not traced, too.
    pub counted: AllocationCounters,
    /// The most bytes that were live at once while the trace ran, of all blocks of the process.
    pub peak_bytes: u64,
    /// When that was, in nanoseconds since the trace began.
    pub peak_ns: u64,
    /// The live bytes over time.
    pub timeline: TimelineReading,
    /// Memory of the trace: its tables of stacks and of live blocks, and the sums of all threads.
    pub used_bytes: u64,
}

/// What the blocks of one stack come to. Numbers of blocks and bytes are estimates where blocks were sampled.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct StackReading {
    /// Return addresses from the innermost outwards.
    pub frames: Vec<usize>,
    /// What the thread had set when it allocated.
    pub tag: u32,
    /// All that were allocated.
    pub allocated: Estimate,
    /// Those that live.
    pub live: Estimate,
    /// Those that were live when the process had the most live bytes. Where every block is traced, a peak is seen at the first free behind it, and
    /// else every 16 KiB that a thread allocates.
    pub at_peak: Estimate,
    /// Blocks that were freed.
    pub freed_blocks: f64,
    /// For how long these had lived, all together, in nanoseconds.
    pub lifetime_ns: f64,
    /// Blocks that were freed before their thread's next allocation.
    pub temporary_blocks: f64,
}

/// A sampled block that lives.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct LiveBlock {
    /// Its stack's place in [`TraceReading::stacks`].
    pub stack: usize,
    /// Where it is. With [`born_ns`](Self::born_ns) no two blocks are alike.
    pub address: usize,
    /// Its size.
    pub bytes: u64,
    /// When it was allocated, in nanoseconds since the trace began.
    pub born_ns: u64,
    /// How many blocks it stands for.
    pub weight: f32,
}

/// A number of blocks and of bytes, with the variances of the two: 0 where every block was traced.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// Blocks.
    pub blocks: f64,
    /// Bytes.
    pub bytes: f64,
    /// The variance of the estimated blocks.
    pub blocks_variance: f64,
    /// The variance of the estimated bytes.
    pub bytes_variance: f64,
}

pub(super) fn read(generation: u64) -> TraceReading {
    // Before anything is allocated here.
    let (mut timeline, counted) = heap::of_trace();
    let (peak, peak_bytes, peak_ns) = peak::read();
    timeline.raise(peak_ns, peak_bytes.cast_signed());
    let interval_bytes = INTERVAL_BYTES.load(Ordering::Relaxed);
    let started_ns = REGISTRY.lock().started_ns;
    let mut reading = TraceReading {
        interval_bytes,
        elapsed_ns: now_ns().saturating_sub(started_ns),
        used_bytes: LIVE.used_bytes(),
        counted,
        peak_bytes,
        peak_ns: peak_ns.saturating_sub(started_ns),
        timeline: timeline.read(now_ns()),
        ..TraceReading::default()
    };
    let Some(known) = stacks() else {
        return reading;
    };
    // All memory is taken before the table is locked; what comes meanwhile is left out of the list.
    let len = known.len();
    let mut all = vec![StackReading::default(); len as usize + 1];
    let most = if interval_bytes > 1 {
        LIVE.len() + LIVE.len() / 8 + 64
    } else {
        0
    };
    let mut blocks = Vec::with_capacity(most);
    let mut live_samples = 0;
    LIVE.for_each(|block| {
        let (number, weight) = (block.stack as usize, block.weight);
        // A thread may have come late with a block of an earlier trace.
        if block.born_ns < started_ns || number >= all.len() {
            return;
        }
        live_samples += 1;
        all[number].live.add(f64::from(weight), block.bytes as f64);
        if blocks.len() < most {
            blocks.push(LiveBlock {
                stack: number,
                address: block.address,
                bytes: block.bytes,
                born_ns: block.born_ns - started_ns,
                weight,
            });
        }
    });
    reading.live_samples = live_samples;
    for thread in threads().filter(|thread| thread.generation.load(Ordering::Acquire) == generation)
    {
        reading.missed += thread.missed.get();
        reading.samples += thread.samples.get();
        for (number, stack) in all.iter_mut().enumerate() {
            if let Some(sums) = thread.read(number as u32) {
                stack.add(sums, peak);
            }
        }
    }
    reading.used_bytes +=
        known.used_bytes() + threads().map(super::ThreadTrace::used_bytes).sum::<u64>();
    for (number, stack) in all.iter_mut().enumerate().skip(1) {
        let (tag, frames) = known.get(number as u32);
        stack.tag = tag;
        if stack.allocated.blocks > 0.0 {
            // Behind the outermost frame there may be a 0.
            stack.frames = frames.take_while(|frame| *frame != 0).collect();
        }
    }
    all.iter_mut().for_each(|stack| stack.at_peak.settle());
    let mut kept = 0;
    let places = all.iter().map(|stack| {
        kept += usize::from(stack.allocated.blocks > 0.0);
        kept.wrapping_sub(1)
    });
    let places = places.collect::<Vec<_>>();
    // A block whose thread has not yet counted it has no stack here.
    blocks.retain(|block: &LiveBlock| all[block.stack].allocated.blocks > 0.0);
    blocks
        .iter_mut()
        .for_each(|block| block.stack = places[block.stack]);
    all.retain(|stack| stack.allocated.blocks > 0.0);
    reading.live_blocks = blocks;
    reading.stacks = all;
    reading
}

impl Estimate {
    /// Adds a block that stands for `weight` blocks: it was sampled with a probability of `1 / weight`.
    fn add(&mut self, weight: f64, bytes: f64) {
        let variance = weight * (weight - 1.0);
        self.add_all(&Self {
            blocks: weight,
            bytes: weight * bytes,
            blocks_variance: variance,
            bytes_variance: variance * bytes * bytes,
        });
    }

    fn add_all(&mut self, other: &Self) {
        self.blocks += other.blocks;
        self.bytes += other.bytes;
        self.blocks_variance += other.blocks_variance;
        self.bytes_variance += other.bytes_variance;
    }

    pub(super) fn subtract(&mut self, other: &Self) {
        self.blocks -= other.blocks;
        self.bytes -= other.bytes;
        self.blocks_variance -= other.blocks_variance;
        self.bytes_variance -= other.bytes_variance;
    }

    /// Sums of fractions that came and went again: what is left of nothing is nothing.
    fn settle(&mut self) {
        let values = [
            &mut self.blocks,
            &mut self.bytes,
            &mut self.blocks_variance,
            &mut self.bytes_variance,
        ];
        values
            .into_iter()
            .filter(|value| **value < 1e-3)
            .for_each(|value| *value = 0.0);
    }
}

impl StackReading {
    fn add(&mut self, sums: &super::thread_trace::StackSums, peak: u64) {
        self.allocated.add_all(&sums.allocated.get());
        self.at_peak.add_all(&sums.live_at(peak));
        self.freed_blocks += sums.freed.get().blocks;
        self.lifetime_ns += sums.lifetime_ns.get();
        self.temporary_blocks += sums.temporary_blocks.get();
    }
}
