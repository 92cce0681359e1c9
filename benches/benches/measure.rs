//! Times `tuneup-measure` beside its peers.

fn main() {
    tuneup_benchmarking::harness::main(tuneup_benches::measure::register);
}
