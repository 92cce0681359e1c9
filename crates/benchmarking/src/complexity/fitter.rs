//! The settings of a fit, and the steps from timings to a result.

use std::time::Duration;

use tuneup_measure::{Clock, TheilSen};

use super::curve::Curve;
use super::sampling;
use super::selection::{Ranked, Timings};
use super::{Complexity, ComplexityClass, ComplexityFit, ComplexityPoint};
use crate::Error;

/// The fewest different sizes that a law can be told from.
const MIN_SIZES: usize = 4;
/// The smallest ratio of the largest to the smallest size that is accepted at all.
const MIN_RATIO: f64 = 2.0;
/// From this share of redrawings on a class is a candidate.
const CANDIDATE: f64 = 0.05;

/// Measures and fits with chosen settings; `Default` is what [`complexity`](crate::complexity()) uses.
///
/// | setting | default |
/// |---|---|
/// | `budget` | 300 ms for all sizes together |
/// | `blocks` | 200 timed blocks (samples) for each size at most |
/// | `resamples` | 200 redrawings of the data |
/// | `seed` | 0; decides the order of the blocks and the redrawings |
///
/// ```
/// use std::time::Duration;
/// use tuneup_benchmarking::ComplexityFitter;
///
/// let fitter = ComplexityFitter::builder().budget(Duration::from_millis(50)).blocks(5).build()?;
/// let found = fitter.measure(&[8, 64, 512, 4096], |n| vec![1_u8; n], |bytes| bytes.to_vec())?;
/// assert!(found.points.iter().all(|point| point.samples <= 5));
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ComplexityFitter {
    pub(super) budget: Duration,
    pub(super) blocks: usize,
    pub(super) resamples: usize,
    pub(super) seed: u64,
    pub(super) clock: Clock,
    pub(super) progress: bool,
}

/// Collects the settings of a [`ComplexityFitter`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ComplexityFitterBuilder {
    fitter: ComplexityFitter,
}

impl Default for ComplexityFitter {
    fn default() -> Self {
        Self {
            budget: Duration::from_millis(300),
            blocks: 200,
            resamples: 200,
            seed: 0,
            clock: Clock::new(),
            progress: false,
        }
    }
}

impl ComplexityFitterBuilder {
    /// The time for all sizes together, 300 ms by default; at least 1 ms. It is a target: the calls under way when it
    /// ends are finished, and the inputs are made outside it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_benchmarking::ComplexityFitter;
    ///
    /// let fitter = ComplexityFitter::builder().budget(Duration::from_secs(1)).build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn budget(mut self, budget: Duration) -> Self {
        self.fitter.budget = budget;
        self
    }

    /// How many blocks to time for each size at most, 200 by default; 1 to 100 000. A block is one call or about 0.1 ms of
    /// calls; sizes end earlier when their share of the time is used up.
    ///
    /// ```
    /// use tuneup_benchmarking::ComplexityFitter;
    ///
    /// let quick = ComplexityFitter::builder().blocks(20).build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn blocks(mut self, blocks: usize) -> Self {
        self.fitter.blocks = blocks;
        self
    }

    /// How often to redraw the data for the confidence, 200 by default; 20 to 100 000.
    ///
    /// ```
    /// use tuneup_benchmarking::ComplexityFitter;
    ///
    /// let finer = ComplexityFitter::builder().resamples(2000).build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn resamples(mut self, resamples: usize) -> Self {
        self.fitter.resamples = resamples;
        self
    }

    /// The seed of all random choices, 0 by default. The same data and seed give the same result.
    ///
    /// ```
    /// use tuneup_benchmarking::ComplexityFitter;
    ///
    /// let timings = [1.0, 10.0, 100.0, 1000.0].map(|n| (n, [n]));
    /// let fit = |seed| ComplexityFitter::builder().seed(seed).build()?.fit(&timings);
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
    /// use tuneup_benchmarking::ComplexityFitter;
    ///
    /// let fitter = ComplexityFitter::builder().show_progress().build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[cfg(feature = "progress")]
    pub fn show_progress(mut self) -> Self {
        self.fitter.progress = true;
        self
    }

    /// The clock, [`Clock::new`] by default; tests give a mock.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_benchmarking::{ComplexityClass, ComplexityFitter};
    /// use tuneup_measure::Clock;
    ///
    /// let (clock, mock) = Clock::mock();
    /// let fitter = ComplexityFitter::builder().clock(clock).build()?;
    /// let cubic = |n: &u64| mock.advance(Duration::from_nanos(n * n * n));
    /// let found = fitter.measure(&[4, 16, 64, 256], |n| n as u64, cubic)?;
    /// assert_eq!(found.best, ComplexityClass::Cubic);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn clock(mut self, clock: Clock) -> Self {
        self.fitter.clock = clock;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] names the setting that is outside its range.
    ///
    /// ```
    /// use tuneup_benchmarking::ComplexityFitter;
    ///
    /// assert!(ComplexityFitter::builder().blocks(0).build().is_err());
    /// ```
    pub fn build(self) -> Result<ComplexityFitter, Error> {
        let fitter = self.fitter;
        let invalid = |option, expected| Err(Error::InvalidOption { option, expected });
        if fitter.budget < Duration::from_millis(1) {
            return invalid("budget", "1 ms or more");
        }
        if !(1..=100_000).contains(&fitter.blocks) {
            return invalid("blocks", "1 to 100000");
        }
        if !(20..=100_000).contains(&fitter.resamples) {
            return invalid("resamples", "20 to 100000");
        }
        Ok(fitter)
    }
}

