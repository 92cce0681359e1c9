//! Counts: `1.2 M`.

use std::{fmt, str::FromStr};

use super::{
    Error,
    bytes::{pad, scaled, split},
};

/// Nothing for ones: `512`, but `1.2 M`.
pub(super) const STEPS: [(f64, &str); 7] = [
    (1.0, ""),
    (1e3, "k"),
    (1e6, "M"),
    (1e9, "G"),
    (1e12, "T"),
    (1e15, "P"),
    (1e18, "E"),
];

/// A number of things, shown with three significant digits: `512`, `1.2 M`.
///
/// A width and an alignment are kept; a precision sets the decimals.
///
/// # Examples
/// ```
/// use tuneup_measure::Count;
///
/// assert_eq!(Count(512).to_string(), "512");
/// assert_eq!(Count(1_234_567).to_string(), "1.23 M");
/// assert_eq!("1.5M".parse::<Count>()?, Count(1_500_000));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Count(pub u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        pad(f, &scaled(self.0 as f64, &STEPS, f.precision()))
    }
}

impl FromStr for Count {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse_count(text)
    }
}

/// Reads a count: `512`, `10k`, `1.2 M`. Units are decimal, case does not matter.
///
/// # Errors
/// [`Error::Parse`], with the reason and an example.
///
/// # Examples
/// ```
/// use tuneup_measure::{Count, parse_count};
///
/// assert_eq!(parse_count("10k")?, Count(10_000));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
pub fn parse_count(text: &str) -> Result<Count, Error> {
    read(text).map(Count).map_err(|reason| Error::Parse {
        kind: "count",
        input: text.to_owned(),
        reason,
        expected: "a number, alone or with k, M, G, T, P or E, such as `10k` or `1.2 M`",
    })
}

fn read(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text)?;
    number
        .times(worth(unit)?)
        .and_then(|count| u64::try_from(count).ok())
        .ok_or_else(|| "it is above 18446744073709551615".to_owned())
}

pub(super) fn worth(unit: &str) -> Result<u128, String> {
    STEPS
        .iter()
        .find(|(_, name)| name.eq_ignore_ascii_case(unit))
        .map(|&(worth, _)| worth as u128)
        .ok_or_else(|| format!("there is no unit {unit:?}"))
}
