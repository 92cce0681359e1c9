//! Times `tuneup-memory` beside its peers.

/// The system's allocator, but for cases that choose another one.
#[global_allocator]
static ALLOCATOR: tuneup_benches::memory::allocators::Chosen =
    tuneup_benches::memory::allocators::Chosen;

fn main() {
    tuneup_benchmarking::harness::main(tuneup_benches::memory::register);
}
