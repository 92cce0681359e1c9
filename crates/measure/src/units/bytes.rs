//! Sizes in bytes: `1.5 KiB`.

use std::{fmt, str::FromStr};

use super::{
    Error,
    number::{Decimal, choose, trimmed},
};

pub(super) const DIGITS: usize = 3;
pub(super) const IEC: [(f64, &str); 7] = [
    (1.0, "B"),
    (1_024.0, "KiB"),
    (1_048_576.0, "MiB"),
    (1_073_741_824.0, "GiB"),
    (1_099_511_627_776.0, "TiB"),
    (1_125_899_906_842_624.0, "PiB"),
    (1_152_921_504_606_846_976.0, "EiB"),
];
const SI: [(f64, &str); 7] = [
    (1.0, "B"),
    (1e3, "kB"),
    (1e6, "MB"),
    (1e9, "GB"),
    (1e12, "TB"),
    (1e15, "PB"),
    (1e18, "EB"),
];

/// A number of bytes that is shown with three significant digits in binary units (`1.5 KiB`), or
/// with `{:#}` in decimal ones (`1.54 kB`).
///
/// A width and an alignment are kept; a precision sets the decimals.
///
/// # Examples
/// ```
/// use tuneup_measure::Bytes;
///
/// assert_eq!(Bytes(1_536).to_string(), "1.5 KiB");
/// assert_eq!(format!("{:#}", Bytes(1_536)), "1.54 kB");
/// assert_eq!(format!("{:>9.2}", Bytes(1_536)), " 1.50 KiB");
/// assert_eq!("64 KiB".parse::<Bytes>()?, Bytes(65_536));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = if f.alternate() { &SI } else { &IEC };
        pad(f, &scaled(self.0 as f64, steps, f.precision()))
    }
}

impl FromStr for Bytes {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse_bytes(text)
    }
}

/// `value` in the fitting unit, with three significant digits or the given decimals.
pub(super) fn scaled(value: f64, steps: &[(f64, &str)], decimals: Option<usize>) -> String {
    let (value, unit) = choose(value, DIGITS, steps);
    let number = match decimals {
        Some(decimals) => format!("{value:.decimals$}"),
        None => trimmed(value, DIGITS),
    };
    if unit.is_empty() {
        number
    } else {
        format!("{number} {unit}")
    }
}

/// Width, fill and alignment for a text whose precision is already spent.
pub(super) fn pad(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let missing = f.width().unwrap_or(0).saturating_sub(text.chars().count());
    let before = match f.align() {
        Some(fmt::Alignment::Right) => missing,
        Some(fmt::Alignment::Center) => missing / 2,
        Some(fmt::Alignment::Left) | None => 0,
    };
    let fill = |f: &mut fmt::Formatter<'_>, times: usize| {
        let fill = f.fill();
        (0..times).try_for_each(|_| fmt::Write::write_char(f, fill))
    };
    fill(f, before)?;
    f.write_str(text)?;
    fill(f, missing - before)
}

const EXPECTED: &str = "a number with B, KiB, MiB, GiB, TiB, PiB, EiB (1024) or kB, MB, GB, TB, PB, EB (1000), such as `64KiB`";

/// Reads a size: `512`, `512 B`, `1.5 KiB` (1024), `64 kB` (1000).
///
/// Case does not matter and a space may stand before the unit; a bare number is bytes. `K`, `M` and
/// so on alone are refused, because to some tools they are 1000 and to others 1024. Parts of a byte
/// are rounded.
///
/// # Errors
/// [`Error::Parse`], with the reason and an example.
///
/// # Examples
/// ```
/// use tuneup_measure::{Bytes, parse_bytes};
///
/// assert_eq!(parse_bytes("1.5KiB")?, Bytes(1_536));
/// assert_eq!(parse_bytes("2 MB")?, Bytes(2_000_000));
/// assert!(parse_bytes("64K").unwrap_err().to_string().contains("KiB"));
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
pub fn parse_bytes(text: &str) -> Result<Bytes, Error> {
    read(text).map(Bytes).map_err(|reason| Error::Parse {
        kind: "size",
        input: text.to_owned(),
        reason,
        expected: EXPECTED,
    })
}

fn read(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text)?;
    let bytes = number.times(u128::from(worth(unit)?));
    bytes
        .and_then(|bytes| u64::try_from(bytes).ok())
        .ok_or_else(|| "it is 16 EiB or more".to_owned())
}

/// The number and the unit behind it.
pub(super) fn split(text: &str) -> Result<(Decimal<'_>, &str), String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    let (number, unit) =
        Decimal::split(text).ok_or_else(|| "it does not begin with a number".to_owned())?;
    Ok((number, unit.trim_start()))
}

/// How many bytes a unit is; no unit is one byte.
pub(super) fn worth(unit: &str) -> Result<u64, String> {
    let lower = unit.to_ascii_lowercase();
    if matches!(lower.as_str(), "" | "b" | "byte" | "bytes") {
        return Ok(1);
    }
    let find = |steps: &[(f64, &str)]| {
        steps
            .iter()
            .find(|(_, name)| name.eq_ignore_ascii_case(unit))
            .map(|&(worth, _)| worth as u64)
    };
    find(&IEC)
        .or_else(|| find(&SI))
        .ok_or_else(|| match lower.as_str() {
            "k" | "m" | "g" | "t" | "p" | "e" => {
                let letter = unit.to_ascii_uppercase();
                format!(
                    "{unit:?} may mean 1000 or 1024; write {letter}iB (1024) or {letter}B (1000)"
                )
            }
            _ => format!("there is no unit {unit:?}"),
        })
}
