//! The settings of a scalability measurement, its rounds, and the intervals of the fit.

use std::collections::BTreeMap;
use std::thread::available_parallelism;
use std::time::Duration;

use fastrand::Rng;
use tuneup_measure::{Clock, Interval, median};

use super::law::Law;
use super::{Scalability, ScalabilityPoint, ScalabilityWarning, trial};
use crate::Error;
use crate::progress::ProgressBar;

/// As many different counts as the law has parameters.
const MIN_COUNTS: usize = 3;
/// Fewer different counts than this earn a warning, as in the R package `usl`.
const FEW_COUNTS: usize = 6;
/// Threads of one trial at most.
const MAX_THREADS: usize = 1024;
/// From so many samples of each count on, the samples are resampled; below, the residuals.
const SAMPLES_TO_RESAMPLE: usize = 3;
/// The confidence of all intervals.
const CONFIDENCE: f64 = 0.95;

/// Measures and fits with chosen settings; `Default` is what [`scalability`](crate::scalability()) uses.
///
/// | setting | default |
/// |---|---|
/// | `time` | 20 ms for each trial |
/// | `rounds` | 5 trials of each thread count |
/// | `resamples` | 200, for the intervals |
/// | `seed` | 0; decides the order of the trials and the resamples |
///
/// ```
/// use tuneup_benchmarking::ScalabilityFitter;
///
/// let fitter = ScalabilityFitter::builder().resamples(1000).seed(1).build()?;
/// let found = fitter.fit(&[(1, 10.0), (2, 18.0), (4, 28.0), (8, 33.0)])?;
/// assert!(found.contention.estimate > 0.0);
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ScalabilityFitter {
    time: Duration,
    rounds: usize,
    resamples: usize,
    seed: u64,
    clock: Clock,
    progress: bool,
}

/// Collects the settings of a [`ScalabilityFitter`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ScalabilityFitterBuilder {
    fitter: ScalabilityFitter,
}

impl Default for ScalabilityFitter {
    fn default() -> Self {
        Self {
            time: Duration::from_millis(20),
            rounds: 5,
            resamples: 200,
            seed: 0,
            clock: Clock::new(),
            progress: false,
        }
    }
}

impl ScalabilityFitterBuilder {
    /// How long each trial runs, 20 ms by default; 1 ms to 60 s. Starting the threads comes on top.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_benchmarking::ScalabilityFitter;
    ///
    /// let fitter = ScalabilityFitter::builder().time(Duration::from_millis(50)).build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn time(mut self, time: Duration) -> Self {
        self.fitter.time = time;
        self
    }

    /// How many trials each thread count gets, 5 by default; 1 to 1000.
    ///
    /// ```
    /// use tuneup_benchmarking::ScalabilityFitter;
    ///
    /// let fitter = ScalabilityFitter::builder().rounds(15).build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn rounds(mut self, rounds: usize) -> Self {
        self.fitter.rounds = rounds;
        self
    }

    /// How many resamples the intervals come from, 200 by default; 20 to 100 000.
    ///
    /// ```
    /// use tuneup_benchmarking::ScalabilityFitter;
    ///
    /// let finer = ScalabilityFitter::builder().resamples(2000).build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn resamples(mut self, resamples: usize) -> Self {
        self.fitter.resamples = resamples;
        self
    }

    /// The seed of all random choices, 0 by default. The same data and seed give the same result.
    ///
    /// ```
    /// use tuneup_benchmarking::ScalabilityFitter;
    ///
    /// let data = [(1, 10.0), (2, 17.0), (4, 31.0), (8, 40.0)];
    /// let fit = |seed| ScalabilityFitter::builder().seed(seed).build()?.fit(&data);
    /// assert_eq!(fit(7)?, fit(7)?);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.fitter.seed = seed;
        self
    }

    /// Shows a progress bar on standard error once measuring has taken two seconds, if that is a terminal.
    ///
    /// ```
    /// use tuneup_benchmarking::ScalabilityFitter;
    ///
    /// let fitter = ScalabilityFitter::builder().show_progress().build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[cfg(feature = "progress")]
    pub fn show_progress(mut self) -> Self {
        self.fitter.progress = true;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] names the setting that is outside its range.
    ///
    /// ```
    /// use tuneup_benchmarking::ScalabilityFitter;
    ///
    /// assert!(ScalabilityFitter::builder().rounds(0).build().is_err());
    /// ```
    pub fn build(self) -> Result<ScalabilityFitter, Error> {
        let fitter = self.fitter;
        let invalid = |option, expected| Err(Error::InvalidOption { option, expected });
        if !(Duration::from_millis(1)..=Duration::from_secs(60)).contains(&fitter.time) {
            return invalid("time", "1 ms to 60 s");
        }
        if !(1..=1000).contains(&fitter.rounds) {
            return invalid("rounds", "1 to 1000");
        }
        if !(20..=100_000).contains(&fitter.resamples) {
            return invalid("resamples", "20 to 100000");
        }
        Ok(fitter)
    }
}

