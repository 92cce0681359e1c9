//! Units of numbers: one place decides how a number looks to people and what it is called in JSON.

use std::borrow::Cow;

#[cfg(feature = "plots")]
use tuneup_measure::Count;
use tuneup_measure::{Percent, Rate, RateUnit, format_ns};

/// From here on no prefix makes a number readable: it is written with an exponent, in its base unit.
const BEYOND_UNITS: f64 = 1e21;

/// What a number is measured in.
///
/// The number itself is always in the base unit (nanoseconds, bytes, fractions); the unit decides how it is shown.
///
/// ```
/// use tuneup_report::Unit;
///
/// assert_eq!(Unit::Nanoseconds.format(1_234_000.0), "1.234 ms");
/// assert_eq!(Unit::Bytes.format(1536.0), "1.5 KiB");
/// assert_eq!(Unit::Change.format(-0.031), "-3.1 %");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Unit {
    /// A number without a unit, shown with up to four significant digits.
    #[default]
    Plain,
    /// A whole number of things, shown in full: `1,234,567`.
    Count,
    /// A time in nanoseconds: `1.234 ms`, `2 min 5 s`.
    Nanoseconds,
    /// A size in bytes: `1.5 KiB`.
    Bytes,
    /// Things per second: `3.4 M/s`.
    PerSecond,
    /// Bytes per second: `1.2 GiB/s`.
    BytesPerSecond,
    /// A fraction shown as a percentage: `0.031` is `3.1 %`.
    Percent,
    /// A fraction shown as a signed percentage: `0.031` is `+3.1 %`.
    Change,
    /// A factor: `1.24×`, `0.039×`.
    Ratio,
    /// Anything else, written after the number: `Unit::Named("threads".into())` shows `8 threads`.
    Named(Cow<'static, str>),
}

impl Unit {
    /// The number as a person reads it; what is not a number is `–`, and infinity `∞`.
    ///
    /// Times have four significant digits with their zeros, so that they line up in a column; sizes and rates up to three.
    /// Allocates the string.
    #[must_use]
    pub fn format(&self, value: f64) -> String {
        if !value.is_finite() {
            return if value.is_nan() {
                "–"
            } else if value > 0.0 {
                "∞"
            } else {
                "-∞"
            }
            .to_owned();
        }
        if value.abs() >= BEYOND_UNITS {
            return format!("{value:.3e} {}", self.name()).trim_end().to_owned();
        }
        match self {
            Self::Plain => significant(value, 4),
            Self::Count => grouped(value),
            Self::Nanoseconds if value == 0.0 => "0 ns".to_owned(),
            Self::Nanoseconds => format_ns(value),
            Self::Bytes => bytes(value),
            Self::PerSecond => Rate::new(value, RateUnit::Items).to_string(),
            Self::BytesPerSecond => Rate::new(value, RateUnit::Bytes).to_string(),
            Self::Percent => format!("{:.1}", Percent(value)),
            Self::Change if value.abs() < 0.000_5 => "0.0 %".to_owned(),
            Self::Change => format!("{:+.1}", Percent(value)),
            Self::Ratio if value.abs() < 0.095 && value != 0.0 => {
                format!("{}×", significant(value, 2))
            }
            Self::Ratio if value.abs() < 99.995 => format!("{value:.2}×"),
            Self::Ratio => format!("{}×", grouped(value)),
            Self::Named(name) => format!("{} {name}", significant(value, 4)),
        }
    }

    /// As [`Unit::format`], as short as a mark on an axis must be: `10 µs`, `1,000 s`, `10 M`.
    #[cfg(feature = "plots")]
    pub(crate) fn format_short(&self, value: f64) -> String {
        let text = match self {
            Self::Nanoseconds if value.abs() >= 59.995e9 => format!("{} s", grouped(value / 1e9)),
            Self::Count if (1e6..1e18).contains(&value) => Count(value as u64).to_string(),
            _ => self.format(value),
        };
        match text.split_once(' ') {
            Some((number, unit)) if number.contains('.') => {
                format!(
                    "{} {unit}",
                    number.trim_end_matches('0').trim_end_matches('.')
                )
            }
            _ => text,
        }
    }

    /// The name of the unit in JSON: `ns`, `bytes`, `fraction`, …; empty for [`Unit::Plain`].
    ///
    /// ```
    /// use tuneup_report::Unit;
    ///
    /// assert_eq!(Unit::Nanoseconds.name(), "ns");
    /// assert_eq!(Unit::Named("threads".into()).name(), "threads");
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Plain => "",
            Self::Count => "count",
            Self::Nanoseconds => "ns",
            Self::Bytes => "bytes",
            Self::PerSecond => "per second",
            Self::BytesPerSecond => "bytes per second",
            Self::Percent => "fraction",
            Self::Change => "change",
            Self::Ratio => "ratio",
            Self::Named(name) => name,
        }
    }
}

/// A size that may be an average, so neither whole nor, as a difference, positive: what `tuneup_measure::Bytes` cannot
/// hold, but a rate can.
fn bytes(value: f64) -> String {
    let mut text = Rate::new(value, RateUnit::Bytes).to_string();
    text.truncate(text.len() - "/s".len());
    text
}

/// Up to `digits` significant digits, zeros at the end of a fraction left out.
fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    if !(-5..15).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let decimals = (digits - 1 - magnitude).max(0) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A whole number with a comma between groups of three digits; beyond what is exact, with an exponent.
fn grouped(value: f64) -> String {
    if value.abs() >= 1e18 {
        return format!("{value:.3e}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    if value < 0.0 && digits != "0" {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
