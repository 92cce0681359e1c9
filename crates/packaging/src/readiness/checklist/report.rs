//! What came out of a checklist, as data, as a sentence and as tables.

use serde::{Deserialize, Serialize};
use tuneup_report::{Cell, Shorten, Style, Table};

use super::{
    area::Area,
    check::State,
    score::{self, ENOUGH, Score},
};

/// One check and how it has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckReport {
    /// Its name.
    pub id: String,
    /// What it is about.
    pub area: Area,
    /// What it finds out.
    pub title: String,
    /// What shows the same; empty if nothing does.
    pub command: String,
    /// How it has ended.
    #[serde(flatten)]
    pub state: State,
    /// How long it took; 0 for what was not run.
    pub took_ms: u64,
    /// When it ran, if not this time but for the same contents ([`ReadinessBuilder::keep`](crate::ReadinessBuilder::keep)), as
    /// `2026-11-29 13:05 UTC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_before: Option<String>,
}

impl CheckReport {
    /// The evidence in a line, and when it was seen if that was before.
    fn line(&self) -> String {
        let line = first_line(&self.state);
        match &self.passed_before {
            Some(time) => format!("{line} (the same contents, {time})"),
            None => line,
        }
    }
}

/// A checklist that was gone through. It can be written and read as JSON.
///
/// ```
/// use std::path::Path;
/// use tuneup_packaging::{Area, Check, Readiness, State};
///
/// let report = Readiness::builder(Path::new("."))
///     .check(Check::new("secrets", Area::Security, "no secrets", "grep -r secret", |_| Ok(State::pass("none"))))
///     .check(Check::new("tests", Area::Tests, "tests pass", "cargo test", |_| Ok(State::fail("1 failed", "mend it"))))
///     .build()?
///     .run();
/// assert_eq!(report.score(Area::Security).percent(), Some(100.0));
/// assert_eq!(report.total(), 100.0 * 25.0 / 45.0);
/// assert!(!report.is_ready());
/// assert_eq!(report.verdict(), "not ready: 55.5 of 100 points, and 80 are needed; failing: tests");
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReadinessReport {
    /// In the order of the areas, and in each in the order in which they were added.
    pub checks: Vec<CheckReport>,
}

impl ReadinessReport {
    /// How many checks of an area have passed.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, ReadinessReport};
    /// let nothing = ReadinessReport::default();
    /// assert_eq!(nothing.score(Area::Security).percent(), None);
    /// ```
    #[must_use]
    pub fn score(&self, area: Area) -> Score {
        let checks = self.checks.iter().filter(|check| check.area == area);
        Score::of(checks.map(|check| &check.state))
    }

    /// From 0 to 100: the mean of the areas by their weights ([`Area::weight`]). An area without a check that applies gives its
    /// weight to the others; what is unknown counts as failed; what is not applicable does not count.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, ReadinessReport};
    /// let nothing = ReadinessReport::default();
    /// assert_eq!(nothing.total(), 0.0);
    /// ```
    #[must_use]
    pub fn total(&self) -> f64 {
        score::total(Area::ALL.map(|area| (area, self.score(area))))
    }

