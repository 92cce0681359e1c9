//! The layout from inside, and a histogram that is full.

use super::{layout::HistogramLayout as Layout, *};

const PRECISIONS: [u32; 9] = [0, 1, 2, 3, 5, 8, 11, 13, 16];

#[test]
fn buckets_follow_each_other_without_gap_up_to_the_largest_value() {
    for bits in PRECISIONS {
        let layout = Layout::new(bits, u64::MAX);
        let mut next = Some(0);
        for index in 0..layout.len() {
            let (low, high) = layout.bounds(index);
            assert_eq!(Some(low), next, "bucket {index} of {bits} bits");
            assert_eq!((layout.index(low), layout.index(high)), (index, index));
            next = high.checked_add(1);
        }
        assert_eq!(next, None, "{bits} bits");
    }
}

#[test]
fn no_value_is_further_from_its_midpoint_than_the_relative_error() {
    for bits in PRECISIONS {
        let layout = Layout::new(bits, u64::MAX);
        for index in 0..layout.len() {
            let (low, high) = layout.bounds(index);
            let midpoint = layout.midpoint(index);
            // In whole numbers, because f64 cannot tell large values apart: distance / value <=
            // 2^-(bits + 1).
            for value in [low, high] {
                let distance = u128::from(midpoint.abs_diff(value));
                assert!(
                    distance << (bits + 1) <= u128::from(value),
                    "{value} in bucket {index} of {bits} bits"
                );
            }
        }
    }
}

#[test]
fn the_default_takes_1920_buckets() {
    assert_eq!(Layout::DEFAULT.len(), 1_920);
    assert_eq!(
        Layout::DEFAULT,
        Layout::for_options(1.0 / 64.0, u64::MAX).unwrap()
    );
}

#[test]
fn a_limited_layout_has_one_more_bucket_for_everything_above() {
    for bits in PRECISIONS {
        for max_value in [0, 1, 2, 63, 64, 1_000, 1_000_000, u64::MAX / 3] {
            let layout = Layout::new(bits, max_value);
            assert!(layout.max_value() >= max_value);
            let overflow = layout.overflow_index().unwrap();
            assert_eq!(overflow, layout.len() - 1);
            assert_eq!(layout.index(layout.max_value()), overflow - 1);
            assert_eq!(layout.index(layout.max_value() + 1), overflow);
            assert!(layout.index(u64::MAX) >= overflow);
            assert_eq!(layout.bounds(overflow), (layout.max_value() + 1, u64::MAX));
            // What it was rounded to is rounded to itself.
            assert_eq!(Layout::new(bits, layout.max_value()), layout);
        }
    }
}

#[test]
fn the_coarsest_layout_that_is_exact_enough_is_chosen() {
    let error = |wanted| {
        Layout::for_options(wanted, u64::MAX)
            .unwrap()
            .relative_error()
    };
    assert_eq!(error(0.5), 0.5);
    assert_eq!(error(0.499), 0.25);
    assert_eq!(error(0.0156), 1.0 / 128.0);
    assert_eq!(error(2_f64.powi(-17)), 2_f64.powi(-17));
    for wrong in [0.0, 2_f64.powi(-18), 0.51, -0.1, f64::NAN, f64::INFINITY] {
        assert!(
            matches!(Layout::for_options(wrong, 1), Err(Error::OutOfRange { .. })),
            "{wrong}"
        );
    }
}

#[test]
fn a_full_histogram_counts_what_it_leaves_out() {
    let mut histogram = Histogram::new();
    histogram.record_n(u64::MAX, u64::MAX - 1);
    histogram.record(3);
    assert_eq!((histogram.count(), histogram.saturated()), (u64::MAX, 0));
    let full = histogram.clone();

    histogram.record(0);
    histogram.record_n(0, 7);
    assert_eq!((histogram.count(), histogram.saturated()), (u64::MAX, 8));
    assert_eq!(
        (histogram.min(), histogram.max()),
        (Some(3), Some(u64::MAX))
    );
    assert_eq!(
        histogram.sum(),
        u128::from(u64::MAX) * u128::from(u64::MAX - 1) + 3
    );
    assert_eq!(histogram.quantile(0.5), Some(u64::MAX - (1 << 57)));

    histogram.record_n(0, u64::MAX);
    assert_eq!(histogram.saturated(), u64::MAX);
    histogram.subtract(&full).unwrap();
    assert_eq!((histogram.count(), histogram.saturated()), (0, u64::MAX));
}

#[test]
fn the_maximum_of_any_number_of_values_is_the_last_quantile() {
    for below in [
        (1 << 49) - 1,
        1 << 50,
        1 << 53,
        (1 << 62) + 12_345,
        u64::MAX - 1,
    ] {
        let mut histogram = Histogram::new();
        histogram.record_n(1, below);
        histogram.record(1_000);
        assert_eq!(histogram.quantile(1.0), Some(1_000), "{below}");
        // One value in 2⁴⁹ or more: all ranks but the last are below it.
        let [near, last] = histogram.quantiles(&[0.999_999, 1.0]).unwrap();
        assert_eq!((near, last), (1, 1_000), "{below}");
    }
    // From 2⁵³ on the largest part below 1.0 is more than a rank away from it.
    let mut histogram = Histogram::new();
    histogram.record_n(1, 1 << 54);
    histogram.record(1_000);
    assert_eq!(histogram.quantile(1.0_f64.next_down()), Some(1));
}

#[test]
fn part_of_a_batch_that_does_not_fit_is_counted_as_saturated() {
    let mut histogram = Histogram::new();
    histogram.record_n(1, u64::MAX - 2);
    histogram.record_n(2, 5);
    assert_eq!((histogram.count(), histogram.saturated()), (u64::MAX, 3));
    assert_eq!(histogram.sum(), u128::from(u64::MAX) + 2);
    histogram.record_n(2, 0);
    assert_eq!(histogram.saturated(), 3);
}

#[test]
fn two_full_histograms_cannot_be_merged() {
    let mut histogram = Histogram::new();
    histogram.record_n(1, u64::MAX);
    let before = histogram.clone();
    assert!(matches!(
        histogram.merge(&before),
        Err(Error::OutOfRange {
            option: "count",
            ..
        })
    ));
    assert_eq!(histogram, before);
}
