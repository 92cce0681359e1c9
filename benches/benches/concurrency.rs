//! Times `tuneup-concurrency` beside its peers.

fn main() {
    tuneup_benchmarking::harness::main(tuneup_benches::concurrency::register);
}
