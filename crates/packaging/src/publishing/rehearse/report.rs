//! What a rehearsal has found.

use std::fmt;

use semver::Version;
use serde::Serialize;

/// What is tried.
///
/// ```
/// use tuneup_packaging::RehearsalCheck;
///
/// assert_eq!(RehearsalCheck::Feature { name: "serde".to_owned() }.to_string(), "feature `serde` alone");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "check")]
#[non_exhaustive]
pub enum RehearsalCheck {
    /// That there is an order of publishing, and that nobody is left out.
    Order,
    /// That no third-party version of the lock file was taken back.
    ThirdParty,
    /// `cargo publish --workspace`.
    Publish,
    /// A project that depends on the package builds, and runs.
    DefaultFeatures,
    /// The same with all features.
    AllFeatures,
    /// It compiles with no feature but this one; the empty name is for none at all.
    Feature {
        /// Which.
        name: String,
    },
    /// The commands of the README that add the package, and its examples.
    Readme,
    /// `cargo install`, and the programs.
    Install,
    /// An artefact, and its program.
    Artefact {
        /// The name of its file.
        file: String,
    },
}

impl fmt::Display for RehearsalCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order => f.write_str("order"),
            Self::ThirdParty => f.write_str("third-party versions"),
            Self::Publish => f.write_str("publish"),
            Self::DefaultFeatures => f.write_str("default features"),
            Self::AllFeatures => f.write_str("all features"),
            Self::Feature { name } if name.is_empty() => f.write_str("no features"),
            Self::Feature { name } => write!(f, "feature `{name}` alone"),
            Self::Readme => f.write_str("README"),
            Self::Install => f.write_str("install"),
            Self::Artefact { file } => f.write_str(file),
        }
    }
}

/// What has come of it.
///
/// ```
/// use tuneup_packaging::RehearsalOutcome;
///
/// assert_eq!(RehearsalOutcome::Passed.to_string(), "passed");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
#[non_exhaustive]
pub enum RehearsalOutcome {
    /// It works.
    Passed,
    /// It does not.
    Failed {
        /// What the program said, its end if it is long.
        reason: String,
    },
    /// It was not tried.
    Skipped {
        /// Why not.
        reason: String,
    },
}

impl RehearsalOutcome {
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self::Failed {
            reason: reason.into(),
        }
    }

    pub(crate) fn skipped(reason: impl Into<String>) -> Self {
        Self::Skipped {
            reason: reason.into(),
        }
    }
}

impl fmt::Display for RehearsalOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Failed { reason } => write!(f, "failed: {reason}"),
            Self::Skipped { reason } => write!(f, "skipped: {reason}"),
        }
    }
}

/// One step of a rehearsal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RehearsalStep {
    /// Whom it is about; empty for the whole workspace.
    pub package: String,
    /// What was tried.
    #[serde(flatten)]
    pub check: RehearsalCheck,
    /// What has come of it.
    #[serde(flatten)]
    pub outcome: RehearsalOutcome,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A package as it was published on loopback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RehearsedPackage {
    /// Its name.
    pub package: String,
    /// Its version.
    pub version: Version,
    /// SHA-256 of its `.crate`, 64 digits of base sixteen.
    pub checksum: String,
    /// The size of its `.crate`.
    pub bytes: u64,
}

/// All of a rehearsal, as plain data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RehearsalReport {
    /// In the order in which they were taken.
    pub steps: Vec<RehearsalStep>,
    /// What was published on loopback, by name.
    pub packages: Vec<RehearsedPackage>,
    /// How long everything took, in milliseconds.
    pub took_ms: u64,
}

impl RehearsalReport {
    /// The steps that have failed.
    pub fn failures(&self) -> impl Iterator<Item = &RehearsalStep> {
        let steps = self.steps.iter();
        steps.filter(|step| matches!(step.outcome, RehearsalOutcome::Failed { .. }))
    }

    /// Whether no step has failed. Those that were skipped have their reasons.
    #[must_use]
    pub fn is_all_right(&self) -> bool {
        self.failures().next().is_none()
    }
}

/// What a rehearsal tells while it goes on.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum RehearsalProgress<'a> {
    /// A step begins.
    Began {
        /// Whom it is about; empty for the whole workspace.
        package: &'a str,
        /// What is tried.
        check: &'a RehearsalCheck,
    },
    /// A step has ended.
    Ended(&'a RehearsalStep),
}