    /// Whether something of security was checked and all of it has passed, and the total is 80 or more.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, ReadinessReport};
    /// let nothing = ReadinessReport::default();
    /// assert!(!nothing.is_ready());
    /// ```
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.score(Area::Security).is_complete() && self.total() >= ENOUGH
    }

    /// The answer in one sentence, with the names of what stands in the way.
    ///
    /// ```
    /// # use tuneup_packaging::{Area, ReadinessReport};
    /// let nothing = ReadinessReport::default();
    /// assert!(nothing.verdict().starts_with("not ready: "));
    /// ```
    #[must_use]
    pub fn verdict(&self) -> String {
        // Never rounded up: 79.96 are not 80.
        let total = (self.total() * 10.0).floor() / 10.0;
        let failing = self.failing();
        let names = match failing.is_empty() {
            true => String::new(),
            false => format!("; failing: {}", failing.join(", ")),
        };
        if self.is_ready() {
            return format!("ready: {total} of 100 points, and security is complete{names}");
        }
        let security = self.score(Area::Security);
        let mut reasons = Vec::new();
        if self.total() < ENOUGH {
            reasons.push(format!("{total} of 100 points, and {ENOUGH} are needed"));
        }
        match security.applicable {
            0 => reasons.push("nothing of security was checked".to_owned()),
            _ if security.is_complete() => {}
            all => reasons.push(format!(
                "{} of {all} checks of security have passed, and all have to",
                security.passed
            )),
        }
        format!("not ready: {}{names}", reasons.join("; "))
    }

    fn failing(&self) -> Vec<&str> {
        self.failures().map(|check| &check.id[..]).collect()
    }

    /// The checks that apply and have not passed, be it that nobody knows. Who is ready may have some, outside of security.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{Area, Check, Readiness, State};
    /// let report = Readiness::builder(Path::new("."))
    ///     .check(Check::new("tests", Area::Tests, "tests pass", "cargo test", |_| Ok(State::fail("1 failed", "mend it"))))
    ///     .build()?
    ///     .run();
    /// assert_eq!(report.failures().next().unwrap().id, "tests");
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn failures(&self) -> impl Iterator<Item = &CheckReport> {
        let checks = self.checks.iter();
        checks.filter(|check| check.state.is_applicable() && !check.state.is_pass())
    }

    /// The checks by area, with the evidence of each in a line.
    ///
    /// ```
    /// use tuneup_packaging::ReadinessReport;
    ///
    /// assert!(ReadinessReport::default().table().is_empty());
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        self.rows().note(self.verdict())
    }

    /// Points by area, all checks, and for each that does not pass what was seen, how to mend it and how to see it again.
    ///
    /// ```
    /// use tuneup_packaging::ReadinessReport;
    ///
    /// let text = ReadinessReport::default().to_markdown();
    /// assert!(text.starts_with("# Readiness\n\nnot ready: "));
    /// ```
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = format!(
            "# Readiness\n\n{}\n\n{}",
            self.verdict(),
            self.areas().to_markdown()
        );
        text += &format!("\n{}", self.rows().to_markdown());
        for check in self.checks.iter().filter(|check| !check.state.is_pass()) {
            let (evidence, mend) = told(&check.state);
            text += &format!(
                "\n## {}: {}\n\n{}\n\n",
                check.id,
                check.state.name(),
                check.title
            );
            // Indented, so that nothing of what a program has said is read as Markdown.
            for line in evidence.lines() {
                text += &format!("    {line}\n");
            }
            if let Some(mend) = mend {
                text += &format!("\nTo mend it: {mend}.\n");
            }
            if !check.command.is_empty() {
                text += &format!("\nTo see it: `{}`\n", check.command);
            }
        }
        text
    }

    /// The same as one page without a script of its own.
    ///
    /// ```
    /// use tuneup_packaging::ReadinessReport;
    ///
    /// assert!(ReadinessReport::default().to_html().contains("<title>Readiness"));
    /// ```
    #[cfg(feature = "html")]
    #[must_use]
    pub fn to_html(&self) -> String {
        use tuneup_report::HtmlReport;
        let mut page = HtmlReport::new("Readiness")
            .lead(self.verdict())
            .table(&self.areas());
        for area in Area::ALL
            .into_iter()
            .filter(|area| self.of(*area).next().is_some())
        {
            let header = [
                "check",
                "state",
                "time",
                "what should be true",
                "evidence",
                "command",
            ];
            let mut table = Table::new(header);
            for check in self.of(area) {
                table.push([
                    Cell::text(&check.id),
                    state_cell(&check.state),
                    took_cell(check),
                    Cell::text(&check.title),
                    Cell::text(check.line()),
                    Cell::text(&check.command),
                ]);
            }
            page = page.section(area.name()).table(&table);
            for check in self.of(area) {
                let (evidence, mend) = told(&check.state);
                if evidence.lines().nth(1).is_some() {
                    page = page.details(format!("{}: what was seen", check.id), evidence);
                }
                if let Some(mend) = mend {
                    page = page.note(format!("To mend {}: {mend}.", check.id));
                }
            }
        }
        page.render()
    }

    fn of(&self, area: Area) -> impl Iterator<Item = &CheckReport> {
        self.checks.iter().filter(move |check| check.area == area)
    }

    fn areas(&self) -> Table {
        let mut table = Table::new(["area", "passed", "of", "points", "weight"]);
        for area in Area::ALL {
            let score = self.score(area);
            table.push([
                Cell::text(area.name()),
                Cell::count(score.passed.into()),
                Cell::count(score.applicable.into()),
                Cell::from(
                    score
                        .percent()
                        .map(|percent| Cell::percent(percent / 100.0)),
                ),
                Cell::count(area.weight().into()),
            ]);
        }
        table
    }

    fn rows(&self) -> Table {
        let mut table = Table::new(["check", "state", "time", "evidence"]).shorten(3, Shorten::End);
        for area in Area::ALL {
            let score = self.score(area);
            if self.of(area).next().is_none() {
                continue;
            }
            table.push_group(format!("{area}: {} of {}", score.passed, score.applicable));
            for check in self.of(area) {
                table.push([
                    Cell::text(&check.id),
                    state_cell(&check.state),
                    took_cell(check),
                    Cell::text(check.line()),
                ]);
            }
        }
        table
    }
}

fn state_cell(state: &State) -> Cell {
    let style = match state {
        State::Pass { .. } => Style::Good,
        State::Fail { .. } => Style::Bad,
        State::Unknown { .. } => Style::Warn,
        State::NotApplicable { .. } => Style::Dim,
    };
    Cell::text(state.name()).styled(style)
}

fn took_cell(check: &CheckReport) -> Cell {
    match check.state {
        State::NotApplicable { .. } => Cell::missing(),
        // It had nothing to run.
        _ if check.took_ms == 0 => Cell::missing(),
        _ => Cell::nanoseconds(check.took_ms as f64 * 1e6),
    }
}

/// What was seen, and how to mend it.
fn told(state: &State) -> (&str, Option<&str>) {
    match state {
        State::Fail { evidence, mend } => (evidence, Some(mend)),
        State::Pass { evidence: text }
        | State::NotApplicable { reason: text }
        | State::Unknown { reason: text } => (text, None),
    }
}

/// The first line, with the next one if it only announces it.
fn first_line(state: &State) -> String {
    let (evidence, _) = told(state);
    let mut lines = evidence.lines();
    let mut text = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        if !text.ends_with(':') {
            break;
        }
        text = format!("{text} {}", line.trim());
    }
    text
}
