//! What the compilers say of the functions of their crates: how many record, and which do not.

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{
    orders::Orders,
    shadow::{Role, Shadow, Unit},
};

/// So many functions are named that do not record.
const NAMED: usize = 5;

/// Of one crate, or of several together.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) key: String,
    pub(super) role: &'static str,
    pub(super) crates: usize,
    /// Functions that record.
    pub(super) recorded: usize,
    /// Functions that do not, and why.
    pub(super) skipped: Vec<(String, String)>,
    /// Functions that record their calls, and not their lines as they should.
    pub(super) without_lines: Vec<String>,
    /// Calls of macros that make functions, which are not seen.
    pub(super) macro_calls: usize,
    /// Functions whose arguments are not counted, and why.
    pub(super) uncounted: Vec<(String, String)>,
}

impl Report {
    pub(super) fn of(unit: &Unit, shadow: &Shadow) -> Self {
        let files = shadow.files.values();
        Self {
            key: unit.key.clone(),
            role: unit.role.word(),
            crates: 1,
            recorded: files.clone().map(|file| file.functions.len()).sum(),
            without_lines: files
                .clone()
                .flat_map(|file| file.without_lines.iter().cloned())
                .collect(),
            macro_calls: shadow.macros.calls_with_functions(),
            skipped: pairs(files.clone().flat_map(|file| &file.skipped)),
            uncounted: pairs(files.flat_map(|file| &file.uncounted)),
        }
    }

    /// Of a crate that was compiled as it is.
    pub(super) fn of_plain(unit: &Unit, reason: &str) -> Self {
        Self {
            key: unit.key.clone(),
            role: unit.role.word(),
            crates: 1,
            skipped: vec![(format!("all of {}", unit.name), reason.to_owned())],
            ..Self::default()
        }
    }

    pub(super) fn write(&self, orders: &Orders) -> Result<()> {
        let folder = orders.state.join("reports");
        fs::create_dir_all(&folder)?;
        let report = json!({
            "role": self.role,
            "wish": orders.wish.text(),
            "recorded": self.recorded,
            "skipped": self.skipped,
            "without_lines": self.without_lines,
            "macro_calls": self.macro_calls,
            "uncounted": self.uncounted,
        });
        let path = folder.join(format!("{}.json", self.key));
        fs::write(&path, report.to_string())
            .with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Of the crates of these names, as they were compiled last: what is fresh was so earlier.
    pub(super) fn read(orders: &Orders, crates: &[(String, Role)]) -> Self {
        let mut all = Self::default();
        for (name, role) in crates {
            let Some(report) = latest(orders, name, *role) else {
                continue;
            };
            all.crates += 1;
            let count = |name: &str| report[name].as_u64().unwrap_or(0) as usize;
            all.recorded += count("recorded");
            all.macro_calls += count("macro_calls");
            let list = |name: &str| report[name].as_array().cloned().unwrap_or_default();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let pairs = |name: &str| {
                let pairs = list(name).into_iter();
                pairs.map(|pair| (text(&pair[0]), text(&pair[1])))
            };
            all.skipped.extend(pairs("skipped"));
            all.uncounted.extend(pairs("uncounted"));
            all.without_lines
                .extend(list("without_lines").iter().map(text));
        }
        all
    }

    /// Whether crates were compiled, and no function of them was to record anything.
    pub(super) fn has_no_functions(&self) -> bool {
        self.crates > 0 && self.recorded == 0 && self.skipped.is_empty()
    }

    /// On standard error; nothing if all functions record as they should.
    pub(super) fn tell(&self) {
        if !self.skipped.is_empty() {
            let (recorded, skipped) = (self.recorded, self.skipped.len());
            eprintln!("{recorded} functions record; {skipped} do not:");
            name_some(self.skipped.iter().map(reasoned));
        }
        if !self.uncounted.is_empty() {
            eprintln!("arguments that are not counted ({}):", self.uncounted.len());
            name_some(self.uncounted.iter().map(reasoned));
        }
        if !self.without_lines.is_empty() {
            eprintln!(
                "of these the calls are recorded alone; they do not compile with marks between their lines:"
            );
            name_some(self.without_lines.iter().cloned());
        }
        match self.macro_calls {
            0 => {}
            1 => eprintln!("the functions that one call of a macro makes are not seen"),
            calls => eprintln!("the functions that {calls} calls of macros make are not seen"),
        }
    }
}

fn reasoned((name, reason): &(String, String)) -> String {
    format!("{name}: {reason}")
}

fn pairs<'a>(pairs: impl Iterator<Item = &'a (String, &'static str)>) -> Vec<(String, String)> {
    pairs
        .map(|(name, reason)| (name.clone(), (*reason).to_owned()))
        .collect()
}

fn name_some(items: impl ExactSizeIterator<Item = String>) {
    let more = items.len().saturating_sub(NAMED);
    for item in items.take(NAMED) {
        eprintln!("  {item}");
    }
    if more > 0 {
        eprintln!("  … and {more} more");
    }
}

/// The last one of a crate that was compiled for the same wish.
fn latest(orders: &Orders, name: &str, role: Role) -> Option<Value> {
    let reports = fs::read_dir(orders.state.join("reports")).ok()?.flatten();
    let is_of_crate = |entry: &fs::DirEntry| {
        let file = entry.file_name();
        let key = file
            .to_str()
            .and_then(|file| file.strip_suffix(".json")?.strip_prefix(name));
        key.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let wish = orders.wish.text();
    let read = |entry: fs::DirEntry| {
        let written = entry.metadata().and_then(|about| about.modified()).ok()?;
        let report: Value = serde_json::from_slice(&fs::read(entry.path()).ok()?).ok()?;
        (report["role"] == role.word() && report["wish"] == wish).then_some((written, report))
    };
    let reports = reports.filter(is_of_crate).filter_map(read);
    Some(reports.max_by_key(|(written, _)| *written)?.1)
}
