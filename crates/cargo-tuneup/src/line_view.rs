//! Which line tables of a profile are shown.

use anyhow::{Context as _, Result, bail};
use regex_lite::Regex;
use serde_json::{Value, json};
use tuneup_profiling::{LineTable, Profile};
use tuneup_report::Table;

/// Line tables, and what is said below them.
pub(crate) struct LineView<'a> {
    shown: Vec<&'a LineTable>,
    left_out: usize,
}

impl<'a> LineView<'a> {
    /// At most `top`, those of the functions that took longest.
    pub(crate) fn hottest(mut tables: Vec<&'a LineTable>, top: usize) -> Self {
        tables.sort_by_key(|table| std::cmp::Reverse(table.total));
        let left_out = tables.len().saturating_sub(top);
        tables.truncate(top);
        Self {
            shown: tables,
            left_out,
        }
    }

    /// Those of the functions that match a pattern, or of the one that it names.
    pub(crate) fn matching(profile: &'a Profile, patterns: &[String], top: usize) -> Result<Self> {
        let mut tables: Vec<&LineTable> = Vec::new();
        for pattern in patterns {
            let found = match profile.line_table(pattern) {
                Some(table) => vec![table],
                None => matches(profile, pattern)?,
            };
            if found.is_empty() {
                bail!("{}", none_match(profile, pattern));
            }
            for table in found {
                if !tables.iter().any(|known| std::ptr::eq(*known, table)) {
                    tables.push(table);
                }
            }
        }
        Ok(Self::hottest(tables, top))
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = Table> {
        self.shown.iter().map(|table| table.table())
    }

    pub(crate) fn json(&self) -> Result<Value> {
        let tables = self.tables().map(|table| serde_json::to_value(&table));
        Ok(json!(tables.collect::<serde_json::Result<Vec<_>>>()?))
    }

    /// Empty if all are shown.
    pub(crate) fn sentence(&self) -> String {
        match self.left_out {
            0 => String::new(),
            more => format!(
                "{more} more {} lines; --top {} shows all",
                if more == 1 {
                    "function has"
                } else {
                    "functions have"
                },
                self.shown.len() + more
            ),
        }
    }
}

fn matches<'a>(profile: &'a Profile, pattern: &str) -> Result<Vec<&'a LineTable>> {
    let regex = Regex::new(pattern)
        .with_context(|| format!("`{pattern}` is no function and no regular expression"))?;
    let tables = profile.line_tables.iter();
    Ok(tables
        .filter(|table| regex.is_match(&table.function))
        .collect())
}

fn none_match(profile: &Profile, pattern: &str) -> String {
    let names: Vec<&str> = profile
        .line_tables
        .iter()
        .map(|table| &table.function[..])
        .collect();
    match &names[..] {
        [] => format!(
            "no lines of `{pattern}` were recorded, and none of any function: `cargo tuneup profile --lines` records them, and so does `#[profile_lines]`"
        ),
        names => format!(
            "no lines of `{pattern}` were recorded; those of these functions were: {}",
            names.join(", ")
        ),
    }
}
