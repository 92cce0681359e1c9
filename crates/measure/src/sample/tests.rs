//! Reference values of NumPy 2.4.6 (`numpy.quantile`) and SciPy 1.17.1
//! (`scipy.stats.median_abs_deviation`).

use super::*;

const SAMPLE: [f64; 12] = [
    12.1, 14.3, 11.8, 15.2, 13.9, 12.7, 40.5, 13.3, 12.9, 14.8, 13.1, 12.2,
];

#[test]
fn quantiles_are_numpys() {
    let expected = [
        (0.0, 11.8),
        (0.05, 11.965),
        (0.25, 12.575),
        (0.5, 13.2),
        (0.75, 14.425),
        (0.9, 15.16),
        (0.99, 37.717_000_000_000_01),
        (1.0, 40.5),
    ];
    for (q, value) in expected {
        let got = quantile(&SAMPLE, q).unwrap();
        assert!(
            (got - value).abs() <= 1e-14 * value,
            "{q}: {got} and not {value}"
        );
    }
}

#[test]
fn median_and_mad_are_scipys() {
    assert_eq!(median(&SAMPLE), Ok(13.2));
    assert!((mad(&SAMPLE).unwrap() - 1.05).abs() < 1e-15);
}

#[test]
fn the_mean_loses_nothing_to_a_large_offset() {
    // The naive sum of these is off by 2⁻¹ after 10⁶ values.
    let sample: Vec<f64> = (0..1_000_000)
        .map(|i| 1e12 + f64::from(i % 4) * 0.1)
        .collect();
    assert_eq!(mean(&sample), Ok(1e12 + 0.15));
}

#[test]
fn a_sum_that_overflows_has_a_mean() {
    let max = f64::MAX;
    assert_eq!(mean(&[max, max]), Ok(max));
    assert_eq!(mean(&[-max; 1_001]), Ok(-max));
    assert_eq!(mean(&[max, max, -max, -max]), Ok(0.0));
    assert_eq!(mean(&[max, 0.0, max, 0.0]), Ok(max / 2.0));
    // Here the sum is finite, and the distance from the mean is not.
    let third = mean(&[max, -max, -max]).unwrap();
    assert!((third / max + 1.0 / 3.0).abs() < 1e-15, "{third}");
}

#[test]
fn quantiles_between_distant_neighbours_lie_between_them() {
    let sorted = [-f64::MAX, f64::MAX];
    for (q, part) in [(0.25, -0.5), (0.5, 0.0), (0.75, 0.5)] {
        let value = quantile_sorted(&sorted, q);
        assert!((value / f64::MAX - part).abs() < 1e-15, "{q}: {value}");
    }
}

#[test]
fn wrong_samples_are_named() {
    assert_eq!(median(&[]), Err(Error::TooFew { needed: 1, got: 0 }));
    assert_eq!(
        mad(&[0.0, f64::INFINITY]),
        Err(Error::NotFinite {
            index: 1,
            value: f64::INFINITY
        })
    );
    assert!(matches!(
        quantile(&[1.0], 1.5),
        Err(Error::OutOfRange { value: 1.5, .. })
    ));
    assert!(matches!(
        quantile(&[1.0], f64::NAN),
        Err(Error::OutOfRange { .. })
    ));
}

#[test]
fn the_versions_without_checks_answer_nan() {
    assert!(median_in_place(&mut []).is_nan());
    assert!(quantile_in_place(&mut [], 0.5).is_nan());
    assert!(quantile_in_place(&mut [1.0], -0.1).is_nan());
    assert!(quantile_sorted(&[], 0.5).is_nan());
    assert!(quantile_sorted(&[1.0], f64::NAN).is_nan());
}
