//! The one error type of the crate.

use std::{io, path::PathBuf};

/// What can go wrong while recording, reading or writing a profile.
///
/// Messages are lower case, carry the names involved and say what to do. None of them harms the
/// program that is measured: what was recorded stays in memory.
///
/// ```
/// use tuneup_profiling::{Error, Profiler};
///
/// let session = Profiler::builder().start()?;
/// let profile = session.finish();
/// match profile.save("profile.doc") {
///     Err(Error::UnknownExtension { path }) => assert_eq!(path.to_str(), Some("profile.doc")),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A second session was started while one was recording.
    #[error("a profiling session is recording already; finish it before the next one starts")]
    AlreadyRecording,
    /// A number was outside of what it may be.
    #[error("{option} is {value}; allowed is {allowed}")]
    OutOfRange {
        /// What was set.
        option: &'static str,
        /// To what.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// A regular expression that cannot be compiled.
    #[error(
        "the filter {pattern:?} is no regular expression; escape what is meant literally with `\\`"
    )]
    Filter {
        /// The pattern as given.
        pattern: String,
        /// What the compiler of expressions said.
        #[source]
        source: regex_lite::Error,
    },
    /// A name that is no function's.
    #[error("no function in the profile is called `{name}`; {hint}")]
    UnknownFunction {
        /// The name as given.
        name: String,
        /// Names that are there.
        hint: String,
    },
    /// A name that several functions end in.
    #[error("`{name}` may be {}; write more of the path", candidates.join(" or "))]
    AmbiguousFunction {
        /// The name as given.
        name: String,
        /// The paths of the functions.
        candidates: Vec<String>,
    },
    /// A word that no order is called by.
    #[error("functions cannot be ordered by `{found}`; use one of {known}")]
    UnknownOrder {
        /// The word as given.
        found: String,
        /// What there is.
        known: String,
    },
    /// A path whose extension names no format.
    #[error(
        "{}: no format has this extension; use .json, .pb.gz, .speedscope.json, .folded, .svg, .trace.json, .html or .txt",
        path.display()
    )]
    UnknownExtension {
        /// The path as given.
        path: PathBuf,
    },
    /// A format that this build of the crate leaves out.
    #[error("{}: this build cannot write the format; enable the feature `{feature}` of tuneup-profiling", path.display())]
    FormatDisabled {
        /// The path as given.
        path: PathBuf,
        /// The feature that brings the format.
        feature: &'static str,
    },
    /// A file that cannot be written.
    #[error("{}: cannot write the profile; it is still in memory, save it elsewhere", path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file that cannot be read.
    #[error("{}: cannot read the profile", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file that is no profile, or only a part of one.
    #[error("{}: not a whole profile: {reason}; save it again from the program", path.display())]
    Damaged {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A profile that another version of the format wrote.
    #[error(
        "{}: a profile of format {found}, this version reads format {expected}; use the version of tuneup that wrote it",
        path.display()
    )]
    OtherVersion {
        /// The path.
        path: PathBuf,
        /// The version in the file.
        found: u64,
        /// The version that is read.
        expected: u64,
    },
    /// `TUNEUP_PROFILE` says something that is not understood.
    #[error("TUNEUP_PROFILE: {what}; {mend}")]
    Environment {
        /// What is wrong.
        what: String,
        /// What to write instead.
        mend: String,
    },
    /// Signals cannot be guarded against.
    #[error("cannot guard against signals")]
    Signals {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A sampler that cannot be started.
    #[error("cannot start the sampler: {what}; {mend}")]
    Sampler {
        /// What was refused.
        what: String,
        /// What to change.
        mend: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A profile that cannot be turned into a picture or a page.
    #[error(transparent)]
    Report(#[from] tuneup_report::Error),
}
