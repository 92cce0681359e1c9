//! Whole commands side by side.

mod difference;
mod outcome;
mod run;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use self::outcome::{CommandOutcome, CommandResult};
use self::{
    difference::Difference,
    run::{Output, Run},
};
use crate::{
    CommandLine, Error,
    paired::{self, Plan},
    progress::ProgressBar,
};

/// Each command runs at least twice as often: a round runs it twice.
const LEAST_ROUNDS: usize = 10;

/// A comparison of whole commands: their time, processor time and peak memory. The first one is the reference.
///
/// The commands take turns, in random order and then in the reverse one, and the ratio is the median of the ratios within such rounds: what drifts on
/// a machine drifts for all of them, while two series one after the other would be told apart by it. Each command runs once before
/// anything is timed, so that files are in memory and one that fails is named.
///
/// Nothing is there for them to read, and what they write is dropped. Their time includes that of starting the process, about a
/// millisecond, and a shell's where one [is needed](CommandLine::uses_shell). Processor time and peak memory are the system's account (wait4(2)) of the
/// process and of the children that it has waited for.
///
/// ```
/// use std::time::Duration;
/// use tuneup_benchmarking::{CommandComparison, CommandLine};
///
/// let outcome = CommandComparison::new()
///     .command(CommandLine::parse("true")?)
///     .command(CommandLine::parse("sleep 0.02")?)
///     .budget(Duration::ZERO)
///     .run()?;
/// assert!(outcome.commands[1].ratio.low > 1.0);
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
///
/// The face follows [hyperfine](https://github.com/sharkdp/hyperfine), which runs one series after the other.
#[doc(alias = "hyperfine")]
#[derive(Clone, Debug)]
#[must_use = "a comparison measures nothing until `run` is called"]
pub struct CommandComparison {
    commands: Vec<CommandLine>,
    prepare: Option<CommandLine>,
    plan: Plan,
    threshold: f64,
    confidence: f64,
    compares_output: bool,
    ignores_failure: bool,
    shows_progress: bool,
}

impl Default for CommandComparison {
    fn default() -> Self {
        Self::new()
    }
}

impl CommandComparison {
    /// Without commands yet.
    ///
    /// ```
    /// use tuneup_benchmarking::{CommandComparison, Error};
    ///
    /// assert!(matches!(CommandComparison::new().run(), Err(Error::TooFewCases { .. })));
    /// ```
    pub fn new() -> Self {
        Self {
            commands: Vec::new(),
            prepare: None,
            plan: Plan {
                budget: Duration::from_secs(3),
                min_rounds: LEAST_ROUNDS,
                precision: 0.002,
                warms_up: false,
                ..Plan::default()
            },
            threshold: 0.01,
            confidence: 0.99,
            compares_output: false,
            ignores_failure: false,
            shows_progress: false,
        }
    }

    /// Adds a command. One alone is measured without being compared; the same one may come twice.
    ///
    /// See the example of the type.
    pub fn command(mut self, command: CommandLine) -> Self {
        self.commands.push(command);
        self
    }

