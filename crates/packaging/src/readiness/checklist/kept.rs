//! What has passed before, for the same contents.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use super::{check::Check, report::CheckReport};
use crate::{date_of, whole_file::write_whole};

#[cfg(test)]
mod tests;

/// Where it is kept, and what it has to be for.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) file: PathBuf,
    pub(super) contents: String,
}

/// The file: what has passed for one state of the contents. That of another state is forgotten, so that it does not grow.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Passed {
    contents: String,
    checks: BTreeMap<String, CheckReport>,
}

/// The file, and where it is.
#[derive(Debug)]
pub(super) struct Kept {
    place: Place,
    passed: Passed,
}

impl Kept {
    /// What cannot be read is as good as nothing: all of it runs again.
    pub(super) fn open(place: &Place) -> Self {
        let read = fs::read(&place.file).ok();
        let passed: Option<Passed> = read.and_then(|text| serde_json::from_slice(&text).ok());
        let passed = passed.filter(|passed| passed.contents == place.contents);
        Self {
            place: place.clone(),
            passed: passed.unwrap_or_else(|| Passed {
                contents: place.contents.clone(),
                checks: BTreeMap::new(),
            }),
        }
    }

    /// How a check has passed before, by the same command.
    pub(super) fn find(&self, check: &Check<'_>) -> Option<CheckReport> {
        let report = self.passed.checks.get(check.id())?;
        let is_same = report.command == check.line() && report.area == check.area();
        (check.is_of_contents() && is_same && report.state.is_pass()).then(|| report.clone())
    }

    /// Remembers it, if it has passed. What cannot be written down runs again the next time.
    pub(super) fn add(&mut self, check: &Check<'_>, report: &CheckReport, now: SystemTime) {
        if !check.is_of_contents() || !report.state.is_pass() {
            return;
        }
        let report = CheckReport {
            passed_before: Some(minute(now)),
            ..report.clone()
        };
        self.passed.checks.insert(report.id.clone(), report);
        let Ok(text) = serde_json::to_vec_pretty(&self.passed) else {
            return;
        };
        if let Some(folder) = self.place.file.parent() {
            let _ = fs::create_dir_all(folder);
        }
        let _ = write_whole(&self.place.file, &text);
    }
}

/// As `2026-11-29 13:05 UTC`.
fn minute(time: SystemTime) -> String {
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let (hour, minute) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{} {hour:02}:{minute:02} UTC", date_of(time))
}
