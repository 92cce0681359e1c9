//! `cargo tuneup timeit`: expressions, against the library of the package around.

mod program;
mod surroundings;

use std::{cell::RefCell, time::Duration};

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use tuneup_benchmarking::{Comparison, Timeit};
use tuneup_measure::parse_duration;

use self::{program::Program, surroundings::Surroundings};
use crate::format::{Findings, Format, Stream};

/// What is timed, and how.
#[derive(Args)]
#[command(
    after_help = "What the package's library exports is in scope, and so is `black_box`: pass through it what is not to be known ahead, as in\n\
    cargo tuneup timeit 'black_box(&text).split(\\' \\').count()' --setup 'let text = \"a b c\".repeat(100);'\n\n\
    Each expression is compiled into a loop, with optimisation. Outside of a package there is the standard library."
)]
pub(crate) struct Options {
    /// The expressions; several are compared with the first
    #[arg(required = true, value_name = "EXPRESSION")]
    expressions: Vec<String>,
    /// Statements that run before each loop, untimed
    #[arg(long, value_name = "CODE", default_value = "")]
    setup: String,
    /// The package whose library is in scope; by default the one of this folder
    #[arg(short, long, value_name = "NAME")]
    package: Option<String>,
    /// Features of the package
    #[arg(short = 'F', long, value_name = "FEATURES", value_delimiter = ',')]
    features: Vec<String>,
    /// How long to measure for each expression
    #[arg(long, value_name = "TIME", default_value = "800ms", value_parser = parse_duration)]
    budget: Duration,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let surroundings = Surroundings::find(options.package.as_deref(), &options.features)?;
    let source = program::source(surroundings.library(), &options.setup, &options.expressions);
    let program = RefCell::new(Program::build(&surroundings, &source)?);
    let title = match surroundings.library() {
        Some(library) => format!("with what `{library}` exports"),
        None => "with the standard library".to_owned(),
    };
    let findings = match &options.expressions[..] {
        [only] => alone(&title, only, options.budget, &program),
        several => compared(&title, several, options.budget, &program)?,
    };
    // What has failed in between was timed as nothing.
    program.into_inner().end()?;
    findings.print(options.format, Stream::Output)
}

fn alone(title: &str, expression: &str, budget: Duration, program: &RefCell<Program>) -> Findings {
    let measurement = Timeit::new(expression)
        .budget(budget)
        .show_progress()
        .run_blocks(|iterations| program.borrow_mut().block(0, iterations));
    Findings {
        table: measurement.table().title(title),
        sentence: String::new(),
        json: json!({
            "expression": expression,
            "median_ns": measurement.median_ns.estimate,
            "low_ns": measurement.median_ns.low,
            "high_ns": measurement.median_ns.high,
            "samples_ns": measurement.samples_ns,
        }),
    }
}

fn compared(
    title: &str,
    expressions: &[String],
    budget: Duration,
    program: &RefCell<Program>,
) -> Result<Findings> {
    let mut cases = Comparison::new(title)
        .budget(budget)
        .show_progress()
        .input(());
    for (number, expression) in expressions.iter().enumerate() {
        cases = cases.case_blocks(expression, (), move |(), iterations| {
            program.borrow_mut().block(number, iterations)
        });
    }
    let outcome = cases.run()?;
    let cases: Vec<Value> = outcome
        .cases
        .iter()
        .map(|case| {
            json!({
                "expression": case.name,
                "median_ns": case.median_ns,
                "ratio": { "estimate": case.ratio.estimate, "low": case.ratio.low, "high": case.ratio.high },
                "verdict": case.verdict.to_string(),
            })
        })
        .collect();
    Ok(Findings {
        table: outcome.table(),
        sentence: outcome.sentence(),
        json: json!({ "expressions": cases, "sentence": outcome.sentence() }),
    })
}
