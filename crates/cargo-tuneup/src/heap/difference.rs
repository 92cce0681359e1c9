//! What two runs of a program have allocated, beside each other.

use std::collections::BTreeMap;

use tuneup_measure::Bytes;
use tuneup_memory::{Entry, GroupBy, Snapshot};
use tuneup_report::{Align, Cell, Shorten, Style, Table};

/// A function before and after.
#[derive(Default)]
struct Sides {
    before: Entry,
    after: Entry,
}

impl Sides {
    fn peak_change(&self) -> f64 {
        self.after.at_peak.bytes - self.before.at_peak.bytes
    }

    fn allocated_change(&self) -> f64 {
        self.after.allocated.bytes - self.before.allocated.bytes
    }

    fn blocks_change(&self) -> f64 {
        self.after.allocated.blocks - self.before.allocated.blocks
    }

    /// Samples differ from run to run; two standard errors are what chance may make of nothing.
    fn is_chance(&self) -> bool {
        let errors = [
            self.before.allocated.bytes_error,
            self.after.allocated.bytes_error,
            self.before.at_peak.bytes_error,
            self.after.at_peak.bytes_error,
        ];
        let error = errors.iter().map(|error| error * error).sum::<f64>().sqrt();
        let changes = [self.peak_change(), self.allocated_change()];
        changes.iter().all(|change| change.abs() <= 2.0 * error)
    }
}

/// By function, since lines move when a program changes: those whose part of the peak has changed most, first.
pub(crate) fn table(before: &Snapshot, after: &Snapshot, top: usize) -> Table {
    let mut sides = BTreeMap::<String, Sides>::new();
    for entry in before.by(GroupBy::Function).entries {
        let sides = sides.entry(entry.name.clone()).or_default();
        sides.before = entry;
    }
    for entry in after.by(GroupBy::Function).entries {
        let sides = sides.entry(entry.name.clone()).or_default();
        sides.after = entry;
    }
    let has_changed = |sides: &Sides| {
        sides.peak_change() != 0.0
            || sides.allocated_change() != 0.0
            || sides.blocks_change() != 0.0
    };
    let mut changed: Vec<(String, Sides)> = sides
        .into_iter()
        .filter(|(_, sides)| has_changed(sides))
        .collect();
    let key = |sides: &Sides| (sides.peak_change().abs(), sides.allocated_change().abs());
    changed.sort_by(|(_, a), (_, b)| {
        let ((peak_a, allocated_a), (peak_b, allocated_b)) = (key(a), key(b));
        peak_b
            .total_cmp(&peak_a)
            .then_with(|| allocated_b.total_cmp(&allocated_a))
    });
    let header = [
        "peak before",
        "after",
        "change",
        "allocated",
        "blocks",
        "function",
    ];
    let mut table = Table::new(header)
        .title(format!(
            "peak {} → {}, {} → {} allocated in {} → {} blocks",
            Bytes(before.peak.bytes),
            Bytes(after.peak.bytes),
            Bytes(before.counted.allocated_bytes),
            Bytes(after.counted.allocated_bytes),
            Cell::count(before.counted.allocated_blocks),
            Cell::count(after.counted.allocated_blocks),
        ))
        .shorten(header.len() - 1, Shorten::Start)
        .named_by(header.len() - 1);
    for column in 0..header.len() - 1 {
        table = table.align(column, Align::Right);
    }
    let hidden = changed.len().saturating_sub(top);
    for (name, sides) in changed.iter().take(top) {
        table.push(row(name, sides));
    }
    let is_exact = before.is_exact() && after.is_exact();
    if !is_exact {
        table =
            table.note("blocks were sampled: changes within two standard errors have no colour");
    }
    match hidden {
        0 => table,
        hidden => table.note(format!("{} more are not shown", Cell::count(hidden as u64))),
    }
}

fn row(name: &str, sides: &Sides) -> Vec<Cell> {
    let style = |change: f64| match change {
        _ if sides.is_chance() => Style::Plain,
        change if change > 0.0 => Style::Bad,
        change if change < 0.0 => Style::Good,
        _ => Style::Plain,
    };
    let (peak, allocated, blocks) = (
        sides.peak_change(),
        sides.allocated_change(),
        sides.blocks_change(),
    );
    vec![
        Cell::text(bytes(sides.before.at_peak.bytes)),
        Cell::text(bytes(sides.after.at_peak.bytes)),
        Cell::text(signed(peak, bytes(peak.abs()))).styled(style(peak)),
        Cell::text(signed(allocated, bytes(allocated.abs()))).styled(style(allocated)),
        Cell::text(signed(
            blocks,
            Cell::count(blocks.abs().round() as u64).to_string(),
        ))
        .styled(style(blocks)),
        Cell::text(name),
    ]
}

fn bytes(bytes: f64) -> String {
    Bytes(bytes.max(0.0).round() as u64).to_string()
}

fn signed(change: f64, amount: String) -> String {
    match change {
        change if change > 0.0 => format!("+{amount}"),
        change if change < 0.0 => format!("-{amount}"),
        _ => amount,
    }
}