impl ComplexityFitter {
    /// Starts from the defaults.
    ///
    /// ```
    /// let fitter = tuneup_benchmarking::ComplexityFitter::builder().seed(7).build()?;
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn builder() -> ComplexityFitterBuilder {
        ComplexityFitterBuilder {
            fitter: Self::default(),
        }
    }

    /// As [`complexity`](crate::complexity()), with these settings.
    ///
    /// # Errors
    ///
    /// Those of [`complexity`](crate::complexity()).
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_benchmarking::ComplexityFitter;
    ///
    /// let fitter = ComplexityFitter::builder().budget(Duration::from_millis(20)).build()?;
    /// let found = fitter.measure(&[8, 32, 128, 512], |n| vec![7_u8; n], |bytes| bytes.to_vec())?;
    /// println!("{}", found.verdict());
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn measure<I, O>(
        &self,
        sizes: &[usize],
        make_input: impl FnMut(usize) -> I,
        f: impl FnMut(&I) -> O,
    ) -> Result<Complexity, Error> {
        let mut sizes = sizes.to_vec();
        sizes.sort_unstable();
        sizes.dedup();
        check_range(&sizes.iter().map(|&size| size as f64).collect::<Vec<_>>())?;
        let (timings, left_out) = sampling::measure(self, &sizes, make_input, f);
        let mut found = self.fit(&timings)?;
        found.left_out = left_out;
        Ok(found)
    }

    /// As [`Complexity::fit`], with these settings.
    ///
    /// # Errors
    ///
    /// Those of [`Complexity::fit`].
    ///
    /// ```
    /// use tuneup_benchmarking::{ComplexityClass, ComplexityFitter};
    ///
    /// let timings = [10.0, 100.0, 1000.0, 10_000.0].map(|n: f64| (n, [n * n * n]));
    /// let found = ComplexityFitter::builder().resamples(50).build()?.fit(&timings)?;
    /// assert_eq!(found.best, ComplexityClass::Cubic);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn fit<S: AsRef<[f64]>>(&self, timings: &[(f64, S)]) -> Result<Complexity, Error> {
        let timings = Timings::new(timings)?;
        check_range(&timings.sizes)?;
        let typical = timings.typical();
        let ln = |values: &[f64]| values.iter().map(|value| value.ln()).collect::<Vec<_>>();
        let line = TheilSen::fit(&ln(&timings.sizes), &ln(&typical)).map_err(|source| {
            Error::Statistics {
                name: "exponent".to_owned(),
                source,
            }
        })?;
        let fits: Vec<ComplexityFit> = timings
            .rank(self.resamples, self.seed)
            .iter()
            .map(ComplexityFit::new)
            .collect();
        Ok(Complexity {
            best: fits[0].class,
            confidence: fits[0].share,
            candidates: fits
                .iter()
                .filter(|fit| fit.share >= CANDIDATE)
                .map(|fit| fit.class)
                .collect(),
            fits,
            points: timings.points(&typical),
            exponent: line.slope,
            left_out: Vec::new(),
        })
    }
}

