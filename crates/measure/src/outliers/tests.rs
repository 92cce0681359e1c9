//! Fences, and which side of them a value is on.

use super::*;

/// Quartiles 25 and 75, so that the fences are at −125, −50, 150 and 225.
fn fences() -> TukeyFences {
    let values: Vec<f64> = (0..=100).map(f64::from).collect();
    TukeyFences::of(&values).unwrap()
}

#[test]
fn fences_are_one_and_a_half_and_three_ranges_out() {
    let fences = fences();
    let all = [
        fences.severe_low,
        fences.mild_low,
        fences.mild_high,
        fences.severe_high,
    ];
    assert_eq!(all, [-125.0, -50.0, 150.0, 225.0]);
}

#[test]
fn a_value_on_a_fence_is_on_its_inner_side() {
    for (value, kind) in [
        (-125.1, Some(OutlierKind::SevereLow)),
        (-125.0, Some(OutlierKind::MildLow)),
        (-50.1, Some(OutlierKind::MildLow)),
        (-50.0, None),
        (150.0, None),
        (150.1, Some(OutlierKind::MildHigh)),
        (225.0, Some(OutlierKind::MildHigh)),
        (225.1, Some(OutlierKind::SevereHigh)),
    ] {
        assert_eq!(fences().classify(value), kind, "{value}");
    }
}

#[test]
fn each_kind_is_counted() {
    let mut values: Vec<f64> = (0..=100).map(f64::from).collect();
    values.extend([-1_000.0, -1_000.0, -80.0, 190.0, 190.0, 190.0, 1_000.0]);
    let outliers = outliers(&values).unwrap();
    let counts = (
        outliers.severe_low,
        outliers.mild_low,
        outliers.mild_high,
        outliers.severe_high,
    );
    assert_eq!(
        (outliers.count, outliers.total(), counts),
        (108, 7, (2, 1, 3, 1))
    );
}

#[test]
fn equal_values_have_no_outliers_but_what_differs() {
    let outliers = outliers(&[5.0, 5.0, 5.0, 5.0, 5.1]).unwrap();
    assert_eq!((outliers.total(), outliers.severe_high), (1, 1));
}

#[test]
fn wrong_samples_are_errors() {
    assert_eq!(outliers(&[]), Err(Error::TooFew { needed: 1, got: 0 }));
    assert!(matches!(
        outliers(&[f64::NAN]),
        Err(Error::NotFinite { index: 0, .. })
    ));
}
