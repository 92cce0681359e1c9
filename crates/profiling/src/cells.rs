//! Cells and sentences that several tables of a profile have.

use std::time::Duration;

use tuneup_report::{Align, Cell, Shorten, Table};

use crate::{function::Function, profile::Profile};

/// What a table says that has no row because nothing was recorded.
pub(crate) const NOTHING: &str = "nothing was recorded: no function with #[profile], scope! or profile_fn was entered \
     between the start of the session and its end";

/// Calls, and before them all calls where some were recursive: `7`, `242,785/1`.
pub(crate) fn calls(calls: u64, primitive: u64) -> Cell {
    match calls == primitive {
        true => Cell::count(calls),
        false => Cell::text(format!("{}/{}", Cell::count(calls), Cell::count(primitive))),
    }
}

/// `part` of `whole`; nothing where there is no whole.
pub(crate) fn share(part: Duration, whole: Duration) -> Cell {
    match whole.is_zero() {
        true => Cell::missing(),
        false => Cell::percent(part.as_secs_f64() / whole.as_secs_f64()),
    }
}

/// `count` things, each called `one`: `1 call`, `2 calls`.
pub(crate) fn counted(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {one}{plural}", Cell::count(count))
}

/// `file:line` of a function; empty if unknown.
pub(crate) fn location(function: &Function) -> String {
    match (function.file.is_empty(), function.line) {
        (true, _) => String::new(),
        (false, 0) => function.file.clone(),
        (false, line) => format!("{}:{line}", function.file),
    }
}

/// A table whose last column holds paths and all others numbers.
pub(crate) fn numbers_then_path(header: &[&str]) -> Table {
    let last = header.len().saturating_sub(1);
    let table = Table::new(header.iter().copied())
        .shorten(last, Shorten::Start)
        .named_by(last);
    (0..last).fold(table, |table, column| table.align(column, Align::Right))
}

/// What is known of how much is missing or doubtful in a profile, in sentences.
pub(crate) fn caveats(profile: &Profile) -> Vec<String> {
    let mut caveats = Vec::new();
    if profile.folded_calls > 0 {
        caveats.push(format!(
            "{} counted under (other): the call tree of their thread was full",
            counted(profile.folded_calls, "call"),
        ));
    }
    if profile.unrecorded_calls > 0 {
        caveats.push(format!(
            "{} not recorded: made while their thread was torn down, or nested too deep",
            counted(profile.unrecorded_calls, "call"),
        ));
    }
    caveats
}
