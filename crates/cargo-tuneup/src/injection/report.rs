//! What the compilers say of the functions of their crates: how many record, and which do not.

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{
    orders::Orders,
    shadow::{Shadow, Unit},
};

/// So many functions are named that do not record.
const NAMED: usize = 5;

/// Of one crate, or of several together.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) key: String,
    /// Functions that record.
    pub(super) recorded: usize,
    /// Functions that do not, and why.
    pub(super) skipped: Vec<(String, String)>,
}

impl Report {
    pub(super) fn of(unit: &Unit, shadow: &Shadow) -> Self {
        let files = shadow.files.values();
        Self {
            key: unit.key.clone(),
            recorded: files.clone().map(|file| file.functions.len()).sum(),
            skipped: files
                .flat_map(|file| &file.skipped)
                .map(|(name, reason)| (name.clone(), (*reason).to_owned()))
                .collect(),
        }
    }

    /// Of a crate that was compiled as it is.
    pub(super) fn of_plain(unit: &Unit, reason: &str) -> Self {
        Self {
            key: unit.key.clone(),
            recorded: 0,
            skipped: vec![(format!("all of {}", unit.name), reason.to_owned())],
        }
    }

    pub(super) fn write(&self, orders: &Orders) -> Result<()> {
        let folder = orders.state.join("reports");
        fs::create_dir_all(&folder)?;
        let report = json!({ "recorded": self.recorded, "skipped": self.skipped });
        let path = folder.join(format!("{}.json", self.key));
        fs::write(&path, report.to_string())
            .with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Of the crates of these names, as they were compiled last: what is fresh was so earlier.
    pub(super) fn read(orders: &Orders, names: &[String]) -> Self {
        let mut all = Self::default();
        for name in names {
            let Some(report) = latest(orders, name) else {
                continue;
            };
            all.recorded += report["recorded"].as_u64().unwrap_or(0) as usize;
            for pair in report["skipped"].as_array().into_iter().flatten() {
                let text = |index: usize| pair[index].as_str().unwrap_or_default().to_owned();
                all.skipped.push((text(0), text(1)));
            }
        }
        all
    }

    /// On standard error; nothing if all functions record.
    pub(super) fn tell(&self) {
        if self.skipped.is_empty() {
            return;
        }
        eprintln!(
            "{} functions record; {} do not:",
            self.recorded,
            self.skipped.len()
        );
        for (name, reason) in self.skipped.iter().take(NAMED) {
            eprintln!("  {name}: {reason}");
        }
        if self.skipped.len() > NAMED {
            eprintln!("  … and {} more", self.skipped.len() - NAMED);
        }
    }
}

fn latest(orders: &Orders, name: &str) -> Option<Value> {
    let reports = fs::read_dir(orders.state.join("reports")).ok()?.flatten();
    let is_of_crate = |entry: &fs::DirEntry| {
        let file = entry.file_name();
        let key = file
            .to_str()
            .and_then(|file| file.strip_suffix(".json")?.strip_prefix(name));
        key.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let written = |entry: &fs::DirEntry| entry.metadata().and_then(|about| about.modified()).ok();
    let path = reports.filter(is_of_crate).max_by_key(written)?.path();
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}
