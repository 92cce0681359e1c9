//! Comparing ways to do one job: answers first, then interleaved timing.

use std::borrow::Cow;
use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[cfg(feature = "async")]
use crate::executor::{self, BlockOn, Inline};
use crate::paired::{self, Plan};
use crate::progress::ProgressBar;
use crate::{Error, Throughput};

mod outcome;
#[cfg(test)]
mod tests;

pub use self::outcome::{CaseResult, Outcome};

/// A comparison to be: its name and how it measures. [`Comparison::input`] goes on to the cases.
///
/// The cases alternate in blocks of a quarter of a millisecond in randomised mirrored order, and the ratio is the median of the
/// ratios within rounds, so that drift of the machine cancels. Measuring takes up to 0.8 s for each case beyond the first, by default.
///
/// ```
/// use tuneup_benchmarking::{Comparison, Verdict};
///
/// let text = "the quick brown fox ".repeat(50);
/// let outcome = Comparison::new("word count")
///     .input(text.as_str())
///     .case("collected", |text| text.split(' ').collect::<Vec<_>>().len())
///     .case("counted", |text| text.split(' ').count())
///     .run()?;
/// println!("{outcome}");
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a comparison measures nothing until `run` is called"]
pub struct Comparison {
    name: String,
    plan: Plan,
    threshold: f64,
    confidence: f64,
    throughput: Option<Throughput>,
    progress: bool,
}

impl Comparison {
    /// A comparison with this name.
    ///
    /// ```
    /// use tuneup_benchmarking::Comparison;
    /// let comparison = Comparison::new("sort or search");
    /// # let _ = comparison;
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            plan: Plan::default(),
            threshold: 0.01,
            confidence: 0.99,
            throughput: None,
            progress: false,
        }
    }

    /// The time that measuring may take for each case beyond the first, calibration aside; default 0.8 s.
    ///
    /// At least 15 rounds are run, whatever the budget, and fewer than it allows once the ratio is known to 0.05 %.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_benchmarking::Comparison;
    /// let comparison = Comparison::new("on a noisy machine").budget(Duration::from_secs(3));
    /// # let _ = comparison;
    /// ```
    #[doc(alias = "measurement_time")]
    pub fn budget(mut self, budget: Duration) -> Self {
        self.plan.budget = budget;
        self
    }

    /// Differences below this share do not matter; default 0.01, one per cent.
    ///
    /// ```
    /// use tuneup_benchmarking::Comparison;
    /// let comparison = Comparison::new("worth a rewrite").threshold(0.2);
    /// # let _ = comparison;
    /// ```
    ///
    /// # Panics
    ///
    /// When it is negative or not a finite number.
    #[doc(alias = "noise_threshold")]
    #[track_caller]
    pub fn threshold(mut self, threshold: f64) -> Self {
        crate::verdict::assert_threshold(threshold);
        self.threshold = threshold;
        self
    }

    /// Confidence of the intervals, above 0 and below 1; default 0.99.
    ///
    /// ```
    /// use tuneup_benchmarking::Comparison;
    /// let comparison = Comparison::new("a first look").confidence(0.9);
    /// # let _ = comparison;
    /// ```
    ///
    /// # Panics
    ///
    /// Outside that range.
    pub fn confidence(mut self, confidence: f64) -> Self {
        crate::verdict::assert_confidence(confidence);
        self.confidence = confidence;
        self
    }

    /// Seed of the order of the blocks and of the bootstrap; a fixed one by default, so that runs differ by the machine alone.
    ///
    /// ```
    /// use tuneup_benchmarking::Comparison;
    /// let comparison = Comparison::new("once more in another order").seed(7);
    /// # let _ = comparison;
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.plan.seed = seed;
        self
    }

    /// What one iteration handles; adds a column with rates.
    ///
    /// ```
    /// use tuneup_benchmarking::{Comparison, Throughput};
    /// let comparison = Comparison::new("checksums").throughput(Throughput::Bytes(64 * 1024));
    /// # let _ = comparison;
    /// ```
    pub fn throughput(mut self, throughput: Throughput) -> Self {
        self.throughput = Some(throughput);
        self
    }

    /// Shows a progress bar on standard error once the comparison has taken two seconds, if that is a terminal.
    ///
    /// ```
    /// use tuneup_benchmarking::Comparison;
    /// let comparison = Comparison::new("a long one").show_progress();
    /// # let _ = comparison;
    /// ```
    #[cfg(feature = "progress")]
    pub fn show_progress(mut self) -> Self {
        self.progress = true;
        self
    }

    /// The input that every case is given by reference.
    ///
    /// A borrowed input (`&str`, a slice) lets the answers borrow from it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use tuneup_benchmarking::Comparison;
    ///
    /// let text = String::from("first second third");
    /// let outcome = Comparison::new("the last word")
    ///     # .budget(Duration::ZERO)
    ///     .input(text.as_str())
    ///     .case("split", |text: &&str| text.split(' ').next_back())
    ///     .case("search", |text: &&str| text.rfind(' ').map(|at| &text[at + 1..]))
    ///     .run()?;
    /// # let _ = outcome;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn input<'a, I: 'a, O>(self, input: I) -> Cases<'a, I, O> {
        Cases {
            comparison: self,
            input,
            cases: Vec::new(),
        }
    }
}

