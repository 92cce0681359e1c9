//! `cargo xtask test`: every check of the workspace, one named step after the other.
//!
//! The output of a step that passes is kept under `target/tuneup/test/` and not shown; that of a failing one is shown whole.

mod counts;
mod plan;
mod step;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::workspace::Workspace;
use counts::Counts;
use plan::{Step, StepName};

/// Options of `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Show the steps and their commands instead of running them.
    #[arg(long)]
    list: bool,
    /// Run these steps alone.
    #[arg(long, value_name = "STEP", num_args = 1.., value_delimiter = ',', conflicts_with = "skip")]
    only: Vec<StepName>,
    /// Leave these steps out.
    #[arg(long, value_name = "STEP", num_args = 1.., value_delimiter = ',')]
    skip: Vec<StepName>,
    /// Run the remaining steps after one has failed.
    #[arg(long)]
    keep_going: bool,
}

impl Options {
    fn wants(&self, name: StepName) -> bool {
        (self.only.is_empty() || self.only.contains(&name)) && !self.skip.contains(&name)
    }
}

/// What a step ended with.
struct Outcome {
    name: StepName,
    /// Nothing for a step that was not run.
    passed: Option<bool>,
    took: Duration,
    counts: Counts,
}

/// Runs the command.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::read()?;
    let steps: Vec<Step> = plan::steps(&workspace)
        .into_iter()
        .filter(|step| options.wants(step.name))
        .collect();
    ensure!(
        !steps.is_empty(),
        "nothing to do: the workspace has nothing for these steps"
    );
    if options.list {
        steps.iter().for_each(list);
        return Ok(ExitCode::SUCCESS);
    }
    let mut outcomes: Vec<Outcome> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let stopped =
            !options.keep_going && outcomes.iter().any(|outcome| outcome.passed == Some(false));
        outcomes.push(if stopped {
            Outcome::not_run(step.name)
        } else {
            announced(&workspace, step, index, steps.len())?
        });
    }
    let passed = outcomes.iter().all(|outcome| outcome.passed == Some(true));
    print!("{}", summary(&outcomes));
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn list(step: &Step) {
    println!("{:<9} {}", step.name.text(), step.name.about());
    for command in &step.commands {
        println!("{:<9}   {command}", "");
    }
}

/// Runs one step between the lines that say what it is and how it ended.
fn announced(workspace: &Workspace, step: &Step, index: usize, of: usize) -> Result<Outcome> {
    println!(
        "[{}/{of}] {}: {}",
        index + 1,
        step.name.text(),
        step.name.about()
    );
    for command in &step.commands {
        println!("      {command}");
    }
    let start = Instant::now();
    let ran = step::run(workspace, step)?;
    let outcome = Outcome {
        name: step.name,
        passed: Some(ran.passed),
        took: start.elapsed(),
        counts: Counts::of(&ran.output),
    };
    if !ran.passed {
        println!("{}", ran.output.trim_end());
    }
    ran.notes.iter().for_each(|note| println!("      {note}"));
    println!("      {}\n", outcome.line());
    Ok(outcome)
}

impl Outcome {
    fn not_run(name: StepName) -> Self {
        Self {
            name,
            passed: None,
            took: Duration::ZERO,
            counts: Counts::default(),
        }
    }

    fn line(&self) -> String {
        let verdict = match self.passed {
            Some(true) => "ok",
            Some(false) => "FAILED",
            None => "not run",
        };
        let counts = if self.counts.is_empty() {
            String::new()
        } else {
            format!("  {}", self.counts.result_line())
        };
        format!("{verdict:<8} {:>6.1} s{counts}", self.took.as_secs_f64())
    }
}

/// A line per step, and at the end the sum of all tests on a line of its own.
fn summary(outcomes: &[Outcome]) -> String {
    let mut text = String::from("Summary\n");
    for outcome in outcomes {
        text += &format!("  {:<9} {}\n", outcome.name.text(), outcome.line());
    }
    let took: Duration = outcomes.iter().map(|outcome| outcome.took).sum();
    let failed = outcomes
        .iter()
        .filter(|outcome| outcome.passed == Some(false))
        .count();
    text += &format!(
        "  {:<9} {:<8} {:>6.1} s\n\n",
        "all",
        if failed == 0 { "ok" } else { "FAILED" },
        took.as_secs_f64()
    );
    let mut total = Counts::default();
    outcomes
        .iter()
        .for_each(|outcome| total.add(outcome.counts));
    text + &format!("{} passed, {} failed\n", total.passed, total.failed)
}

#[cfg(test)]
mod tests;
