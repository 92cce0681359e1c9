//! A heap bench file for the tests.

mod both;

use tuneup_benchmarking::harness;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

fn main() {
    harness::heap_main(|suite| {
        both::vectors(suite);
        both::gate(suite);
    });
}
