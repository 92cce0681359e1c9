//! The scored checklist before a release: every item is something that really ran.

mod area;
mod check;
mod kept;
mod report;
mod score;
mod standard;

use std::{
    cell::Cell,
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use self::kept::{Kept, Place};
use crate::{Error, Runner, TimeLimit};

pub use area::Area;
pub use check::{Check, Context, State};
pub use report::{CheckReport, ReadinessReport};
pub use score::Score;
pub use standard::StandardChecks;

#[cfg(test)]
mod tests;

/// What a check has time for if nobody says otherwise.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// What is told while a checklist is gone through.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadinessEvent<'a> {
    /// A check begins.
    Started {
        /// Which.
        check: &'a Check<'a>,
        /// How many have begun, this one included.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// A check has ended, or was declared not applicable and not begun.
    Ended {
        /// How.
        report: &'a CheckReport,
    },
}

type OnEvent<'a> = Box<dyn Fn(&ReadinessEvent<'_>) + 'a>;

/// A checklist that can be gone through.
///
/// ```
/// use std::{path::Path, process::Command};
/// use tuneup_packaging::{Area, Check, Readiness};
///
/// let mut version = Command::new("git");
/// version.arg("--version");
/// let report = Readiness::builder(Path::new("."))
///     .check(Check::command("git", Area::Quality, "git is there", version))
///     .build()?
///     .run();
/// assert!(report.checks[0].state.text().starts_with("git version"));
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
pub struct Readiness<'a> {
    folder: PathBuf,
    checks: Vec<Check<'a>>,
    not_applicable: Vec<(String, String)>,
    limit: Duration,
    runner: Option<&'a dyn Runner>,
    on_event: OnEvent<'a>,
    kept: Option<Place<'a>>,
    is_again: bool,
}

impl fmt::Debug for Readiness<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readiness")
            .field("folder", &self.folder)
            .field("checks", &self.checks)
            .field("not_applicable", &self.not_applicable)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl<'a> Readiness<'a> {
    /// A checklist for the workspace in a folder, without any check so far.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{Area, Check, Readiness, State};
    /// # let check = || Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |_| Ok(State::pass("one")));
    /// let empty = Readiness::builder(Path::new(".")).build()?.run();
    /// assert!(empty.checks.is_empty() && !empty.is_ready());
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn builder(folder: &Path) -> ReadinessBuilder<'a> {
        ReadinessBuilder(Self {
            folder: folder.to_owned(),
            checks: Vec::new(),
            not_applicable: Vec::new(),
            limit: LIMIT,
            runner: None,
            on_event: Box::new(|_| {}),
            kept: None,
            is_again: false,
        })
    }

    /// Runs one check after the other; nothing stops it, whatever a check does. It takes as long as the checks do.
    ///
    /// A check that panics, that cannot start or whose time is over is [`State::Unknown`].
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{Area, Check, Readiness, State};
    /// # let check = || Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |_| Ok(State::pass("one")));
    /// let report = Readiness::builder(Path::new(".")).check(check()).build()?.run();
    /// assert_eq!(report.checks[0].state, State::pass("one"));
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    #[must_use]
    pub fn run(&self) -> ReadinessReport {
        let mut kept = self.kept.as_ref().and_then(Kept::open);
        let mut checks = Vec::new();
        for (index, check) in self.checks.iter().enumerate() {
            let before = kept.as_ref().filter(|_| !self.is_again);
            let before = before.and_then(|kept| kept.find(check));
            let report = match (self.declared(check), before) {
                (Some(reason), _) => reported(check, State::not_applicable(reason), Duration::ZERO),
                (None, Some(before)) => before,
                (None, None) => self.answer(check, index + 1, &mut kept),
            };
            (self.on_event)(&ReadinessEvent::Ended { report: &report });
            checks.push(report);
        }
        ReadinessReport { checks }
    }

    /// Why a check is not run.
    fn declared(&self, check: &Check<'_>) -> Option<&str> {
        let mut declared = self.not_applicable.iter();
        let (_, reason) = declared.find(|(id, _)| id == check.id())?;
        Some(reason)
    }

    fn answer(&self, check: &Check<'_>, number: usize, kept: &mut Option<Kept<'_>>) -> CheckReport {
        (self.on_event)(&ReadinessEvent::Started {
            check,
            number,
            of: self.checks.len(),
        });
        let limit = TimeLimit::new(self.limit);
        let context = Context {
            folder: &self.folder,
            runner: self.runner.unwrap_or(&limit),
            limit,
            is_partial: Cell::new(false),
        };
        let begin = Instant::now();
        let state = check.judge(&context);
        let report = reported(check, state, begin.elapsed());
        if let Some(kept) = kept {
            kept.add(check, &report, context.is_partial.get());
        }
        report
    }
}

