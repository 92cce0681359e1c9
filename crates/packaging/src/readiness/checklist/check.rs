//! One item of the checklist: what it runs, and how it judges what came out.

use std::{
    cell::Cell,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    process::{Command, Output},
};

use serde::{Deserialize, Serialize};

use super::area::Area;
use crate::{Error, Runner, TimeLimit, runner::outcome};

/// So many lines of what a failing command has said are evidence.
const SAID_LINES: usize = 12;

/// A line of evidence has at most so many characters; a linker's command has thousands.
const LINE_LENGTH: usize = 300;

/// How a check has ended.
///
/// ```
/// use tuneup_packaging::State;
///
/// let state = State::fail("2 files are not formatted", "cargo fmt --all");
/// assert_eq!(state.name(), "fail");
/// assert!(!state.is_pass());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// It is as it should be.
    Pass {
        /// What was seen.
        evidence: String,
    },
    /// It is not.
    Fail {
        /// What was seen.
        evidence: String,
        /// How to mend it.
        mend: String,
    },
    /// Somebody has said that the check means nothing here. It counts neither way.
    NotApplicable {
        /// What was said.
        reason: String,
    },
    /// Nobody knows, which counts as a fail.
    Unknown {
        /// Why, and what the check needs.
        reason: String,
    },
}

impl State {
    /// As it should be.
    ///
    /// ```
    /// # use tuneup_packaging::State;
    /// assert!(State::pass("17 tests").is_pass());
    /// ```
    #[must_use]
    pub fn pass(evidence: impl Into<String>) -> Self {
        Self::Pass {
            evidence: evidence.into(),
        }
    }

    /// Not as it should be.
    ///
    /// ```
    /// # use tuneup_packaging::State;
    /// assert_eq!(State::fail("no licence", "add one").text(), "no licence; to mend it: add one");
    /// ```
    #[must_use]
    pub fn fail(evidence: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Fail {
            evidence: evidence.into(),
            mend: mend.into(),
        }
    }

    /// The check means nothing here.
    ///
    /// ```
    /// # use tuneup_packaging::State;
    /// assert_eq!(State::not_applicable("there is no program").name(), "not applicable");
    /// ```
    #[must_use]
    pub fn not_applicable(reason: impl Into<String>) -> Self {
        Self::NotApplicable {
            reason: reason.into(),
        }
    }

    /// Nobody knows.
    ///
    /// ```
    /// # use tuneup_packaging::State;
    /// assert_eq!(State::unknown("no network").name(), "unknown");
    /// ```
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown {
            reason: reason.into(),
        }
    }

    /// Whether it counts as passed.
    ///
    /// ```
    /// # use tuneup_packaging::State;
    /// assert!(!State::unknown("no network").is_pass());
    /// ```
    #[must_use]
    pub fn is_pass(&self) -> bool {
        matches!(self, Self::Pass { .. })
    }

    /// Whether it counts at all.
    ///
    /// ```
    /// # use tuneup_packaging::State;
    /// assert!(State::unknown("no network").is_applicable());
    /// assert!(!State::not_applicable("there is no program").is_applicable());
    /// ```
    #[must_use]
    pub fn is_applicable(&self) -> bool {
        !matches!(self, Self::NotApplicable { .. })
    }

    /// `pass`, `fail`, `not applicable` or `unknown`.
    ///
    /// ```
    /// # use tuneup_packaging::State;
    /// assert_eq!(State::pass("").name(), "pass");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pass { .. } => "pass",
            Self::Fail { .. } => "fail",
            Self::NotApplicable { .. } => "not applicable",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// The evidence or the reason, and how to mend it.
    ///
    /// ```
    /// # use tuneup_packaging::State;
    /// assert_eq!(State::pass("17 tests").text(), "17 tests");
    /// ```
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Pass { evidence: text }
            | Self::NotApplicable { reason: text }
            | Self::Unknown { reason: text } => text.clone(),
            Self::Fail { evidence, mend } => format!("{evidence}; to mend it: {mend}"),
        }
    }
}

/// What a check is given when it runs.
///
/// ```
/// use std::process::Command;
/// use tuneup_packaging::{Area, Check, State};
///
/// let check = Check::new("git", Area::Quality, "git is there", "git --version", |context| {
///     let output = context.run(Command::new("git").arg("--version"))?;
///     Ok(State::pass(String::from_utf8_lossy(&output.stdout).trim()))
/// });
/// assert_eq!(check.id(), "git");
/// ```
pub struct Context<'a> {
    pub(super) folder: &'a Path,
    pub(super) runner: &'a dyn Runner,
    pub(super) limit: TimeLimit,
    pub(super) is_partial: Cell<bool>,
}

