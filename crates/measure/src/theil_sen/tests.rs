//! Reference values of SciPy 1.17.1 (`scipy.stats.theilslopes`, method "separate").

use super::*;

fn assert_line(line: &TheilSen, expected: [f64; 4]) {
    let got = [
        line.slope.estimate,
        line.intercept,
        line.slope.low,
        line.slope.high,
    ];
    for (got, expected) in got.iter().zip(expected) {
        assert!(
            (got - expected).abs() <= 1e-14 * expected.abs().max(1.0),
            "{got} and not {expected}"
        );
    }
}

const X: [f64; 12] = [
    1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0,
];
const Y: [f64; 12] = [
    2.3, 4.1, 5.8, 8.4, 9.7, 12.2, 13.9, 40.0, 18.3, 19.9, 22.4, -3.0,
];

#[test]
fn the_line_and_its_interval_are_scipys() {
    let line = TheilSen::fit(&X, &Y).unwrap();
    assert_line(
        &line,
        [
            1.9899999999999998,
            -1.9849999999999994,
            1.75,
            2.0749999999999997,
        ],
    );
    assert_eq!(
        (line.pairs, line.all_pairs, line.slope.confidence),
        (66, true, 0.95)
    );
    let line = TheilSen::fit_with_confidence(&X, &Y, 0.9).unwrap();
    assert_line(
        &line,
        [
            1.9899999999999998,
            -1.9849999999999994,
            1.8333333333333333,
            2.04,
        ],
    );
}

#[test]
fn ties_are_corrected_for() {
    let x = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0];
    let y = [1.0, 1.2, 2.0, 2.0, 3.1, 2.9, 4.0, 4.4, 5.2, 5.0];
    let line = TheilSen::fit(&x, &y).unwrap();
    assert_line(&line, [1.0, 0.0, 0.9333333333333332, 1.1]);
    assert_eq!(line.pairs, 40);
}

/// A line of slope 3 with noise of about ±50 from a fixed sequence.
fn noisy_line(n: u32) -> (Vec<f64>, Vec<f64>) {
    let mut random = Random::from_seed(11);
    (0..n)
        .map(|i| {
            let noise = random.below(1_001) as f64 / 10.0 - 50.0;
            (f64::from(i), 3.0 * f64::from(i) + 100.0 + noise)
        })
        .unzip()
}

#[test]
fn all_pairs_are_used_up_to_a_thousand_points() {
    let (x, y) = noisy_line(1_000);
    let line = TheilSen::fit(&x, &y).unwrap();
    assert_eq!((line.pairs, line.all_pairs), (499_500, true));
}

#[test]
fn beyond_pairs_are_drawn_and_the_answer_repeats() {
    let (x, y) = noisy_line(1_500);
    let line = TheilSen::fit(&x, &y).unwrap();
    assert_eq!((line.pairs, line.all_pairs), (499_500, false));
    assert_eq!(line, TheilSen::fit(&x, &y).unwrap());

    let mut slopes = all_slopes(&x, &y);
    let exact = sample::median_in_place(&mut slopes);
    let (low, high) = interval(&mut slopes, &x, &y, 0.95, true);
    assert!(line.slope.contains(exact), "{line:?} and not {exact}");
    assert!(
        line.slope.width() > high - low,
        "{line:?} and {low} to {high}"
    );
    assert!(
        line.slope.width() < 2.0 * (high - low),
        "{line:?} and {low} to {high}"
    );
}

#[test]
fn a_perfect_line_has_no_width() {
    let line = TheilSen::fit(&X, &X.map(|x| 4.0 - 0.5 * x)).unwrap();
    assert_line(&line, [-0.5, 4.0, -0.5, -0.5]);
    assert_eq!(line.at(100.0), -46.0);
}

#[test]
fn what_has_no_slope_is_an_error() {
    assert_eq!(
        TheilSen::fit(&[1.0, 2.0], &[1.0]),
        Err(Error::LengthMismatch { left: 2, right: 1 })
    );
    assert_eq!(
        TheilSen::fit(&[1.0], &[1.0]),
        Err(Error::TooFew { needed: 2, got: 1 })
    );
    assert_eq!(TheilSen::fit(&[2.0; 9], &[1.0; 9]), Err(Error::NoSlope));
    assert_eq!(
        TheilSen::fit(&[2.0; 2_000], &[1.0; 2_000]),
        Err(Error::NoSlope)
    );
    assert!(matches!(
        TheilSen::fit(&[1.0, 2.0], &[0.0, f64::NAN]),
        Err(Error::NotFinite { index: 1, .. })
    ));
    for confidence in [0.0, 1.0, -1.0, 95.0, f64::NAN] {
        let result = TheilSen::fit_with_confidence(&X, &Y, confidence);
        assert!(
            matches!(result, Err(Error::OutOfRange { .. })),
            "{confidence}"
        );
    }
}