/// A case with its function's type erased: it can be asked once or timed many times.
trait Body<I, O> {
    fn answer(&mut self, input: &I) -> O;
    fn block(&mut self, input: &I, iterations: u64) -> f64;
}

struct Sync<F>(F);

impl<I, O, F: FnMut(&I) -> O> Body<I, O> for Sync<F> {
    fn answer(&mut self, input: &I) -> O {
        self.0(input)
    }

    fn block(&mut self, input: &I, iterations: u64) -> f64 {
        time(|| self.0(black_box(input)), iterations)
    }
}

#[cfg(feature = "async")]
struct Async<F>(F);

#[cfg(feature = "async")]
impl<I, O, F: AsyncFnMut(&I) -> O> Body<I, O> for Async<F> {
    fn answer(&mut self, input: &I) -> O {
        Inline.block_on(self.0(input))
    }

    fn block(&mut self, input: &I, iterations: u64) -> f64 {
        executor::time(&Inline, async || self.0(black_box(input)).await, iterations)
    }
}

/// Timed elsewhere, as its answer was found elsewhere.
struct Blocks<F, O> {
    block: F,
    answer: Option<O>,
}

impl<I, O, F: FnMut(&I, u64) -> Duration> Body<I, O> for Blocks<F, O> {
    fn answer(&mut self, _input: &I) -> O {
        self.answer.take().expect("cases are asked once")
    }

    fn block(&mut self, input: &I, iterations: u64) -> f64 {
        (self.block)(input, iterations).as_nanos() as f64
    }
}

struct Case<'a, I, O> {
    name: String,
    body: Box<dyn Body<I, O> + 'a>,
}

/// The cases of a comparison; the first one is the reference. Made by [`Comparison::input`].
///
/// The functions live as long as `'a`: they may borrow, and change what they captured. They run on the calling thread.
#[must_use = "a comparison measures nothing until `run` is called"]
pub struct Cases<'a, I, O> {
    comparison: Comparison,
    input: I,
    cases: Vec<Case<'a, I, O>>,
}

impl<I, O> fmt::Debug for Cases<'_, I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cases")
            .field("comparison", &self.comparison.name)
            .field(
                "cases",
                &self.cases.iter().map(|c| &c.name).collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}