    /// Runs this before each run of each command, untimed: to empty a cache, to remove what a run leaves behind.
    ///
    /// ```
    /// use tuneup_benchmarking::{CommandComparison, CommandLine};
    ///
    /// let build = CommandComparison::new()
    ///     .command(CommandLine::parse("cargo build")?)
    ///     .prepare(CommandLine::parse("touch src/main.rs")?);
    /// # let _ = build;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn prepare(mut self, command: CommandLine) -> Self {
        self.prepare = Some(command);
        self
    }

    /// The time that measuring may take for each command; 3 s by default. Each runs 20 times at least, however long that takes, and no more once
    /// all ratios are known to 0.2 %.
    ///
    /// See the example of the type.
    pub fn budget(mut self, budget: Duration) -> Self {
        self.plan.budget = budget;
        self
    }

    /// Differences below this share do not matter; 0.01 by default, one per cent.
    ///
    /// ```
    /// let comparison = tuneup_benchmarking::CommandComparison::new().threshold(0.05);
    /// # let _ = comparison;
    /// ```
    ///
    /// # Panics
    /// When it is negative or not a finite number.
    #[track_caller]
    pub fn threshold(mut self, threshold: f64) -> Self {
        crate::verdict::assert_threshold(threshold);
        self.threshold = threshold;
        self
    }

    /// Runs nothing but the trial if the commands do not write the same to standard output; not asked by default. The output of two of them is kept in
    /// temporary files for that.
    ///
    /// ```
    /// use tuneup_benchmarking::{CommandComparison, CommandLine, Error};
    ///
    /// let outcome = CommandComparison::new()
    ///     .command(CommandLine::parse("printf 'a\\nb\\n'")?)
    ///     .command(CommandLine::parse("printf 'a\\nc\\n'")?)
    ///     .compare_output(true)
    ///     .run();
    /// assert!(matches!(outcome, Err(Error::OutputsDiffer { line: 2, .. })));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn compare_output(mut self, compare: bool) -> Self {
        self.compares_output = compare;
        self
    }

    /// Whether a command may end without success; not by default, since what fails is often quick.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use tuneup_benchmarking::{CommandComparison, CommandLine};
    ///
    /// let outcome = CommandComparison::new()
    ///     .command(CommandLine::parse("false")?)
    ///     # .budget(Duration::ZERO)
    ///     .ignore_failure(true)
    ///     .run();
    /// assert!(outcome.is_ok());
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn ignore_failure(mut self, ignore: bool) -> Self {
        self.ignores_failure = ignore;
        self
    }

    /// Shows a progress bar on standard error once the comparison has taken two seconds, if that is a terminal.
    ///
    /// ```
    /// let comparison = tuneup_benchmarking::CommandComparison::new().show_progress();
    /// # let _ = comparison;
    /// ```
    #[cfg(feature = "progress")]
    pub fn show_progress(mut self) -> Self {
        self.shows_progress = true;
        self
    }

    /// Tries each command out, compares their outputs if that was asked for, and then measures. Blocks the thread.
    ///
    /// # Errors
    /// [`Error::TooFewCases`] without a command; [`Error::CommandNotStarted`]; [`Error::CommandFailed`], unless failures are ignored;
    /// [`Error::OutputsDiffer`]; [`Error::CommandOutput`].
    ///
    /// See the example of the type.
    pub fn run(self) -> Result<CommandOutcome, Error> {
        if self.commands.is_empty() {
            return Err(Error::TooFewCases {
                comparison: "of commands".to_owned(),
                found: 0,
            });
        }
        self.try_all()?;
        let count = self.commands.len();
        let plan = Plan {
            budget: self.plan.budget.saturating_mul(count as u32),
            ..self.plan
        };
        let mut progress = ProgressBar::new(self.shows_progress, "runs");
        let mut runs: Vec<Vec<Run>> = vec![Vec::new(); count];
        let rounds = paired::measure_calibrated(
            &mut |command, _| {
                self.run_preparation()?;
                let run = run::measure(&self.commands[command], self.ignores_failure)?;
                runs[command].push(run);
                Ok(run.wall.as_nanos() as f64)
            },
            &vec![1; count],
            &plan,
            &mut |share| progress.at(share),
        )?;
        Ok(CommandOutcome::new(&self, &rounds, &runs))
    }

    /// Runs each command once, untimed.
    fn try_all(&self) -> Result<(), Error> {
        let mut reference = None;
        for command in &self.commands {
            self.run_preparation()?;
            if !self.compares_output {
                run::try_out(command, &Output::Dropped, self.ignores_failure)?;
                continue;
            }
            let cannot_keep = |source| Error::CommandOutput {
                command: command.to_string(),
                source,
            };
            let mut file = tempfile::tempfile().map_err(cannot_keep)?;
            run::try_out(command, &Output::Kept(&file), self.ignores_failure)?;
            let Some(reference) = &mut reference else {
                reference = Some(file);
                continue;
            };
            let found = difference::of_files(reference, &mut file).map_err(cannot_keep)?;
            if let Some(Difference { offset, line }) = found {
                return Err(Error::OutputsDiffer {
                    reference: self.commands[0].to_string(),
                    command: command.to_string(),
                    offset,
                    line,
                });
            }
        }
        Ok(())
    }

    fn run_preparation(&self) -> Result<(), Error> {
        match &self.prepare {
            Some(prepare) => run::try_out(prepare, &Output::Dropped, false),
            None => Ok(()),
        }
    }
}
