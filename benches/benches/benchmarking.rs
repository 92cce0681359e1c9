//! Times `tuneup-benchmarking`.

fn main() {
    tuneup_benchmarking::harness::main(tuneup_benches::benchmarking::register);
}
