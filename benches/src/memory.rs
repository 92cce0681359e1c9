//! `tuneup-memory` beside its peers: counting and tracing allocations, pools of objects, counting texts.

use tuneup_benchmarking::harness::Suite;

pub mod allocators;
mod pools;
mod programs;
mod texts;
mod tracking;

/// Registers every group of this file. The programs allocate from the global allocator, which must be
/// [`allocators::Chosen`].
pub fn register(suite: &mut Suite) {
    tracking::register(suite);
    programs::register(suite);
    register_without_allocators(suite);
}

/// Registers what does not depend on the global allocator.
pub fn register_without_allocators(suite: &mut Suite) {
    pools::register(suite);
    texts::register(suite);
}
