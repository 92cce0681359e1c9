//! Reference intervals of SciPy 1.17.1 (`scipy.stats.bootstrap` with 200 000 resamples, five
//! seeds): the generators differ, so that the ends agree within a few of their standard errors.
//! What the formulas do with given resamples is checked exactly.

use super::*;

/// Average LSAT scores of 15 law schools (Efron and Tibshirani 1993, table 3.1).
const LAW: [f64; 15] = [
    576.0, 635.0, 558.0, 578.0, 666.0, 580.0, 555.0, 661.0, 651.0, 605.0, 653.0, 575.0, 545.0,
    572.0, 594.0,
];

fn mean(values: &mut [f64]) -> f64 {
    sample::mean_of(values)
}

fn sd(values: &mut [f64]) -> f64 {
    let mean = sample::mean_of(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

fn many() -> Bootstrap {
    Bootstrap::builder().resamples(30_000).build().unwrap()
}

fn assert_ends(interval: Interval, low: f64, high: f64, tolerance: f64) {
    assert!(
        (interval.low - low).abs() < tolerance,
        "{interval} and not {low} to {high}"
    );
    assert!(
        (interval.high - high).abs() < tolerance,
        "{interval} and not {low} to {high}"
    );
}

#[test]
fn the_percentile_interval_is_scipys() {
    assert_ends(many().percentile(&LAW, mean).unwrap(), 580.48, 621.21, 0.8);
    assert_ends(many().percentile(&LAW, sd).unwrap(), 28.758, 48.312, 0.8);
}

#[test]
fn the_bca_interval_is_scipys() {
    assert_ends(many().bca(&LAW, mean).unwrap(), 581.43, 622.43, 0.8);
    assert_ends(many().bca(&LAW, sd).unwrap(), 33.461, 50.676, 0.8);
    // numpy.exp(numpy.linspace(-2, 3, 25)): skewed, so that the correction shows.
    let skewed: Vec<f64> = (0..25)
        .map(|i| (-2.0 + 5.0 * f64::from(i) / 24.0).exp())
        .collect();
    assert_ends(
        many().percentile(&skewed, mean).unwrap(),
        2.3066,
        6.5181,
        0.1,
    );
    assert_ends(many().bca(&skewed, mean).unwrap(), 2.5326, 6.9454, 0.15);
}

#[test]
fn a_median_keeps_to_the_sample() {
    let interval = many().bca(&LAW, crate::median_in_place).unwrap();
    assert_eq!(
        (interval.low, interval.estimate, interval.high),
        (575.0, 580.0, 651.0)
    );
}

#[test]
fn the_same_seed_gives_the_same_interval_and_another_one_does_not() {
    let with_seed = |seed| {
        let bootstrap = Bootstrap::builder().seed(seed).build().unwrap();
        bootstrap.bca(&LAW, mean).unwrap()
    };
    assert_eq!(with_seed(1), with_seed(1));
    assert_ne!(with_seed(1), with_seed(2));
}

#[test]
fn without_bias_and_skew_nothing_is_corrected() {
    let replicates: Vec<f64> = (0..=1_000).map(f64::from).collect();
    let (low, high) = corrected_tails(500.0, &replicates, 0.0, 0.025);
    assert!(
        (low - 0.025).abs() < 1e-14 && (high - 0.975).abs() < 1e-14,
        "{low} {high}"
    );
}

/// Efron (1987), formula 6.8, written out.
#[test]
fn bias_and_skew_move_both_ends_up() {
    let replicates: Vec<f64> = (0..1_000).map(|i| f64::from(i) + 0.5).collect();
    let (low, high) = corrected_tails(600.0, &replicates, 0.05, 0.025);
    let z0 = normal_quantile(0.6);
    let expected = |z: f64| normal_cdf(z0 + (z0 + z) / (1.0 - 0.05 * (z0 + z)));
    let z = 1.959_963_984_540_054;
    assert!(
        (low - expected(-z)).abs() < 1e-14 && (high - expected(z)).abs() < 1e-14,
        "{low} {high}"
    );
}

#[test]
fn a_correction_that_passes_infinity_reads_the_outermost_replicate() {
    let replicates: Vec<f64> = (0..1_000).map(|i| f64::from(i) + 0.5).collect();
    assert_eq!(corrected_tails(500.0, &replicates, 0.6, 0.025).1, 1.0);
    assert_eq!(corrected_tails(500.0, &replicates, -0.6, 0.025).0, 0.0);
}

#[test]
fn a_bias_without_bound_leaves_the_percentile_interval() {
    assert_eq!(
        corrected_tails(5.0, &[1.0, 2.0, 3.0], 0.1, 0.05),
        (0.05, 0.95)
    );
}

#[test]
fn equal_values_have_an_interval_without_width() {
    let interval = Bootstrap::new()
        .bca(&[4.0; 6], crate::median_in_place)
        .unwrap();
    assert_eq!(interval, Interval::new(4.0, 4.0, 4.0, 0.95));
}

/// The jackknife of the mean leaves the skewness of the sample itself: Σd³ / (6 (Σd²)^1.5) with d =
/// (x − mean) / (n − 1).
#[test]
fn the_acceleration_of_a_mean_is_its_skewness() {
    let sample = [1.0, 2.0, 4.0, 8.0, 16.0];
    let deviations = sample.map(|value| value - 6.2);
    let squares: f64 = deviations.iter().map(|d| d * d).sum();
    let cubes: f64 = deviations.iter().map(|d| d * d * d).sum();
    let expected = cubes / (6.0 * squares.powf(1.5));
    let got = acceleration(&sample, &mut mean).unwrap();
    assert!((got - expected).abs() < 1e-14, "{got} and not {expected}");
}

#[test]
fn what_cannot_be_resampled_is_an_error() {
    let bootstrap = Bootstrap::new();
    assert_eq!(
        bootstrap.percentile(&[], mean),
        Err(Error::TooFew { needed: 1, got: 0 })
    );
    assert_eq!(
        bootstrap.bca(&[1.0], mean),
        Err(Error::TooFew { needed: 2, got: 1 })
    );
    assert!(matches!(
        bootstrap.bca(&[1.0, f64::NAN], mean),
        Err(Error::NotFinite { index: 1, .. })
    ));
    assert!(matches!(
        bootstrap.percentile(&[1.0, 2.0], |_| f64::NAN),
        Err(Error::NotFinite { .. })
    ));
}

#[test]
fn options_are_checked() {
    let wrong = [
        Bootstrap::builder().resamples(0),
        Bootstrap::builder().resamples(10_000_001),
        Bootstrap::builder().confidence(0.0),
        Bootstrap::builder().confidence(1.0),
        Bootstrap::builder().confidence(f64::NAN),
    ];
    for builder in wrong {
        assert!(
            matches!(builder.clone().build(), Err(Error::OutOfRange { .. })),
            "{builder:?}"
        );
    }
}
