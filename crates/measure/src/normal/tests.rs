//! Reference values of SciPy 1.17.1 (`scipy.special.ndtr` and `ndtri`).

use super::*;

fn assert_close(got: f64, expected: f64, at: f64) {
    assert!(
        (got - expected).abs() <= 1e-13 * expected.abs(),
        "at {at}: {got:e} and not {expected:e}"
    );
}

#[test]
fn the_distribution_is_scipys() {
    for (z, p) in [
        (-37.5, 4.605353009581954e-308),
        (-20.0, 2.7536241186061556e-89),
        (-8.0, 6.22096057427174e-16),
        (-5.0, 2.866515718791933e-7),
        (-3.0001, 0.0013494549132607172),
        (-3.0, 0.0013498980316300933),
        (-2.9999, 0.001350341282954925),
        (-1.96, 0.024997895148220435),
        (-1.0, 0.15865525393145707),
        (-0.5, 0.3085375387259869),
        (-0.001, 0.49960105778608893),
        (0.0, 0.5),
        (0.7, 0.758036347776927),
        (1.0, 0.8413447460685429),
        (2.5, 0.9937903346742238),
        (3.0, 0.9986501019683699),
        (5.0, 0.9999997133484281),
        (8.5, 1.0),
    ] {
        assert_close(normal_cdf(z), p, z);
    }
}

#[test]
fn the_quantiles_are_scipys() {
    for (p, z) in [
        (1e-300, -37.0470962993612),
        (2.3e-308, -37.51849724501229),
        (1e-100, -21.273453560965322),
        (1e-16, -8.222082216130435),
        (1e-8, -5.612001244174789),
        (0.001, -3.090232306167813),
        (0.02, -2.053748910631823),
        (0.02425, -1.972961051311885),
        (0.024251, -1.9729434985927776),
        (0.1, -1.2815515655446004),
        (0.25, -0.6744897501960817),
        (0.3, -0.5244005127080409),
        (0.6, 0.2533471031357997),
        (0.9, 1.2815515655446004),
        (0.975, 1.959963984540054),
        (0.999, 3.090232306167813),
        (1.0 - 1e-10, 6.361340889697422),
    ] {
        assert_close(normal_quantile(p), z, p);
    }
}

#[test]
fn the_ends_are_infinite_and_nonsense_is_nan() {
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(0.5), 0.0);
    // The approximation alone: refining it would overflow.
    assert!((normal_quantile(5e-324) / -38.467405617144344 - 1.0).abs() < 1e-8);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    assert!(normal_quantile(-0.1).is_nan());
    assert!(normal_quantile(1.1).is_nan());
    assert!(normal_quantile(f64::NAN).is_nan());
    assert_eq!(normal_cdf(f64::NEG_INFINITY), 0.0);
    assert_eq!(normal_cdf(f64::INFINITY), 1.0);
    assert!(normal_cdf(f64::NAN).is_nan());
}

#[test]
fn the_two_are_inverse() {
    for step in 1..1_000 {
        let p = f64::from(step) / 1_000.0;
        assert_close(normal_cdf(normal_quantile(p)), p, p);
    }
}
