//! Which version comes next, by what Cargo takes for compatible.

use std::str::FromStr;

use semver::{BuildMetadata, Comparator, Op, Prerelease, Version, VersionReq};
use serde::Serialize;

use crate::Error;

#[cfg(test)]
mod tests;

/// What a change means for those who depend on a package.
///
/// ```
/// use tuneup_packaging::Impact;
///
/// assert!(Impact::Fix < Impact::Feature && Impact::Feature < Impact::Breaking);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Impact {
    /// Nothing that they can see, but better.
    Fix,
    /// More than before.
    Feature,
    /// They may have to change their code.
    Breaking,
}

/// Which part of a version goes up.
///
/// ```
/// use tuneup_packaging::Level;
///
/// let version = "0.3.1".parse().unwrap();
/// assert_eq!(Level::Minor.next(&version)?.to_string(), "0.4.0");
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Level {
    /// The last number of a pre-release: `1.0.0-rc.1` becomes `1.0.0-rc.2`.
    Prerelease,
    /// The third number.
    Patch,
    /// The second number.
    Minor,
    /// The first number.
    Major,
}

impl Level {
    /// The least level that tells dependents of a change, by the
    /// [rules of Cargo](https://doc.rust-lang.org/cargo/reference/semver.html): the first number that is not zero goes up for what breaks. Below 1.0.0 a feature
    /// is a patch; below 0.1.0 any change is one, and breaks. A pre-release promises nothing, so its next one will do.
    ///
    /// ```
    /// use tuneup_packaging::{Impact, Level};
    ///
    /// let level = |version: &str, impact| Level::of(&version.parse().unwrap(), impact);
    /// assert_eq!(level("1.4.2", Impact::Breaking), Level::Major);
    /// assert_eq!(level("0.4.2", Impact::Breaking), Level::Minor);
    /// assert_eq!(level("0.4.2", Impact::Feature), Level::Patch);
    /// ```
    #[must_use]
    pub fn of(version: &Version, impact: Impact) -> Self {
        match (version.major, version.minor, impact) {
            _ if !version.pre.is_empty() => Self::Prerelease,
            (0, 0, _) | (_, _, Impact::Fix) | (0, _, Impact::Feature) => Self::Patch,
            (0, _, Impact::Breaking) | (_, _, Impact::Feature) => Self::Minor,
            (_, _, Impact::Breaking) => Self::Major,
        }
    }

    /// The next version. A pre-release becomes the release that it is one of, if that is of this level: a minor one after `1.2.0-rc.1` is `1.2.0`, and
    /// after `1.2.3-rc.1` it is `1.3.0`. Build metadata (`+spec-1.1.0`) stays.
    ///
    /// # Errors
    ///
    /// [`Error::NotAPrerelease`] if there is no pre-release to go on from; [`Error::VersionTooLarge`].
    ///
    /// ```
    /// use tuneup_packaging::Level;
    ///
    /// let candidate = "1.0.0-rc.1".parse().unwrap();
    /// assert_eq!(Level::Prerelease.next(&candidate)?.to_string(), "1.0.0-rc.2");
    /// assert_eq!(Level::Major.next(&candidate)?.to_string(), "1.0.0");
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn next(self, version: &Version) -> Result<Version, Error> {
        let is_released = version.pre.is_empty();
        let raised = |number: u64| {
            let raised = number.checked_add(1);
            raised.ok_or_else(|| Error::VersionTooLarge {
                version: version.clone(),
            })
        };
        let mut next = version.clone();
        next.pre = Prerelease::EMPTY;
        match self {
            Self::Prerelease if is_released => {
                return Err(Error::NotAPrerelease {
                    version: version.clone(),
                });
            }
            Self::Prerelease => next.pre = next_prerelease(&version.pre),
            Self::Patch => {
                if is_released {
                    next.patch = raised(version.patch)?;
                }
            }
            Self::Minor => {
                if is_released || version.patch > 0 {
                    next.minor = raised(version.minor)?;
                    next.patch = 0;
                }
            }
            Self::Major => {
                if is_released || version.minor > 0 || version.patch > 0 {
                    next.major = raised(version.major)?;
                    next.minor = 0;
                    next.patch = 0;
                }
            }
        }
        Ok(next)
    }
}

/// The least that comes after: `rc.1` becomes `rc.2`, `rc1` becomes `rc2`, and what has no number at its end gets one. Digits after letters are compared as
/// text, so that `rc9` becomes `rc9.1`: `rc10` would be before it.
fn next_prerelease(before: &Prerelease) -> Prerelease {
    let text = before.as_str();
    let digits = text.len() - text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (rest, number) = text.split_at(text.len() - digits);
    let is_alone = rest.is_empty() || rest.ends_with('.');
    let raised = number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_add(1));
    let raised = raised.map(|raised| format!("{raised:0digits$}"));
    let next = match raised {
        Some(raised) if is_alone || raised.len() == digits => format!("{rest}{raised}"),
        _ => format!("{text}.1"),
    };
    Prerelease::new(&next).unwrap_or_else(|_| before.clone())
}

/// Whether Cargo gives `to` to those who ask for `from` with nothing but its number (`"1.2.3"` in a manifest, which is `^1.2.3`).
///
/// ```
/// use tuneup_packaging::is_compatible;
///
/// let compatible = |from: &str, to: &str| is_compatible(&from.parse().unwrap(), &to.parse().unwrap());
/// assert!(compatible("0.3.1", "0.3.2"));
/// assert!(!compatible("0.3.1", "0.4.0"));
/// assert!(!compatible("0.0.1", "0.0.2"));
/// ```
#[must_use]
pub fn is_compatible(from: &Version, to: &Version) -> bool {
    let caret = Comparator {
        op: Op::Caret,
        major: from.major,
        minor: Some(from.minor),
        patch: Some(from.patch),
        pre: from.pre.clone(),
    };
    let requirement = VersionReq {
        comparators: vec![caret],
    };
    requirement.matches(to)
}

/// Whether one version has to give way to the other by precedence, of which build metadata is no part.
pub(crate) fn comes_after(later: &Version, earlier: &Version) -> bool {
    let bare = |version: &Version| Version {
        build: BuildMetadata::EMPTY,
        ..version.clone()
    };
    bare(later) > bare(earlier)
}

/// What somebody asks of a release: `auto`, a level, or a version.
///
/// ```
/// use tuneup_packaging::{Level, Raise};
///
/// assert_eq!("minor".parse::<Raise>()?, Raise::Level(Level::Minor));
/// assert_eq!("1.0.0-rc.1".parse::<Raise>()?, Raise::To("1.0.0-rc.1".parse().unwrap()));
/// assert!("mayor".parse::<Raise>().is_err());
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Raise {
    /// What the messages of the commits since the last release ask for.
    Auto,
    /// This part of the version.
    Level(Level),
    /// To this version.
    To(Version),
}

impl FromStr for Raise {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "auto" => Self::Auto,
            "prerelease" => Self::Level(Level::Prerelease),
            "patch" => Self::Level(Level::Patch),
            "minor" => Self::Level(Level::Minor),
            "major" => Self::Level(Level::Major),
            _ => Self::To(text.parse().map_err(|source| Error::NotARaise {
                text: text.to_owned(),
                source,
            })?),
        })
    }
}
