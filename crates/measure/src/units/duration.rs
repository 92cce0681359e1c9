//! Durations: `1.234 ms`, `2 min 5 s`.

use std::time::Duration;

use super::{
    Error,
    number::{Decimal, choose, leading_unit, significant},
};

const DIGITS: usize = 4;
const NS_PER_S: u64 = 1_000_000_000;
const SHORT: [(f64, &str); 4] = [(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")];
/// In seconds, each with how many of the next smaller one it holds.
const LONG: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

/// A duration with four significant digits: `812 ns`, `1.234 ms`; from a minute on with its two
/// largest units: `2 min 5 s`.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tuneup_measure::format_duration;
///
/// assert_eq!(format_duration(Duration::from_nanos(812)), "812 ns");
/// assert_eq!(format_duration(Duration::from_micros(1_234)), "1.234 ms");
/// assert_eq!(format_duration(Duration::from_secs(125)), "2 min 5 s");
/// ```
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    // Whole nanoseconds need no decimals.
    if duration.as_nanos() < 1_000 {
        return format!("{} ns", duration.as_nanos());
    }
    format_ns(duration.as_nanos() as f64)
}

/// Nanoseconds with four significant digits: `0.250 ns`, `1.234 ms`; from a minute on with the two
/// largest units.
///
/// Negative times, as differences may be, have a minus sign. What is not finite is written as it
/// is.
///
/// # Examples
/// ```
/// use tuneup_measure::format_ns;
///
/// assert_eq!(format_ns(0.25), "0.250 ns");
/// assert_eq!(format_ns(1_234_000.0), "1.234 ms");
/// assert_eq!(format_ns(999_999.9), "1.000 ms");
/// ```
#[must_use]
pub fn format_ns(ns: f64) -> String {
    if !ns.is_finite() {
        return format!("{ns} ns");
    }
    let seconds = (ns.abs() / NS_PER_S as f64).round();
    // What rounds to 60.00 s is a minute.
    if ns.abs() / NS_PER_S as f64 >= 59.995 {
        let sign = if ns < 0.0 { "-" } else { "" };
        return format!("{sign}{}", format_long(seconds as u64));
    }
    let (value, unit) = choose(ns, DIGITS, &SHORT);
    format!("{} {unit}", significant(value, DIGITS))
}

/// The two largest units, the smaller one rounded.
fn format_long(seconds: u64) -> String {
    let first = LONG
        .iter()
        .position(|&(worth, _)| seconds >= worth)
        .unwrap_or(LONG.len() - 1);
    let (worth, unit) = LONG[first];
    let Some(&(smaller_worth, smaller_unit)) = LONG.get(first + 1) else {
        return format!("{seconds} {unit}");
    };
    let smaller = (seconds % worth + smaller_worth / 2) / smaller_worth;
    // 59 min 59 s rounded to minutes is 1 h.
    let per_unit = worth / smaller_worth;
    match smaller {
        0 => format!("{} {unit}", seconds / worth),
        _ if smaller == per_unit => format_long((seconds / worth + 1) * worth),
        _ => format!("{} {unit} {smaller} {smaller_unit}", seconds / worth),
    }
}

const EXPECTED: &str =
    "numbers with units from ns, us or µs, ms, s, min or m, h and d, such as `1.5ms` or `2min 5s`";

/// Reads a duration: a number with a unit, or several from the largest to the smallest (`1h
/// 30min`).
///
/// Units are `ns`, `us` or `µs`, `ms`, `s`, `min` or `m`, `h` and `d`; spaces may stand around
/// them. The number may have decimals; what is finer than a nanosecond is rounded. A bare number is
/// refused, except 0.
///
/// # Errors
/// [`Error::Parse`], with the reason and an example.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tuneup_measure::parse_duration;
///
/// assert_eq!(parse_duration("1.5ms")?, Duration::from_micros(1_500));
/// assert_eq!(parse_duration("1 h 30 min")?, Duration::from_secs(5_400));
/// assert!(parse_duration("15").unwrap_err().to_string().contains("no unit"));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
pub fn parse_duration(text: &str) -> Result<Duration, Error> {
    read(text).map_err(|reason| Error::Parse {
        kind: "duration",
        input: text.to_owned(),
        reason,
        expected: EXPECTED,
    })
}

fn read(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.is_empty() {
        return Err("it is empty".to_owned());
    }
    let mut total_ns = 0_u128;
    let mut smallest = u128::MAX;
    while !rest.is_empty() {
        let (number, after) =
            Decimal::split(rest).ok_or_else(|| format!("{rest:?} does not begin with a number"))?;
        let after = after.trim_start();
        let unit = leading_unit(after);
        if unit.is_empty() {
            return Err(format!("{} has no unit", number.text));
        }
        let worth = worth_ns(unit).ok_or_else(|| format!("there is no unit {unit:?}"))?;
        if worth >= smallest {
            return Err(format!("{unit:?} stands after a unit that is not larger"));
        }
        smallest = worth;
        total_ns = number
            .times(worth)
            .and_then(|ns| total_ns.checked_add(ns))
            .ok_or_else(|| "it is too long".to_owned())?;
        rest = after[unit.len()..].trim_start();
    }
    let seconds =
        u64::try_from(total_ns / u128::from(NS_PER_S)).map_err(|_| "it is too long".to_owned())?;
    Ok(Duration::new(
        seconds,
        (total_ns % u128::from(NS_PER_S)) as u32,
    ))
}

fn worth_ns(unit: &str) -> Option<u128> {
    Some(match unit {
        "ns" => 1,
        // U+00B5 micro sign, U+03BC Greek mu.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" | "sec" => 1_000_000_000,
        "m" | "min" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => return None,
    })
}