impl<'a, I: 'a, O: PartialEq + fmt::Debug> Cases<'a, I, O> {
    /// Adds a case. Its time includes dropping the answer.
    ///
    /// The input reaches it through [`black_box`](std::hint::black_box), and so does its answer on the way out: neither can be
    /// computed ahead or left out.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use tuneup_benchmarking::Comparison;
    ///
    /// let mut buffer = Vec::new();
    /// let outcome = Comparison::new("sum of squares")
    ///     # .budget(Duration::ZERO)
    ///     .input(100_u64)
    ///     .case("buffered", |&n| {
    ///         buffer.clear();
    ///         buffer.extend((0..n).map(|i| i * i));
    ///         buffer.iter().sum::<u64>()
    ///     })
    ///     .case("streamed", |&n| (0..n).map(|i| i * i).sum())
    ///     .run()?;
    /// assert_eq!(outcome.cases.len(), 2);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn case(self, name: impl Into<String>, f: impl FnMut(&I) -> O + 'a) -> Self {
        self.add(name.into(), Box::new(Sync(f)))
    }

    /// Adds a case whose body is a future; its time includes polling it to the end.
    ///
    /// A block of iterations runs inside one `block_on` of [`Inline`], so entering the executor is not part of the time.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use tuneup_benchmarking::Comparison;
    ///
    /// let outcome = Comparison::new("what a future costs")
    ///     # .budget(Duration::ZERO)
    ///     .input(1_u64)
    ///     .case("function", |&n| n + 1)
    ///     .case_async("future", async |&n| n + 1)
    ///     .run()?;
    /// # let _ = outcome;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[cfg(feature = "async")]
    pub fn case_async(self, name: impl Into<String>, f: impl AsyncFnMut(&I) -> O + 'a) -> Self {
        self.add(name.into(), Box::new(Async(f)))
    }

    /// Adds a case that is timed elsewhere, such as in another process: `block` runs so many iterations and says what they took. Its answer is
    /// given, to be compared with those of the others.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use tuneup_benchmarking::Comparison;
    ///
    /// let took = |ns: u64| move |_: &(), iterations: u64| Duration::from_nanos(ns * iterations);
    /// let outcome = Comparison::new("two devices")
    ///     # .budget(Duration::ZERO)
    ///     .input(())
    ///     .case_blocks("old", "answer", took(100))
    ///     .case_blocks("new", "answer", took(50))
    ///     .run()?;
    /// assert!((outcome.cases[1].ratio.estimate - 0.5).abs() < 1e-9);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[doc(alias = "iter_custom")]
    pub fn case_blocks(
        self,
        name: impl Into<String>,
        answer: O,
        block: impl FnMut(&I, u64) -> Duration + 'a,
    ) -> Self
    where
        O: 'a,
    {
        let answer = Some(answer);
        self.add(name.into(), Box::new(Blocks { block, answer }))
    }

    fn add(mut self, name: String, body: Box<dyn Body<I, O> + 'a>) -> Self {
        self.cases.push(Case { name, body });
        self
    }

    /// Checks that all cases answer alike, then measures: blocks the thread for about the budget times the cases beyond the first.
    ///
    /// ```
    /// use tuneup_benchmarking::{Comparison, Error};
    ///
    /// let outcome = Comparison::new("halves")
    ///     .input(7_u32)
    ///     .case("division", |n| n / 2)
    ///     .case("rounded", |n| n.div_ceil(2))
    ///     .run();
    /// assert!(matches!(outcome, Err(Error::AnswersDiffer { case, .. }) if case == "rounded"));
    /// ```
    ///
    /// # Errors
    ///
    /// Fewer than two cases, two of one name, or an answer that differs from the first case's: then nothing was timed.
    pub fn run(mut self) -> Result<Outcome, Error> {
        self.check()?;
        let Self {
            comparison,
            input,
            mut cases,
        } = self;
        let mut progress = ProgressBar::new(comparison.progress, &comparison.name);
        let plan = Plan {
            budget: comparison
                .plan
                .budget
                .saturating_mul(cases.len() as u32 - 1),
            ..comparison.plan
        };
        let count = cases.len();
        let rounds = paired::measure(
            &mut |case, iterations| Ok(cases[case].body.block(&input, iterations)),
            count,
            &plan,
            &mut |share| progress.at(share),
        )?;
        let results = cases
            .iter()
            .enumerate()
            .map(|(index, case)| CaseResult::new(&comparison, &case.name, &rounds, index))
            .collect();
        Ok(Outcome {
            name: comparison.name,
            threshold: comparison.threshold,
            throughput: comparison.throughput,
            cases: results,
        })
    }

    fn check(&mut self) -> Result<(), Error> {
        let comparison = &self.comparison.name;
        if self.cases.len() < 2 {
            return Err(Error::TooFewCases {
                comparison: comparison.clone(),
                found: self.cases.len(),
            });
        }
        for (index, case) in self.cases.iter().enumerate() {
            if self.cases[..index]
                .iter()
                .any(|other| other.name == case.name)
            {
                return Err(Error::DuplicateName {
                    name: case.name.clone(),
                });
            }
        }
        let (reference, others) = self.cases.split_at_mut(1);
        let expected = reference[0].body.answer(&self.input);
        for case in others {
            let answer = case.body.answer(&self.input);
            if answer != expected {
                return Err(Error::AnswersDiffer {
                    comparison: comparison.clone(),
                    reference: reference[0].name.clone(),
                    case: case.name.clone(),
                    left: shorten(&format!("{answer:?}")).into_owned(),
                    right: shorten(&format!("{expected:?}")).into_owned(),
                });
            }
        }
        Ok(())
    }
}

/// Nanoseconds of `iterations` calls, the drops of their answers included.
pub(crate) fn time<O>(mut f: impl FnMut() -> O, iterations: u64) -> f64 {
    let start = Instant::now();
    for _ in 0..iterations {
        black_box(f());
    }
    start.elapsed().as_nanos() as f64
}

/// An answer may be a megabyte; an error message shows its beginning.
pub(crate) fn shorten(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(200) {
        Some((end, _)) => Cow::Owned(format!("{}… ({} bytes)", &text[..end], text.len())),
        None => Cow::Borrowed(text),
    }
}
