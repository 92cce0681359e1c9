//! The one error type of the crate.

use std::{io, path::PathBuf};

/// What can go wrong while memory is watched or saved, and while files are read.
///
/// Messages are lower case, carry the names involved and say what to do.
///
/// ```
/// let error = tuneup_memory::Error::OutOfRange {
///     option: "capacity",
///     value: "0".to_owned(),
///     allowed: "1 or more",
/// };
/// assert_eq!(error.to_string(), "capacity is 0; allowed is 1 or more");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
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
    /// All objects of a pool are out.
    #[error(
        "all objects of the pool are out, and its capacity is {capacity}; raise it, or wait by `get` or `get_timeout`"
    )]
    PoolExhausted {
        /// How many objects there may be.
        capacity: usize,
    },
    /// All objects of a pool were out for as long as somebody would wait.
    #[error(
        "all objects of the pool were out for {waited:?}, and its capacity is {capacity}; raise it, or look for who keeps one"
    )]
    PoolTimedOut {
        /// How many objects there may be.
        capacity: usize,
        /// For how long it waited.
        waited: std::time::Duration,
    },
    /// A pool needed another object, and could not have it made.
    #[error("the pool has no idle object, and the function that makes one failed")]
    CreateFailed {
        /// The error of the function that the pool was built with.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Something may not grow further.
    #[error("there may be no more than {limit} {what}")]
    LimitReached {
        /// What there would be more of.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// Nothing tells of allocations.
    #[error(
        "nothing counts allocations: the program's global allocator is no `TrackingAllocator`; add `#[global_allocator] static ALLOCATOR: \
         tuneup_memory::TrackingAllocator = tuneup_memory::TrackingAllocator::system();`"
    )]
    NotTracking,
    /// What a trace depends on was switched off.
    #[error(
        "nothing is counted, because of `set_counting(false)`; call `set_counting(true)` first"
    )]
    CountingOff,
    /// A second trace was started while one was running, or counting was to be switched off under it.
    #[error("a trace is running; drop it first")]
    AlreadyTracing,
    /// A snapshot was asked for, and no trace is running.
    #[error("no trace is running; start one by `Trace::start`")]
    NotTracing,
    /// What the system says of the process cannot be read.
    #[error(
        "{path} cannot be read; the memory of a process is known where there is a `/proc`, as on Linux"
    )]
    Process {
        /// The file.
        path: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The platform cannot do it.
    #[error("{what}, which is not here")]
    Unsupported {
        /// What needs what.
        what: &'static str,
    },
    /// A file name that names no format.
    #[error(
        "{}: no format has this extension; use .json, .dhat.json, .pb.gz, .folded, .svg or .txt",
        path.display()
    )]
    UnknownExtension {
        /// The path as given.
        path: PathBuf,
    },
    /// A format that this build leaves out.
    #[error("{}: this build cannot use the format; enable the feature `{feature}` of tuneup-memory", path.display())]
    FormatDisabled {
        /// The path as given.
        path: PathBuf,
        /// The feature.
        feature: &'static str,
    },
    /// A file could not be opened.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file could not be read.
    #[error("cannot read {} at byte {offset_bytes}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Where.
        offset_bytes: u64,
        /// The system's reason.
        source: io::Error,
    },
    /// A reader failed.
    #[error("cannot read the input at byte {offset_bytes}")]
    Input {
        /// After how many bytes.
        offset_bytes: u64,
        /// The reader's reason.
        source: io::Error,
    },
    /// A file became shorter while it was read: read it when nobody writes to it.
    #[error("{} had {expected_bytes} bytes when it was opened and now ends at {found_bytes}; read it when nobody writes to it", path.display())]
    Shrunk {
        /// The file.
        path: PathBuf,
        /// Its length when it was opened.
        expected_bytes: u64,
        /// Where it ends now.
        found_bytes: u64,
    },
    /// What was opened is a folder, a pipe or a device: it has no positions to read at.
    #[error("{} is not a regular file; read it as a stream", path.display())]
    NotRegular {
        /// What was opened.
        path: PathBuf,
    },
    /// A line was longer than allowed.
    #[error("the line at byte {offset_bytes} of {} is longer than {limit_bytes} bytes; raise the limit by `with_longest_line_bytes`, or read `chunks`", path.display())]
    LineTooLong {
        /// The file.
        path: PathBuf,
        /// Where the line begins.
        offset_bytes: u64,
        /// The most bytes that a line may have.
        limit_bytes: usize,
    },
    /// A file could not be written. What was at its place is as it was.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// There was no room for a file: the disk is full, a quota is used up, or the file is larger than the
    /// process may write. What was at its place is as it was.
    #[error("no room to write {}; free some space or write elsewhere", path.display())]
    StorageFull {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file is no snapshot, or was cut short.
    #[error("{}: not a whole snapshot: {reason}; load a `.json` that `Snapshot::save` has written", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file of another version of the format.
    #[error(
        "{}: a snapshot of format {found}, this version reads format {expected}; use the version of tuneup-memory that wrote it",
        path.display()
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The version that can be read.
        expected: u64,
    },
    /// A picture could not be drawn.
    #[cfg(feature = "trace")]
    #[error(transparent)]
    Report(#[from] tuneup_report::Error),
    /// A thread could not be started.
    #[error(
        "the thread of the leak watch cannot be started; raise the limit on threads (`ulimit -u`)"
    )]
    Thread {
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A regular expression that cannot be compiled.
    #[cfg(feature = "trace")]
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
}
