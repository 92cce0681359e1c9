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

/// Where it is kept, and how one knows what it is for.
pub(super) struct Place<'a> {
    pub(super) file: PathBuf,
    pub(super) contents: Box<dyn Fn() -> Option<String> + 'a>,
}

/// The file: what has passed for one state of the contents. That of another state is forgotten, so that it does not grow.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Passed {
    contents: String,
    checks: BTreeMap<String, PassedCheck>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PassedCheck {
    settings: String,
    report: CheckReport,
}

/// The file, and where it is.
pub(super) struct Kept<'a> {
    place: &'a Place<'a>,
    passed: Passed,
}

impl<'a> Kept<'a> {
    /// None if nobody knows what the contents are. What cannot be read is as good as nothing: all of it runs again.
    pub(super) fn open(place: &'a Place<'a>) -> Option<Self> {
        let contents = (place.contents)()?;
        let read = fs::read(&place.file).ok();
        let passed: Option<Passed> = read.and_then(|text| serde_json::from_slice(&text).ok());
        let passed = passed.filter(|passed| passed.contents == contents);
        let passed = passed.unwrap_or_else(|| Passed {
            contents,
            checks: BTreeMap::new(),
        });
        Some(Self { place, passed })
    }

    /// How a check has passed before, by the same command.
    pub(super) fn find(&self, check: &Check<'_>) -> Option<CheckReport> {
        let PassedCheck { settings, report } = self.passed.checks.get(check.id())?;
        let is_same = settings == check.settings()
            && report.command == check.line()
            && report.area == check.area();
        let is_kept = check.is_of_contents() && is_same && report.state.is_pass();
        is_kept.then(|| report.clone())
    }

    /// Remembers how it went: what has passed, and that what had passed before does not any more. What cannot be written down runs again.
    pub(super) fn add(&mut self, check: &Check<'_>, report: &CheckReport, is_partial: bool) {
        // What has changed meanwhile is not what was looked at.
        let is_unchanged = (self.place.contents)().as_ref() == Some(&self.passed.contents);
        if check.is_of_contents() && report.state.is_pass() && !is_partial && is_unchanged {
            let report = CheckReport {
                passed_before: Some(minute(SystemTime::now())),
                ..report.clone()
            };
            let settings = check.settings().to_owned();
            let passed = PassedCheck { settings, report };
            self.passed.checks.insert(check.id().to_owned(), passed);
        } else if self.passed.checks.remove(check.id()).is_none() {
            return;
        }
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
