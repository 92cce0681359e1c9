//! Snapshots and their differences as tables.

use std::fmt;

use tuneup_measure::Bytes;
use tuneup_report::{Align, Cell, Shorten, Style, Table};

use super::{Entry, Estimate, GroupBy, Groups, Growth, Growths};

impl GroupBy {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Function => "function",
            Self::File => "file",
            Self::Crate => "crate",
            Self::Stack => "stack",
            Self::Scope => "scope",
        }
    }
}

fn numbers_then_name(header: &[&str], by: GroupBy) -> Table {
    let last = header.len();
    let table = Table::new(header.iter().copied().chain([by.title()]))
        .shorten(last, Shorten::Start)
        .named_by(last);
    (0..last).fold(table, |table, column| table.align(column, Align::Right))
}

pub(super) fn bytes(bytes: f64) -> String {
    let sign = if bytes < 0.0 { "-" } else { "" };
    format!("{sign}{}", Bytes(bytes.abs().round() as u64))
}

/// `12.3 MiB ± 400 KiB`.
fn with_error(value: String, error: f64, show: impl Fn(f64) -> String) -> Cell {
    match error > 0.0 {
        true => Cell::text(format!("{value} ± {}", show(error))),
        false => Cell::text(value),
    }
}

pub(super) fn bytes_of(estimate: &Estimate) -> Cell {
    with_error(bytes(estimate.bytes), estimate.bytes_error, bytes)
}

pub(super) fn count(blocks: f64) -> String {
    let sign = if blocks < 0.0 { "-" } else { "" };
    format!("{sign}{}", Cell::count(blocks.abs().round() as u64))
}

impl Groups {
    /// Live bytes and their part of all, live blocks, all that was allocated, the mean lifetime of what was freed, and the
    /// part that was freed at once. What [`Display`](fmt::Display) shows, for another width or format.
    #[must_use]
    pub fn table(&self) -> Table {
        let header = [
            "live",
            "%",
            "blocks",
            "allocated",
            "blocks",
            "lifetime",
            "temporary",
        ];
        let mut table = numbers_then_name(&header, self.by).title(format!(
            "{} live in {} blocks, by {}",
            bytes(self.total.live.bytes),
            count(self.total.live.blocks),
            self.by.title(),
        ));
        for entry in &self.entries {
            table.push(self.row(entry));
        }
        let table = match self.hidden {
            0 => table,
            hidden => table.note(format!("{} more are not shown", Cell::count(hidden as u64))),
        };
        match self.is_exact {
            true => table,
            false => table.note("± is one standard error: blocks were sampled"),
        }
    }

    fn row(&self, entry: &Entry) -> Vec<Cell> {
        let share = match self.total.live.bytes > 0.0 {
            true => Cell::percent(entry.live.bytes / self.total.live.bytes),
            false => Cell::missing(),
        };
        vec![
            bytes_of(&entry.live),
            share,
            Cell::text(count(entry.live.blocks)),
            Cell::text(bytes(entry.allocated.bytes)),
            Cell::text(count(entry.allocated.blocks)),
            entry
                .mean_lifetime
                .map_or_else(Cell::missing, Cell::duration),
            Cell::percent(entry.temporary_share),
            Cell::text(&entry.name),
        ]
    }
}

impl Growths {
    /// By how much live bytes and blocks have grown, what they are now, and what was allocated in between. What
    /// [`Display`](fmt::Display) shows, for another width or format.
    #[must_use]
    pub fn table(&self) -> Table {
        let header = ["growth", "blocks", "live", "allocated"];
        let mut table = numbers_then_name(&header, self.by).title(format!(
            "live bytes have changed by {}, by {}",
            bytes(self.total.bytes),
            self.by.title(),
        ));
        for growth in &self.entries {
            table.push(row(growth));
        }
        let table = match self.hidden {
            0 => table,
            hidden => table.note(format!("{} more are not shown", Cell::count(hidden as u64))),
        };
        match self.is_exact {
            true => table,
            false => table.note("± is one standard error: blocks were sampled"),
        }
    }
}

fn row(growth: &Growth) -> Vec<Cell> {
    // What could be chance has no colour.
    let style = match growth.bytes.abs() > 2.0 * growth.bytes_error {
        false => Style::Plain,
        true if growth.bytes > 0.0 => Style::Bad,
        true => Style::Good,
    };
    vec![
        with_error(bytes(growth.bytes), growth.bytes_error, bytes).styled(style),
        Cell::text(count(growth.blocks)),
        bytes_of(&growth.after),
        Cell::text(bytes(growth.allocated_bytes)),
        Cell::text(&growth.name),
    ]
}

impl fmt::Display for Groups {
    /// The table without colour and without a limit on its width.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl fmt::Display for Growths {
    /// The table without colour and without a limit on its width.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}
