//! Times `tuneup-report` beside its peer.

fn main() {
    tuneup_benchmarking::harness::main(tuneup_benches::report::register);
}
