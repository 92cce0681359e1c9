//! The histogram against all values in a sorted vector, and against hdrhistogram.

use proptest::{collection::vec, prelude::*};
use tuneup_measure::{Error, Histogram};

/// Values of every magnitude, small ones and the extremes included.
fn any_value() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => (0_u32..64, any::<u64>()).prop_map(|(shift, value)| value >> shift),
        1 => prop_oneof![Just(0), Just(1), Just(63), Just(64), Just(u64::MAX)],
    ]
}

fn any_precision() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.5), Just(0.1), Just(1.0 / 64.0), Just(0.001)]
}

fn recorded(relative_error: f64, max_value: u64, values: &[u64]) -> Histogram {
    let builder = Histogram::builder()
        .relative_error(relative_error)
        .max_value(max_value);
    let mut histogram = builder.build().unwrap();
    histogram.extend(values.iter().copied());
    histogram
}

/// ⌈q × count⌉ in whole numbers, for quantiles in thousandths.
fn nearest_rank(per_mille: usize, count: usize) -> usize {
    (per_mille * count).div_ceil(1_000).clamp(1, count)
}

/// `got` is within the relative error of `value`, in whole numbers.
fn is_close(got: u64, value: u64, relative_error: f64) -> bool {
    let parts = (1.0 / relative_error) as u128;
    u128::from(got.abs_diff(value)) * parts <= u128::from(value)
}

