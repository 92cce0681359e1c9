//! Timing a function over several sizes, in turns, within a time.

use std::hint::black_box;

use fastrand::Rng;
use tuneup_measure::{Clock, Scale, Ticks};

use super::ComplexityFitter;

/// The sizes stop where a single call would take more than this part of the time.
const LONGEST_CALL: f64 = 0.2;
/// Blocks are made of so many calls that each takes about this long, if the time allows: 1000 × a clock reading.
const SHORTEST_BLOCK_NS: f64 = 20_000.0;

/// One size, its input, and what was timed on it.
struct Station<I> {
    size: usize,
    input: I,
    /// Calls in one block.
    calls: u64,
    /// Blocks still to time.
    remaining: usize,
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
        station.plan(share_ns, fitter.blocks, |calls, input| {
            stopwatch.block(calls, input, &mut f)
        });
    }
    let mut rng = Rng::with_seed(fitter.seed);
    while stations.iter().any(|station| station.remaining > 0) {
        let mut turn: Vec<&mut Station<I>> =
            stations.iter_mut().filter(|s| s.remaining > 0).collect();
        rng.shuffle(&mut turn);
        for station in turn {
            let ns = stopwatch.block(station.calls, &station.input, &mut f);
            station.samples.push(ns / station.calls as f64);
            station.remaining -= 1;
        }
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
            remaining: 0,
            samples: Vec::new(),
        });
    }
    (stations, Vec::new())
}

/// The time of the next size by the steeper of a power law and an exponential through the last two sizes.
fn predict(calls: &[(f64, f64)], size: f64) -> f64 {
    let [.., (n0, t0), (n1, t1)] = calls else {
        return 0.0;
    };
    let growth = (t1.max(1.0) / t0.max(1.0)).ln().max(0.0);
    let power = growth * (size / n1).ln() / (n1 / n0).ln();
    let exponential = growth * (size - n1) / (n1 - n0);
    // Far apart sizes make every polynomial look exponential: believe that only where sizes are small.
    let exponent = if size <= 64.0 {
        power.max(exponential)
    } else {
        power
    };
    t1 * exponent.exp()
}

impl<I> Station<I> {
    /// Chooses calls and blocks so that this size takes about its share of the time.
    fn plan(&mut self, share_ns: f64, blocks: usize, mut block: impl FnMut(u64, &I) -> f64) {
        let target_ns = (share_ns / blocks as f64).max(SHORTEST_BLOCK_NS.min(share_ns));
        let mut ns = block(self.calls, &self.input);
        // Doubling keeps the search cheap and warms the caches and the branch predictor.
        while ns * 2.0 < target_ns && self.calls < 1 << 40 {
            self.calls *= 2;
            ns = block(self.calls, &self.input);
        }
        // The last calibrating block is a sample like any other.
        self.samples.push(ns / self.calls as f64);
        self.remaining = ((share_ns / ns) as usize).clamp(1, blocks) - 1;
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
