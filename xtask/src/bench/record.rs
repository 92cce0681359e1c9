//! `--record DIR`: tables of a run as Markdown snippets, which the book includes.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context as _;
use tuneup_benchmarking::suite::{Bench, Results};
use tuneup_packaging::date_of;
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
        date_of(UNIX_EPOCH + Duration::from_secs(results.unix_seconds))
    )
}
