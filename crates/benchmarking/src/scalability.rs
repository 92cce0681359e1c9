//! Throughput against the number of threads, and the law behind it.
//!
//! Gunther's Universal Scalability Law X(N) = λN / (1 + σ(N − 1) + κN(N − 1)) (*Guerrilla Capacity Planning*, Springer
//! 2007) has three parts: λ, the throughput of one thread; σ, contention (the serial share, queueing for a lock); and κ,
//! coherency (every thread having to agree with every other one, caches passing lines around). With κ > 0 there is a
//! number of threads beyond which more of them make it slower: N* = √((1 − σ)/κ).

mod fitter;
mod law;
#[cfg(feature = "plots")]
mod plot;
mod table;
#[cfg(test)]
mod tests;
mod trial;

use std::fmt;

use tuneup_measure::Interval;

pub use self::fitter::{ScalabilityFitter, ScalabilityFitterBuilder};
use self::law::Law;
use crate::Error;

/// Runs `f` on each number of threads at once, and says how its throughput scales.
///
/// Every thread calls `f(i)` again and again, `i` being its number from 0 on, for a fixed time; all begin together. The
/// thread counts take turns, in random order, for several rounds. What a call is, is up to `f`: give each thread as much
/// work in a call as it would have alone. Takes 20 ms × 5 rounds × the number of thread counts;
/// [`ScalabilityFitter`] sets both.
///
/// Counts beyond the machine's cores are measured, and [`Scalability::warnings`] names them: they show what
/// oversubscription does, not what more cores would. The law is fitted without them if three counts remain. On a small
/// machine, `&[1, 2, 3, 4]` on two cores say little about σ and κ; the intervals show it.
///
/// Blocks the calling thread and starts threads that end before it returns.
///
/// # Errors
///
/// [`Error::TooFewThreadCounts`] for fewer than three different counts, [`Error::InvalidOption`] for a count of 0 or
/// above 1024, [`Error::Thread`] when the system refuses a thread.
///
/// # Panics
///
/// When `f` panics, with the same payload, after the other threads have ended.
///
/// # Examples
///
/// ```
/// use std::sync::Mutex;
/// use std::time::Duration;
/// use tuneup_benchmarking::ScalabilityFitter;
///
/// let counter = Mutex::new(0_u64);
/// let fitter = ScalabilityFitter::builder().time(Duration::from_millis(2)).rounds(3).build()?;
/// let found = fitter.measure(&[1, 2, 3], |_thread| *counter.lock().unwrap() += 1)?;
/// println!("{found}");
/// assert_eq!(found.points.len(), 3);
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[doc(alias = "usl")]
#[doc(alias = "universal_scalability_law")]
pub fn scalability<O>(
    threads: &[usize],
    f: impl Fn(usize) -> O + Sync,
) -> Result<Scalability, Error> {
    ScalabilityFitter::default().measure(threads, f)
}

/// What the throughputs of several thread counts say: the three coefficients, the peak, and warnings.
///
/// Intervals are 95 % percentile intervals over resamples. `Display` prints a table with the verdict below it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Scalability {
    /// λ: calls per second of one thread.
    pub single: Interval,
    /// σ: contention, 0 (none) to 1 (everything is serial).
    pub contention: Interval,
    /// κ: coherency, 0 or more.
    pub coherency: Interval,
    /// N*: the number of threads with the largest throughput, at least 1; `None` if κ is 0 and there is no peak.
    ///
    /// The upper end is infinite where some resamples had no peak. A peak far beyond the largest measured count is an
    /// extrapolation.
    pub peak_threads: Option<Interval>,
    /// The share of the variation between the points that the law explains; 1 is all. Three counts are always
    /// explained, because the law has three parameters.
    pub r_squared: f64,
    /// The measured throughputs, thread counts ascending.
    pub points: Vec<ScalabilityPoint>,
    /// What to keep in mind when reading the rest.
    pub warnings: Vec<ScalabilityWarning>,
    law: Law,
}

