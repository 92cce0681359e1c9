//! The versions of `vectorisable` agree.

use proptest::prelude::*;
use tuneup_benches::cookbook::vectorisable::{
    all_below_blocks, all_below_early, dot_in_lanes, dot_in_order, input,
};

#[test]
fn nothing_one_pair_and_different_lengths() {
    for version in [dot_in_order, dot_in_lanes] {
        assert_eq!(version(&[], &[]), 0.0);
        assert_eq!(version(&[3.0], &[2.0]), 6.0);
        assert_eq!(version(&[1.0; 40], &[1.0; 33]), 33.0);
    }
    for version in [all_below_early, all_below_blocks] {
        assert!(version(&[], 0));
        assert!(version(&[4], 5));
        assert!(!version(&[5], 5));
    }
}

#[test]
fn one_high_value_is_seen_wherever_it_is() {
    for place in [0, 1, 127, 128, 129, 255, 299] {
        let mut values = vec![0; 300];
        values[place] = 10;
        for version in [all_below_early, all_below_blocks] {
            assert!(!version(&values, 10), "at {place}");
            assert!(version(&values, 11), "at {place}");
        }
    }
}

#[test]
fn the_largest_input_is_added_without_rounding() {
    let (a, b) = input(32_768);
    let exact: u32 = a.iter().zip(&b).map(|(x, y)| (x * y) as u32).sum();
    assert_eq!(dot_in_order(&a, &b), exact as f32);
    assert_eq!(dot_in_lanes(&a, &b), exact as f32);
}

proptest! {
    #[test]
    fn agree_with_whole_numbers(pairs in prop::collection::vec((0_u8..100, 0_u8..100), 0..70)) {
        let expected: u32 = pairs.iter().map(|(x, y)| u32::from(*x) * u32::from(*y)).sum();
        let (a, b): (Vec<f32>, Vec<f32>) = pairs.iter().map(|(x, y)| (f32::from(*x), f32::from(*y))).unzip();
        prop_assert_eq!(dot_in_order(&a, &b), expected as f32);
        prop_assert_eq!(dot_in_lanes(&a, &b), expected as f32);
    }

    #[test]
    fn agree_with_the_highest(values in prop::collection::vec(0_u16..50, 0..300), limit in 0_u16..60) {
        let expected = values.iter().max().is_none_or(|highest| *highest < limit);
        prop_assert_eq!(all_below_early(&values, limit), expected);
        prop_assert_eq!(all_below_blocks(&values, limit), expected);
    }
}
