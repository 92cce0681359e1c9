#![doc = include_str!("../README.md")]

mod sync;

mod memory;
mod pointer_table;
mod running_total;
mod segments;

mod heap;
mod trace;

mod allocations;
mod argument_counts;
mod options;
mod site;

mod node;
mod node_allocations;
mod pending_call;
mod site_record;

mod fold_stack;
mod line_records;
mod thread_block;

mod calls;

mod processor_clock;
mod registry;

mod frame;
mod lines;
mod polls;

mod calibration;
mod dump;
mod recording;
mod sampler;
mod session;

mod exit_hook;

pub use crate::{
    allocations::{AllocationCounters, count_allocation, count_deallocation},
    argument_counts::{Argument, ArgumentCounts, ArgumentReading, Arguments, Hashed, Unhashed},
    calibration::CallCost,
    dump::{Dump, DumpError, HeapDump},
    exit_hook::on_exit,
    frame::{Frame, UntimedFrame, enter, enter_untimed},
    heap::{
        HeapMode, HeapReading, Measured, Measurement, Reallocation, SizeClassReading,
        ThreadHeapReading, allocated, freed, heap_mode, look_for_peaks, read_heap, reset_peak,
        set_counting, sort_by_size, without_tracing,
    },
    lines::{LineSite, LineTimer, LinedFuture, mark_line},
    options::{NODE_LIMITS, Options},
    polls::ProfiledFuture,
    recording::{
        ArgumentRecording, LineCellRecording, LineRecording, NodeRecording, Recording,
        SamplerRecording, SiteRecording, ThreadRecording,
    },
    session::{Session, is_recording},
    site::{Site, SiteKind, path_of},
    trace::{
        Estimate, LiveBlock, MOST_FRAMES, StackReading, StackWalker, TimelineReading, Trace,
        TraceOptions, TraceReading, read_trace, tag_stacks, thread_stack,
    },
};
