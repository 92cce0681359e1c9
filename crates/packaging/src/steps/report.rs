//! What steps tell of themselves: as they run, and when they are over.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tuneup_report::{Cell, Style, Table};

use crate::{Error, sha256::sha256_and_length_of};

/// What happens while steps run.
///
/// ```
/// use tuneup_packaging::StepEvent;
///
/// let event = StepEvent::Begun { index: 0, count: 9, name: "plan", about: "what is released" };
/// assert!(matches!(event, StepEvent::Begun { name: "plan", .. }));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum StepEvent<'a> {
    /// A step begins to run.
    Begun {
        /// From 0.
        index: usize,
        /// Of all steps.
        count: usize,
        /// Of this one.
        name: &'a str,
        /// What it does, in a few words.
        about: &'a str,
    },
    /// A step is over, or was skipped, or had been done before.
    Ended(&'a StepReport),
}

/// What has become of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepOutcome {
    /// It has run, and made what it was to make.
    Done,
    /// An earlier run has done it.
    DoneBefore,
    /// It was not wanted.
    Skipped,
    /// It could not be done.
    Failed,
}

/// One step, when it is over.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StepReport {
    /// Of the step.
    pub name: String,
    /// What has become of it.
    pub outcome: StepOutcome,
    /// How long it has taken, when it ran.
    pub time: Duration,
    /// What it has written.
    pub files: Vec<MadeFile>,
    /// Why it has failed.
    pub error: Option<String>,
}

/// A file that a step has written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MadeFile {
    /// Where it is.
    pub path: PathBuf,
    /// How long it is.
    pub size_bytes: u64,
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// All steps that a run has come to.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct StepsReport {
    /// In their order.
    pub steps: Vec<StepReport>,
}

impl StepReport {
    pub(super) fn of(name: &str, outcome: StepOutcome) -> Self {
        Self {
            name: name.to_owned(),
            outcome,
            time: Duration::ZERO,
            files: Vec::new(),
            error: None,
        }
    }
}

impl MadeFile {
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let (sha256, size_bytes) = sha256_and_length_of(path)?;
        Ok(Self {
            path: path.to_owned(),
            size_bytes,
            sha256,
        })
    }
}

impl StepsReport {
    /// Steps, times and hashes: one line for each file of a step, and the total of the times below.
    ///
    /// ```
    /// use tuneup_packaging::StepsReport;
    /// use tuneup_report::Terminal;
    ///
    /// let table = StepsReport::default().table();
    /// assert!(table.render(&Terminal::plain(80)).contains("sha256"));
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        let mut table = Table::new(["step", "outcome", "time", "file", "size", "sha256"]);
        for step in &self.steps {
            let about = [
                Cell::text(&step.name),
                step.outcome.cell(),
                Cell::duration(step.time),
            ];
            let [first, rest @ ..] = &step.files[..] else {
                let none = || Cell::text("");
                table = table.row(about.into_iter().chain([none(), none(), none()]));
                continue;
            };
            table = table.row(about.into_iter().chain(first.cells()));
            for file in rest {
                let none = || Cell::text("");
                table = table.row([none(), none(), none()].into_iter().chain(file.cells()));
            }
        }
        table
    }
}

impl StepOutcome {
    fn cell(self) -> Cell {
        match self {
            Self::Done => Cell::text("done").styled(Style::Good),
            Self::DoneBefore => Cell::text("done before"),
            Self::Skipped => Cell::text("skipped"),
            Self::Failed => Cell::text("failed").styled(Style::Bad),
        }
    }
}

impl MadeFile {
    fn cells(&self) -> [Cell; 3] {
        let name = self.path.file_name().unwrap_or_default();
        [
            Cell::text(name.display().to_string()),
            Cell::bytes(self.size_bytes),
            Cell::text(&self.sha256),
        ]
    }
}
