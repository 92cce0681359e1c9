//! `tuneup-measure` beside its peers: reading a clock, recording into histograms, asking them for quantiles.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use tuneup_benchmarking::harness::Suite;
use tuneup_measure::{AtomicHistogram, Clock, Histogram};

/// Registers every group of this file.
pub fn register(suite: &mut Suite) {
    clock(suite);
    histogram_record(suite);
    atomic_record(suite, "measure/atomic_histogram", 1);
    atomic_record(suite, "measure/atomic_histogram_2_threads", 2);
    quantiles(suite);
    size(suite);
}

/// A span is two readings; the answer is that time did not run backwards.
fn clock(suite: &mut Suite) {
    let cases = suite
        .group("measure/clock")
        .about("two clock readings, as around a span")
        .elements(|_| 2)
        .input(|_| ())
        .stateful(
            "Clock",
            |()| Clock::new(),
            |clock, ()| {
                let start = clock.now();
                clock.now() >= start
            },
        )
        .at_most(0.45, "Instant")
        .at_most(1.05, "quanta");
    #[cfg(feature = "peers")]
    let cases = cases
        .stateful(
            "quanta",
            |()| quanta::Clock::new(),
            |clock, ()| {
                let start = clock.raw();
                clock.raw() >= start
            },
        )
        .mark_peer();
    cases
        .case("Instant", |()| {
            let start = Instant::now();
            Instant::now() >= start
        })
        .mark_peer()
        .finish();
}

/// Latencies in nanoseconds with a long tail: a product of uniform numbers, from about 100 ns to 100 ms, deterministic.
fn latencies(n: usize) -> Vec<u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..n)
        .map(|_| (100.0 * 1e6_f64.powf(uniform() * uniform())) as u64)
        .collect()
}

fn histogram_record(suite: &mut Suite) {
    let cases = suite
        .group("measure/histogram_record")
        .about("record 4096 latencies")
        .size(4_096)
        .elements(|n| n as u64)
        .input(latencies)
        .stateful(
            "Histogram",
            |_| Histogram::new(),
            |histogram, values: &Vec<u64>| {
                values.iter().for_each(|&value| histogram.record(value));
                histogram.count()
            },
        )
        .at_most(0.8, "hdrhistogram");
    #[cfg(feature = "peers")]
    let cases = cases
        .stateful(
            "hdrhistogram",
            |_| hdr(3),
            |histogram, values: &Vec<u64>| {
                values
                    .iter()
                    .for_each(|&value| histogram.saturating_record(value));
                histogram.len()
            },
        )
        .mark_peer()
        .stateful(
            "hdrhistogram, 2 digits",
            |_| hdr(2),
            |histogram, values: &Vec<u64>| {
                values
                    .iter()
                    .for_each(|&value| histogram.saturating_record(value));
                histogram.len()
            },
        )
        .mark_peer();
    cases.finish();
}

/// Over the range of `u64`, so that it never grows while it is timed.
#[cfg(feature = "peers")]
fn hdr(digits: u8) -> hdrhistogram::Histogram<u64> {
    hdrhistogram::Histogram::new_with_bounds(1, u64::MAX / 2, digits).expect("valid bounds")
}

/// What the threads share, and where the next of them begins in the values.
struct Shared<T> {
    target: T,
    next: AtomicUsize,
}

impl<T> Shared<T> {
    fn new(target: T) -> Self {
        Self {
            target,
            next: AtomicUsize::new(0),
        }
    }

    /// All values from a place that differs from call to call. Threads of a program are not in step; if these were, they would ask for
    /// the same cache line at the same moment every time.
    fn for_each(&self, values: &[u64], record: impl Fn(&T, u64)) -> usize {
        let start = self.next.fetch_add(977, Ordering::Relaxed) % values.len();
        let (before, after) = values.split_at(start);
        after
            .iter()
            .chain(before)
            .for_each(|&value| record(&self.target, value));
        values.len()
    }
}

/// The limit is one relaxed `fetch_add`; the answers are the number of values.
///
/// Nothing is promised for two threads: both sides then measure how the cores pass cache lines to each other.
fn atomic_record(suite: &mut Suite, name: &str, threads: usize) {
    let mut cases = suite
        .group(name)
        .about("record 4096 latencies into a histogram that threads share")
        .size(4_096)
        .elements(|n| n as u64)
        .input(latencies)
        .concurrent(
            "AtomicHistogram",
            threads,
            |_| Shared::new(AtomicHistogram::new()),
            |shared, values: &Vec<u64>| shared.for_each(values, AtomicHistogram::record),
        );
    if threads == 1 {
        cases = cases.at_most(1.1, "one fetch_add");
    }
    cases
        .concurrent(
            "one fetch_add",
            threads,
            |_| Shared::new(AtomicU64::new(0)),
            |shared, values: &Vec<u64>| {
                shared.for_each(values, |counter, value| {
                    // The value decides nothing, but must be loaded, as a histogram has to.
                    std::hint::black_box(value);
                    counter.fetch_add(1, Ordering::Relaxed);
                })
            },
        )
        .mark_peer()
        .finish();
}

/// Quantiles that count as equal within the sum of the two relative errors.
#[derive(Debug)]
struct Close([u64; 3]);

impl PartialEq for Close {
    fn eq(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .all(|(&a, &b)| a.abs_diff(b) as f64 <= 0.027 * a.max(b) as f64)
    }
}

fn quantiles(suite: &mut Suite) {
    let cases = suite
        .group("measure/histogram_quantiles")
        .about("p50, p95 and p99 of a million latencies")
        .size(1_000_000)
        .input(latencies)
        .stateful(
            "Histogram",
            |values: &Vec<u64>| {
                let mut histogram = Histogram::new();
                values.iter().for_each(|&value| histogram.record(value));
                histogram
            },
            |histogram, _| Close(histogram.quantiles(&[0.5, 0.95, 0.99]).expect("not empty")),
        )
        .at_most(0.3, "hdrhistogram");
    #[cfg(feature = "peers")]
    let cases = cases
        .stateful(
            "hdrhistogram",
            |values: &Vec<u64>| filled_hdr(values, 3),
            |histogram, _| Close([0.5, 0.95, 0.99].map(|q| histogram.value_at_quantile(q))),
        )
        .mark_peer()
        .stateful(
            "hdrhistogram, 2 digits",
            |values: &Vec<u64>| filled_hdr(values, 2),
            |histogram, _| Close([0.5, 0.95, 0.99].map(|q| histogram.value_at_quantile(q))),
        )
        .mark_peer();
    cases.finish();
}

/// The bytes that one iteration allocates are the size of a histogram over the whole range of `u64`.
fn size(suite: &mut Suite) {
    let cases = suite
        .group("measure/histogram_size")
        .about("an empty histogram over the range of u64: see its bytes")
        .input(|_| ())
        .expect(|()| 0)
        .case("Histogram", |()| Histogram::new().count());
    #[cfg(feature = "peers")]
    let cases = cases
        .peer("hdrhistogram", |()| hdr(3).len())
        .peer("hdrhistogram, 2 digits", |()| hdr(2).len());
    cases.finish();
}

#[cfg(feature = "peers")]
fn filled_hdr(values: &[u64], digits: u8) -> hdrhistogram::Histogram<u64> {
    let mut histogram = hdr(digits);
    values
        .iter()
        .for_each(|&value| histogram.saturating_record(value));
    histogram
}
