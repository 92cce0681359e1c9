//! Tests of the inside.

use super::spread::half_width;

/// Values whose mean, deviation and interval are in textbooks' tables: t(19, 0.975) = 2.093.
#[test]
fn half_widths_are_those_of_student() {
    let twenty: Vec<f64> = (0..20).map(f64::from).collect();
    // The variance of 0 to 19 is 35.
    let expected = 2.093 * (35.0_f64 / 20.0).sqrt();
    assert!((half_width(&twenty) - expected).abs() < 1e-9);
    let four = [1.0, 2.0, 3.0, 4.0];
    let expected = 3.182 * (5.0_f64 / 3.0 / 4.0).sqrt();
    assert!((half_width(&four) - expected).abs() < 1e-9);
    assert_eq!(half_width(&[3.0]), 0.0);
    assert_eq!(half_width(&[3.0; 20]), 0.0);
}