/// Makes a [`Readiness`].
#[derive(Debug)]
#[must_use = "nothing is checked until build and run"]
pub struct ReadinessBuilder<'a>(Readiness<'a>);

impl<'a> ReadinessBuilder<'a> {
    /// Adds a check.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{Area, Check, Readiness, State};
    /// # let check = || Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |_| Ok(State::pass("one")));
    /// let list = Readiness::builder(Path::new(".")).check(check()).build()?;
    /// assert_eq!(list.run().checks.len(), 1);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn check(self, check: Check<'a>) -> Self {
        self.checks([check])
    }

    /// Adds checks, as [`StandardChecks::checks`] gives them.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{Area, Check, Readiness, State};
    /// # let check = || Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |_| Ok(State::pass("one")));
    /// let list = Readiness::builder(Path::new(".")).checks([check()]).build()?;
    /// assert_eq!(list.run().checks.len(), 1);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn checks(mut self, checks: impl IntoIterator<Item = Check<'a>>) -> Self {
        self.0.checks.extend(checks);
        self
    }

    /// Says that a check means nothing here, and why. It is not run, does not count, and is shown with the reason: that of a check
    /// of security too, so that everybody sees what was left out.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{Area, Check, Readiness, State};
    /// # let check = || Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |_| Ok(State::pass("one")));
    /// let list = Readiness::builder(Path::new(".")).check(check()).not_applicable("notes", "there is a book").build()?;
    /// assert_eq!(list.run().checks[0].state, State::not_applicable("there is a book"));
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn not_applicable(mut self, id: impl Into<String>, reason: impl Into<String>) -> Self {
        self.0.not_applicable.push((id.into(), reason.into()));
        self
    }

    /// What each check has time for; 30 minutes by default. A program that runs longer is ended.
    ///
    /// ```
    /// # use std::{path::Path, process::Command, time::Duration};
    /// # use tuneup_packaging::{Area, Check, Readiness};
    /// let mut sleep = Command::new("sleep");
    /// sleep.arg("60");
    /// let list = Readiness::builder(Path::new("."))
    ///     .check(Check::command("sleep", Area::Tests, "it ends", sleep))
    ///     .time_limit(Duration::from_millis(50))
    ///     .build()?;
    /// assert_eq!(list.run().checks[0].state.name(), "unknown");
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.0.limit = limit;
        self
    }

    /// Runs programs in place of [`TimeLimit`], for tests; that they end is its own business then.
    ///
    /// ```
    /// # use std::{path::Path, process::Command};
    /// # use tuneup_packaging::{Area, Check, Readiness, System};
    /// let mut version = Command::new("git");
    /// version.arg("--version");
    /// let list = Readiness::builder(Path::new("."))
    ///     .check(Check::command("git", Area::Quality, "git is there", version))
    ///     .runner(&System)
    ///     .build()?;
    /// assert!(list.run().checks[0].state.is_pass());
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn runner(mut self, runner: &'a dyn Runner) -> Self {
        self.0.runner = Some(runner);
        self
    }

    /// Keeps in a file what has passed, and does not run it again for the same contents: a run that comes after a failure, or a release
    /// after its rehearsal, takes what is left. What the contents are is the caller's to say, in a word that is another one as soon as they,
    /// the compiler or its settings are others, or not at all; it is asked before the first check and after each, since they may change
    /// meanwhile. It is for checks that say so by [`Check::of_contents`], as most of [`StandardChecks`] do; what was not run is shown with the
    /// time at which it was. A file that cannot be read or written is as good as none; it has the last contents alone.
    ///
    /// ```
    /// use tuneup_packaging::{Area, Check, Readiness, State};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let report = || {
    ///     let check = Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |_| Ok(State::pass("one")));
    ///     let list = Readiness::builder(folder.path()).check(check.of_contents());
    ///     let contents = || Some("tree 2b66fd2".to_owned());
    ///     Ok::<_, tuneup_packaging::Error>(list.keep(folder.path().join("passed.json"), contents).build()?.run())
    /// };
    /// assert_eq!(report()?.checks[0].passed_before, None);
    /// assert!(report()?.checks[0].passed_before.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keep(
        mut self,
        file: impl Into<PathBuf>,
        contents: impl Fn() -> Option<String> + 'a,
    ) -> Self {
        self.0.kept = Some(Place {
            file: file.into(),
            contents: Box::new(contents),
        });
        self
    }

    /// Runs what was kept by [`ReadinessBuilder::keep`] again, and keeps how it goes now.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::Readiness;
    /// let list = Readiness::builder(Path::new(".")).keep("target/passed.json", || None).again().build()?;
    /// # drop(list);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn again(mut self) -> Self {
        self.0.is_again = true;
        self
    }

    /// Is told when a check begins and ends.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{Area, Check, Readiness, State};
    /// # let check = || Check::new("notes", Area::Documentation, "there are notes", "ls NOTES.md", |_| Ok(State::pass("one")));
    /// let list = Readiness::builder(Path::new("."))
    ///     .check(check())
    ///     .on_event(|event| eprintln!("{event:?}"))
    ///     .build()?;
    /// assert_eq!(list.run().checks.len(), 1);
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn on_event(mut self, tell: impl Fn(&ReadinessEvent<'_>) + 'a) -> Self {
        self.0.on_event = Box::new(tell);
        self
    }

    /// The checklist, ordered by area.
    ///
    /// # Errors
    ///
    /// [`Error::Check`]: two checks have one name; a check is declared not applicable without a reason, or is not in the list.
    ///
    /// ```
    /// use std::path::Path;
    /// use tuneup_packaging::Readiness;
    ///
    /// let error = Readiness::builder(Path::new(".")).not_applicable("bench-gate", " ").build().unwrap_err();
    /// assert!(error.to_string().contains("say why"));
    /// ```
    pub fn build(mut self) -> Result<Readiness<'a>, Error> {
        let mut ids = BTreeSet::new();
        let twice = self.0.checks.iter().find(|check| !ids.insert(check.id()));
        if let Some(check) = twice {
            return Err(refused(
                check.id(),
                "is in the list twice; give one of them another name",
            ));
        }
        for (id, reason) in &self.0.not_applicable {
            if reason.trim().is_empty() {
                return Err(refused(
                    id,
                    "is declared not applicable without a reason; say why",
                ));
            }
            if !ids.contains(&id[..]) {
                let known = ids.iter().copied().collect::<Vec<_>>().join(", ");
                let reason =
                    format!("is declared not applicable, and not in the list; there are: {known}");
                return Err(refused(id, &reason));
            }
        }
        self.0.checks.sort_by_key(Check::area);
        Ok(self.0)
    }
}

fn reported(check: &Check<'_>, state: State, took: Duration) -> CheckReport {
    CheckReport {
        id: check.id().to_owned(),
        area: check.area(),
        title: check.title().to_owned(),
        command: check.line().to_owned(),
        state,
        took_ms: took.as_millis().try_into().unwrap_or(u64::MAX),
        passed_before: None,
    }
}

fn refused(id: &str, reason: &str) -> Error {
    Error::Check {
        id: id.to_owned(),
        reason: reason.to_owned(),
    }
}
