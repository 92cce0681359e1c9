//! Timing one thing well.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

use tuneup_measure::{Bootstrap, Histogram, Interval, Summary, median_in_place};
use tuneup_report::{Cell, Table, Terminal};

use crate::progress::ProgressBar;
use crate::{Throughput, paired};

#[cfg(test)]
mod tests;

/// Times a function with the default settings of [`Timeit`]: about half a second.
///
/// ```
/// let m = tuneup_benchmarking::timeit("sum", || (0..1000_u64).sum::<u64>());
/// println!("{m}");
/// assert!(m.median_ns.low <= m.median_ns.high);
/// ```
pub fn timeit<O>(name: impl Into<String>, f: impl FnMut() -> O) -> Measurement {
    Timeit::new(name).run(f)
}

/// How to time one thing: calibrates the loop, then repeats it.
///
/// ```
/// use std::time::Duration;
/// use tuneup_benchmarking::{Throughput, Timeit};
///
/// let data = vec![1_u8; 4_096];
/// let m = Timeit::new("sum of bytes")
///     .budget(Duration::from_millis(50))
///     .throughput(Throughput::Bytes(data.len() as u64))
///     .run(|| data.iter().map(|&byte| u64::from(byte)).sum::<u64>());
/// assert!(m.samples_ns.len() >= 5);
/// assert!(m.per_second().is_some());
/// ```
///
/// Python's `timeit` reports the best of five; here all repetitions are kept, the median with its interval is reported, and the
/// distribution is in the [`Measurement`].
#[derive(Clone, Debug)]
#[must_use = "nothing is timed until `run` is called"]
pub struct Timeit {
    name: String,
    budget: Duration,
    samples: usize,
    confidence: f64,
    seed: u64,
    throughput: Option<Throughput>,
    progress: bool,
}

/// A block shorter than this is dominated by the clock's own tens of nanoseconds and by single interrupts.
const SHORTEST_BLOCK: Duration = Duration::from_micros(50);

/// More samples than anybody looks at; eight megabytes.
const MOST_SAMPLES: usize = 1_000_000;

/// An iteration this long is timed on its own, so that the histogram shows single calls.
const TIMED_SINGLY_NS: f64 = 10_000.0;

