//! What a comparison found, as data, as a table and as a sentence.

use std::fmt;

use tuneup_report::{Align, Cell, Table, Terminal};

use super::Comparison;
use crate::{
    Ratio, Throughput, Verdict, paired,
    verdict::{Judged, judgement, sentence},
};

/// What a comparison found. `Display` gives the table, 100 columns wide at most, and the sentence that says who wins.
///
/// ```
/// # use std::time::Duration;
/// use tuneup_benchmarking::{Comparison, Verdict};
///
/// let outcome = Comparison::new("sums")
///     # .budget(Duration::ZERO)
///     .input(1_000_u64)
///     .case("loop", |&n| (0..n).fold(0, |sum, i| std::hint::black_box(sum + i)))
///     .case("formula", |&n| n * (n - 1) / 2)
///     .run()?;
/// let formula = &outcome.cases[1];
/// assert_eq!(formula.verdict, Verdict::Faster);
/// assert!(formula.ratio.high < 1.0);
/// assert_eq!(outcome.winner().name, "formula");
/// assert!(outcome.sentence().starts_with("`formula` is "));
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The comparison's name.
    pub name: String,
    /// Differences below this share were declared not to matter.
    pub threshold: f64,
    /// What one iteration handles.
    pub throughput: Option<Throughput>,
    /// The cases in the order in which they were added; the first is the reference.
    pub cases: Vec<CaseResult>,
}

/// One case of an [`Outcome`].
///
/// ```
/// # use std::time::Duration;
/// # use tuneup_benchmarking::Comparison;
/// # let comparison = Comparison::new("sums").budget(Duration::ZERO).input(100_u64);
/// # let outcome = comparison.case("a", |n| n + 1).case("b", |n| 1 + n).run()?;
/// for case in &outcome.cases {
///     println!("{}: {:.1} ns, {} the first ({})", case.name, case.median_ns, case.verdict, case.ratio);
/// }
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CaseResult {
    /// The case's name.
    pub name: String,
    /// Nanoseconds per iteration, one value per round.
    pub samples_ns: Vec<f64>,
    /// Median of the samples: nanoseconds per iteration.
    pub median_ns: f64,
    /// Iterations in a block.
    pub iterations: u64,
    /// Time beside the reference; exactly 1 for the reference itself.
    pub ratio: Ratio,
    /// What the ratio says under the comparison's threshold.
    pub verdict: Verdict,
}

impl CaseResult {
    pub(super) fn new(
        comparison: &Comparison,
        name: &str,
        rounds: &paired::Rounds,
        index: usize,
    ) -> Self {
        let samples_ns = rounds.ns(index);
        let ratio = Ratio::from_logs(
            &rounds.log_ratios(index, 0),
            comparison.confidence,
            comparison.plan.seed,
        );
        Self {
            name: name.to_owned(),
            median_ns: tuneup_measure::median(&samples_ns).unwrap_or(f64::NAN),
            samples_ns,
            iterations: rounds.iterations(index),
            verdict: ratio.verdict(comparison.threshold),
            ratio,
        }
    }
}

impl<'a> From<&'a CaseResult> for Judged<'a> {
    fn from(case: &'a CaseResult) -> Self {
        Self {
            name: &case.name,
            ratio: case.ratio,
            verdict: case.verdict,
        }
    }
}

impl Outcome {
    /// The case with the smallest ratio, whether or not that is certain: [`Outcome::sentence`] names the fastest that is.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_benchmarking::Comparison;
    /// # let outcome = Comparison::new("sums")
    /// #     .budget(Duration::ZERO)
    /// #     .input(1_000_u64)
    /// #     .case("loop", |&n| (0..n).fold(0, |sum, i| std::hint::black_box(sum + i)))
    /// #     .case("formula", |&n| n * (n - 1) / 2)
    /// #     .run()?;
    /// assert_eq!(outcome.winner().name, "formula");
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn winner(&self) -> &CaseResult {
        self.cases
            .iter()
            .min_by(|a, b| a.ratio.estimate.total_cmp(&b.ratio.estimate))
            .expect("a comparison has two cases at least")
    }

    /// Prints the table and the sentence to standard output, in colour where that is a terminal.
    ///
    /// Reads the environment for that ([`Terminal::detect`]).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_benchmarking::Comparison;
    /// # let outcome = Comparison::new("sums")
    /// #     .budget(Duration::ZERO)
    /// #     .input(1_000_u64)
    /// #     .case("loop", |&n| (0..n).fold(0, |sum, i| std::hint::black_box(sum + i)))
    /// #     .case("formula", |&n| n * (n - 1) / 2)
    /// #     .run()?;
    /// outcome.print();
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn print(&self) {
        let terminal = Terminal::detect();
        println!("{}\n{}", self.table().render(&terminal), self.sentence());
    }

    /// Who wins and by how much, in one sentence; or that nobody does, and how small an effect could have been seen.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_benchmarking::Comparison;
    /// # let outcome = Comparison::new("sums")
    /// #     .budget(Duration::ZERO)
    /// #     .input(1_000_u64)
    /// #     .case("loop", |&n| (0..n).fold(0, |sum, i| std::hint::black_box(sum + i)))
    /// #     .case("formula", |&n| n * (n - 1) / 2)
    /// #     .run()?;
    /// assert!(outcome.sentence().starts_with("`formula` is "));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn sentence(&self) -> String {
        let judged: Vec<Judged<'_>> = self.cases.iter().map(Judged::from).collect();
        sentence(&judged, self.threshold)
    }

    /// The table behind `Display`, to be rendered at another width or as Markdown.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_benchmarking::Comparison;
    /// # let outcome = Comparison::new("sums")
    /// #     .budget(Duration::ZERO)
    /// #     .input(1_000_u64)
    /// #     .case("loop", |&n| (0..n).fold(0, |sum, i| std::hint::black_box(sum + i)))
    /// #     .case("formula", |&n| n * (n - 1) / 2)
    /// #     .run()?;
    /// let markdown = outcome.table().to_markdown();
    /// assert!(markdown.contains("| formula"));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        let mut header = vec!["case", "time", "ratio", "interval", "verdict"];
        if self.throughput.is_some() {
            header.push("rate");
        }
        let mut table = Table::new(header).title(&self.name);
        for column in 1..4 {
            table = table.align(column, Align::Right);
        }
        for (index, case) in self.cases.iter().enumerate() {
            table = table.row(self.row(index, case));
        }
        table
    }

    fn row(&self, index: usize, case: &CaseResult) -> Vec<Cell> {
        let mut row = vec![Cell::text(&case.name), Cell::nanoseconds(case.median_ns)];
        row.extend(judgement(index == 0, case.ratio, case.verdict));
        if let Some(throughput) = self.throughput {
            let per_second = throughput.per_second(case.median_ns);
            row.push(crate::throughput::cell(throughput, per_second));
        }
        row
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}\n{}",
            self.table().render(&Terminal::plain(100)),
            self.sentence()
        )
    }
}
