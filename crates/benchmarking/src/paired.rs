//! The interleaved engine: everything here that compares two things goes through it.
//!
//! The speed of a shared machine drifts by several per cent within seconds, so two runs one after the other say little.
//! Here the cases alternate in blocks of well under a millisecond. A round runs every case in random order and then once more in the
//! reverse order (for two cases: `A B B A`), which cancels linear drift, and each round yields one log ratio per pair
//! of cases. Rounds go on until the interval is narrow enough, never until the verdict is pleasing: stopping on
//! precision does not bias the outcome.

use std::time::{Duration, Instant};

use crate::Error;

#[cfg(test)]
mod tests;

/// Runs one case for a number of iterations and tells the nanoseconds they took together.
pub(crate) type Run<'a> = dyn FnMut(usize, u64) -> Result<f64, Error> + 'a;

/// How long and how finely to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// The length of one block.
    pub(crate) block: Duration,
    /// No further round is begun after this time.
    pub(crate) budget: Duration,
    /// Fewest rounds, whatever the budget.
    pub(crate) min_rounds: usize,
    /// Most rounds, whatever the precision.
    pub(crate) max_rounds: usize,
    /// Stop early when the median absolute deviation of the log ratios says that the standard error of their median
    /// is below this.
    pub(crate) precision: f64,
    /// Whether an untimed iteration goes before each block, because the caches hold what the case before it left there.
    pub(crate) warms_up: bool,
    /// Seed of the order within the rounds.
    pub(crate) seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            block: Duration::from_micros(250),
            budget: Duration::from_millis(800),
            min_rounds: 15,
            max_rounds: 400,
            precision: 0.000_5,
            warms_up: true,
            seed: 0x7e57_ab1e,
        }
    }
}

/// The outcome of all rounds: the log of the nanoseconds per iteration, per round and case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rounds {
    cases: usize,
    log_ns: Vec<f64>,
    iterations: Vec<u64>,
}

impl Rounds {
    /// How many rounds there are.
    pub(crate) fn len(&self) -> usize {
        self.log_ns.len().checked_div(self.cases).unwrap_or(0)
    }

    /// Iterations per block of a case.
    pub(crate) fn iterations(&self, case: usize) -> u64 {
        self.iterations[case]
    }

    /// One value per round: nanoseconds per iteration.
    pub(crate) fn ns(&self, case: usize) -> Vec<f64> {
        self.column(case).map(f64::exp).collect()
    }

    /// One value per round: the log of how much longer `case` took than `reference`.
    pub(crate) fn log_ratios(&self, case: usize, reference: usize) -> Vec<f64> {
        self.column(case)
            .zip(self.column(reference))
            .map(|(a, b)| a - b)
            .collect()
    }

    fn column(&self, case: usize) -> impl Iterator<Item = f64> {
        self.log_ns.iter().skip(case).step_by(self.cases).copied()
    }
}

/// The number of iterations that fill a block; also warms the case up.
///
/// Doubles until a run takes a quarter of the block, then scales. A case whose single iteration is longer than the
/// block gets one iteration.
pub(crate) fn calibrate(run: &mut Run<'_>, case: usize, block: Duration) -> Result<u64, Error> {
    let block_ns = block.as_nanos() as f64;
    let mut iterations = 1_u64;
    loop {
        let ns = run(case, iterations)?.max(1.0);
        if ns >= block_ns / 4.0 || iterations >= 1 << 40 {
            let best = run(case, iterations)?.max(1.0).min(ns);
            return Ok(((iterations as f64 * block_ns / best) as u64).max(1));
        }
        iterations *= 2;
    }
}

/// Calibrates all cases and runs the rounds.
///
/// `on_round` is told the share of the budget used, after each round.
pub(crate) fn measure(
    run: &mut Run<'_>,
    cases: usize,
    plan: &Plan,
    on_round: &mut dyn FnMut(f64),
) -> Result<Rounds, Error> {
    let iterations = (0..cases)
        .map(|case| calibrate(run, case, plan.block))
        .collect::<Result<Vec<_>, _>>()?;
    measure_calibrated(run, &iterations, plan, on_round)
}

/// Runs the rounds with known numbers of iterations, one per case.
pub(crate) fn measure_calibrated(
    run: &mut Run<'_>,
    iterations: &[u64],
    plan: &Plan,
    on_round: &mut dyn FnMut(f64),
) -> Result<Rounds, Error> {
    let cases = iterations.len();
    let mut rng = fastrand::Rng::with_seed(plan.seed);
    let mut rounds = Rounds {
        cases,
        log_ns: Vec::with_capacity(cases * plan.min_rounds),
        iterations: iterations.to_vec(),
    };
    let mut order: Vec<usize> = (0..cases).collect();
    let started = Instant::now();
    while rounds.len() < plan.max_rounds {
        let elapsed = started.elapsed();
        if rounds.len() >= plan.min_rounds
            && (elapsed >= plan.budget || is_precise(&rounds, plan.precision))
        {
            break;
        }
        rng.shuffle(&mut order);
        let mut log_ns = vec![0.0; cases];
        for &case in order.iter().chain(order.iter().rev()) {
            // Criterion's times are warm, and so are these.
            if plan.warms_up {
                run(case, 1)?;
            }
            let ns = run(case, iterations[case])?.max(f64::MIN_POSITIVE);
            log_ns[case] += 0.5 * (ns / iterations[case] as f64).ln();
        }
        rounds.log_ns.extend_from_slice(&log_ns);
        on_round((started.elapsed().as_secs_f64() / plan.budget.as_secs_f64()).min(1.0));
    }
    Ok(rounds)
}

/// Whether every ratio to the first case is known to within the precision.
///
/// Looked at in every sixteenth round only: it costs a selection per case.
fn is_precise(rounds: &Rounds, precision: f64) -> bool {
    let n = rounds.len();
    if !n.is_multiple_of(16) {
        return false;
    }
    (1..rounds.cases).all(|case| {
        let ratios = rounds.log_ratios(case, 0);
        let spread = 1.4826 * tuneup_measure::mad(&ratios).unwrap_or(f64::INFINITY);
        // The standard error of a median of normal values: sqrt(π/2) · σ/√n.
        1.2533 * spread / (n as f64).sqrt() < precision
    })
}