/// The throughput of one number of threads.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ScalabilityPoint {
    /// How many threads ran at once.
    pub threads: usize,
    /// Median of the rounds, calls per second of all threads together.
    pub per_second: f64,
    /// Slowest round, calls per second.
    pub min_per_second: f64,
    /// Fastest round, calls per second.
    pub max_per_second: f64,
    /// How many rounds there were.
    pub samples: usize,
}

/// A reason to trust a [`Scalability`] less.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScalabilityWarning {
    /// Some counts had more threads than the machine has cores: these points show the scheduler.
    MoreThreadsThanCores {
        /// The largest count.
        threads: usize,
        /// What [`std::thread::available_parallelism`] said.
        cores: usize,
        /// Whether the law was fitted to these counts too, because there were fewer than three others.
        fitted: bool,
    },
    /// Fewer than six different counts: three coefficients from so few points are loose.
    FewThreadCounts {
        /// How many different counts there were.
        found: usize,
    },
}

impl fmt::Display for ScalabilityWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MoreThreadsThanCores {
                threads,
                cores,
                fitted,
            } => {
                let use_of_them = if *fitted {
                    "are fitted all the same"
                } else {
                    "are not fitted"
                };
                write!(
                    f,
                    "up to {threads} threads ran on {cores} core(s); counts above {cores} show the scheduler, not the \
                     program, and {use_of_them}"
                )
            }
            Self::FewThreadCounts { found } => {
                write!(
                    f,
                    "{found} thread counts are few for three coefficients; six or more are better"
                )
            }
        }
    }
}

impl Scalability {
    /// Fits throughputs that somebody else measured: (threads, calls per second), in any order; the median of equal
    /// counts is used.
    ///
    /// Needs no clock and is deterministic. Nonlinear least squares on the throughputs, as in the R package `usl`.
    /// O(resamples × points).
    ///
    /// # Errors
    ///
    /// [`Error::TooFewThreadCounts`] for fewer than three different counts, [`Error::InvalidThroughput`] for a count of 0
    /// or a throughput that is not finite and positive.
    ///
    /// # Examples
    ///
    /// The SPEC SDM91 results of a SPARCcenter 2000 (Gunther; data set `specsdm91` of the R package `usl`):
    ///
    /// ```
    /// use tuneup_benchmarking::Scalability;
    ///
    /// let jobs_per_hour = [
    ///     (1, 64.9), (18, 995.9), (36, 1652.4), (72, 1853.2), (108, 1828.9), (144, 1775.0), (216, 1702.2),
    /// ];
    /// let found = Scalability::fit(&jobs_per_hour)?;
    /// assert!((found.contention.estimate - 0.0277).abs() < 1e-4);
    /// assert!((found.coherency.estimate - 1.044e-4).abs() < 1e-7);
    /// assert_eq!(found.peak_threads.unwrap().estimate.round(), 97.0);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn fit(throughputs: &[(usize, f64)]) -> Result<Self, Error> {
        ScalabilityFitter::default().fit(throughputs)
    }

    /// The throughput that the law predicts for so many threads, calls per second.
    ///
    /// ```
    /// use tuneup_benchmarking::Scalability;
    ///
    /// let found = Scalability::fit(&[(1, 10.0), (2, 20.0), (4, 40.0)])?;
    /// assert!((found.predict(8.0) - 80.0).abs() < 1e-6);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn predict(&self, threads: f64) -> f64 {
        self.law.at(threads)
    }

    /// λ/σ, Amdahl's roof: the throughput that no number of threads passes, calls per second. Infinite without
    /// contention.
    ///
    /// ```
    /// use tuneup_benchmarking::Scalability;
    ///
    /// let found = Scalability::fit(&[(1, 10.0), (2, 20.0), (4, 40.0)])?;
    /// assert!(found.roof() > 1e6);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn roof(&self) -> f64 {
        self.single.estimate / self.contention.estimate
    }
}
