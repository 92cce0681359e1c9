//! How time grows with the size of the input: O(1) to O(2ⁿ), and how sure that is.
//!
//! Every law is fitted as t(n) = a + b·g(n) with a, b ≥ 0 on *relative* errors, because times span orders of magnitude;
//! beside n² and n³ the lower term may be a smaller power instead of a constant.
//! The law is chosen by a BIC-like score, over many redrawings of the data; the share of redrawings that chose it is
//! the confidence. A redrawing also distorts the data by what repetition cannot average out: a slope, and a step as
//! from one level of the memory hierarchy to the next. That is what keeps n and n log n honest.

mod class;
mod curve;
mod fitter;
#[cfg(feature = "plots")]
mod plot;
mod sampling;
mod selection;
mod table;
#[cfg(test)]
mod tests;

use tuneup_measure::Interval;

pub use self::class::ComplexityClass;
use self::curve::Curve;
pub use self::fitter::{ComplexityFitter, ComplexityFitterBuilder};
use crate::Error;

/// Confidence from which a class counts as decided.
const DECIDED: f64 = 0.8;
/// A law that misses by more than this share (root mean square) does not explain the data.
const POOR: f64 = 0.25;
/// Below this ratio of the largest to the smallest size, neighbours are not told apart.
const NARROW: f64 = 16.0;

/// Times a function over several sizes and says how its time grows.
///
/// `make_input` is called once for each size, outside the timing; `f` gets a reference to the input. All inputs are
/// alive at the same time, because the sizes are timed in turns. Spends about 0.3 s; [`ComplexityFitter`] sets the
/// time, the number of blocks and the seed.
///
/// Use five or more sizes that span 64× or more (4 is the minimum): a constant cost or a cache step hides the law in a
/// narrower range. For exponential functions, sizes such as 6, 8, 10 … 18 are right. What the function does on every
/// call counts: cloning an input inside `f` is O(n).
///
/// Blocks the calling thread for the time given; the inputs are the only allocations that matter.
///
/// # Errors
///
/// [`Error::TooFewSizes`] for fewer than four different sizes (or fewer that fit into the time),
/// [`Error::SizesTooClose`] when the largest is less than twice the smallest, [`Error::InvalidTiming`] for a size of 0.
///
/// # Examples
///
/// ```
/// use tuneup_benchmarking::complexity;
///
/// let found = complexity(
///     &[64, 256, 1024, 4096, 16_384],
///     |n| (0..n as u64).collect::<Vec<_>>(),
///     |values| values.iter().copied().map(std::hint::black_box).sum::<u64>(),
/// )?;
/// println!("{found}"); // a table; `found.best` is O(n) on a quiet machine
/// assert_eq!(found.points.len(), 5);
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[doc(alias = "big_o")]
pub fn complexity<I, O>(
    sizes: &[usize],
    make_input: impl FnMut(usize) -> I,
    f: impl FnMut(&I) -> O,
) -> Result<Complexity, Error> {
    ComplexityFitter::default().measure(sizes, make_input, f)
}

/// What the timings over several sizes say about a function's growth.
///
/// `Display` prints a table of the points and of the laws, with the verdict below it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Complexity {
    /// The class that most redrawings chose. Ask [`is_decided`](Self::is_decided) before relying on it.
    pub best: ComplexityClass,
    /// The share of redrawings that chose [`best`](Self::best), 0 to 1.
    pub confidence: f64,
    /// Every class that at least one redrawing in twenty chose, most often chosen first.
    pub candidates: Vec<ComplexityClass>,
    /// Every law that was tried, in the order of [`ComplexityFit::share`], then of fit.
    pub fits: Vec<ComplexityFit>,
    /// The sizes with their times, sizes ascending.
    pub points: Vec<ComplexityPoint>,
    /// The exponent k of t ∝ nᵏ: the Theil–Sen slope of ln t over ln n, with its interval.
    ///
    /// An O(n log n) function has an exponent a little above 1, an O(log n) function a little above 0.
    pub exponent: Interval,
    /// Sizes that were asked for but would have exceeded the time, ascending. Empty for data that were given.
    pub left_out: Vec<usize>,
}

/// The time at one size.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ComplexityPoint {
    /// The size n.
    pub size: f64,
    /// Lower quartile of the samples, nanoseconds for one call: what the fits use.
    pub typical_ns: f64,
    /// Smallest sample, nanoseconds.
    pub min_ns: f64,
    /// Largest sample, nanoseconds.
    pub max_ns: f64,
    /// How many samples there were.
    pub samples: usize,
}

