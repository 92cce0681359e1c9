//! Times the slow and the fast versions of the cookbook.

fn main() {
    tuneup_benchmarking::harness::main(tuneup_benches::cookbook::register);
}
