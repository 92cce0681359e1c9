//! `cargo xtask test`: every check of the workspace, one named step after the other.
//!
//! The output of a step that passes is kept under `target/tuneup/test/` and not shown; that of a failing one is shown whole.

mod counts;
mod plan;
mod step;
mod summary;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};

use tuneup_report::Terminal;

use crate::workspace::Workspace;
use counts::Counts;
use plan::{Step, StepName};
use summary::Outcome;

/// How many commands of a step are shown before it runs.
const SHOWN_COMMANDS: usize = 3;

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
        match &self.only[..] {
            [] => !name.is_extra() && !self.skip.contains(&name),
            only => only.contains(&name),
        }
    }
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
    println!("{}", summary::table(&outcomes).render(&Terminal::detect()));
    println!("{}", summary::total(&outcomes));
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
    for command in step.commands.iter().take(SHOWN_COMMANDS) {
        println!("      {command}");
    }
    if step.commands.len() > SHOWN_COMMANDS {
        let more = step.commands.len() - SHOWN_COMMANDS;
        println!(
            "      and {more} more: cargo xtask test --list --only {}",
            step.name.text()
        );
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
    if !outcome.counts.is_empty() {
        println!("      {}", outcome.counts.result_line());
    }
    println!("      {}\n", outcome.line());
    Ok(outcome)
}

#[cfg(test)]
mod tests;
