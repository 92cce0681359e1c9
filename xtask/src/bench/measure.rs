//! The main job: measure, compare with a baseline, show, keep.

use std::process::ExitCode;

use tuneup_benchmarking::suite::{Baselines, Change, Plan, Results, Trend};
use tuneup_benchmarking::{Error, History, Machine};
use tuneup_report::Terminal;

use super::{Bar, INTERRUPTED, Options, REGRESSED, record, write};

/// Measures and shows the outcome.
pub(super) fn run(options: &Options, plan: &Plan) -> anyhow::Result<ExitCode> {
    let baselines = Baselines::new(plan.output.join("baselines"));
    let machine = Machine::detect().to_string();
    // Both names are looked at before minutes are spent.
    let before = options
        .baseline
        .as_ref()
        .map(|name| baselines.load(name, &machine))
        .transpose()?;
    if let Some(name) = &options.save {
        baselines.check(name, &machine)?;
    }
    let mut bar = Bar(None);
    let results = plan.measure(&mut |event| bar.on(event))?;
    drop(bar);
    let noise = options.gate.unwrap_or(Change::DEFAULT_NOISE);
    let changes = before
        .map(|before| changes(&before, &results, noise))
        .unwrap_or_default();
    keep(plan, &results, &changes)?;
    if options.json {
        println!(
            "{}",
            std::fs::read_to_string(plan.output.join("bench.json"))?
        );
    } else {
        show(plan, &results, &changes);
    }
    if let Some(folder) = &options.record {
        record::write_snippets(folder, &results)?;
    }
    if let Some(name) = &options.save {
        save(&baselines, name, &results)?;
    }
    for (_, reason) in &results.failures {
        eprintln!("error: {reason}");
    }
    Ok(exit_code(options, &results, &changes))
}

/// The changes since a baseline, with a warning where its inputs were others.
fn changes(before: &Results, now: &Results, noise: f64) -> Vec<Change> {
    for (name, text) in &now.notes {
        let then = before.notes.iter().find(|(other, _)| other == name);
        if let Some((_, then)) = then.filter(|(_, then)| then != text) {
            eprintln!(
                "warning: the {name} is not the baseline's ({then} then, {text} now): what reads it has changed with it"
            );
        }
    }
    now.changes_since(before, noise)
}

/// An incomplete run is not kept as a baseline, and ends with a code that says why it is incomplete.
fn save(baselines: &Baselines, name: &str, results: &Results) -> anyhow::Result<()> {
    match baselines.save(name, results) {
        Err(error @ Error::IncompleteBaseline { .. }) => eprintln!("error: {error}"),
        other => drop(other?),
    }
    Ok(())
}

/// Writes `bench.json` and `report.html`, and adds to the history.
fn keep(plan: &Plan, results: &Results, changes: &[Change]) -> anyhow::Result<()> {
    results.save(&plan.output.join("bench.json"))?;
    let trends = add_to_history(plan, results).unwrap_or_else(|error| {
        // Minutes of measuring are not thrown away for a file that is damaged or from another version.
        eprintln!("warning: this run is not in the history: {error:#}");
        Vec::new()
    });
    write(
        &plan.output.join("report.html"),
        &results.page(changes, &trends).render(),
    )
}

fn add_to_history(plan: &Plan, results: &Results) -> anyhow::Result<Vec<Trend>> {
    let mut history = History::open(plan.output.join("history.sqlite"))?;
    results.add_to(&mut history)?;
    Ok(results.trends(&history)?)
}

fn show(plan: &Plan, results: &Results, changes: &[Change]) {
    let terminal = Terminal::detect();
    println!("{}", results.table(changes).render(&terminal));
    let growth = results.growth_table();
    if !growth.is_empty() {
        println!("\nGrowth\n{}", growth.render(&terminal));
    }
    let figures = results.figures_table();
    if !figures.is_empty() {
        println!("\nFigures\n{}", figures.render(&terminal));
    }
    println!();
    for (name, text) in &results.notes {
        println!("{name}: {text}");
    }
    println!("machine: {}", results.machine);
    println!("report: {}", plan.output.join("report.html").display());
    if results.interrupted {
        println!("Interrupted: only what had finished is shown and kept.");
    }
}

/// Allocations are exact and gate by themselves; times of two runs one after the other gate only when asked.
fn exit_code(options: &Options, results: &Results, changes: &[Change]) -> ExitCode {
    let regressed = changes.iter().any(|change| {
        change.allocates_more() || (options.gate.is_some() && change.is_regression())
    });
    match (
        regressed || !results.failures.is_empty(),
        results.interrupted,
    ) {
        (true, _) => ExitCode::from(REGRESSED),
        (false, true) => ExitCode::from(INTERRUPTED),
        (false, false) => ExitCode::SUCCESS,
    }
}
