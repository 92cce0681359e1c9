//! Times `tuneup-caching` beside its peers.

fn main() {
    tuneup_benchmarking::harness::main(tuneup_benches::caching::register);
}