impl Context<'_> {
    /// The folder that is checked.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, Check, State};
    /// let check = Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |context| {
    ///     Ok(State::pass(context.folder().join("NOTES.md").display().to_string()))
    /// });
    /// # drop(check);
    /// ```
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder
    }

    /// Runs programs. It ends them when the time of the check is over, unless [`ReadinessBuilder::runner`](crate::ReadinessBuilder::runner)
    /// has put another in its place.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, Check, State};
    /// # use tuneup_packaging::Workspace;
    /// let check = Check::new("members", Area::Quality, "there are packages", "cargo metadata", |context| {
    ///     let workspace = Workspace::load(context.folder(), context.runner())?;
    ///     Ok(State::pass(format!("{} packages", workspace.members.len())))
    /// });
    /// # drop(check);
    /// ```
    #[must_use]
    pub fn runner(&self) -> &dyn Runner {
        self.runner
    }

    /// The time of the check, for what runs inside of this process.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, Check, State};
    /// let check = Check::new("time", Area::Tests, "there is time", "date", |context| {
    ///     Ok(State::pass(format!("{} s are left", context.limit().remaining().as_secs())))
    /// });
    /// # drop(check);
    /// ```
    #[must_use]
    pub fn limit(&self) -> TimeLimit {
        self.limit
    }

    /// Says that not all was looked at, as where a test was skipped because a program is not installed: even if it passes, this is not kept by
    /// [`ReadinessBuilder::keep`](crate::ReadinessBuilder::keep).
    ///
    /// ```
    /// # use tuneup_packaging::{Area, Check, State};
    /// let check = Check::new("links", Area::Documentation, "no link is broken", "", |context| {
    ///     context.mark_partial();
    ///     Ok(State::pass("3 links; that of example.org was not asked"))
    /// });
    /// # drop(check);
    /// ```
    pub fn mark_partial(&self) {
        self.is_partial.set(true);
    }

    /// Runs a program to its end, in the folder that is checked unless the command names another.
    ///
    /// # Errors
    ///
    /// It cannot be started, or it was ended. That it fails is no error of this function.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, Check, State};
    /// # use std::process::Command;
    /// let check = Check::new("git", Area::Quality, "git is there", "git --version", |context| {
    ///     let output = context.run(Command::new("git").arg("--version"))?;
    ///     Ok(match output.status.success() {
    ///         true => State::pass("it answers"),
    ///         false => State::unknown("it does not answer"),
    ///     })
    /// });
    /// # drop(check);
    /// ```
    pub fn run(&self, command: &mut Command) -> Result<Output, Error> {
        if command.get_current_dir().is_none() {
            command.current_dir(self.folder);
        }
        outcome(self.runner, command)
    }
}

type Judge<'a> = Box<dyn Fn(&Context<'_>) -> Result<State, Error> + 'a>;

/// One item of the checklist.
pub struct Check<'a> {
    id: String,
    area: Area,
    title: String,
    line: String,
    is_of_contents: bool,
    settings: String,
    judge: Judge<'a>,
}

impl<'a> Check<'a> {
    /// A check that judges what it finds itself. `line` is what somebody types to see the same. An error, or a panic, is
    /// [`State::Unknown`].
    ///
    /// ```
    /// use tuneup_packaging::{Area, Check, State};
    ///
    /// let check = Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |context| {
    ///     Ok(match context.folder().join("NOTES.md").is_file() {
    ///         true => State::pass("NOTES.md is there"),
    ///         false => State::fail("NOTES.md is missing", "write it"),
    ///     })
    /// });
    /// assert_eq!(check.line(), "ls NOTES.md");
    /// ```
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        area: Area,
        title: impl Into<String>,
        line: impl Into<String>,
        judge: impl Fn(&Context<'_>) -> Result<State, Error> + 'a,
    ) -> Self {
        Self {
            id: id.into(),
            area,
            title: title.into(),
            line: line.into(),
            is_of_contents: false,
            settings: String::new(),
            judge: Box::new(judge),
        }
    }

    /// A check that passes if a program says so by its exit code. The last line of what it prints is the evidence; if it fails, twelve
    /// lines are, from the first `error` on or else the last ones.
    ///
    /// The command is shown with its arguments and without its environment, in which secrets may be. It runs in the folder that is
    /// checked if it names no other.
    ///
    /// ```
    /// use std::process::Command;
    /// use tuneup_packaging::{Area, Check};
    ///
    /// let mut tidy = Command::new("cargo");
    /// tidy.args(["xtask", "tidy", "--only", "no gaps"]);
    /// let check = Check::command("tidy", Area::Quality, "the rules of the project", tidy);
    /// assert_eq!(check.line(), "cargo xtask tidy --only 'no gaps'");
    /// ```
    #[must_use]
    pub fn command(
        id: impl Into<String>,
        area: Area,
        title: impl Into<String>,
        command: Command,
    ) -> Self {
        let line = typed(&command);
        let mend = format!("run `{line}` and mend what it says");
        Self::new(id, area, title, line, move |context| {
            let output = context.run(&mut copied(&command))?;
            Ok(judged(&output, &mend))
        })
    }

