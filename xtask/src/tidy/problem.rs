//! What a check finds: where, what is wrong, and how to mend it.

/// Whether a problem fails the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
}

/// One thing that a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) severity: Severity,
    /// A file, with `:line` where there is one.
    pub(crate) place: String,
    pub(crate) what: String,
    pub(crate) mend: String,
}

impl Problem {
    pub(crate) fn error(
        place: impl Into<String>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            place: place.into(),
            what: what.into(),
            mend: mend.into(),
        }
    }

    pub(crate) fn warning(
        place: impl Into<String>,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(place, what, mend)
        }
    }
}