impl Timeit {
    /// A timing with this name.
    ///
    /// ```
    /// use tuneup_benchmarking::Timeit;
    /// let timing = Timeit::new("parse");
    /// # let _ = timing;
    /// ```
    #[doc(alias = "repeat")]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            budget: Duration::from_millis(500),
            samples: 100,
            confidence: 0.95,
            seed: 0x71_3e17,
            throughput: None,
            progress: false,
        }
    }

    /// The time to measure for, calibration aside; default 0.5 s. Measuring ends at twice the time at the latest.
    ///
    /// A function that is slower than a fifth of it is still timed five times, after two calls for the calibration.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_benchmarking::Timeit;
    ///
    /// let nap = || std::thread::sleep(Duration::from_millis(2));
    /// let m = Timeit::new("nap").budget(Duration::from_millis(1)).run(nap);
    /// assert_eq!((m.samples_ns.len(), m.loops), (5, 1));
    /// ```
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// How many samples to take, 5 to 1 000 000; default 100. Fewer are taken when the budget ends before.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tuneup_benchmarking::Timeit;
    ///
    /// let m = Timeit::new("few").samples(7).budget(Duration::from_millis(10)).run(|| 6 * 7);
    /// assert!((5..=7).contains(&m.samples_ns.len()));
    /// ```
    #[doc(alias = "sample_size")]
    pub fn samples(mut self, samples: usize) -> Self {
        self.samples = samples.clamp(5, MOST_SAMPLES);
        self
    }

    /// Confidence of the interval, above 0 and below 1; default 0.95.
    ///
    /// ```
    /// use tuneup_benchmarking::Timeit;
    /// let timing = Timeit::new("parse").confidence(0.99);
    /// # let _ = timing;
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

    /// What one iteration handles: the measurement then tells a rate.
    ///
    /// ```
    /// use tuneup_benchmarking::{Throughput, Timeit};
    /// let timing = Timeit::new("parse").throughput(Throughput::Items(250));
    /// # let _ = timing;
    /// ```
    pub fn throughput(mut self, throughput: Throughput) -> Self {
        self.throughput = Some(throughput);
        self
    }

    /// Shows a progress bar on standard error once timing has taken two seconds, if that is a terminal.
    ///
    /// ```
    /// use tuneup_benchmarking::Timeit;
    /// let timing = Timeit::new("a long one").show_progress();
    /// # let _ = timing;
    /// ```
    #[cfg(feature = "progress")]
    pub fn show_progress(mut self) -> Self {
        self.progress = true;
        self
    }

    /// Times the function, on the calling thread. Its time includes dropping what it returns; what it returns cannot be optimised
    /// away, but what it captures can be known ahead: pass that through [`black_box`].
    ///
    /// ```
    /// # use std::time::Duration;
    /// use std::hint::black_box;
    /// use tuneup_benchmarking::Timeit;
    ///
    /// let m = Timeit::new("power")
    ///     # .budget(Duration::from_millis(5))
    ///     .run(|| black_box(3_u64).pow(7));
    /// assert_eq!(m.histogram.count(), m.samples_ns.len() as u64 * m.loops);
    /// ```
    pub fn run<O>(self, mut f: impl FnMut() -> O) -> Measurement {
        self.measure(&mut |iterations| {
            let start = Instant::now();
            for _ in 0..iterations {
                black_box(f());
            }
            start.elapsed().as_nanos() as f64
        })
    }

    /// Times something that is timed elsewhere, such as in another process: `block` runs so many iterations and says what they took.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use tuneup_benchmarking::Timeit;
    ///
    /// let m = Timeit::new("a device that tells")
    ///     # .budget(Duration::from_millis(5))
    ///     .run_blocks(|iterations| Duration::from_nanos(12) * iterations as u32);
    /// assert_eq!(m.median_ns.estimate, 12.0);
    /// ```
    #[doc(alias = "iter_custom")]
    pub fn run_blocks(self, mut block: impl FnMut(u64) -> Duration) -> Measurement {
        self.measure(&mut |iterations| block(iterations).as_nanos() as f64)
    }

    /// Times a future on the [`Inline`](crate::Inline) executor.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use tuneup_benchmarking::Timeit;
    ///
    /// let m = Timeit::new("ready")
    ///     # .budget(Duration::from_millis(5))
    ///     .run_async(async || 6 * 7);
    /// assert!(m.samples_ns.len() >= 5);
    /// ```
    #[cfg(feature = "async")]
    pub fn run_async<O>(self, f: impl AsyncFnMut() -> O) -> Measurement {
        self.run_async_on(&crate::Inline, f)
    }

    /// Times a future on an executor of yours. A block of iterations runs inside one `block_on`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use tuneup_benchmarking::{Inline, Timeit};
    ///
    /// let executor = Inline; // or what you implement `BlockOn` for
    /// let m = Timeit::new("ready")
    ///     # .budget(Duration::from_millis(5))
    ///     .run_async_on(&executor, async || 6 * 7);
    /// # let _ = m;
    /// ```
    #[cfg(feature = "async")]
    pub fn run_async_on<O>(
        self,
        executor: &impl crate::BlockOn,
        mut f: impl AsyncFnMut() -> O,
    ) -> Measurement {
        self.measure(&mut |iterations| crate::executor::time(executor, &mut f, iterations))
    }

    fn measure(self, block: &mut dyn FnMut(u64) -> f64) -> Measurement {
        let per_sample = (self.budget / self.samples as u32).max(SHORTEST_BLOCK);
        let loops = paired::calibrate(&mut |_, n| Ok(block(n)), 0, per_sample)
            .expect("a block that cannot fail");
        let singly = per_sample.as_nanos() as f64 / loops as f64 >= TIMED_SINGLY_NS;
        let mut histogram = Histogram::new();
        let mut samples_ns = Vec::with_capacity(self.samples);
        let mut progress = ProgressBar::new(self.progress, &self.name);
        let started = Instant::now();
        while samples_ns.len() < 5
            || (samples_ns.len() < self.samples
                && started.elapsed() < self.budget.saturating_mul(2))
        {
            samples_ns.push(sample(block, loops, singly, &mut histogram));
            progress.at(samples_ns.len() as f64 / self.samples as f64);
        }
        Measurement::new(self, samples_ns, loops, histogram, singly)
    }
}

/// One sample, in nanoseconds per iteration; what was timed goes into the histogram.
fn sample(
    block: &mut dyn FnMut(u64) -> f64,
    loops: u64,
    singly: bool,
    histogram: &mut Histogram,
) -> f64 {
    if !singly {
        let ns = block(loops) / loops as f64;
        histogram.record_n(ns.round() as u64, loops);
        return ns;
    }
    let mut total = 0.0;
    for _ in 0..loops {
        let ns = block(1);
        histogram.record(ns as u64);
        total += ns;
    }
    total / loops as f64
}

