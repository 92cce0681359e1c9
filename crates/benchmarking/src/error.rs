//! The one error type of the crate.

#[cfg(any(feature = "suite", feature = "history"))]
use std::path::PathBuf;

/// What can go wrong while measuring, comparing or keeping results.
///
/// Messages are lower case, carry the names involved and say what to do.
///
/// ```
/// use tuneup_benchmarking::{Comparison, Error};
///
/// let outcome = Comparison::new("alone").input(1).case("only", |n: &i32| n + 1).run();
/// match outcome {
///     Err(Error::TooFewCases { found, .. }) => assert_eq!(found, 1),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two cases of one comparison gave different answers; nothing was timed.
    #[error(
        "`{case}` and `{reference}` answer differently in `{comparison}`: {left} against {right}; \
         make them agree before comparing their speed"
    )]
    AnswersDiffer {
        /// The comparison or bench group.
        comparison: String,
        /// The first case, whose answer counts as the expected one.
        reference: String,
        /// The case that disagrees.
        case: String,
        /// What `case` answered, shortened.
        left: String,
        /// What `reference` answered, shortened.
        right: String,
    },
    /// A case of a bench group panicked.
    #[cfg(feature = "harness")]
    #[error("`{name}` panicked: {message}")]
    CasePanicked {
        /// `group/case`.
        name: String,
        /// What it said.
        message: String,
    },
    /// A command that cannot be read.
    #[cfg(feature = "commands")]
    #[error("cannot read the command `{text}`: {reason}")]
    CommandLine {
        /// What was written.
        text: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A command that cannot be started.
    #[cfg(feature = "commands")]
    #[error(
        "cannot start `{command}`; is the program installed, and in a folder of PATH? A word of the shell, such as `cd`, needs \
         `sh -c '…'` around it"
    )]
    CommandNotStarted {
        /// The command.
        command: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A command that ended without success.
    #[cfg(feature = "commands")]
    #[error(
        "`{command}` failed ({status}){}; mend it, or say that failures are to be ignored",
        said(stderr)
    )]
    CommandFailed {
        /// The command.
        command: String,
        /// How it ended.
        status: std::process::ExitStatus,
        /// The end of what it wrote to standard error, if that was kept.
        stderr: String,
    },
    /// Two commands that were to write the same do not; nothing was timed.
    #[cfg(feature = "commands")]
    #[error(
        "`{command}` writes something else than `{reference}`, from byte {offset} on (line {line}); nothing was timed"
    )]
    OutputsDiffer {
        /// The first command.
        reference: String,
        /// The one that differs.
        command: String,
        /// The first byte that differs, from 0 on.
        offset: u64,
        /// Its line, from 1 on.
        line: u64,
    },
    /// The output of a command cannot be kept, or read again.
    #[cfg(feature = "commands")]
    #[error("cannot keep what `{command}` writes; is the disk of the temporary folder full?")]
    CommandOutput {
        /// The command.
        command: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A comparison needs two cases at least.
    #[error(
        "comparison `{comparison}` has {found} case(s); add at least two with `.case(name, f)`"
    )]
    TooFewCases {
        /// The comparison.
        comparison: String,
        /// How many cases it had.
        found: usize,
    },
    /// Two cases, groups or benches share one name.
    #[error("the name `{name}` is used twice; give every case a name of its own")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A history file is damaged; it was left as it is.
    #[cfg(feature = "history")]
    #[error("the history `{}` is damaged ({detail}); restore a copy or move it away", path.display())]
    DamagedHistory {
        /// The file.
        path: std::path::PathBuf,
        /// What the check said.
        detail: String,
    },
    /// A file is not a history of this crate; it was left as it is.
    #[cfg(feature = "history")]
    #[error("`{}` is not a history of this crate; choose another path or move it away", path.display())]
    ForeignHistory {
        /// The file.
        path: std::path::PathBuf,
    },
    /// A history cannot be read or written.
    #[cfg(feature = "history")]
    #[error("cannot use the history `{}`", path.display())]
    History {
        /// The file.
        path: std::path::PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// A history was written by a newer version of this crate; it was left as it is.
    #[cfg(feature = "history")]
    #[error(
        "the history `{}` has format {found}, this version knows {supported}; update or choose another path",
        path.display()
    )]
    NewerHistory {
        /// The file.
        path: std::path::PathBuf,
        /// The format of the file.
        found: u32,
        /// The newest format this version knows.
        supported: u32,
    },
    /// A history file cannot be opened.
    #[cfg(feature = "history")]
    #[error("cannot read the history `{}`", path.display())]
    UnreadableHistory {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A result does not belong into a history.
    #[cfg(feature = "history")]
    #[error("the result of `{bench}` cannot be kept: {reason}")]
    InvalidResult {
        /// The bench.
        bench: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A setting is outside its range.
    #[error("the option `{option}` must be {expected}")]
    InvalidOption {
        /// The setting.
        option: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// A throughput cannot be fitted.
    #[error(
        "a throughput of {per_second} per second with {threads} thread(s) cannot be fitted; \
         both must be finite and positive"
    )]
    InvalidThroughput {
        /// The number of threads.
        threads: usize,
        /// The throughput.
        per_second: f64,
    },
    /// A size or a time cannot be fitted.
    #[error("cannot fit the timing at size {size}: {reason}")]
    InvalidTiming {
        /// The size.
        size: f64,
        /// What was expected.
        reason: &'static str,
    },
    /// A value of a series is infinite or not a number.
    #[error("value {index} of the series is {value}; leave missing results out")]
    NotFinite {
        /// Its position, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A plot could not be drawn.
    #[cfg(feature = "plots")]
    #[error("cannot draw the plot")]
    Plot {
        /// The reason.
        #[source]
        source: tuneup_report::Error,
    },
    /// The sizes are so close together that every growth law looks the same.
    #[error(
        "sizes from {smallest} to {largest} are too close to show a growth law; span 64× or more"
    )]
    SizesTooClose {
        /// The smallest size.
        smallest: f64,
        /// The largest size.
        largest: f64,
    },
    /// The system refused to start a thread.
    #[error("cannot start {threads} threads at once; ask for fewer or raise the system's limit")]
    Thread {
        /// How many threads were to run at once.
        threads: usize,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A growth law cannot be told from so few sizes.
    #[error(
        "{found} different size(s) cannot show a growth law; give at least {needed}, small enough for the time allowed"
    )]
    TooFewSizes {
        /// How many different sizes there were.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// The scalability law cannot be told from so few thread counts.
    #[error(
        "{found} different thread count(s) cannot show a law with three coefficients; \
         give at least {needed}"
    )]
    TooFewThreadCounts {
        /// How many different counts there were.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// A statistic could not be computed.
    #[error("cannot summarise the samples of `{name}`")]
    Statistics {
        /// What the samples belong to.
        name: String,
        /// The reason.
        #[source]
        source: tuneup_measure::Error,
    },
    /// A file could not be read or written.
    #[cfg(any(feature = "suite", feature = "history"))]
    #[error("cannot use `{}`", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        #[source]
        source: std::io::Error,
    },
    /// A file that should hold JSON does not; it is left as it is.
    #[cfg(feature = "suite")]
    #[error("`{}` is damaged or not what it should be; move it away or name another", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The reason.
        #[source]
        source: serde_json::Error,
    },
    /// A file holds something else than bench results; it is left as it is.
    #[cfg(feature = "suite")]
    #[error("`{}` holds {found}, not {expected}; it was left untouched", path.display())]
    ForeignResults {
        /// The file.
        path: PathBuf,
        /// What it says it is.
        found: String,
        /// What was looked for.
        expected: String,
    },
    /// A baseline from another machine; it is left as it is.
    #[cfg(feature = "suite")]
    #[error(
        "the baseline `{}` was measured on another machine ({found}; this is {expected}); \
         it was left untouched: save one of this machine under another name", path.display()
    )]
    ForeignBaseline {
        /// The file.
        path: PathBuf,
        /// The machine of the baseline.
        found: String,
        /// This machine.
        expected: String,
    },
    /// A name that cannot be a file's.
    #[cfg(feature = "suite")]
    #[error("`{name}` cannot name a baseline; use letters, digits, `-`, `_` and `.`")]
    BaselineName {
        /// The name.
        name: String,
    },
    /// No baseline of that name.
    #[cfg(feature = "suite")]
    #[error("there is no baseline `{name}`; {}", known_baselines(known))]
    UnknownBaseline {
        /// The name.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// A run that was cut short, or in which a bench failed, cannot become a baseline: later comparisons would miss cases.
    #[cfg(feature = "suite")]
    #[error("the run is incomplete and was not saved as the baseline `{name}`; run it to its end")]
    IncompleteBaseline {
        /// The name.
        name: String,
    },
    /// A filter that names no group and no case.
    #[cfg(feature = "suite")]
    #[error("no bench matches `{filter}`; the nearest are {}", quoted(nearest))]
    UnknownFilter {
        /// The filter.
        filter: String,
        /// The most similar names.
        nearest: Vec<String>,
    },
    /// A commit could not be checked out beside the work tree.
    #[cfg(feature = "suite")]
    #[error("cannot check out `{revision}`: {reason}")]
    Checkout {
        /// The commit as it was named.
        revision: String,
        /// What git said.
        reason: String,
    },
    /// Neither a commit of the repository nor a folder with a workspace.
    #[cfg(feature = "suite")]
    #[error("`{revision}` is neither a commit of this repository nor a folder with a `Cargo.toml`")]
    UnknownRevision {
        /// What was given.
        revision: String,
    },
    /// A program could not be started.
    #[cfg(feature = "suite")]
    #[error("cannot start `{program}`")]
    Start {
        /// The program.
        program: String,
        /// The reason.
        #[source]
        source: std::io::Error,
    },
    /// The benches could not be built; the compiler's messages were shown.
    #[cfg(feature = "suite")]
    #[error("the benches of `{package}` in `{}` do not build", workspace.display())]
    Build {
        /// The bench package.
        package: String,
        /// The workspace.
        workspace: PathBuf,
    },
    /// A bench executable failed or went away.
    #[cfg(feature = "suite")]
    #[error("the bench `{program}` failed: {reason}")]
    Session {
        /// The executable or group.
        program: String,
        /// What it said.
        reason: String,
    },
    /// Callgrind wrote something that is not a profile with totals.
    #[cfg(feature = "suite")]
    #[error("no instruction count in `{}`; is this valgrind 3.15 or newer?", path.display())]
    Callgrind {
        /// The dump.
        path: PathBuf,
    },
    /// Somebody asked to stop.
    #[cfg(feature = "suite")]
    #[error("interrupted")]
    Interrupted,
}

#[cfg(feature = "suite")]
impl Error {
    /// Whether the fault lies in what was asked for (a filter, a baseline, a revision) rather than in what was measured.
    ///
    /// ```
    /// use tuneup_benchmarking::suite::Baselines;
    /// let error = Baselines::new("nowhere").load("main", "this machine").unwrap_err();
    /// assert!(error.is_usage());
    /// ```
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::BaselineName { .. }
                | Self::ForeignBaseline { .. }
                | Self::ForeignResults { .. }
                | Self::Json { .. }
                | Self::UnknownBaseline { .. }
                | Self::UnknownFilter { .. }
                | Self::UnknownRevision { .. }
        )
    }
}

/// What a command wrote to standard error, as a part of a sentence.
#[cfg(feature = "commands")]
fn said(stderr: &str) -> String {
    match stderr {
        "" => String::new(),
        said => format!(", saying: {said}"),
    }
}

#[cfg(feature = "suite")]
fn quoted(names: &[String]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(feature = "suite")]
fn known_baselines(names: &[String]) -> String {
    if names.is_empty() {
        "none was saved yet: make one with `--save NAME`".to_owned()
    } else {
        format!("saved are {}", quoted(names))
    }
}