/// Four different sizes, the largest at least twice the smallest.
fn check_range(ascending: &[f64]) -> Result<(), Error> {
    if ascending.len() < MIN_SIZES {
        return Err(Error::TooFewSizes {
            found: ascending.len(),
            needed: MIN_SIZES,
        });
    }
    let (smallest, largest) = (ascending[0], ascending[ascending.len() - 1]);
    if smallest <= 0.0 {
        return Err(Error::InvalidTiming {
            size: smallest,
            reason: "sizes begin at 1",
        });
    }
    if largest < MIN_RATIO * smallest {
        return Err(Error::SizesTooClose { smallest, largest });
    }
    Ok(())
}

impl Timings {
    /// Checked, sorted, samples of equal sizes joined.
    fn new<S: AsRef<[f64]>>(timings: &[(f64, S)]) -> Result<Self, Error> {
        let usable = |value: f64| value.is_finite() && value > 0.0;
        let mut rows: Vec<(f64, &[f64])> = Vec::with_capacity(timings.len());
        for (size, samples) in timings {
            let (size, samples) = (*size, samples.as_ref());
            let invalid = |reason| Err(Error::InvalidTiming { size, reason });
            if !usable(size) {
                return invalid("sizes are finite and positive");
            }
            if samples.is_empty() {
                return invalid("each size needs a sample");
            }
            if !samples.iter().copied().all(usable) {
                return invalid("times are finite and positive");
            }
            rows.push((size, samples));
        }
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut joined = Self {
            sizes: Vec::new(),
            samples: Vec::<Vec<f64>>::new(),
        };
        for (size, samples) in rows {
            if joined.sizes.last() != Some(&size) {
                joined.sizes.push(size);
                joined.samples.push(Vec::new());
            }
            joined
                .samples
                .last_mut()
                .expect("a size was pushed with its samples")
                .extend(samples);
        }
        for samples in &mut joined.samples {
            samples.sort_by(f64::total_cmp);
        }
        Ok(joined)
    }

    fn points(&self, typical: &[f64]) -> Vec<ComplexityPoint> {
        let rows = self.sizes.iter().zip(typical).zip(&self.samples);
        rows.map(|((&size, &typical_ns), samples)| ComplexityPoint {
            size,
            typical_ns,
            min_ns: samples[0],
            max_ns: samples[samples.len() - 1],
            samples: samples.len(),
        })
        .collect()
    }
}

impl ComplexityFit {
    fn new(ranked: &Ranked) -> Self {
        let curve = ranked.curve;
        let Curve {
            class,
            ln_lower,
            lower_power,
            ln_factor,
            ln_base,
            mean_square,
        } = curve;
        // The law O(1) is one constant: its growth g is 1 and its "factor" the whole time.
        let ln_part = if class == ComplexityClass::Constant {
            0.0
        } else {
            ln_lower
        };
        Self {
            class,
            share: ranked.share,
            error: mean_square.sqrt(),
            lower_ns: (ln_factor + ln_part).exp(),
            lower_power: lower_power as u8,
            base: (class == ComplexityClass::Exponential).then(|| ln_base.exp()),
            curve,
        }
    }
}