/// What timing one thing gave. `Display` gives a table, 100 columns wide at most.
///
/// ```
/// # use std::time::Duration;
/// use tuneup_benchmarking::Timeit;
///
/// let m = Timeit::new("nap")
///     .budget(Duration::from_millis(20))
///     .run(|| std::thread::sleep(Duration::from_millis(1)));
/// // Long enough for every call to be timed on its own, so that the histogram shows the worst one.
/// assert!(m.timed_singly);
/// assert!(m.histogram.max() >= Some(1_000_000));
/// assert!(m.median_ns.low <= m.summary.median && m.summary.median <= m.median_ns.high);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Measurement {
    /// The name it was timed under.
    pub name: String,
    /// Median time of an iteration with its confidence interval (percentile bootstrap), in nanoseconds.
    pub median_ns: Interval,
    /// Nanoseconds per iteration, one value per sample, in the order of measuring.
    pub samples_ns: Vec<f64>,
    /// Mean, spread, quartiles and extremes of the samples.
    pub summary: Summary,
    /// Iterations per sample.
    pub loops: u64,
    /// Nanoseconds of iterations.
    pub histogram: Histogram,
    /// Whether each entry of the histogram is one iteration timed on its own; otherwise iterations were too short for that
    /// (below 10 µs) and each stands for the mean of its sample.
    pub timed_singly: bool,
    /// What one iteration handles.
    pub throughput: Option<Throughput>,
}

impl Measurement {
    fn new(
        settings: Timeit,
        samples_ns: Vec<f64>,
        loops: u64,
        histogram: Histogram,
        timed_singly: bool,
    ) -> Self {
        let summary = Summary::of(&samples_ns).expect("finite samples, five at least");
        let median_ns = Bootstrap::builder()
            .seed(settings.seed)
            .confidence(settings.confidence)
            .build()
            .and_then(|bootstrap| bootstrap.percentile(&samples_ns, median_in_place))
            .expect("finite samples, five at least, and a confidence that was checked");
        Self {
            name: settings.name,
            median_ns,
            samples_ns,
            summary,
            loops,
            histogram,
            timed_singly,
            throughput: settings.throughput,
        }
    }

    /// Bytes or items per second at the median, if a throughput was given.
    ///
    /// ```
    /// # use std::time::Duration;
    /// use tuneup_benchmarking::{Throughput, Timeit};
    ///
    /// let timing = Timeit::new("nap").budget(Duration::from_millis(1)).throughput(Throughput::Items(4));
    /// let m = timing.run(|| std::thread::sleep(Duration::from_millis(1)));
    /// assert!(m.per_second() <= Some(4_000.0));
    /// ```
    #[must_use]
    pub fn per_second(&self) -> Option<f64> {
        self.throughput
            .map(|throughput| throughput.per_second(self.median_ns.estimate))
    }

    /// Prints the measurement to standard output, in colour where that is a terminal.
    ///
    /// Reads the environment for that ([`Terminal::detect`]).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_benchmarking::Timeit;
    /// # let m = Timeit::new("nothing").budget(Duration::from_millis(5)).run(|| ());
    /// m.print();
    /// ```
    pub fn print(&self) {
        print!("{}", self.table().render(&Terminal::detect()));
    }

    /// The table behind `Display`: median, interval, spread, loops and the rate.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tuneup_benchmarking::Timeit;
    /// # let m = Timeit::new("nothing").budget(Duration::from_millis(5)).run(|| ());
    /// assert!(m.table().to_markdown().contains("median"));
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        let mut header = vec!["name", "median", "low", "high", "MAD", "samples × loops"];
        let mut row = vec![
            Cell::text(&self.name),
            Cell::nanoseconds(self.median_ns.estimate),
            Cell::nanoseconds(self.median_ns.low),
            Cell::nanoseconds(self.median_ns.high),
            Cell::percent(self.summary.mad / self.median_ns.estimate.max(f64::MIN_POSITIVE)),
            Cell::text(format!("{} × {}", self.samples_ns.len(), self.loops)),
        ];
        if let (Some(throughput), Some(per_second)) = (self.throughput, self.per_second()) {
            header.push("rate");
            row.push(crate::throughput::cell(throughput, per_second));
        }
        Table::new(header).row(row)
    }
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.table().render(&Terminal::plain(100)).trim_end())
    }
}
