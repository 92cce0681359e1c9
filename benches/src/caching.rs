//! `tuneup-caching` beside its peers: hits, hits among writes, memory, memoized calls, simulated traces.

use tuneup_benchmarking::harness::Suite;

mod lookups;
mod memoized;
mod memory;
mod simulated;
mod zipf;

/// Registers every group of this file.
pub fn register(suite: &mut Suite) {
    lookups::register(suite);
    register_memory(suite);
    memoized::register(suite);
    simulated::register(suite);
}

/// Registers what is about memory. The others allocate when they are set up and not in what they measure.
pub fn register_memory(suite: &mut Suite) {
    memory::register(suite);
}
