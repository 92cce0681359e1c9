//! Timing a function over several sizes, in turns, within a time.

use std::hint::black_box;

use fastrand::Rng;
use tuneup_measure::{Clock, Scale, Ticks};

use super::ComplexityFitter;
use crate::progress::ProgressBar;

/// The sizes stop where a single call would take more than this part of the time.
const LONGEST_CALL: f64 = 0.2;
/// Exponents above this belong to no class but the exponential one.
const STEEPEST_POLYNOMIAL: f64 = 3.5;
/// Blocks are made of so many calls that each takes about this long: thousands of clock readings, but a small part of
/// the slice that a busy system gives a program, so that most blocks are not interrupted.
const BLOCK_NS: f64 = 100_000.0;

/// No call is so short that more of them are needed for a block; a clock that stands still ends here.
const MOST_CALLS: u64 = 1 << 20;

/// One size, its input, and what was timed on it.
struct Station<I> {
    size: usize,
    input: I,
    /// Calls in one block.
    calls: u64,
    /// What is left of this size's share of the time.
    left_ns: f64,
    /// Nanoseconds for one call, one value for each block.
    samples: Vec<f64>,
}

/// Samples for each size, and the sizes that were left out.
pub(super) type Sampled = (Vec<(f64, Vec<f64>)>, Vec<usize>);

/// Times `f` on each of the ascending sizes; the blocks of all sizes alternate in random order.
pub(super) fn measure<I, O>(
    fitter: &ComplexityFitter,
    sizes: &[usize],
    mut make_input: impl FnMut(usize) -> I,
    mut f: impl FnMut(&I) -> O,
) -> Sampled {
    let mut stopwatch = Stopwatch::new(&fitter.clock);
    let (mut stations, left_out) = grow(fitter, sizes, &mut stopwatch, &mut make_input, &mut f);
    let budget_ns = fitter.budget.as_nanos() as f64;
    let share_ns = (budget_ns - stopwatch.spent_ns).max(budget_ns / 2.0) / stations.len() as f64;
    for station in &mut stations {
        station.left_ns = share_ns;
        station.plan(|calls, input| stopwatch.block(calls, input, &mut f));
    }
    let mut rng = Rng::with_seed(fitter.seed);
    let mut bar = ProgressBar::new(fitter.progress, "complexity");
    let wants_more =
        |station: &Station<I>| station.left_ns > 0.0 && station.samples.len() < fitter.blocks;
    while stations.iter().any(wants_more) {
        let mut turn: Vec<&mut Station<I>> =
            stations.iter_mut().filter(|s| wants_more(s)).collect();
        rng.shuffle(&mut turn);
        for station in turn {
            if station.calls > 1 {
                // The block before this one may have emptied the caches.
                station.left_ns -= stopwatch.block(1, &station.input, &mut f);
            }
            let ns = stopwatch.block(station.calls, &station.input, &mut f);
            station.take(ns);
        }
        bar.at(stopwatch.spent_ns / budget_ns);
    }
    (
        stations
            .into_iter()
            .map(|s| (s.size as f64, s.samples))
            .collect(),
        left_out,
    )
}

/// Makes the inputs from the smallest size on, until a call of the next size would take too long.
fn grow<I, O>(
    fitter: &ComplexityFitter,
    sizes: &[usize],
    stopwatch: &mut Stopwatch<'_>,
    make_input: &mut impl FnMut(usize) -> I,
    f: &mut impl FnMut(&I) -> O,
) -> (Vec<Station<I>>, Vec<usize>) {
    let limit_ns = fitter.budget.as_nanos() as f64 * LONGEST_CALL;
    let mut stations: Vec<Station<I>> = Vec::with_capacity(sizes.len());
    let mut calls: Vec<(f64, f64)> = Vec::with_capacity(sizes.len());
    for (index, &size) in sizes.iter().enumerate() {
        if predict(&calls, size as f64) > limit_ns {
            // One call that was interrupted looks like steep growth: ask again before believing it.
            if let (Some(last), Some(call)) = (stations.last(), calls.last_mut()) {
                call.1 = call.1.min(stopwatch.block(1, &last.input, f));
            }
            if predict(&calls, size as f64) > limit_ns {
                return (stations, sizes[index..].to_vec());
            }
        }
        let input = make_input(size);
        // The first call warms up, the second is the estimate; a call that already took long is not repeated.
        let mut ns = stopwatch.block(1, &input, f);
        if ns < limit_ns / 10.0 {
            ns = stopwatch.block(1, &input, f);
        }
        calls.push((size as f64, ns));
        stations.push(Station {
            size,
            input,
            calls: 1,
            left_ns: 0.0,
            samples: Vec::new(),
        });
    }
    (stations, Vec::new())
}

/// The time of the next size, from the power law through the last two.
///
/// An exponent beyond every polynomial class that itself grows is taken for exponential growth, whose exponent grows
/// with the size.
fn predict(calls: &[(f64, f64)], size: f64) -> f64 {
    let [.., before, last] = calls else {
        return 0.0;
    };
    let slope =
        |(n0, t0): &(f64, f64), (n1, t1): &(f64, f64)| (t1 / t0).ln().max(0.0) / (n1 / n0).ln();
    let step = size / last.0;
    let mut exponent = slope(before, last);
    if let [.., first, _, _] = calls
        && exponent > STEEPEST_POLYNOMIAL
    {
        let earlier = slope(first, before).max(f64::MIN_POSITIVE);
        exponent *= (exponent / earlier).clamp(1.0, step);
    }
    last.1 * step.powf(exponent)
}

impl<I> Station<I> {
    /// Chooses how many calls make a block.
    fn plan(&mut self, mut block: impl FnMut(u64, &I) -> f64) {
        let mut ns = block(self.calls, &self.input);
        // Doubling keeps the search cheap and warms the caches and the branch predictor.
        while ns * 2.0 < BLOCK_NS && self.calls < MOST_CALLS {
            self.calls *= 2;
            ns = block(self.calls, &self.input);
        }
        // The last calibrating block is a sample like any other.
        self.take(ns);
    }

    fn take(&mut self, block_ns: f64) {
        self.samples.push(block_ns / self.calls as f64);
        self.left_ns -= block_ns;
    }
}

/// Times blocks of calls and knows how much time they took together.
struct Stopwatch<'a> {
    clock: &'a Clock,
    scale: Scale,
    spent_ns: f64,
}

impl<'a> Stopwatch<'a> {
    fn new(clock: &'a Clock) -> Self {
        Self {
            clock,
            scale: clock.scale(),
            spent_ns: 0.0,
        }
    }

    /// Nanoseconds for `calls` calls, dropping their results included.
    fn block<I, O>(&mut self, calls: u64, input: &I, f: &mut impl FnMut(&I) -> O) -> f64 {
        let start: Ticks = self.clock.now();
        for _ in 0..calls {
            black_box(f(black_box(input)));
        }
        let ticks = self.clock.now().saturating_sub(start);
        // A coarse clock may see nothing pass; half a nanosecond keeps the logarithms finite.
        let ns = self.scale.ns(ticks).max(0.5);
        self.spent_ns += ns;
        ns
    }
}
