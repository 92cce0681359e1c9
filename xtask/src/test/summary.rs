//! What the steps ended with, as one table, and the sum of all tests.

use std::time::Duration;

use tuneup_report::{Align, Cell, Style, Table};

use super::counts::Counts;
use super::plan::StepName;

/// What a step ended with.
pub(super) struct Outcome {
    pub(super) name: StepName,
    /// Nothing for a step that was not run.
    pub(super) passed: Option<bool>,
    pub(super) took: Duration,
    pub(super) counts: Counts,
}

impl Outcome {
    pub(super) fn not_run(name: StepName) -> Self {
        Self {
            name,
            passed: None,
            took: Duration::ZERO,
            counts: Counts::default(),
        }
    }

    /// The end of a step, in one line.
    pub(super) fn line(&self) -> String {
        format!("{} after {}", verdict(self.passed).0, seconds(self.took))
    }
}

fn verdict(passed: Option<bool>) -> (&'static str, Style) {
    match passed {
        Some(true) => ("ok", Style::Good),
        Some(false) => ("FAILED", Style::Bad),
        None => ("not run", Style::Dim),
    }
}

/// Always in seconds, so that steps can be compared at a glance.
fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

/// A row per step, and one for all of them.
pub(super) fn table(outcomes: &[Outcome]) -> Table {
    let mut table = Table::new(["step", "result", "time", "passed", "failed", "ignored"])
        .align(2, Align::Right);
    for outcome in outcomes {
        table.push(row(
            outcome.name.text(),
            outcome.passed,
            outcome.took,
            outcome.counts,
        ));
    }
    let failed = outcomes.iter().any(|outcome| outcome.passed == Some(false));
    let took = outcomes.iter().map(|outcome| outcome.took).sum();
    table.push(row("all".to_owned(), Some(!failed), took, sum(outcomes)));
    table
}

fn row(name: String, passed: Option<bool>, took: Duration, counts: Counts) -> Vec<Cell> {
    let (verdict, style) = verdict(passed);
    let time = if passed.is_some() {
        Cell::text(seconds(took))
    } else {
        Cell::missing()
    };
    let mut row = vec![Cell::text(name), Cell::text(verdict).styled(style), time];
    let tests = [counts.passed, counts.failed, counts.ignored];
    row.extend(tests.map(|tests| {
        if counts.is_empty() {
            Cell::missing()
        } else {
            Cell::count(tests)
        }
    }));
    row
}

/// The line that machines read.
pub(super) fn total(outcomes: &[Outcome]) -> String {
    let sum = sum(outcomes);
    format!("{} passed, {} failed", sum.passed, sum.failed)
}

fn sum(outcomes: &[Outcome]) -> Counts {
    let mut sum = Counts::default();
    outcomes.iter().for_each(|outcome| sum.add(outcome.counts));
    sum
}

#[cfg(test)]
mod tests;