impl ScalabilityFitter {
    /// Starts from the defaults.
    ///
    /// ```
    /// let fitter = tuneup_benchmarking::ScalabilityFitter::builder().rounds(9).build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn builder() -> ScalabilityFitterBuilder {
        ScalabilityFitterBuilder {
            fitter: Self::default(),
        }
    }

    /// As [`scalability`](crate::scalability()), with these settings.
    ///
    /// # Errors
    ///
    /// Those of [`scalability`](crate::scalability()).
    ///
    /// # Panics
    ///
    /// When `f` panics.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_benchmarking::ScalabilityFitter;
    ///
    /// let fitter = ScalabilityFitter::builder().time(Duration::from_millis(1)).rounds(2).build()?;
    /// let found = fitter.measure(&[1, 2, 3], |thread| vec![thread; 100])?;
    /// println!("{}", found.verdict());
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn measure<O>(
        &self,
        threads: &[usize],
        f: impl Fn(usize) -> O + Sync,
    ) -> Result<Scalability, Error> {
        let mut counts = threads.to_vec();
        counts.sort_unstable();
        counts.dedup();
        if counts.len() < MIN_COUNTS {
            return Err(Error::TooFewThreadCounts {
                found: counts.len(),
                needed: MIN_COUNTS,
            });
        }
        if !counts.iter().all(|count| (1..=MAX_THREADS).contains(count)) {
            return Err(Error::InvalidOption {
                option: "threads",
                expected: "1 to 1024",
            });
        }
        let calls = trial::calls_in_batch(&self.clock, &f);
        let mut rng = Rng::with_seed(self.seed);
        let mut throughputs = Vec::with_capacity(counts.len() * self.rounds);
        let mut bar = ProgressBar::new(self.progress, "scalability");
        for round in 0..self.rounds {
            bar.at(round as f64 / self.rounds as f64);
            // In turns, so that a change of the machine's pace hits all counts alike.
            rng.shuffle(&mut counts);
            for &count in &counts {
                throughputs.push((
                    count,
                    trial::throughput(count, self.time, calls, &self.clock, &f)?,
                ));
            }
        }
        let cores = available_parallelism().map_or(1, usize::from);
        self.fit_within(&throughputs, cores)
    }

    /// Fits the counts that the cores can run at once, or all of them if those are too few; shows all.
    pub(super) fn fit_within(
        &self,
        throughputs: &[(usize, f64)],
        cores: usize,
    ) -> Result<Scalability, Error> {
        let all = Samples::new(throughputs)?;
        let threads = all.by_count.keys().next_back().copied().unwrap_or(0);
        if threads <= cores {
            return self.fit(throughputs);
        }
        let fitted = all.by_count.range(..=cores).count() < MIN_COUNTS;
        let within = |(count, _): &&(usize, f64)| fitted || *count <= cores;
        let within: Vec<(usize, f64)> = throughputs.iter().filter(within).copied().collect();
        let mut found = self.fit(&within)?;
        found.points = all.points();
        found.warnings.insert(
            0,
            ScalabilityWarning::MoreThreadsThanCores {
                threads,
                cores,
                fitted,
            },
        );
        Ok(found)
    }

    /// As [`Scalability::fit`], with these settings.
    ///
    /// # Errors
    ///
    /// Those of [`Scalability::fit`].
    ///
    /// ```
    /// use tuneup_benchmarking::ScalabilityFitter;
    ///
    /// let found = ScalabilityFitter::default().fit(&[(1, 10.0), (2, 18.0), (4, 28.0)])?;
    /// assert!(found.contention.estimate > 0.0);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn fit(&self, throughputs: &[(usize, f64)]) -> Result<Scalability, Error> {
        let samples = Samples::new(throughputs)?;
        let counts = samples.by_count.len();
        if counts < MIN_COUNTS {
            return Err(Error::TooFewThreadCounts {
                found: counts,
                needed: MIN_COUNTS,
            });
        }
        let medians = samples.medians();
        let law = Law::fit(&medians);
        let resampled = samples.resampled(&law, &medians, self.resamples, self.seed);
        let interval = |of: fn(&Law) -> f64| {
            let values: Vec<f64> = resampled.iter().map(of).collect();
            let tail = (1.0 - CONFIDENCE) / 2.0;
            let estimate = of(&law);
            // A resample may lie on one side only; the estimate belongs to its own interval.
            let low = order_statistic(&values, tail).min(estimate);
            let high = order_statistic(&values, 1.0 - tail).max(estimate);
            Interval::new(low, estimate, high, CONFIDENCE)
        };
        let few = counts < FEW_COUNTS;
        Ok(Scalability {
            single: interval(Law::single),
            contention: interval(Law::contention),
            coherency: interval(Law::coherency),
            peak_threads: law.peak().is_finite().then(|| interval(Law::peak)),
            r_squared: r_squared(&law, &medians),
            points: samples.points(),
            warnings: few
                .then_some(ScalabilityWarning::FewThreadCounts { found: counts })
                .into_iter()
                .collect(),
            law,
        })
    }
}

