//! Reference values of NumPy 2.4.6 and SciPy 1.17.1.

use super::*;

#[test]
fn it_describes_as_numpy_does() {
    let summary = Summary::of(&[
        12.1, 14.3, 11.8, 15.2, 13.9, 12.7, 40.5, 13.3, 12.9, 14.8, 13.1, 12.2,
    ])
    .unwrap();
    let close = |got: f64, expected: f64| {
        assert!(
            (got - expected).abs() <= 4.0 * f64::EPSILON * expected,
            "{got} and not {expected}"
        );
    };
    assert_eq!(summary.count, 12);
    close(summary.mean, 15.566_666_666_666_668);
    close(summary.sd, 7.925_027_482_984_56);
    close(summary.min, 11.8);
    close(summary.q1, 12.575);
    close(summary.median, 13.2);
    close(summary.q3, 14.425);
    close(summary.max, 40.5);
    close(summary.mad, 1.05);
    // scipy.stats.median_abs_deviation(sample, scale="normal")
    close(summary.robust_sd(), 1.556_732_329_430_881_7);
}

#[test]
fn a_large_offset_leaves_the_deviation_exact() {
    // The textbook sum of squares gives 0 or worse here (Chan, Golub and LeVeque 1983).
    let summary = Summary::of(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]).unwrap();
    assert_eq!(summary.sd, 30_f64.sqrt());
}

#[test]
fn the_largest_values_have_a_summary() {
    let max = f64::MAX;
    let equal = Summary::of(&[max, max]).unwrap();
    assert_eq!((equal.mean, equal.sd, equal.mad), (max, 0.0, 0.0));
    let apart = Summary::of(&[max, max, -max]).unwrap();
    assert!((apart.mean / max - 1.0 / 3.0).abs() < 1e-15, "{apart:?}");
    assert_eq!((apart.sd, apart.mad), (f64::INFINITY, 0.0));
    assert_eq!((apart.q1, apart.median, apart.q3), (0.0, max, max));
}

#[test]
fn one_value_has_no_spread() {
    let summary = Summary::of(&[3.5]).unwrap();
    assert_eq!((summary.sd, summary.mad, summary.iqr()), (0.0, 0.0, 0.0));
    assert_eq!(
        (
            summary.min,
            summary.q1,
            summary.median,
            summary.q3,
            summary.max
        ),
        (3.5, 3.5, 3.5, 3.5, 3.5)
    );
}

#[test]
fn wrong_samples_are_errors() {
    assert_eq!(Summary::of(&[]), Err(Error::TooFew { needed: 1, got: 0 }));
    assert_eq!(
        Summary::of(&[1.0, 2.0, f64::NEG_INFINITY]),
        Err(Error::NotFinite {
            index: 2,
            value: f64::NEG_INFINITY
        })
    );
}
