//! What a thread keeps of its traced allocations: sums by stack, written by it alone.

use std::{
    cell::Cell,
    ops::Range,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use super::{peak, reading::Estimate};
use crate::{
    memory::{self, Zeroed},
    segments::Segments,
    sync::Counter,
};

/// Sums over the traced blocks of one stack, each weighed by how many blocks it stands for, and what lived of them when the program had
/// the most.
///
/// A peak copies nothing: it has a number ([`peak`]), and who changes the sums of a stack first keeps what they were when the number changed.
#[derive(Debug, Default)]
#[repr(C, align(128))]
pub(crate) struct StackSums {
    /// In the order in which allocations and frees touch them: two cache lines.
    pub(crate) allocated: WeighedSums,
    pub(crate) freed: WeighedSums,
    /// Freed before the thread's next allocation.
    pub(crate) temporary_blocks: Sum,
    /// Of the freed ones.
    pub(crate) lifetime_ns: Sum,
    /// The peak that `at_peak` is of.
    peak: Counter,
    at_peak: WeighedSums,
}

/// Blocks and bytes, and what the two would vary by, were the samples drawn again.
#[derive(Debug, Default)]
pub(crate) struct WeighedSums {
    blocks: Sum,
    bytes: Sum,
    blocks_variance: Sum,
    bytes_variance: Sum,
}

// SAFETY: sums of zeroes are zero.
unsafe impl Zeroed for StackSums {
    #[cfg(all(test, loom))]
    fn zeroed() -> Self {
        Self::default()
    }
}

impl WeighedSums {
    /// Adds blocks that stand for `sign × weight` blocks.
    #[inline(always)]
    pub(crate) fn add(&self, weight: f64, bytes: u64, sign: f64) {
        let bytes = bytes as f64;
        self.blocks.add(sign * weight);
        self.bytes.add(sign * weight * bytes);
        if weight > 1.0 {
            let variance = sign * weight * (weight - 1.0);
            self.blocks_variance.add(variance);
            self.bytes_variance.add(variance * bytes * bytes);
        }
    }

    pub(crate) fn get(&self) -> Estimate {
        Estimate {
            blocks: self.blocks.get(),
            bytes: self.bytes.get(),
            blocks_variance: self.blocks_variance.get(),
            bytes_variance: self.bytes_variance.get(),
        }
    }

    fn set(&self, to: Estimate) {
        self.blocks.set(to.blocks);
        self.bytes.set(to.bytes);
        self.blocks_variance.set(to.blocks_variance);
        self.bytes_variance.set(to.bytes_variance);
    }
}

impl StackSums {
    /// Before the sums change: they are still what they were at the last peak.
    #[inline(always)]
    pub(crate) fn keep_peak(&self) {
        let peak = peak::number();
        if self.peak.get() != peak {
            self.at_peak.set(self.live());
            self.peak.set(peak);
        }
    }

    /// Of this thread alone: negative for a stack whose blocks others allocate.
    fn live(&self) -> Estimate {
        let (mut live, freed) = (self.allocated.get(), self.freed.get());
        live.subtract(&freed);
        live
    }

    /// What lived at this peak, or at a later one if there was one meanwhile. While the thread goes on, it may be what lived at the peak before: all
    /// sums are read as they are at the moment.
    pub(crate) fn live_at(&self, peak: u64) -> Estimate {
        match self.peak.get() < peak {
            true => self.live(),
            false => self.at_peak.get(),
        }
    }

    fn reset(&self) {
        let Self {
            allocated,
            freed,
            temporary_blocks,
            lifetime_ns,
            peak,
            at_peak,
        } = self;
        for sums in [allocated, freed, at_peak] {
            sums.set(Estimate::default());
        }
        temporary_blocks.set(0.0);
        lifetime_ns.set(0.0);
        peak.set(0);
    }
}

/// A sum of fractions that one thread adds to and any thread reads.
#[derive(Debug, Default)]
#[repr(transparent)]
pub(crate) struct Sum(Counter);

impl Sum {
    #[inline(always)]
    pub(crate) fn get(&self) -> f64 {
        f64::from_bits(self.0.get())
    }

    #[inline(always)]
    pub(crate) fn add(&self, value: f64) {
        self.set(self.get() + value);
    }

    #[inline(always)]
    pub(crate) fn set(&self, value: f64) {
        self.0.set(value.to_bits());
    }
}

/// Lives as long as the process; when its thread ends, the next one goes on with it.
///
/// Invariant: cells and [`sums_of`](Self::sums_of) are the adopting thread's alone.
pub(crate) struct ThreadTrace {
    sums: Segments<StackSums>,
    /// The trace whose data this is.
    pub(crate) generation: AtomicU64,
    pub(crate) adopted: AtomicBool,
    pub(crate) older: Cell<Option<&'static ThreadTrace>>,
    /// When the thread's allocated bytes reach it, the block is sampled.
    pub(crate) next_sample: Cell<u64>,
    /// The address of the block that was traced last, and how many blocks the thread had allocated then.
    pub(crate) latest: Cell<(usize, u64)>,
    pub(crate) events: Cell<u32>,
    pub(crate) stack: Cell<(usize, usize)>,
    random: Cell<u64>,
    /// Blocks that found no room.
    pub(crate) missed: Counter,
    pub(crate) samples: Counter,
}

// SAFETY: cells are the owner's alone, but `older`, which is written before the trace is shared; all else is atomic.
unsafe impl Sync for ThreadTrace {}

impl ThreadTrace {
    pub(crate) fn allocate() -> Option<&'static Self> {
        memory::leak(Self {
            sums: Segments::new(),
            generation: AtomicU64::new(0),
            adopted: AtomicBool::new(false),
            older: Cell::new(None),
            next_sample: Cell::new(0),
            latest: Cell::new((0, 0)),
            events: Cell::new(0),
            stack: Cell::new((0, 0)),
            random: Cell::new(0),
            missed: Counter::default(),
            samples: Counter::default(),
        })
    }

    /// For the owner: forgets what was kept and makes ready for a trace.
    pub(crate) fn prepare(&self, generation: u64, seed: u64) {
        if self.generation.load(Ordering::Relaxed) == generation {
            return;
        }
        self.generation.store(0, Ordering::Relaxed);
        self.sums.made().for_each(StackSums::reset);
        self.missed.set(0);
        self.samples.set(0);
        self.random.set(seed);
        self.generation.store(generation, Ordering::Release);
    }

    /// For the owner: the sums of a stack; `None` if there is no memory for them.
    #[inline]
    pub(crate) fn sums_of(&self, stack: u32) -> Option<&StackSums> {
        self.sums.get_or_make(stack as usize)
    }

    /// The sums of a stack, if this thread has any.
    pub(crate) fn read(&self, stack: u32) -> Option<&StackSums> {
        self.sums.get(stack as usize)
    }

    /// The bytes of the sums.
    pub(crate) fn used_bytes(&self) -> u64 {
        (self.sums.made().count() * size_of::<StackSums>()) as u64
    }

    pub(crate) fn stack(&self) -> Range<usize> {
        let (start, end) = self.stack.get();
        start..end
    }

    /// The bytes that pass until the next sample: exponential with this mean.
    pub(crate) fn bytes_to_next_sample(&self, mean_bytes: f64) -> u64 {
        // Above 0 and up to 1: its logarithm is finite.
        let uniform = ((self.next_random() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        // A sample is due when the bytes reach it, so that at least one has to pass.
        1 + (-uniform.ln() * mean_bytes) as u64
    }

    /// SplitMix64 (Steele, Lea and Flood 2014).
    fn next_random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
