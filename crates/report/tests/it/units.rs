//! How values look to people.

use std::time::Duration;

use tuneup_measure::Interval;
use tuneup_report::{Cell, Style, Unit, Value};

#[test]
fn every_unit_has_its_look() {
    let cases = [
        (Unit::Plain, 0.0, "0"),
        (Unit::Plain, 1234.5, "1234"),
        (Unit::Plain, -0.012_345, "-0.01235"),
        (Unit::Plain, 9.999_96, "10"),
        (Unit::Plain, 1e20, "1.000e20"),
        (Unit::Count, 0.0, "0"),
        (Unit::Count, 999.0, "999"),
        (Unit::Count, 1_234_567.0, "1,234,567"),
        (Unit::Count, -1_000.0, "-1,000"),
        (Unit::Nanoseconds, 0.0, "0 ns"),
        (Unit::Nanoseconds, 0.25, "0.250 ns"),
        (Unit::Nanoseconds, 1_234_000.0, "1.234 ms"),
        (Unit::Nanoseconds, 93.4e9, "1 min 33 s"),
        (Unit::Bytes, 0.0, "0 B"),
        (Unit::Bytes, 12.5, "12.5 B"),
        (Unit::Bytes, 69_632.0, "68 KiB"),
        (Unit::Bytes, -1024.0, "-1 KiB"),
        (Unit::PerSecond, 3.4e6, "3.4 M/s"),
        (Unit::BytesPerSecond, 1.5 * 1024.0, "1.5 KiB/s"),
        (Unit::Percent, 0.031, "3.1 %"),
        (Unit::Change, 0.031, "+3.1 %"),
        (Unit::Change, -0.5, "-50.0 %"),
        (Unit::Change, -0.000_1, "0.0 %"),
        (Unit::Ratio, 0.0, "0.00×"),
        (Unit::Ratio, 0.0391, "0.039×"),
        (Unit::Ratio, 0.000_832, "0.00083×"),
        (Unit::Ratio, 0.0999, "0.10×"),
        (Unit::Ratio, 1.0, "1.00×"),
        (Unit::Ratio, 12_345.6, "12,346×"),
        (Unit::Named("threads".into()), 8.0, "8 threads"),
    ];
    for (unit, value, text) in cases {
        assert_eq!(unit.format(value), text, "{unit:?} of {value}");
    }
}

#[test]
fn what_is_not_finite_has_no_unit() {
    assert_eq!(Unit::Nanoseconds.format(f64::NAN), "–");
    assert_eq!(Unit::Ratio.format(f64::INFINITY), "∞");
    assert_eq!(Unit::Count.format(f64::NEG_INFINITY), "-∞");
}

#[test]
fn cells_are_made_of_what_is_at_hand() {
    assert_eq!(Cell::from("text").to_string(), "text");
    assert_eq!(
        Cell::from(Duration::from_micros(1_500)).to_string(),
        "1.500 ms"
    );
    assert_eq!(Cell::from(1_500_u64).to_string(), "1,500");
    assert_eq!(Cell::from(Some(1_500_u64)).to_string(), "1,500");
    assert_eq!(Cell::from(None::<u64>), Cell::missing());
    assert_eq!(Cell::percent(0.5).to_string(), "50.0 %");
}

#[test]
fn the_spread_is_the_distance_to_the_farther_end() {
    assert_eq!(
        Cell::nanoseconds(100.0).between(99.0, 105.0).to_string(),
        "100.0 ns ±5.0 %"
    );
    assert_eq!(
        Cell::nanoseconds(100.0).between(90.0, 105.0).to_string(),
        "100.0 ns ±10.0 %"
    );
    assert_eq!(
        Cell::change(0.012).between(0.010, 0.015).to_string(),
        "+1.2 % ±0.3 %"
    );
    assert_eq!(
        Cell::percent(0.5).between(0.45, 0.52).to_string(),
        "50.0 % ±5.0 %"
    );
    let interval = Interval::new(0.95, 1.0, 1.02, 0.95);
    assert_eq!(
        Cell::interval(&interval, Unit::Ratio).to_string(),
        "1.00× ±5.0 %"
    );
}

#[test]
fn a_spread_without_meaning_is_left_out() {
    assert_eq!(Cell::count(0).between(0.0, 3.0).to_string(), "0");
    assert_eq!(
        Cell::count(5).between(f64::NAN, f64::INFINITY).to_string(),
        "5"
    );
    assert_eq!(Cell::text("words").between(1.0, 2.0).bounds(), None);
}

#[test]
fn cells_say_what_they_hold() {
    let cell = Cell::ratio(2.0).styled(Style::Warn);
    assert_eq!(cell.style(), Style::Warn);
    assert!(matches!(
        cell.value(),
        Value::Number {
            value: 2.0,
            unit: Unit::Ratio,
            ..
        }
    ));
}
