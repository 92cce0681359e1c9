//! What one thread can see: the carry of the exact sum, and reading between its two halves.

use super::*;

fn exact() -> AtomicHistogram {
    AtomicHistogram::builder().exact_sum(true).build().unwrap()
}

#[test]
fn the_exact_sum_carries() {
    let histogram = exact();
    for _ in 0..5 {
        histogram.record(u64::MAX);
    }
    assert_eq!(histogram.snapshot().sum(), 5 * u128::from(u64::MAX));
}

#[test]
fn a_carry_under_way_is_made_up_for() {
    let histogram = exact();
    histogram.record(u64::MAX - 5);
    // A second `record(u64::MAX - 5)` that is interrupted after its bucket and the low word.
    histogram.counts[histogram.layout.index(u64::MAX - 5)].fetch_add(1, Relaxed);
    let Some(sum) = &histogram.sum else {
        unreachable!("built with an exact sum")
    };
    sum.low.fetch_add(u64::MAX - 5, Relaxed);
    assert_eq!(histogram.snapshot().sum(), 2 * u128::from(u64::MAX - 5));

    // The low word was read before, the high one after the carry.
    sum.high.fetch_add(2, Relaxed);
    assert_eq!(histogram.snapshot().sum(), 2 * u128::from(u64::MAX - 5));
}

#[test]
fn a_record_that_has_only_reached_its_bucket_gives_a_sum_within_the_buckets() {
    let histogram = exact();
    histogram.counts[histogram.layout.index(1_000)].fetch_add(1, Relaxed);
    let snapshot = histogram.snapshot();
    assert_eq!((snapshot.count(), snapshot.sum()), (1, 992));
    assert_eq!((snapshot.min(), snapshot.max()), (Some(1_007), Some(1_007)));
    assert_eq!(snapshot.quantile(0.5), Some(1_007));
}

#[test]
fn a_sum_that_is_ahead_of_its_bucket_by_less_than_a_carry_is_kept_within_the_buckets() {
    let histogram = exact();
    let Some(sum) = &histogram.sum else {
        unreachable!("built with an exact sum")
    };
    sum.low.fetch_add(u64::MAX - 1, Relaxed);
    let snapshot = histogram.snapshot();
    assert_eq!((snapshot.count(), snapshot.sum()), (0, 0));
}

#[test]
fn only_whole_carries_are_made_up_for() {
    assert_eq!(nearest_carries((1 << 63) - 1), 0);
    assert_eq!(nearest_carries(1 << 63), 1 << 64);
    assert_eq!(nearest_carries(5 << 64), 5 << 64);
}
