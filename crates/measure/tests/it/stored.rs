//! Data that is stored and read back, whole and damaged.

use proptest::{collection::vec, prelude::*};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, from_str, from_value, json, to_string, to_value};
use tuneup_measure::{
    AtomicHistogram, Bytes, ClockSource, Histogram, Interval, MannWhitney, Outliers, Percent, Rate,
    Scale, Summary, TheilSen, Ticks, mann_whitney_u, outliers,
};

fn assert_kept<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    assert_eq!(&from_str::<T>(&to_string(value).unwrap()).unwrap(), value);
}

proptest! {
    #[test]
    fn a_histogram_is_read_back_as_it_was(
        values in vec((0_u32..64, any::<u64>()).prop_map(|(shift, value)| value >> shift), 0..100),
        max_value in any::<u64>(),
    ) {
        let mut histogram = Histogram::builder().max_value(max_value).build().unwrap();
        histogram.extend(values.iter().copied());
        assert_kept(&histogram);
        let half = values.len() / 2;
        let mut earlier = Histogram::builder().max_value(max_value).build().unwrap();
        earlier.extend(values[..half].iter().copied());
        histogram.subtract(&earlier).unwrap();
        assert_kept(&histogram);
    }
}

#[test]
fn full_and_estimated_histograms_are_read_back() {
    let mut full = Histogram::new();
    full.record_n(u64::MAX, u64::MAX);
    full.record(1);
    assert_kept(&full);
    let atomic = AtomicHistogram::new();
    atomic.record(1_001);
    assert_kept(&atomic.snapshot());
}

fn stored() -> Value {
    to_value([3_u64, 1_000, 70_000].into_iter().collect::<Histogram>()).unwrap()
}

#[test]
fn the_form_is_sparse_and_has_no_number_beyond_64_bits() {
    let expected = json!({
        "sub_bucket_bits": 5, "max_value": u64::MAX, "min": 3, "max": 70_000,
        "sum_high": 0, "sum_low": 71_003, "sum_is_exact": true, "dropped": 0,
        "buckets": [[3, 1], [190, 1], [386, 1]],
    });
    assert_eq!(stored(), expected);
}

#[test]
fn damage_is_an_error_that_says_what_is_wrong() {
    let layout = "there is no layout";
    let order = "buckets must be in order";
    let ends = "minimum, maximum and sum";
    for (field, value, reason) in [
        ("sub_bucket_bits", json!(17), layout),
        ("sub_bucket_bits", json!(u32::MAX), layout),
        ("max_value", json!(1_000), layout),
        ("max_value", json!(1_007), order),
        ("buckets", json!([[190, 1], [3, 1], [386, 1]]), order),
        ("buckets", json!([[3, 1], [3, 1], [386, 1]]), order),
        ("buckets", json!([[3, 1], [190, 0], [386, 1]]), order),
        ("buckets", json!([[3, 1], [190, 1], [1_920, 1]]), order),
        (
            "buckets",
            json!([[3, u64::MAX], [190, 1], [386, 1]]),
            "add up to more",
        ),
        ("buckets", json!([]), ends),
        ("buckets", json!([[3, 1], [190, 1]]), ends),
        ("min", json!(4), ends),
        ("min", json!(null), ends),
        ("max", json!(69_000), ends),
        ("max", json!(null), ends),
        ("sum_low", json!(60_000), ends),
        ("sum_high", json!(1), ends),
        ("surprise", json!(1), "unknown field"),
    ] {
        let mut damaged = stored();
        damaged[field] = value.clone();
        let error = from_value::<Histogram>(damaged).unwrap_err().to_string();
        assert!(error.contains(reason), "{field} = {value}: {error}");
    }
}

#[test]
fn results_are_read_back() {
    let sample = [1.0, 2.0, 3.5, 7.0];
    assert_kept::<Summary>(&Summary::of(&sample).unwrap());
    assert_kept::<Outliers>(&outliers(&sample).unwrap());
    assert_kept::<TheilSen>(&TheilSen::fit(&sample, &sample).unwrap());
    assert_kept::<MannWhitney>(&mann_whitney_u(&sample, &sample).unwrap());
    assert_kept(&Interval::new(1.0, 2.0, 3.0, 0.95));
    assert_kept(&[Bytes(5)]);
    assert_kept(&[Percent(0.5)]);
    assert_kept(&"1.5 MiB/s".parse::<Rate>().unwrap());
    assert_kept(&Ticks::from_raw(u64::MAX));
    assert_kept(&ClockSource::Tsc);
    assert_kept(&Scale::from_ratio(3, 10).unwrap());
    assert!(
        from_str::<Scale>("[3, 0]")
            .unwrap_err()
            .to_string()
            .contains("number of ticks")
    );
}