/// One growth law t(n) = lower term + factor · g(n), fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ComplexityFit {
    /// The law g.
    pub class: ComplexityClass,
    /// The share of redrawings that chose this law, 0 to 1.
    pub share: f64,
    /// Root mean square of the relative (logarithmic) errors: 0.05 is about 5 %.
    pub error: f64,
    /// The lower term is this times n to the [`lower_power`](Self::lower_power), nanoseconds; for O(1) the whole time.
    pub lower_ns: f64,
    /// The power of n in the lower term: 0 for a constant; beside n² it may be 1, beside n³ 1 or 2.
    pub lower_power: u8,
    /// The base of an exponential law, else `None`.
    pub base: Option<f64>,
    curve: Curve,
}

impl Complexity {
    /// Fits timings that somebody else took: for each size, one or more samples in nanoseconds for one call.
    ///
    /// Needs no clock and is deterministic. Sizes may come in any order and more than once (their samples are joined).
    /// O(resamples × sizes).
    ///
    /// # Errors
    ///
    /// [`Error::TooFewSizes`] for fewer than four different sizes, [`Error::SizesTooClose`] when the largest is less
    /// than twice the smallest, [`Error::InvalidTiming`] for a size or time that is not finite and positive, or a size
    /// without a sample.
    ///
    /// # Examples
    ///
    /// ```
    /// use tuneup_benchmarking::{Complexity, ComplexityClass};
    ///
    /// let timings: Vec<(f64, [f64; 1])> =
    ///     [16.0, 64.0, 256.0, 1024.0, 4096.0].map(|n: f64| (n, [40.0 + 0.5 * n * n])).to_vec();
    /// let found = Complexity::fit(&timings)?;
    /// assert_eq!(found.best, ComplexityClass::Quadratic);
    /// assert!(found.is_decided());
    /// assert!((found.exponent.estimate - 2.0).abs() < 0.1);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    pub fn fit<S: AsRef<[f64]>>(timings: &[(f64, S)]) -> Result<Self, Error> {
        ComplexityFitter::default().fit(timings)
    }

    /// Whether the class is settled: chosen by four redrawings in five, with an error of at most 25 %, and, where its
    /// neighbour is hard to tell apart (1 from log n, n from n log n), from sizes that span 16× or more.
    ///
    /// How far to trust it: of 700 simulated series (100 of each class, seven sizes that span 64×, noise of 4 %, a cache
    /// step of up to 20 % somewhere) 634 were decided, all rightly; with steps of up to 50 %, 534 were decided and 10 of
    /// them wrongly, mostly O(n) as O(n log n). The tests repeat a part of this.
    ///
    /// ```
    /// use tuneup_benchmarking::Complexity;
    ///
    /// // From 100 to 250 every law looks straight.
    /// let narrow = [100.0, 150.0, 200.0, 250.0].map(|n| (n, [3.0 * n]));
    /// assert!(!Complexity::fit(&narrow)?.is_decided());
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn is_decided(&self) -> bool {
        use ComplexityClass::{Constant, Linear, Linearithmic, Logarithmic};
        let hard = matches!(self.best, Constant | Logarithmic | Linear | Linearithmic);
        self.confidence >= DECIDED
            && self.best_fit().error <= POOR
            && !(hard && self.size_ratio() < NARROW)
    }

    /// The law of [`best`](Self::best).
    ///
    /// ```
    /// use tuneup_benchmarking::Complexity;
    ///
    /// let timings = [16.0, 64.0, 256.0, 1024.0].map(|n| (n, [2.0 * n]));
    /// let found = Complexity::fit(&timings)?;
    /// assert!((found.best_fit().predict_ns(1_000_000.0) - 2_000_000.0).abs() < 1.0);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn best_fit(&self) -> &ComplexityFit {
        &self.fits[0]
    }

    /// The largest size over the smallest.
    ///
    /// ```
    /// # use tuneup_benchmarking::Complexity;
    /// let timings = [1.0, 2.0, 4.0, 64.0].map(|n| (n, [n]));
    /// assert_eq!(Complexity::fit(&timings)?.size_ratio(), 64.0);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn size_ratio(&self) -> f64 {
        self.points[self.points.len() - 1].size / self.points[0].size
    }
}

impl ComplexityFit {
    /// The time that this law predicts for a size, in nanoseconds; infinite where it overflows.
    ///
    /// ```
    /// # use tuneup_benchmarking::Complexity;
    /// let timings = [10.0, 100.0, 1000.0, 10_000.0].map(|n| (n, [5.0 * n]));
    /// let found = Complexity::fit(&timings)?;
    /// assert!((found.best_fit().predict_ns(200.0) - 1000.0).abs() < 1e-6);
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn predict_ns(&self, size: f64) -> f64 {
        self.curve.ln_time(size).exp()
    }
}
