//! Percentages: `3.1 %`.

use std::{fmt, str::FromStr};

use super::{
    Error,
    bytes::{DIGITS, pad, split},
    number::trimmed,
};

/// A part of a whole, shown in percent with three significant digits and at most two decimals:
/// `Percent(0.031)` is `3.1 %`.
///
/// A width, an alignment and a plus sign are kept; a precision sets the decimals.
///
/// # Examples
/// ```
/// use tuneup_measure::Percent;
///
/// assert_eq!(Percent(0.031).to_string(), "3.1 %");
/// assert_eq!(format!("{:+.1}", Percent(0.2)), "+20.0 %");
/// assert_eq!("3%".parse::<Percent>()?, Percent(0.03));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Percent(pub f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.0 * 100.0;
        let number = match f.precision() {
            Some(decimals) => format!("{percent:.decimals$}"),
            None => trimmed(percent, DIGITS),
        };
        let sign = if f.sign_plus() && percent >= 0.0 {
            "+"
        } else {
            ""
        };
        pad(f, &format!("{sign}{number} %"))
    }
}

impl FromStr for Percent {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse_percent(text)
    }
}

/// Reads a percentage: `3%`, `2.5 %`, `-1 %`. The sign is needed: 0.03 could be meant as 3 % or as
/// 0.03 %.
///
/// # Errors
/// [`Error::Parse`], with the reason and an example.
///
/// # Examples
/// ```
/// use tuneup_measure::{Percent, parse_percent};
///
/// assert_eq!(parse_percent("2.5 %")?, Percent(0.025));
/// assert!(parse_percent("0.03").unwrap_err().to_string().contains("such as `3%`"));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
pub fn parse_percent(text: &str) -> Result<Percent, Error> {
    read(text).map(Percent).map_err(|reason| Error::Parse {
        kind: "percentage",
        input: text.to_owned(),
        reason,
        expected: "a number with a percent sign, such as `3%`",
    })
}

fn read(text: &str) -> Result<f64, String> {
    let Some(number) = text.trim().strip_suffix('%') else {
        return Err("it does not end with \"%\"".to_owned());
    };
    let number = number.trim();
    let (factor, digits) = match number.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, number.strip_prefix('+').unwrap_or(number)),
    };
    let (decimal, rest) = split(digits)?;
    if rest.is_empty() {
        // Division by 100 rounds once; multiplication by 0.01 would round twice.
        Ok(factor * decimal.to_f64() / 100.0)
    } else {
        Err(format!("{rest:?} stands between the number and the sign"))
    }
}
