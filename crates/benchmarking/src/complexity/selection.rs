//! Which growth law: scored on the points, and again on many redrawings of them.

use fastrand::Rng;

use super::ComplexityClass;
use super::curve::{Curve, Points};

/// Systematic error of the slope (clocks, frequency): what repeating the same measurement cannot show.
const SLOPE_ERROR: f64 = 0.02;
/// The same from one end of the sizes to the other: over a narrow range a small bend is a slope.
const END_TO_END_ERROR: f64 = 0.1;
/// Spread of ln(time) that a level of the memory hierarchy may have added from some size on.
const CACHE_STEP: f64 = 0.12;
/// The quantile of the samples that stands for a size: noise only ever adds time.
const QUANTILE: f64 = 0.25;

/// A law whose score is worse by this much for each size (mean squares 55 times as large) wins no redrawing.
const HOPELESS: f64 = 4.0;

/// Sizes with their samples, sizes ascending, samples ascending in each.
pub(super) struct Timings {
    pub(super) sizes: Vec<f64>,
    pub(super) samples: Vec<Vec<f64>>,
}

/// A law on the measured points, and how often it won.
pub(super) struct Ranked {
    pub(super) curve: Curve,
    pub(super) share: f64,
    pub(super) score: f64,
}

impl Timings {
    /// The time that stands for each size.
    pub(super) fn typical(&self) -> Vec<f64> {
        self.samples
            .iter()
            .map(|samples| lower_quartile(&mut samples.clone()))
            .collect()
    }

    /// Every possible law, the most often chosen first.
    ///
    /// A redrawing resamples the samples of each size, weighs the sizes anew (Bayesian bootstrap), tilts the curve
    /// by a random slope and takes back a random cache step from a random size on. O(resamples × sizes).
    pub(super) fn rank(&self, resamples: usize, seed: u64) -> Vec<Ranked> {
        let ln_times: Vec<f64> = self.typical().iter().map(|t| t.ln()).collect();
        let ones = vec![1.0; self.sizes.len()];
        let points = Points {
            sizes: &self.sizes,
            ln_times: &ln_times,
            weights: &ones,
        };
        let mut ranked: Vec<Ranked> = ComplexityClass::ALL
            .iter()
            .filter_map(|&class| Curve::fit(class, &points))
            .map(|curve| Ranked {
                score: curve.score(self.sizes.len()),
                curve,
                share: 0.0,
            })
            .collect();
        ranked.sort_by(|a, b| a.score.total_cmp(&b.score));
        let bound = ranked[0].score + HOPELESS * self.sizes.len() as f64;
        let possible = ranked.partition_point(|law| law.score <= bound);
        let mut rng = Rng::with_seed(seed);
        for _ in 0..resamples {
            let winner = self.redraw(&ranked[..possible], &mut rng);
            ranked[winner].share += 1.0 / resamples as f64;
        }
        ranked.sort_by(|a, b| {
            b.share
                .total_cmp(&a.share)
                .then(a.score.total_cmp(&b.score))
        });
        ranked
    }

    /// The index of the law that wins one redrawing.
    fn redraw(&self, laws: &[Ranked], rng: &mut Rng) -> usize {
        let range = (self.sizes[self.sizes.len() - 1] / self.sizes[0]).ln();
        let tilt = gaussian(rng) * SLOPE_ERROR.max(END_TO_END_ERROR / range);
        let step_at = rng.usize(1..self.sizes.len());
        let step = gaussian(rng).abs() * CACHE_STEP;
        let mut ln_times = Vec::with_capacity(self.sizes.len());
        let mut weights = Vec::with_capacity(self.sizes.len());
        for (index, (size, samples)) in self.sizes.iter().zip(&self.samples).enumerate() {
            let mut drawn: Vec<f64> = samples
                .iter()
                .map(|_| samples[rng.usize(..samples.len())])
                .collect();
            let taken_back = if index < step_at { 0.0 } else { step };
            ln_times.push(lower_quartile(&mut drawn).ln() + tilt * size.ln() - taken_back);
            weights.push(-(1.0 - rng.f64()).ln());
        }
        let points = Points {
            sizes: &self.sizes,
            ln_times: &ln_times,
            weights: &weights,
        };
        let scores = laws.iter().map(|law| {
            Curve::fit_with_base(law.curve.class, &points, law.curve.ln_base)
                .score(self.sizes.len())
        });
        let best = scores.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        best.map_or(0, |(index, _)| index)
    }
}

/// Linear interpolation between the order statistics (type 7 of Hyndman & Fan 1996); O(samples), reorders them.
fn lower_quartile(samples: &mut [f64]) -> f64 {
    let position = (samples.len() - 1) as f64 * QUANTILE;
    let (_, &mut value, above) = samples.select_nth_unstable_by(position as usize, f64::total_cmp);
    let next = above.iter().copied().fold(f64::INFINITY, f64::min);
    if next.is_finite() {
        value + (next - value) * position.fract()
    } else {
        value
    }
}

/// A standard normal deviate by Box and Muller.
fn gaussian(rng: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.f64()).cos()
}
