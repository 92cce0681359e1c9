//! How a function grows.

use tuneup_benchmarking::{Complexity, Error, complexity};

pub fn growth_of_sorting() -> Result<Complexity, Error> {
    complexity(
        &[1_000, 2_000, 4_000, 8_000, 16_000],
        |size| (0..size as u64).rev().collect::<Vec<u64>>(),
        |numbers| {
            let mut sorted = numbers.clone();
            sorted.sort_unstable();
            sorted
        },
    )
}
