//! Rounding, and the choice of the unit.

use super::number::{choose, significant, trimmed};

#[test]
fn digits_are_counted_after_rounding() {
    for (value, expected) in [
        (0.0, "0.000"),
        (0.25, "0.250"),
        (1.0, "1.000"),
        (9.9994, "9.999"),
        (9.9996, "10.00"),
        (99.994, "99.99"),
        (99.996, "100.0"),
        (999.94, "999.9"),
        (999.96, "1000"),
        (123_456.0, "123456"),
        (-1.5, "-1.500"),
        (-0.0001, "0.000"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "inf"),
    ] {
        assert_eq!(significant(value, 4), expected);
    }
}

#[test]
fn zeros_at_the_end_are_taken_off_decimals_alone() {
    for (value, expected) in [
        (0.0, "0"),
        (1.5, "1.5"),
        (2.0, "2"),
        (100.0, "100"),
        (0.999, "1"),
        (-0.001, "0"),
    ] {
        assert_eq!(trimmed(value, 3), expected);
    }
}

#[test]
fn what_rounds_up_to_a_unit_is_given_in_it() {
    let steps = [(1.0, ""), (1e3, "k"), (1e6, "M")];
    assert_eq!(choose(999.4, 3, &steps), (999.4, ""));
    assert_eq!(choose(999.5, 3, &steps), (0.9995, "k"));
    assert_eq!(choose(999_499.0, 3, &steps), (999.499, "k"));
    assert_eq!(choose(-2e7, 3, &steps), (-20.0, "M"));
    assert_eq!(choose(0.0, 3, &steps), (0.0, ""));
    assert_eq!(choose(f64::INFINITY, 3, &steps), (f64::INFINITY, ""));
}
