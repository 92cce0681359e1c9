//! `--against REV`: this work tree gated against another build.

use std::process::ExitCode;

use tuneup_benchmarking::suite::{GateReport, Plan};
use tuneup_report::Terminal;

use super::{Bar, INTERRUPTED, Options, REGRESSED, UNDECIDED, write};

/// How much slower a case may become when `--gate` does not say: well above the error of the ratio, which `--self-test` measures.
const DEFAULT_THRESHOLD: f64 = 0.03;

/// Gates and shows the outcome.
pub(super) fn run(options: &Options, plan: &Plan, revision: &str) -> anyhow::Result<ExitCode> {
    let mut bar = Bar(None);
    let report = plan.gate(
        revision,
        options.gate.unwrap_or(DEFAULT_THRESHOLD),
        &mut |event| bar.on(event),
    )?;
    drop(bar);
    std::fs::create_dir_all(&plan.output)?;
    let json = serde_json::to_string_pretty(&report)?;
    write(&plan.output.join("gate.json"), &json)?;
    let page = plan.output.join("gate.html");
    write(&page, &report.page().render())?;
    if options.json {
        println!("{json}");
    } else {
        show(&report);
        println!("All cases: {}", page.display());
    }
    Ok(exit_code(&report))
}

/// What a person should look at, and the outcome.
fn show(report: &GateReport) {
    let notable = report.notable_table();
    if !notable.is_empty() {
        println!("{}\n", notable.render(&Terminal::detect()));
    }
    println!("{}", report.sentence());
}

fn exit_code(report: &GateReport) -> ExitCode {
    if report.regressed().next().is_some() {
        ExitCode::from(REGRESSED)
    } else if report.interrupted {
        ExitCode::from(INTERRUPTED)
    } else if report.cases.is_empty() || report.undecided().next().is_some() {
        // Builds that have nothing in common were not compared.
        ExitCode::from(UNDECIDED)
    } else {
        ExitCode::SUCCESS
    }
}