proptest! {
    #[test]
    fn count_sum_minimum_and_maximum_are_exact(values in vec(any_value(), 1..200)) {
        let histogram: Histogram = values.iter().copied().collect();
        prop_assert_eq!(histogram.count(), values.len() as u64);
        prop_assert_eq!(histogram.sum(), values.iter().map(|&value| u128::from(value)).sum::<u128>());
        prop_assert_eq!(histogram.min(), values.iter().min().copied());
        prop_assert_eq!(histogram.max(), values.iter().max().copied());
        prop_assert!(histogram.sum_is_exact());
    }

    #[test]
    fn quantiles_are_within_the_relative_error_of_the_sorted_values(
        mut values in vec(any_value(), 1..200),
        precision in any_precision(),
        per_mille in vec(0_usize..=1_000, 3),
    ) {
        let histogram = recorded(precision, u64::MAX, &values);
        values.sort_unstable();
        for &per_mille in &per_mille {
            let expected = values[nearest_rank(per_mille, values.len()) - 1];
            let got = histogram.quantile(per_mille as f64 / 1_000.0).unwrap();
            prop_assert!(is_close(got, expected, histogram.relative_error()), "{} is not near {}", got, expected);
            prop_assert!((values[0]..=values[values.len() - 1]).contains(&got));
        }
        let together = histogram.quantiles(&[0, 1, 2].map(|i| per_mille[i] as f64 / 1_000.0)).unwrap();
        let alone = [0, 1, 2].map(|i| histogram.quantile(per_mille[i] as f64 / 1_000.0).unwrap());
        prop_assert_eq!(together, alone);
        prop_assert_eq!(histogram.quantiles(&[0.0, 1.0]).unwrap(), [values[0], values[values.len() - 1]]);
    }

    #[test]
    fn buckets_hold_the_values_that_lie_in_them(
        values in vec(any_value(), 0..200),
        precision in any_precision(),
        max_value in any_value(),
    ) {
        let histogram = recorded(precision, max_value, &values);
        let mut end = None;
        for bucket in histogram.buckets() {
            prop_assert!(end < Some(bucket.low) && bucket.low <= bucket.high);
            end = Some(bucket.high);
            let inside = values.iter().filter(|&&value| (bucket.low..=bucket.high).contains(&value));
            prop_assert_eq!(bucket.count, inside.count() as u64);
        }
        let counted = histogram.buckets().map(|bucket| bucket.count).sum::<u64>();
        prop_assert_eq!(counted, values.len() as u64);
        let above = values.iter().filter(|&&value| value > histogram.max_value()).count();
        prop_assert_eq!(histogram.saturated(), above as u64);
    }

    #[test]
    fn values_above_the_largest_keep_ranks_and_maximum_right(
        mut values in vec(any_value(), 1..100),
        max_value in 0_u64..1_000_000,
        per_mille in 0_usize..=1_000,
    ) {
        let histogram = recorded(1.0 / 64.0, max_value, &values);
        values.sort_unstable();
        let expected = values[nearest_rank(per_mille, values.len()) - 1];
        let got = histogram.quantile(per_mille as f64 / 1_000.0).unwrap();
        if expected > histogram.max_value() {
            // The first value may be above the largest and the minimum at once.
            prop_assert!(got == values[values.len() - 1] || got == values[0]);
        } else {
            prop_assert!(is_close(got, expected, histogram.relative_error()));
        }
    }

    #[test]
    fn recording_a_batch_is_recording_its_values(value in any_value(), times in 0_u64..100, more in vec(any_value(), 0..20)) {
        let mut batch: Histogram = more.iter().copied().collect();
        let mut one_by_one = batch.clone();
        batch.record_n(value, times);
        one_by_one.extend((0..times).map(|_| value));
        prop_assert_eq!(batch, one_by_one);
    }

    #[test]
    fn merging_is_recording_everything_in_one(
        left in vec(any_value(), 0..100),
        right in vec(any_value(), 0..100),
        max_value in any_value(),
    ) {
        let mut merged = recorded(1.0 / 64.0, max_value, &left);
        merged.merge(&recorded(1.0 / 64.0, max_value, &right)).unwrap();
        let all: Vec<u64> = left.into_iter().chain(right).collect();
        prop_assert_eq!(merged, recorded(1.0 / 64.0, max_value, &all));
    }

    #[test]
    fn subtracting_leaves_what_came_later(
        before in vec(any_value(), 0..100),
        after in vec(any_value(), 0..100),
        max_value in any_value(),
    ) {
        let earlier = recorded(1.0 / 64.0, max_value, &before);
        let mut window = earlier.clone();
        window.extend(after.iter().copied());
        window.subtract(&earlier).unwrap();
        let expected = recorded(1.0 / 64.0, max_value, &after);
        prop_assert_eq!(window.count(), expected.count());
        prop_assert_eq!(window.sum(), expected.sum());
        prop_assert_eq!(window.saturated(), expected.saturated());
        prop_assert!(window.buckets().eq(expected.buckets()));
        if let (Some(low), Some(high)) = (expected.min(), expected.max()) {
            let bucket_of = |value| expected.buckets().find(|bucket| (bucket.low..=bucket.high).contains(&value)).unwrap();
            prop_assert!(window.min().unwrap() <= low && window.min().unwrap() >= bucket_of(low).low);
            prop_assert!(window.max().unwrap() >= high && window.max().unwrap() <= bucket_of(high).high);
        } else {
            prop_assert_eq!(window, expected);
        }
    }

    #[test]
    fn what_is_not_an_earlier_state_is_refused_and_changes_nothing(
        values in vec(any_value(), 0..50),
        other in vec(any_value(), 1..50),
    ) {
        let mut histogram: Histogram = values.iter().copied().collect();
        let mut not_earlier = histogram.clone();
        not_earlier.extend(other.iter().copied());
        let before = histogram.clone();
        prop_assert!(matches!(histogram.subtract(&not_earlier), Err(Error::NotEarlier { .. })), "it was taken");
        prop_assert_eq!(histogram, before);
    }

    #[test]
    fn the_quantiles_are_those_of_hdrhistogram(
        values in vec(1_u64..1_000_000_000, 1..300),
        choice in any::<prop::sample::Index>(),
    ) {
        let mut hdr = hdrhistogram::Histogram::<u64>::new_with_bounds(1, 1_000_000_000, 3).unwrap();
        let ours = recorded(1.0 / 2_048.0, 1_000_000_000, &values);
        for &value in &values {
            hdr.record(value).unwrap();
        }
        // In the middle between two ranks, where rounding cannot make the two disagree about the
        // rank.
        let q = (choice.index(values.len()) as f64 + 0.5) / values.len() as f64;
        // hdrhistogram reports the upper end of a bucket that is up to 1/1024 wide.
        let (got, theirs) = (ours.quantile(q).unwrap(), hdr.value_at_quantile(q));
        let tolerance = theirs as f64 * (1.0 / 2_048.0 + 1.0 / 1_024.0) + 1.0;
        prop_assert!(got.abs_diff(theirs) as f64 <= tolerance, "{} and {}", got, theirs);
        prop_assert_eq!(ours.count(), hdr.len());
        prop_assert!((ours.mean().unwrap() / hdr.mean() - 1.0).abs() <= 1.0 / 1_024.0);
    }
}

