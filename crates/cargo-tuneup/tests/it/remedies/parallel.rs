//! Threads that take enough at a time.

use tuneup_concurrency::par;

pub fn squares(numbers: &[u64]) -> Vec<u64> {
    // Measures what an item costs, hands over as many as are worth it, or none.
    par::map(numbers, |number| number * number)
}
