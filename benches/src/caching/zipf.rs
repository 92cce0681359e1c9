//! Requests as real ones often are: few keys are asked for most of the time.

/// `requests` of `keys` different keys, of which the one of rank r has a share of 1 / r^`exponent`.
pub(super) fn zipf(keys: usize, exponent: f64, requests: usize, seed: u64) -> Vec<u64> {
    let mut sums = Vec::with_capacity(keys);
    let mut sum = 0.0;
    for rank in 1..=keys {
        sum += (rank as f64).powf(-exponent);
        sums.push(sum);
    }
    let mut random = fastrand::Rng::with_seed(seed);
    let rank = |at: f64| sums.partition_point(|below| *below < at);
    (0..requests)
        .map(|_| key(rank(random.f64() * sum)))
        .collect()
}

/// The key of a rank: numbers that are far from each other, so that neighbours in rank are not in memory.
pub(super) fn key(rank: usize) -> u64 {
    (rank as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
