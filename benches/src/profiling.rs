//! `tuneup-profiling` beside its peers: recording calls and lines, looking at what was recorded, saving it.

use tuneup_benchmarking::harness::Suite;

mod calls;
mod lines;
#[cfg(feature = "peers")]
mod peers;
mod profiles;
mod recording;
mod tree;

/// Registers every group of this file.
pub fn register(suite: &mut Suite) {
    calls::one_thread(suite);
    calls::two_threads(suite);
    tree::register(suite);
    lines::register(suite);
    profiles::register(suite);
}
