//! Units of numbers: one place decides how a number looks to people and what it is called in JSON.

use std::borrow::Cow;

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
    /// A time in nanoseconds: `1.234 ms`.
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
    /// A factor: `1.24×`.
    Ratio,
    /// Anything else, written after the number: `Unit::Named("threads".into())` shows `8 threads`.
    Named(Cow<'static, str>),
}

impl Unit {
    /// The number as a person reads it; a number that is not finite is `–`.
    ///
    /// Allocates one string.
    #[must_use]
    pub fn format(&self, value: f64) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        match self {
            Self::Plain => significant(value, 4),
            Self::Count => grouped(value),
            Self::Nanoseconds => duration(value),
            Self::Bytes => bytes(value),
            Self::PerSecond => format!("{}/s", metric(value)),
            Self::BytesPerSecond => format!("{}/s", bytes(value)),
            Self::Percent => format!("{:.1} %", value * 100.0),
            Self::Change => format!("{:+.1} %", value * 100.0),
            Self::Ratio if value.abs() < 100.0 => format!("{value:.2}×"),
            Self::Ratio => format!("{}×", grouped(value)),
            Self::Named(name) => format!("{} {name}", significant(value, 4)),
        }
    }

    /// The name of the unit in JSON: `ns`, `bytes`, `fraction`, …; empty for [`Unit::Plain`].
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

fn duration(ns: f64) -> String {
    let (scale, unit) = match ns.abs() {
        n if n < 1e3 => (1.0, "ns"),
        n if n < 1e6 => (1e3, "µs"),
        n if n < 1e9 => (1e6, "ms"),
        _ => (1e9, "s"),
    };
    format!("{} {unit}", significant(ns / scale, 4))
}

fn bytes(value: f64) -> String {
    let mut scaled = value;
    let mut unit = "B";
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if scaled.abs() < 1024.0 {
            break;
        }
        scaled /= 1024.0;
        unit = next;
    }
    format!("{} {unit}", significant(scaled, 3))
}

fn metric(value: f64) -> String {
    let (scale, unit) = match value.abs() {
        n if n < 1e3 => (1.0, ""),
        n if n < 1e6 => (1e3, " k"),
        n if n < 1e9 => (1e6, " M"),
        _ => (1e9, " G"),
    };
    format!("{}{unit}", significant(value / scale, 3))
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

/// A whole number with a comma between groups of three digits.
fn grouped(value: f64) -> String {
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
