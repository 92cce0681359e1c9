//! Reference values of SciPy 1.17.1 (`scipy.stats.mannwhitneyu`, two-sided), and enumeration.

use super::*;

fn assert_close(got: f64, expected: f64) {
    assert!(
        (got - expected).abs() <= 1e-12 * expected,
        "{got} and not {expected}"
    );
}

const X: [f64; 7] = [19.8, 20.5, 21.1, 18.7, 22.4, 20.9, 19.2];
const Y: [f64; 6] = [21.5, 23.0, 22.8, 24.1, 20.7, 25.2];

#[test]
fn a_small_sample_has_the_exact_p_value() {
    let result = mann_whitney_u(&X, &Y).unwrap();
    assert_eq!((result.u, result.method), (4.0, PValueMethod::Exact));
    // method="exact"
    assert_close(result.p_value, 0.013986013986013986);
    assert_close(result.effect, 4.0 / 42.0);
    // method="asymptotic" gives p = 0.01841616057630396.
    assert_close(2.0 * normal_cdf(result.z), 0.01841616057630396);
}

#[test]
fn ties_take_the_corrected_approximation() {
    let x = [1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 6.0, 7.0];
    let y = [2.0, 3.0, 5.0, 6.0, 6.0, 7.0, 8.0, 8.0, 9.0];
    let result = mann_whitney_u(&x, &y).unwrap();
    assert_eq!((result.u, result.method), (21.5, PValueMethod::Normal));
    assert_close(result.p_value, 0.05802861794564839);
}

#[test]
fn the_method_changes_at_four_hundred_pairs() {
    let sample = |n: u32, shift: f64| (0..n).map(|i| f64::from(2 * i) + shift).collect::<Vec<_>>();
    let result = mann_whitney_u(&sample(20, 0.0), &sample(20, 5.5)).unwrap();
    assert_eq!((result.u, result.method), (153.0, PValueMethod::Exact));
    assert_close(result.p_value, 0.21096432724812078);

    let result = mann_whitney_u(&sample(21, 0.0), &sample(21, 5.5)).unwrap();
    assert_eq!((result.u, result.method), (171.0, PValueMethod::Normal));
    assert_close(result.p_value, 0.2177133653142379);
}

#[test]
fn exchanging_the_samples_exchanges_the_sign() {
    let there = mann_whitney_u(&X, &Y).unwrap();
    let back = mann_whitney_u(&Y, &X).unwrap();
    assert_eq!(
        (back.u, back.z, back.p_value),
        (42.0 - there.u, -there.z, there.p_value)
    );
}

#[test]
fn equal_values_show_no_difference() {
    let result = mann_whitney_u(&[3.0; 5], &[3.0; 8]).unwrap();
    assert_eq!((result.z, result.p_value, result.effect), (0.0, 1.0, 0.5));
    let single = mann_whitney_u(&[1.0], &[2.0]).unwrap();
    assert_eq!((single.p_value, single.method), (1.0, PValueMethod::Exact));
}

/// Every way to choose the ranks of the first sample, for all small sizes.
#[test]
fn the_exact_tail_is_what_enumeration_counts() {
    for n1 in 1..=5_usize {
        for n2 in 1..=5_usize {
            let mut counts = vec![0_u32; n1 * n2 + 1];
            let choices = (0_u32..1 << (n1 + n2)).filter(|bits| bits.count_ones() as usize == n1);
            for choice in choices {
                let ranks = (0..n1 + n2).filter(|bit| choice >> bit & 1 == 1);
                let u = ranks.sum::<usize>() - n1 * (n1 - 1) / 2;
                counts[u] += 1;
            }
            let all = f64::from(counts.iter().sum::<u32>());
            for u in 0..counts.len() {
                let expected = f64::from(counts[..=u].iter().sum::<u32>()) / all;
                assert_close(exact_tail(n1, n2, u), expected);
            }
        }
    }
}

#[test]
fn wrong_samples_are_errors() {
    assert_eq!(
        mann_whitney_u(&[], &[1.0]),
        Err(Error::TooFew { needed: 1, got: 0 })
    );
    assert!(matches!(
        mann_whitney_u(&[1.0], &[2.0, f64::NAN]),
        Err(Error::NotFinite { index: 1, .. })
    ));
}
