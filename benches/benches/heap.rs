//! Counts what one iteration of every case asks of the allocator, exactly.

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

fn main() {
    tuneup_benchmarking::harness::heap_main(|suite| {
        tuneup_benches::measure::register(suite);
        tuneup_benches::report::register(suite);
        tuneup_benches::benchmarking::register(suite);
        tuneup_benches::profiling::register(suite);
        tuneup_benches::memory::register_without_allocators(suite);
        tuneup_benches::caching::register_memory(suite);
        tuneup_benches::cookbook::register(suite);
    });
}
