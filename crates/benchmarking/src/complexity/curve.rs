//! One growth law through the points: t(n) = b · (c + g(n)), fitted on relative errors.

use super::ComplexityClass;

/// Relative errors below this say nothing about the law: timers, frequency and alignment do that much.
const ERROR_FLOOR: f64 = 0.04;
/// What a growing part, a constant part beside it, or a free base must each earn in −2 ln(likelihood).
const PARAMETER_COST: f64 = 3.0;
/// Grid steps of the search for the constant part.
const GRID: usize = 16;
/// Golden-section steps after the grid; each shrinks the bracket by 0.618.
const REFINE: usize = 16;
/// Bases that count as exponential growth. Below 1.3 a few small sizes cannot tell rⁿ from a power of n.
const LN_BASES: (f64, f64) = (0.262_364_264_467_491, 1.386_294_361_119_890_6); // ln 1.3, ln 4
/// Grid steps of the search for the base.
const BASE_GRID: usize = 24;
/// Above this size no base of `LN_BASES` could have been waited for: 1.3²⁵⁶ is 10²⁹.
const MAX_EXPONENTIAL_SIZE: f64 = 256.0;

/// Points to fit: the logarithm of the time at each size, and how much each counts.
pub(super) struct Points<'a> {
    pub(super) sizes: &'a [f64],
    pub(super) ln_times: &'a [f64],
    /// Positive, of any sum.
    pub(super) weights: &'a [f64],
}

/// A fitted law, in logarithms so that 2ⁿ stays finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Curve {
    pub(super) class: ComplexityClass,
    /// ln c; −∞ when nothing is constant.
    pub(super) ln_constant: f64,
    /// ln b.
    pub(super) ln_factor: f64,
    /// ln of the base of an exponential law.
    pub(super) ln_base: f64,
    /// Weighted mean of the squared log residuals.
    pub(super) mean_square: f64,
}

impl Curve {
    /// The best law of this class, or `None` if the sizes rule the class out.
    ///
    /// O(points) per step of the search; allocates nothing.
    pub(super) fn fit(class: ComplexityClass, points: &Points<'_>) -> Option<Self> {
        if class != ComplexityClass::Exponential {
            return Some(Self::fit_with_base(class, points, std::f64::consts::LN_2));
        }
        let largest = points.sizes.iter().copied().fold(0.0, f64::max);
        if largest > MAX_EXPONENTIAL_SIZE {
            return None;
        }
        let cost = |ln_base| Self::fit_with_base(class, points, ln_base).mean_square;
        let ln_base = minimise(LN_BASES, BASE_GRID, cost);
        Some(Self::fit_with_base(class, points, ln_base))
    }

    /// As [`fit`](Self::fit), but with a base that is already known.
    pub(super) fn fit_with_base(class: ComplexityClass, points: &Points<'_>, ln_base: f64) -> Self {
        let bare = Self::with_constant(class, points, ln_base, f64::NEG_INFINITY);
        if class == ComplexityClass::Constant {
            return bare;
        }
        // Below e⁻⁵ of the smallest growth, or above e³ of the largest, the shape no longer changes.
        let growth = |n: &f64| class.ln_growth(*n, ln_base);
        let low = points
            .sizes
            .iter()
            .map(growth)
            .fold(f64::INFINITY, f64::min)
            - 5.0;
        let high = points
            .sizes
            .iter()
            .map(growth)
            .fold(f64::NEG_INFINITY, f64::max)
            + 3.0;
        let cost = |ln_c| Self::with_constant(class, points, ln_base, ln_c).mean_square;
        let ln_constant = minimise((low, high), GRID, cost);
        let raised = Self::with_constant(class, points, ln_base, ln_constant);
        let count = points.sizes.len();
        if raised.score(count) < bare.score(count) {
            raised
        } else {
            bare
        }
    }

    /// A BIC-like score in which errors below the floor do not count; lower is better.
    pub(super) fn score(&self, points: usize) -> f64 {
        let grows = self.class != ComplexityClass::Constant;
        let free_base = self.class == ComplexityClass::Exponential;
        let raised = self.ln_constant > f64::NEG_INFINITY;
        let parameters = f64::from(u8::from(grows) + u8::from(raised) + u8::from(free_base));
        points as f64 * (self.mean_square + ERROR_FLOOR * ERROR_FLOOR).ln()
            + PARAMETER_COST * parameters
    }

    /// For a given shape the best factor is the geometric mean of the ratios.
    fn with_constant(class: ComplexityClass, points: &Points<'_>, ln_base: f64, ln_c: f64) -> Self {
        let (mut total, mut first, mut second) = (0.0, 0.0, 0.0);
        for ((&n, &ln_t), &weight) in points.sizes.iter().zip(points.ln_times).zip(points.weights) {
            let ratio = ln_t - ln_add(ln_c, class.ln_growth(n, ln_base));
            // West's update keeps the second moment from cancelling.
            total += weight;
            let delta = ratio - first;
            first += delta * weight / total;
            second += weight * delta * (ratio - first);
        }
        Self {
            class,
            ln_constant: ln_c,
            ln_factor: first,
            ln_base,
            mean_square: second / total,
        }
    }

    /// ln of the predicted time.
    pub(super) fn ln_time(&self, size: f64) -> f64 {
        self.ln_factor + ln_add(self.ln_constant, self.class.ln_growth(size, self.ln_base))
    }
}

/// ln(eᵃ + eᵇ) without overflow.
fn ln_add(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if small == f64::NEG_INFINITY {
        large
    } else {
        large + (small - large).exp().ln_1p()
    }
}

/// The minimum of `cost`: the best grid point, then golden sections around it.
///
/// The profile over the constant part has one valley for smooth data; the grid guards against a second one.
fn minimise((low, high): (f64, f64), steps: usize, cost: impl Fn(f64) -> f64) -> f64 {
    let step = (high - low) / steps as f64;
    let (mut best, mut best_cost) = (low, f64::INFINITY);
    for i in 0..=steps {
        let x = low + step * i as f64;
        let y = cost(x);
        if y < best_cost {
            (best, best_cost) = (x, y);
        }
    }
    let (mut left, mut right) = ((best - step).max(low), (best + step).min(high));
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..REFINE {
        let width = (right - left) * golden;
        if cost(right - width) < cost(left + width) {
            right = left + width;
        } else {
            left += (right - left) - width;
        }
    }
    f64::midpoint(left, right)
}
