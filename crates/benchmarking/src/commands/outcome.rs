//! What a comparison of commands found, as data, as a table and as a sentence.

use std::{fmt, time::Duration};

use tuneup_report::{Align, Cell, Shorten, Table, Terminal};

use super::{CommandComparison, Run, run};
use crate::{
    Ratio, Verdict,
    paired::Rounds,
    verdict::{Judged, judgement, sentence},
};

/// What a comparison of commands found. `Display` gives the table, 100 columns wide at most, and the sentence that says who wins.
///
/// ```
/// # use std::time::Duration;
/// use tuneup_benchmarking::{CommandComparison, CommandLine};
///
/// let outcome = CommandComparison::new()
///     .command(CommandLine::parse("true")?)
///     # .budget(Duration::ZERO)
///     .run()?;
/// println!("{outcome}");
/// assert_eq!(outcome.commands[0].wall_ns.len(), 20);
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CommandOutcome {
    /// Differences below this share were declared not to matter.
    pub threshold: f64,
    /// The commands in the order in which they were added; the first is the reference.
    pub commands: Vec<CommandResult>,
}

/// One command of a [`CommandOutcome`].
///
/// See there for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CommandResult {
    /// As it was written.
    pub command: String,
    /// Whether a shell has read it.
    pub uses_shell: bool,
    /// Nanoseconds of each run, from its start to its end.
    pub wall_ns: Vec<f64>,
    /// Median of these.
    pub median_ns: f64,
    /// How far the runs are apart: their median absolute deviation from the median, as a share of it, times 1.4826 as is usual.
    pub spread: f64,
    /// Median of the processor time in the program itself.
    pub user: Duration,
    /// Median of the processor time in the system on its behalf.
    pub system: Duration,
    /// The largest amount of memory that it had at a time in any run, and its children each.
    pub peak_bytes: u64,
    /// Whether the peak is an upper bound alone, because this process itself has as much: a child begins as a copy of it.
    pub is_peak_a_bound: bool,
    /// Time beside the reference; exactly 1 for the reference itself.
    pub ratio: Ratio,
    /// What the ratio says under the threshold.
    pub verdict: Verdict,
}

impl CommandOutcome {
    pub(super) fn new(comparison: &CommandComparison, rounds: &Rounds, runs: &[Vec<Run>]) -> Self {
        let own_peak_bytes = run::own_peak_bytes();
        let commands = runs.iter().enumerate().map(|(index, runs)| {
            let command = &comparison.commands[index];
            let ratio = Ratio::from_logs(
                &rounds.log_ratios(index, 0),
                comparison.confidence,
                comparison.plan.seed,
            );
            let wall_ns: Vec<f64> = runs.iter().map(|run| run.wall.as_nanos() as f64).collect();
            let median_ns = tuneup_measure::median(&wall_ns).unwrap_or(f64::NAN);
            let spread = 1.4826 * tuneup_measure::mad(&wall_ns).unwrap_or(f64::NAN) / median_ns;
            let peak_bytes = runs.iter().map(|run| run.peak_bytes).max().unwrap_or(0);
            CommandResult {
                command: command.to_string(),
                uses_shell: command.uses_shell(),
                median_ns,
                spread,
                user: median_of(runs, |run| run.user),
                system: median_of(runs, |run| run.system),
                peak_bytes,
                is_peak_a_bound: peak_bytes <= own_peak_bytes,
                verdict: ratio.verdict(comparison.threshold),
                ratio,
                wall_ns,
            }
        });
        Self {
            threshold: comparison.threshold,
            commands: commands.collect(),
        }
    }

    /// Who wins and by how much, in one sentence; or that nobody does, and how small an effect could have been seen. Of one command alone, how long it
    /// takes.
    ///
    /// See the example of the type.
    #[must_use]
    pub fn sentence(&self) -> String {
        if let [only] = &self.commands[..] {
            return format!(
                "`{}` takes {} (± {:.1} % from run to run).",
                only.command,
                tuneup_report::Unit::Nanoseconds.format(only.median_ns),
                only.spread * 100.0
            );
        }
        let names = self.names();
        let judged: Vec<Judged<'_>> = self
            .commands
            .iter()
            .zip(&names)
            .map(|(command, name)| Judged {
                name,
                ratio: command.ratio,
                verdict: command.verdict,
            })
            .collect();
        sentence(&judged, self.threshold)
    }

    /// The commands, each by a name of its own, if one is there twice.
    fn names(&self) -> Vec<String> {
        let commands = self.commands.iter().enumerate();
        commands
            .map(|(index, CommandResult { command, .. })| {
                let before = &self.commands[..index];
                match before
                    .iter()
                    .filter(|other| other.command == *command)
                    .count()
                {
                    0 => command.clone(),
                    others => format!("{command} ({})", others + 1),
                }
            })
            .collect()
    }

    /// The table behind `Display`, to be rendered at another width, as Markdown or as JSON.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_benchmarking::{CommandComparison, CommandLine};
    /// # let only = CommandComparison::new().command(CommandLine::parse("true")?);
    /// # let outcome = only.budget(Duration::ZERO).run()?;
    /// assert!(outcome.table().to_markdown().starts_with("| command"));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        let is_compared = self.commands.len() > 1;
        let mut header = vec!["command", "time", "±", "user", "system", "peak"];
        if is_compared {
            header.extend(["ratio", "interval", "verdict"]);
        }
        let mut table = Table::new(header).shorten(0, Shorten::End);
        for column in 1..8 {
            table = table.align(column, Align::Right);
        }
        for (index, (command, name)) in self.commands.iter().zip(self.names()).enumerate() {
            let mut row = vec![
                Cell::text(name),
                Cell::nanoseconds(command.median_ns),
                Cell::percent(command.spread),
                Cell::duration(command.user),
                Cell::duration(command.system),
                Cell::bytes(command.peak_bytes),
            ];
            if is_compared {
                row.extend(judgement(index == 0, command.ratio, command.verdict));
            }
            table.push(row);
        }
        if self.commands.iter().any(|command| command.uses_shell) {
            table = table.note("the time of a command with pipes, variables or patterns includes a shell's, about a millisecond");
        }
        let bounded = |command: &&CommandResult| command.is_peak_a_bound;
        let bounded: Vec<String> = self
            .commands
            .iter()
            .filter(bounded)
            .map(|command| format!("`{}`", command.command))
            .collect();
        if !bounded.is_empty() {
            table = table.note(format!(
                "the peak of {} is an upper bound: this process has as much, and a child begins as a copy of it",
                bounded.join(", ")
            ));
        }
        table
    }
}

fn median_of(runs: &[Run], time: impl Fn(&Run) -> Duration) -> Duration {
    let mut times: Vec<Duration> = runs.iter().map(time).collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

impl fmt::Display for CommandOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}\n{}",
            self.table().render(&Terminal::plain(100)),
            self.sentence()
        )
    }
}
