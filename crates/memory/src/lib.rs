#![doc = include_str!("../README.md")]

mod error;

mod fork;

mod allocator;
#[cfg(feature = "trace")]
mod leak_watch;
mod measure;
mod mode;
mod process_memory;
mod scope;
#[cfg(feature = "trace")]
mod snapshot;
mod stats;
#[cfg(feature = "trace")]
mod trace;

#[cfg(feature = "deep-size")]
mod deep_size;
mod type_layout;

mod interner;
mod lazy_list;
mod pool;
mod weak_cache;

mod line_writer;
mod positioned;
mod scan;
mod text_stats;

#[cfg(feature = "deep-size")]
pub use mem_dbg;
pub use tuneup_recorder::AllocationCounters;

#[cfg(feature = "deep-size")]
pub use crate::deep_size::deep_size;
#[cfg(feature = "mapped")]
pub use crate::scan::MappedFile;
pub use crate::{
    allocator::TrackingAllocator,
    error::Error,
    interner::{Interned, Interner, SharedInterner, Symbol, Symbols},
    lazy_list::{Earlier, EarlierIter, LazyList, LazyListIter},
    line_writer::{AtomicLineWriter, write_lines},
    measure::{Allocations, measure},
    mode::{Mode, mode, set_counting},
    pool::{Pool, PoolBuilder, PoolStats, Pooled, PooledOwned},
    process_memory::{ProcessMemory, Released, release_unused},
    scan::{Chunks, FileScanner, Lines, Matches},
    scope::{ScopeGuard, ScopeStats, ScopedFuture, scope, scopes},
    stats::{SizeClass, Stats, ThreadStats, is_tracking, reset_peak, sort_by_size, stats},
    text_stats::{Progress, TextCounter, TextCounterBuilder, TextStats, text_stats, text_stats_of},
    type_layout::{FieldLayout, TypeLayout, VariantLayout, layout_of},
    weak_cache::WeakCache,
};
#[cfg(feature = "trace")]
pub use crate::{
    leak_watch::{LeakReport, LeakWatch, RunningLeakWatch, Suspect},
    snapshot::{
        Entry, Estimate, Filter, GroupBy, Groups, Growth, Growths, Order, Peak, Snapshot,
        SnapshotDiff, Timeline,
    },
    trace::{StackSource, Trace, TraceOptions},
};

/// What the expansions of macros call: no part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::measure::{assert_tracking, report};
    pub use crate::type_layout::{enum_of, field_of, struct_of, variant_of};
}
