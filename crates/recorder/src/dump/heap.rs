//! What a trace has kept of the heap, as bytes.

#[cfg(all(test, not(loom)))]
mod tests;

use std::io::{self, Write};

use super::{
    DumpError, END,
    numbers::{Numbers, write_number, write_text},
};
use crate::{
    allocations::AllocationCounters,
    trace::{Estimate, LiveBlock, StackReading, TimelineReading, TraceReading},
};

/// What a dump begins with; the last letter counts the layouts.
const MAGIC: &[u8] = b"tuneup heap 1\n";

/// What a trace has kept of a program's heap, and all that is needed to find names for it when the program has ended.
///
/// ```
/// use tuneup_recorder::{HeapDump, Trace, TraceOptions};
///
/// let trace = Trace::start(TraceOptions::default()).unwrap();
/// let dump = HeapDump::new(trace.read(), String::new());
/// let mut bytes = Vec::new();
/// dump.write(&mut bytes)?;
/// let read = HeapDump::read(&bytes).unwrap();
/// assert_eq!(read.trace.interval_bytes, 512 << 10);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct HeapDump {
    /// What was traced.
    pub trace: TraceReading,
    /// The executable memory of the process, as lines of `/proc/PID/maps`: return addresses of stacks lie in it. Empty where there is no such thing.
    pub maps: String,
}

impl HeapDump {
    /// Puts it together.
    #[must_use]
    pub fn new(trace: TraceReading, maps: String) -> Self {
        Self { trace, maps }
    }

    /// Writes it, for [`read`](Self::read). O(frames); allocates nothing. Nothing is flushed.
    ///
    /// # Errors
    /// Those of `to`; what was written by then is cut off.
    pub fn write(&self, mut to: impl Write) -> io::Result<()> {
        to.write_all(MAGIC)?;
        write_text(&mut to, &self.maps)?;
        let AllocationCounters {
            allocated_blocks,
            allocated_bytes,
            freed_blocks,
            freed_bytes,
        } = self.trace.counted;
        for count in [allocated_blocks, allocated_bytes, freed_blocks, freed_bytes] {
            write_number(&mut to, count)?;
        }
        let trace = &self.trace;
        for number in [
            trace.interval_bytes,
            trace.elapsed_ns,
            trace.samples,
            trace.live_samples,
            trace.missed,
            trace.peak_bytes,
            trace.peak_ns,
            trace.used_bytes,
            trace.timeline.span_ns,
            trace.timeline.most_bytes.len() as u64,
        ] {
            write_number(&mut to, number)?;
        }
        for most in &trace.timeline.most_bytes {
            write_number(&mut to, *most)?;
        }
        write_number(&mut to, trace.stacks.len() as u64)?;
        for stack in &trace.stacks {
            write_stack(&mut to, stack)?;
        }
        write_number(&mut to, trace.live_blocks.len() as u64)?;
        for block in &trace.live_blocks {
            write_block(&mut to, block)?;
        }
        to.write_all(&[END])
    }

    /// Reads it from bytes.
    ///
    /// # Errors
    /// [`DumpError`]. Any bytes are read or refused, in memory that is some multiple of theirs.
    pub fn read(bytes: &[u8]) -> Result<Self, DumpError> {
        let mut numbers = Numbers::behind(MAGIC, bytes)?;
        let maps = numbers.text()?.to_owned();
        let trace = read_trace(&mut numbers)?;
        numbers.end()?;
        Ok(Self { trace, maps })
    }
}

fn write_stack(to: &mut impl Write, stack: &StackReading) -> io::Result<()> {
    write_number(to, u64::from(stack.tag))?;
    write_number(to, stack.frames.len() as u64)?;
    for frame in &stack.frames {
        write_number(to, *frame as u64)?;
    }
    for estimate in [&stack.allocated, &stack.live, &stack.at_peak] {
        for value in [
            estimate.blocks,
            estimate.bytes,
            estimate.blocks_variance,
            estimate.bytes_variance,
        ] {
            write_number(to, value.to_bits())?;
        }
    }
    for value in [
        stack.freed_blocks,
        stack.lifetime_ns,
        stack.temporary_blocks,
    ] {
        write_number(to, value.to_bits())?;
    }
    Ok(())
}

fn write_block(to: &mut impl Write, block: &LiveBlock) -> io::Result<()> {
    for number in [
        block.stack as u64,
        block.address as u64,
        block.bytes,
        block.born_ns,
        u64::from(block.weight.to_bits()),
    ] {
        write_number(to, number)?;
    }
    Ok(())
}

fn read_trace(numbers: &mut Numbers<'_>) -> Result<TraceReading, DumpError> {
    let mut trace = TraceReading {
        counted: AllocationCounters {
            allocated_blocks: numbers.number()?,
            allocated_bytes: numbers.number()?,
            freed_blocks: numbers.number()?,
            freed_bytes: numbers.number()?,
        },
        interval_bytes: numbers.number()?,
        elapsed_ns: numbers.number()?,
        samples: numbers.number()?,
        live_samples: numbers.number()?,
        missed: numbers.number()?,
        peak_bytes: numbers.number()?,
        peak_ns: numbers.number()?,
        used_bytes: numbers.number()?,
        timeline: TimelineReading {
            span_ns: numbers.number()?,
            most_bytes: Vec::new(),
        },
        ..TraceReading::default()
    };
    // Lengths are not believed: memory is taken for what was read.
    for _ in 0..numbers.number()? {
        trace.timeline.most_bytes.push(numbers.number()?);
    }
    for _ in 0..numbers.number()? {
        trace.stacks.push(read_stack(numbers)?);
    }
    for _ in 0..numbers.number()? {
        let block = read_block(numbers)?;
        if block.stack >= trace.stacks.len() {
            return Err(numbers.damaged());
        }
        trace.live_blocks.push(block);
    }
    Ok(trace)
}

fn read_stack(numbers: &mut Numbers<'_>) -> Result<StackReading, DumpError> {
    let tag = numbers.fitting()?;
    let mut frames = Vec::new();
    for _ in 0..numbers.number()? {
        frames.push(numbers.fitting()?);
    }
    Ok(StackReading {
        frames,
        tag,
        allocated: read_estimate(numbers)?,
        live: read_estimate(numbers)?,
        at_peak: read_estimate(numbers)?,
        freed_blocks: numbers.float()?,
        lifetime_ns: numbers.float()?,
        temporary_blocks: numbers.float()?,
    })
}

fn read_estimate(numbers: &mut Numbers<'_>) -> Result<Estimate, DumpError> {
    Ok(Estimate {
        blocks: numbers.float()?,
        bytes: numbers.float()?,
        blocks_variance: numbers.float()?,
        bytes_variance: numbers.float()?,
    })
}

fn read_block(numbers: &mut Numbers<'_>) -> Result<LiveBlock, DumpError> {
    let block = LiveBlock {
        stack: numbers.fitting()?,
        address: numbers.fitting()?,
        bytes: numbers.number()?,
        born_ns: numbers.number()?,
        weight: f32::from_bits(numbers.fitting()?),
    };
    match block.weight.is_finite() {
        true => Ok(block),
        false => Err(numbers.damaged()),
    }
}
