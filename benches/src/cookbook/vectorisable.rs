//! Loops that the compiler can turn into vector instructions, and what keeps it from doing so.

use tuneup_benchmarking::harness::{Class, Suite};

/// Sums one product after the other. The order of floating-point additions is part of the result,
/// so the compiler must keep it.
// ANCHOR: slow
pub fn dot_in_order(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
// ANCHOR_END: slow

/// Sixteen sums side by side, added up at the end: now the order is ours, and it suits the vector
/// registers.
// ANCHOR: fast
pub fn dot_in_lanes(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let length = a.len().min(b.len());
    let (a_chunks, a_rest) = a[..length].as_chunks::<LANES>();
    let (b_chunks, b_rest) = b[..length].as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + dot_in_order(a_rest, b_rest)
}
// ANCHOR_END: fast

/// Returns at the first value that is too high, and so can look at only one at a time.
// ANCHOR: exit_slow
pub fn all_below_early(values: &[u16], limit: u16) -> bool {
    values.iter().all(|value| *value < limit)
}
// ANCHOR_END: exit_slow

/// Decides once for each block of 128, within which nothing branches.
// ANCHOR: exit_fast
pub fn all_below_blocks(values: &[u16], limit: u16) -> bool {
    values
        .chunks(128)
        .all(|block| block.iter().fold(true, |all, value| all & (*value < limit)))
}
// ANCHOR_END: exit_fast

/// Two vectors of `n` small whole numbers, so that every order of adding gives the same sum
/// exactly.
pub fn input(n: usize) -> (Vec<f32>, Vec<f32>) {
    let mut random = fastrand::Rng::with_seed(14);
    let mut vector = || (0..n).map(|_| f32::from(random.u8(..4))).collect();
    (vector(), vector())
}

/// `n` values below 1000.
pub fn values(n: usize) -> Vec<u16> {
    let mut random = fastrand::Rng::with_seed(15);
    (0..n).map(|_| random.u16(..1_000)).collect()
}

/// Registers the dot product and the check.
pub fn register(suite: &mut Suite) {
    type Vectors = (Vec<f32>, Vec<f32>);
    suite
        .group("cookbook/vectorisable")
        .about("the dot product of two vectors of n numbers")
        .size(16_384)
        .sizes(&[512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768])
        .elements(|n| n as u64)
        .input(input)
        .case("in order", |(a, b): &Vectors| dot_in_order(a, b))
        .class(Class::Linear)
        .case("in 16 lanes", |(a, b): &Vectors| dot_in_lanes(a, b))
        .class(Class::Linear)
        .finish();
    suite
        .group("cookbook/vectorisable-check")
        .about("are all of n values below a limit? (they are)")
        .size(16_384)
        .sizes(&[512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768])
        .elements(|n| n as u64)
        .input(values)
        .case("exit at each value", |values: &Vec<u16>| {
            all_below_early(values, 1_000)
        })
        .class(Class::Linear)
        .case("exit at each block", |values: &Vec<u16>| {
            all_below_blocks(values, 1_000)
        })
        .class(Class::Linear)
        .finish();
}