#[test]
fn an_empty_histogram_has_no_values_to_report() {
    let histogram = Histogram::new();
    assert!(histogram.is_empty());
    assert_eq!(
        (histogram.count(), histogram.sum(), histogram.saturated()),
        (0, 0, 0)
    );
    assert_eq!(
        (histogram.min(), histogram.max(), histogram.mean()),
        (None, None, None)
    );
    assert_eq!(
        (histogram.quantile(0.5), histogram.quantiles(&[0.1, 0.9])),
        (None, None)
    );
    assert_eq!(histogram.quantiles(&[]), None);
    assert_eq!(histogram.buckets().count(), 0);
}

#[test]
fn a_rank_that_rounding_lifts_above_a_whole_number_is_that_number() {
    // 0.07 * 100.0 is 7.000000000000001.
    let histogram = recorded(1.0 / 256.0, u64::MAX, &(1..=100).collect::<Vec<_>>());
    for percent in 1..=100_u32 {
        assert_eq!(
            histogram.quantile(f64::from(percent) / 100.0),
            Some(u64::from(percent))
        );
    }
}

#[test]
fn the_default_fits_twenty_kibibytes() {
    assert!(Histogram::new().size_bytes() <= 20 * 1024);
    assert_eq!(Histogram::new().relative_error(), 0.015625);
}

#[test]
fn unlike_histograms_are_neither_merged_nor_subtracted() {
    let coarse = recorded(0.5, u64::MAX, &[1]);
    let short = recorded(1.0 / 64.0, 1_000, &[1]);
    let mut histogram = recorded(1.0 / 64.0, u64::MAX, &[1, 2]);
    let before = histogram.clone();
    for other in [coarse, short] {
        assert!(matches!(
            histogram.merge(&other),
            Err(Error::LayoutMismatch { .. })
        ));
        assert!(matches!(
            histogram.subtract(&other),
            Err(Error::LayoutMismatch { .. })
        ));
    }
    assert_eq!(histogram, before);
}

#[test]
fn a_smaller_sum_is_noticed_in_the_same_buckets() {
    // 1000 and 1001 share a bucket.
    let mut histogram: Histogram = [1_000].into_iter().collect();
    let other: Histogram = [1_001].into_iter().collect();
    assert!(matches!(
        histogram.subtract(&other),
        Err(Error::NotEarlier { what: "sum", .. })
    ));
}

#[test]
#[should_panic(expected = "quantile 1.1 is not between 0.0 and 1.0")]
fn a_quantile_above_one_is_a_bug_of_the_caller() {
    let _ = Histogram::new().quantile(1.1);
}

#[test]
#[should_panic(expected = "quantile NaN is not between 0.0 and 1.0")]
fn a_quantile_that_is_not_a_number_is_a_bug_of_the_caller() {
    let _ = Histogram::new().quantiles(&[0.5, f64::NAN]);
}
