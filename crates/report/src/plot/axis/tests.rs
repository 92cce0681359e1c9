use super::{Axis, Scale, binary_step, decimal_step, decimals};
use crate::unit::Unit;

/// The scale of an axis that shows these values.
fn scale(axis: &Axis, values: &[f64]) -> Scale {
    axis.scale(values.iter().copied())
}

/// The caption and the labels of the ticks of an axis that shows these values.
fn labels(axis: &Axis, values: &[f64]) -> (String, Vec<String>) {
    let scale = scale(axis, values);
    let ticks = axis.ticks(&scale, 6);
    (
        axis.caption(&scale),
        ticks.into_iter().filter_map(|tick| tick.label).collect(),
    )
}

#[test]
fn linear_ticks_share_the_unit_of_the_largest_value() {
    let cases: [(Unit, [f64; 2], &str, &[&str]); 9] = [
        (
            Unit::Nanoseconds,
            [1.2e6, 2.9e6],
            "y (ms)",
            &["1.5", "2.0", "2.5"],
        ),
        (
            Unit::Nanoseconds,
            [0.0, 900.0],
            "y (ns)",
            &["0", "200", "400", "600", "800"],
        ),
        (Unit::Bytes, [0.0, 3e6], "y (MiB)", &["0", "1", "2", "3"]),
        (
            Unit::PerSecond,
            [0.0, 4e6],
            "y (M/s)",
            &["0", "1", "2", "3", "4"],
        ),
        (
            Unit::BytesPerSecond,
            [0.0, 2048.0],
            "y (KiB/s)",
            &["0.0", "0.5", "1.0", "1.5", "2.0"],
        ),
        (Unit::Change, [-0.03, 0.03], "y (%)", &["-2", "0", "+2"]),
        (
            Unit::Count,
            [0.0, 5_000.0],
            "y",
            &["0", "1,000", "2,000", "3,000", "4,000", "5,000"],
        ),
        (
            Unit::Count,
            [0.0, 5e7],
            "y (M)",
            &["0", "10", "20", "30", "40", "50"],
        ),
        (
            Unit::Named("cores".into()),
            [0.0, 4.0],
            "y (cores)",
            &["0", "1", "2", "3", "4"],
        ),
    ];
    for (unit, values, caption, expected) in cases {
        let (found, labels) = labels(&Axis::linear("y", unit), &values);
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        assert_eq!((found.as_str(), labels.as_slice()), (caption, expected));
    }
}

#[test]
fn logarithmic_ticks_carry_their_unit_and_thin_out() {
    let time = Axis::logarithmic("t", Unit::Nanoseconds);
    assert_eq!(
        labels(&time, &[1.0, 60.0]).1,
        ["1 ns", "2 ns", "5 ns", "10 ns", "20 ns", "50 ns"]
    );
    assert_eq!(
        labels(&time, &[1.0, 2e4]).1,
        ["1 ns", "10 ns", "100 ns", "1 µs", "10 µs"]
    );
    assert_eq!(
        labels(&time, &[1.0, 1e12]).1,
        ["1 ns", "1 µs", "1 ms", "1 s", "1,000 s"]
    );
    assert_eq!(labels(&time, &[50.0, 60.0]).1, ["50 ns", "55 ns", "60 ns"]);
    let size = Axis::logarithmic("s", Unit::Bytes);
    assert_eq!(
        labels(&size, &[64.0, 1024.0]).1,
        ["64 B", "128 B", "256 B", "512 B", "1 KiB"]
    );
    assert_eq!(
        labels(&Axis::logarithmic("n", Unit::Count), &[1e4, 1e9]).1,
        ["10,000", "100,000", "1 M", "10 M", "100 M", "1 G"]
    );
}

#[test]
fn scales_hold_their_values_with_a_margin() {
    for axis in [
        Axis::linear("", Unit::Plain),
        Axis::logarithmic("", Unit::Plain),
    ] {
        let scale = scale(&axis, &[10.0, 30.0]);
        assert!(
            scale.place(10.0) > 0.0 && scale.place(10.0) < 0.1,
            "{scale:?}"
        );
        assert!(
            scale.place(30.0) < 1.0 && scale.place(30.0) > 0.9,
            "{scale:?}"
        );
        assert!(scale.contains(20.0) && !scale.contains(50.0) && !scale.contains(1.0));
    }
}

#[test]
fn zero_is_reached_when_asked_and_never_crossed() {
    let plain = Axis::linear("", Unit::Plain);
    let zero = plain.clone().with_zero();
    assert_eq!(scale(&zero, &[10.0, 30.0]).place(0.0), 0.0);
    assert_eq!(scale(&zero, &[-30.0, -10.0]).place(0.0), 1.0);
    assert_eq!(scale(&plain, &[0.1, 30.0]).place(0.0), 0.0);
    assert_eq!(
        scale(&plain, &[0.0, 0.0]),
        Scale {
            low: 0.0,
            high: 1.05,
            logarithmic: false
        }
    );
    assert!(scale(&plain, &[10.0, 30.0]).place(0.0) < 0.0);
}

#[test]
fn a_logarithmic_scale_is_even_in_factors_and_has_no_zero() {
    let scale = scale(&Axis::logarithmic("", Unit::Plain), &[1.0, 10_000.0]);
    let step = scale.place(10.0) - scale.place(1.0);
    assert!((scale.place(10_000.0) - scale.place(1.0) - 4.0 * step).abs() < 1e-12);
    assert!(!scale.contains(0.0) && !scale.contains(-5.0));
}

#[test]
fn steps_are_round() {
    for (span, step) in [
        (10.0, 2.0),
        (7.0, 2.0),
        (6.0, 1.0),
        (100.0, 20.0),
        (0.6, 0.1),
        (13.0, 5.0),
    ] {
        assert!(
            (decimal_step(span, 6) / step - 1.0).abs() < 1e-9,
            "{span}: {}",
            decimal_step(span, 6)
        );
    }
    assert_eq!(binary_step(3.0, 6), 0.5);
    assert_eq!(binary_step(1000.0, 6), 256.0);
}

#[test]
fn labels_have_as_many_decimals_as_their_step() {
    for (step, expected) in [
        (1.0, 0),
        (20.0, 0),
        (0.5, 1),
        (0.25, 2),
        (0.1, 1),
        (0.002, 3),
        (1e-30, 12),
    ] {
        assert_eq!(decimals(step), expected, "{step}");
    }
}
