//! Times `tuneup-profiling` beside its peers.

fn main() {
    tuneup_benchmarking::harness::main(tuneup_benches::profiling::register);
}