    /// Says that its answer follows from the contents of the folder alone: not from the history, the time, the network or what else the
    /// machine does. [`ReadinessBuilder::keep`](crate::ReadinessBuilder::keep) does not run such a check again for the same contents.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, Check, State};
    /// let check = Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |_| Ok(State::pass("one"))).of_contents();
    /// # drop(check);
    /// ```
    #[must_use]
    pub fn of_contents(mut self) -> Self {
        self.is_of_contents = true;
        self
    }

    pub(super) fn is_of_contents(&self) -> bool {
        self.is_of_contents
    }

    /// What decides what it does, beside the contents and what the line shows.
    pub(super) fn with_settings(mut self, settings: impl fmt::Debug) -> Self {
        self.settings = format!("{settings:?}");
        self
    }

    pub(super) fn settings(&self) -> &str {
        &self.settings
    }

    /// Its name, by which it is declared not applicable; lower case, with hyphens.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, Check, State};
    /// let check = Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |_| Ok(State::pass("one")));
    /// assert_eq!(check.id(), "notes");
    /// ```
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is about.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, Check, State};
    /// let check = Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |_| Ok(State::pass("one")));
    /// assert_eq!(check.area(), Area::Documentation);
    /// ```
    #[must_use]
    pub fn area(&self) -> Area {
        self.area
    }

    /// What it finds out, as a statement that should be true.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, Check, State};
    /// let check = Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |_| Ok(State::pass("one")));
    /// assert_eq!(check.title(), "there are notes");
    /// ```
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The command that shows the same; empty if there is none.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, Check, State};
    /// let check = Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |_| Ok(State::pass("one")));
    /// assert_eq!(check.line(), "ls NOTES.md");
    /// ```
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Never fails: who cannot say anything says so.
    pub(super) fn judge(&self, context: &Context<'_>) -> State {
        // What a judge has left half-changed is its own; nobody looks at it again.
        match catch_unwind(AssertUnwindSafe(|| (self.judge)(context))) {
            Ok(Ok(state)) => state,
            Ok(Err(error)) => State::unknown(with_causes(&error)),
            Err(panic) => State::unknown(format!("the check has panicked: {}", said(&*panic))),
        }
    }
}

impl fmt::Debug for Check<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("id", &self.id)
            .field("area", &self.area)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// As [`judged`], with other evidence for a pass than the last line.
pub(super) fn judged_as(output: &Output, evidence: &str, mend: &str) -> State {
    match judged(output, mend) {
        State::Pass { .. } => State::pass(evidence),
        other => other,
    }
}

/// Pass or fail by the exit code.
pub(super) fn judged(output: &Output, mend: &str) -> State {
    let lines = lines_of(output);
    if output.status.success() {
        let last = lines.last().map_or("it went well", |line| line.trim());
        return State::pass(last);
    }
    // A compiler says first what is wrong, and other programs last.
    let end = lines.len().saturating_sub(SAID_LINES);
    let error = lines.iter().position(|line| line.starts_with("error"));
    let said = lines[error.unwrap_or(end).min(end)..]
        .iter()
        .take(SAID_LINES);
    let said = said.cloned().collect::<Vec<_>>().join("\n");
    let evidence = match said.is_empty() {
        true => format!("{}, without a word", output.status),
        false => said,
    };
    State::fail(evidence, mend)
}

/// What a program has printed, without colours and blank lines: standard output first, for complaints are at the end of the other.
pub(super) fn lines_of(output: &Output) -> Vec<String> {
    let both = [&output.stdout, &output.stderr];
    let texts = both.map(|bytes| plain(&String::from_utf8_lossy(bytes)));
    let lines = texts.iter().flat_map(|text| text.lines());
    lines
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .map(|line| match line.char_indices().nth(LINE_LENGTH) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line.to_owned(),
        })
        .collect()
}

/// Without what sets colours on a terminal: an escape, then brackets with parameters up to a letter, or a character set.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\u{1b}' {
            plain.push(char);
            continue;
        }
        match chars.next() {
            Some('[') => {
                // The letter that ends it goes too.
                let _ = chars
                    .by_ref()
                    .find(|char| ('\u{40}'..='\u{7e}').contains(char));
            }
            Some('(' | ')') => {
                let _ = chars.next();
            }
            _ => {}
        }
    }
    plain
}

/// As somebody would type it.
fn typed(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    let words = words.map(|word| {
        let word = word.to_string_lossy();
        shlex::try_quote(&word).map_or_else(|_| word.to_string(), std::borrow::Cow::into_owned)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A command can be neither cloned nor run behind a shared reference.
fn copied(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        copy.current_dir(folder);
    }
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => copy.env(key, value),
            None => copy.env_remove(key),
        };
    }
    copy
}

/// An error with what lies behind it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // Some errors repeat their cause in their own text.
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a word")
}
