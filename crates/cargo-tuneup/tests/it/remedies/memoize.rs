//! Answers that are remembered.

use tuneup_caching::memoize;

#[memoize(maxsize = 10_000)]
pub fn ways(stairs: u64, longest_step: u64) -> u64 {
    match stairs {
        0 => 1,
        stairs => (1..=longest_step.min(stairs))
            .map(|step| ways(stairs - step, longest_step))
            .sum(),
    }
}