/// The value below which this share of the values lies; works with infinite values.
fn order_statistic(values: &[f64], share: f64) -> f64 {
    let mut ascending = values.to_vec();
    ascending.sort_by(f64::total_cmp);
    ascending[((ascending.len() - 1) as f64 * share).round() as usize]
}

fn r_squared(law: &Law, medians: &[(f64, f64)]) -> f64 {
    let mean = medians.iter().map(|(_, x)| x).sum::<f64>() / medians.len() as f64;
    let total: f64 = medians.iter().map(|(_, x)| (x - mean).powi(2)).sum();
    let left: f64 = medians
        .iter()
        .map(|&(threads, x)| (x - law.at(threads)).powi(2))
        .sum();
    if total == 0.0 {
        1.0
    } else {
        1.0 - left / total
    }
}

/// Throughputs by thread count.
struct Samples {
    by_count: BTreeMap<usize, Vec<f64>>,
}

impl Samples {
    fn new(throughputs: &[(usize, f64)]) -> Result<Self, Error> {
        let mut by_count: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for &(threads, per_second) in throughputs {
            if threads == 0 || !per_second.is_finite() || per_second <= 0.0 {
                return Err(Error::InvalidThroughput {
                    threads,
                    per_second,
                });
            }
            by_count.entry(threads).or_default().push(per_second);
        }
        Ok(Self { by_count })
    }

    fn medians(&self) -> Vec<(f64, f64)> {
        self.by_count
            .iter()
            .map(|(&threads, samples)| (threads as f64, middle(samples)))
            .collect()
    }

    fn points(&self) -> Vec<ScalabilityPoint> {
        let point = |(&threads, samples): (&usize, &Vec<f64>)| ScalabilityPoint {
            threads,
            per_second: middle(samples),
            min_per_second: samples.iter().copied().fold(f64::INFINITY, f64::min),
            max_per_second: samples.iter().copied().fold(0.0, f64::max),
            samples: samples.len(),
        };
        self.by_count.iter().map(point).collect()
    }

    /// Laws of resampled data: samples within each count where there are enough, else residuals between the counts.
    fn resampled(
        &self,
        law: &Law,
        medians: &[(f64, f64)],
        resamples: usize,
        seed: u64,
    ) -> Vec<Law> {
        let mut rng = Rng::with_seed(seed);
        let within = self
            .by_count
            .values()
            .all(|samples| samples.len() >= SAMPLES_TO_RESAMPLE);
        // Three parameters make residuals too small; this is the usual correction.
        let freedom = medians.len().saturating_sub(3).max(1) as f64;
        let inflate = (medians.len() as f64 / freedom).sqrt();
        let residuals: Vec<f64> = medians
            .iter()
            .map(|&(threads, x)| (x - law.at(threads)) * inflate)
            .collect();
        let drawn = |rng: &mut Rng| -> Vec<(f64, f64)> {
            if within {
                let redraw = |samples: &Vec<f64>, rng: &mut Rng| -> Vec<f64> {
                    samples
                        .iter()
                        .map(|_| samples[rng.usize(..samples.len())])
                        .collect()
                };
                let counts = self.by_count.iter();
                counts
                    .map(|(&threads, samples)| (threads as f64, middle(&redraw(samples, rng))))
                    .collect()
            } else {
                let residual = |rng: &mut Rng| residuals[rng.usize(..residuals.len())];
                medians
                    .iter()
                    .map(|&(threads, _)| (threads, law.at(threads) + residual(rng)))
                    .collect()
            }
        };
        (0..resamples)
            .map(|_| law.improved(&drawn(&mut rng)))
            .collect()
    }
}

fn middle(samples: &[f64]) -> f64 {
    median(samples).expect("every count has a finite throughput")
}
