//! Rates: `1.2 GiB/s`, `3.4 M/s`.

use std::{fmt, str::FromStr, time::Duration};

use super::{
    Error,
    bytes::{self, pad, scaled, split},
    count,
};

/// Bytes or things per second, shown with three significant digits: `1.2 GiB/s`, `3.4 M/s`.
///
/// A width and an alignment are kept; a precision sets the decimals.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tuneup_measure::Rate;
///
/// assert_eq!(Rate::bytes(3 << 30, Duration::from_secs(2)).to_string(), "1.5 GiB/s");
/// assert_eq!(Rate::items(17, Duration::from_micros(5)).to_string(), "3.4 M/s");
/// assert_eq!("3.4 M/s".parse::<Rate>()?.per_second, 3_400_000.0);
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
#[doc(alias = "throughput")]
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Rate {
    /// How many a second.
    pub per_second: f64,
    /// How many of what.
    pub unit: RateUnit,
}

/// What a [`Rate`] counts.
///
/// # Examples
/// ```
/// use tuneup_measure::{Rate, RateUnit};
///
/// assert_eq!(Rate::new(2_048.0, RateUnit::Bytes).to_string(), "2 KiB/s");
/// assert_eq!(Rate::new(2_048.0, RateUnit::Items).to_string(), "2.05 k/s");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum RateUnit {
    /// Bytes, shown in units of 1024.
    Bytes,
    /// Things of any kind, shown in units of 1000.
    Items,
}

impl Rate {
    /// A rate whose value is known.
    ///
    /// # Examples
    /// ```
    /// use tuneup_measure::{Rate, RateUnit};
    ///
    /// assert_eq!(Rate::new(12.0, RateUnit::Items).to_string(), "12 /s");
    /// ```
    #[must_use]
    pub const fn new(per_second: f64, unit: RateUnit) -> Self {
        Self { per_second, unit }
    }

    /// So many bytes in that time; infinite if the time is zero.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let rate = tuneup_measure::Rate::bytes(1_024, Duration::from_millis(500));
    /// assert_eq!(rate.per_second, 2_048.0);
    /// ```
    #[must_use]
    pub fn bytes(bytes: u64, time: Duration) -> Self {
        Self::new(bytes as f64 / time.as_secs_f64(), RateUnit::Bytes)
    }

    /// So many things in that time; infinite if the time is zero.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    ///
    /// let rate = tuneup_measure::Rate::items(10, Duration::from_millis(500));
    /// assert_eq!(rate.per_second, 20.0);
    /// ```
    #[must_use]
    pub fn items(items: u64, time: Duration) -> Self {
        Self::new(items as f64 / time.as_secs_f64(), RateUnit::Items)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = match self.unit {
            RateUnit::Bytes => scaled(self.per_second, &bytes::IEC, f.precision()),
            RateUnit::Items => scaled(self.per_second, &count::STEPS, f.precision()),
        };
        // `12 /s`, but `3.4 M/s`.
        text.push_str(if text.contains(' ') { "/s" } else { " /s" });
        pad(f, &text)
    }
}

impl FromStr for Rate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse_rate(text)
    }
}

/// Reads a rate: `1.2 GiB/s`, `800 kB/s`, `3.4M/s`, `12/s`. With a `B` it is bytes, without things;
/// always per second.
///
/// # Errors
/// [`Error::Parse`], with the reason and an example.
///
/// # Examples
/// ```
/// use tuneup_measure::{RateUnit, parse_rate};
///
/// assert_eq!(parse_rate("1.5 KiB/s")?.per_second, 1_536.0);
/// assert_eq!(parse_rate("3.4 M/s")?.unit, RateUnit::Items);
/// # Ok::<(), tuneup_measure::Error>(())
/// ```
pub fn parse_rate(text: &str) -> Result<Rate, Error> {
    read(text).map_err(|reason| Error::Parse {
        kind: "rate",
        input: text.to_owned(),
        reason,
        expected: "a size or a count per second, such as `1.2 GiB/s` or `3.4 M/s`",
    })
}

fn read(text: &str) -> Result<Rate, String> {
    let Some(amount) = text.trim().strip_suffix("/s") else {
        return Err("it does not end with \"/s\"".to_owned());
    };
    let (number, unit) = split(amount)?;
    let unit = unit.trim_end();
    Ok(if unit.ends_with(['b', 'B']) {
        Rate::new(
            number.to_f64() * bytes::worth(unit)? as f64,
            RateUnit::Bytes,
        )
    } else {
        Rate::new(
            number.to_f64() * count::worth(unit)? as f64,
            RateUnit::Items,
        )
    })
}
