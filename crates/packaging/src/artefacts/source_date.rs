//! The one time that artefacts may show: that of their source.

use std::{env, path::Path};

use serde::Serialize;
use time::{
    OffsetDateTime,
    format_description::well_known::{Rfc2822, Rfc3339},
};

use crate::{
    Error, Runner,
    runner::{answer, git_in},
};

/// The date that everything inside of an artefact gets, so that two builds of one commit are the same bytes.
///
/// A time of the years 1970 to 9999, in whole seconds. It is written as RFC 3339 in a report.
/// The convention is that of [reproducible-builds.org](https://reproducible-builds.org/specs/source-date-epoch/).
///
/// ```
/// use tuneup_packaging::SourceDate;
///
/// let date = SourceDate::from_unix(1_700_000_000)?;
/// assert_eq!(date.to_string(), "2023-11-14T22:13:20Z");
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceDate {
    time: OffsetDateTime,
}

/// The variable that names the date, by the convention.
const VARIABLE: &str = "SOURCE_DATE_EPOCH";

impl SourceDate {
    /// So many seconds after 1970, without leap seconds.
    ///
    /// # Errors
    ///
    /// The year is beyond 9999.
    pub fn from_unix(seconds: u64) -> Result<Self, Error> {
        let time = i64::try_from(seconds)
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
        time.map(|time| Self { time }).ok_or_else(|| {
            Error::unfit(
                format!("the date {seconds}"),
                "it is seconds after 1970, up to the year 9999",
            )
        })
    }

    /// When the commit was made that is checked out in a folder.
    ///
    /// # Errors
    ///
    /// The folder is in no Git repository, or nothing was committed yet: what Git says of it is in the error.
    pub fn of_commit(folder: &Path, runner: &dyn Runner) -> Result<Self, Error> {
        let mut command = git_in(folder);
        command.args(["log", "-1", "--no-show-signature", "--format=%ct"]);
        Self::of_digits(
            answer(runner, &mut command)?.trim(),
            "the date of the commit",
        )
    }

    /// What the variable `SOURCE_DATE_EPOCH` says, if it is set. The only function of the artefacts that reads the environment by itself.
    ///
    /// # Errors
    ///
    /// It is no number, or too far ahead.
    ///
    /// ```
    /// use tuneup_packaging::SourceDate;
    ///
    /// assert!(SourceDate::from_environment().is_ok());
    /// ```
    pub fn from_environment() -> Result<Option<Self>, Error> {
        env::var_os(VARIABLE)
            .map(|value| Self::of_digits(&value.to_string_lossy(), VARIABLE))
            .transpose()
    }

    fn of_digits(digits: &str, subject: &str) -> Result<Self, Error> {
        let seconds = digits.parse().map_err(|_| {
            Error::unfit(
                subject,
                format!("`{digits}` is no number of seconds after 1970"),
            )
        })?;
        Self::from_unix(seconds)
    }

    /// Seconds after 1970.
    #[must_use]
    pub fn unix(self) -> u64 {
        self.time.unix_timestamp().unsigned_abs()
    }

    /// As mail headers and Debian changelogs have it.
    pub(crate) fn rfc2822(self) -> String {
        // Years before 1900 are what that format cannot say.
        self.time.format(&Rfc2822).unwrap_or_default()
    }

    /// For a ZIP file, whose years are 1980 to 2107: times outside of them become the nearest one.
    pub(crate) fn dos(self) -> zip::DateTime {
        let time = self.time;
        let year = u16::try_from(time.year()).unwrap_or(1980);
        if year < 1980 {
            return zip::DateTime::default();
        }
        let [month, day] = [u8::from(time.month()), time.day()];
        zip::DateTime::from_date_and_time(
            year,
            month,
            day,
            time.hour(),
            time.minute(),
            // Two seconds are the step of that format.
            time.second() / 2 * 2,
        )
        .or_else(|_| zip::DateTime::from_date_and_time(2107, 12, 31, 23, 59, 58))
        .unwrap_or_default()
    }
}

impl std::fmt::Display for SourceDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.time.format(&Rfc3339).unwrap_or_default())
    }
}

impl Serialize for SourceDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests;
