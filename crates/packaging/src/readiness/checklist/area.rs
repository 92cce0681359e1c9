//! What the checks of a readiness are about, and how much each area counts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a check is about.
///
/// ```
/// use tuneup_packaging::Area;
///
/// assert_eq!(Area::ALL.iter().map(|area| area.weight()).sum::<u32>(), 100);
/// assert_eq!(Area::Security.to_string(), "security");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Area {
    /// Whether what is released can be trusted. It has to be complete: a release with nine of ten secrets removed is not ready.
    Security,
    /// What linters and formatters say, and the project's own rules.
    Quality,
    /// Whether what is tested is what is released.
    Tests,
    /// Whether what is written about it is true.
    Documentation,
    /// Whether what is uploaded is complete.
    Packaging,
    /// Whether it is as quick as the release before.
    Performance,
}

impl Area {
    /// In the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Security,
        Self::Quality,
        Self::Tests,
        Self::Documentation,
        Self::Packaging,
        Self::Performance,
    ];

    /// How many of 100 points the area has. An area in which no check applies gives its points to the others, in proportion.
    ///
    /// ```
    /// # use tuneup_packaging::Area;
    /// assert!(Area::Security.weight() > Area::Performance.weight());
    /// ```
    #[must_use]
    pub fn weight(self) -> u32 {
        match self {
            Self::Security => 25,
            Self::Quality | Self::Tests => 20,
            Self::Documentation | Self::Packaging => 15,
            Self::Performance => 5,
        }
    }

    /// Its name in lower case.
    ///
    /// ```
    /// # use tuneup_packaging::Area;
    /// assert_eq!(Area::Tests.name(), "tests");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Quality => "quality",
            Self::Tests => "tests",
            Self::Documentation => "documentation",
            Self::Packaging => "packaging",
            Self::Performance => "performance",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
