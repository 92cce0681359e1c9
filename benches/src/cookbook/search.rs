//! Where in a sorted array is a value?

use tuneup_benchmarking::harness::{Class, Suite};

/// How many values one timed call looks up, so that a call takes long enough to time.
const LOOKUPS: usize = 256;

/// From the front until it is found: O(n).
// ANCHOR: slow
pub fn linear(sorted: &[u32], value: u32) -> Option<usize> {
    sorted.iter().position(|candidate| *candidate == value)
}
// ANCHOR_END: slow

/// Halves what is left: O(log n).
// ANCHOR: fast
pub fn binary(sorted: &[u32], value: u32) -> Option<usize> {
    sorted.binary_search(&value).ok()
}
// ANCHOR_END: fast

/// A sorted array and the values to look up, all of which are in it.
pub struct Lookups {
    /// Sorted, without duplicates.
    pub sorted: Vec<u32>,
    /// What to look up.
    pub wanted: Vec<u32>,
}

/// `n` values, at least one, and 256 of them in random order.
pub fn input(n: usize) -> Lookups {
    let mut random = fastrand::Rng::with_seed(9);
    let sorted: Vec<u32> = (0..n.max(1) as u32).map(|i| i * 3 + 1).collect();
    let wanted = (0..LOOKUPS)
        .map(|_| sorted[random.usize(..sorted.len())])
        .collect();
    Lookups { sorted, wanted }
}

/// Looks all of them up with one of the two functions.
fn sum_of_places(lookups: &Lookups, search: impl Fn(&[u32], u32) -> Option<usize>) -> usize {
    lookups
        .wanted
        .iter()
        .filter_map(|value| search(&lookups.sorted, *value))
        .sum()
}

/// Registers long arrays and one of sixteen values.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/search")
        .about("256 values looked up in a sorted array of n")
        .size(16_384)
        .sizes(&[64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384])
        .elements(|_| LOOKUPS as u64)
        .input(input)
        .case("linear", |lookups: &Lookups| sum_of_places(lookups, linear))
        .class(Class::Linear)
        .case("binary", |lookups: &Lookups| sum_of_places(lookups, binary))
        .class(Class::Logarithmic)
        .finish();
    suite
        .group("cookbook/search-short")
        .about("the same in an array so short that both end at once")
        .size(8)
        .elements(|_| LOOKUPS as u64)
        .input(input)
        .case("linear", |lookups: &Lookups| sum_of_places(lookups, linear))
        .case("binary", |lookups: &Lookups| sum_of_places(lookups, binary))
        .finish();
}
