//! `--record DIR`: tables of a run as Markdown snippets, which the book includes.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use tuneup_benchmarking::suite::{Bench, Results};
use tuneup_report::{Align, Cell, Table};

use super::write;

/// Writes one snippet for each group, `group/topic.md`, and one with the facts of the run, `run.md`.
pub(super) fn write_snippets(folder: &Path, results: &Results) -> anyhow::Result<()> {
    for bench in &results.benches {
        let path = folder.join(format!("{}.md", bench.name));
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)
            .with_context(|| format!("cannot make `{}`", parent.display()))?;
        write(&path, &snippet(bench, results))?;
    }
    write(&folder.join("run.md"), &run_facts(results))
}

fn snippet(bench: &Bench, results: &Results) -> String {
    let header = ["case", "time", "ratio", "blocks", "bytes", "grows as"];
    let mut table = (1..5).fold(Table::new(header), |table, column| {
        table.align(column, Align::Right)
    });
    for case in &bench.cases {
        let alone = bench.cases.len() == 1;
        let reference = || {
            if alone {
                Cell::missing()
            } else {
                Cell::text("reference")
            }
        };
        table.push([
            Cell::text(&case.name),
            Cell::nanoseconds(case.alternating_ns),
            case.ratio
                .as_ref()
                .map_or_else(reference, |ratio| Cell::ratio(ratio.estimate)),
            case.heap
                .map_or_else(Cell::missing, |heap| Cell::count(heap.blocks)),
            case.heap
                .map_or_else(Cell::missing, |heap| Cell::bytes(heap.bytes)),
            case.complexity
                .as_ref()
                .map_or_else(Cell::missing, |fit| Cell::text(&fit.class)),
        ]);
    }
    format!(
        "{}\n\nSize {}, {}.\n",
        table.to_markdown().trim_end(),
        bench.size,
        origin(results)
    )
}

fn run_facts(results: &Results) -> String {
    let mut text = format!(
        "Recorded with `cargo xtask bench` ({} effort), {}.\n",
        results.effort,
        origin(results)
    );
    for (name, note) in &results.notes {
        let _ = writeln!(text, "{name}: {note}.");
    }
    text
}

/// Machine, commit and day of a run.
fn origin(results: &Results) -> String {
    format!(
        "on {}, commit {}, {}",
        results.machine,
        results.commit,
        day(results.unix_seconds)
    )
}

/// The date of a time, in UTC, as `2026-11-20` (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn day(unix_seconds: u64) -> String {
    let days = unix_seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
