//! One growth law through the points: t(n) = b · (c·nᵖ + g(n)), fitted on relative errors.
//!
//! The lower term c·nᵖ is a constant, or, beside n² and n³, a smaller power: the calls of a nested loop grow with n while
//! what they do grows with n².

use super::ComplexityClass;

/// Relative errors below this say nothing about the law: timers, frequency and alignment do that much.
const ERROR_FLOOR: f64 = 0.04;
/// What a growing part, a lower term beside it, or a free base must each earn in −2 ln(likelihood).
const PARAMETER_COST: f64 = 3.0;
/// Grid steps of the search for the lower term.
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
    /// ln c; −∞ when there is no lower term.
    pub(super) ln_lower: f64,
    /// p.
    pub(super) lower_power: f64,
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
        let bare = Self::with_lower(class, points, ln_base, (f64::NEG_INFINITY, 0.0));
        let count = points.sizes.len();
        let candidates = lower_powers(class).iter().map(|&power| {
            let bounds = Self::lower_bounds(class, points, ln_base, power);
            let cost = |ln_c| Self::with_lower(class, points, ln_base, (ln_c, power)).mean_square;
            Self::with_lower(
                class,
                points,
                ln_base,
                (minimise(bounds, GRID, cost), power),
            )
        });
        candidates.fold(bare, |best, next| {
            if next.score(count) < best.score(count) {
                next
            } else {
                best
            }
        })
    }

    /// Where ln c is searched: beyond these bounds the shape no longer changes.
    ///
    /// A lower power may not outweigh the law at the largest size: the class is what most of the time there goes to. A
    /// constant may, because an overhead hides a law without changing it.
    fn lower_bounds(
        class: ComplexityClass,
        points: &Points<'_>,
        ln_base: f64,
        power: f64,
    ) -> (f64, f64) {
        let gap = |n: &f64| class.ln_growth(*n, ln_base) - power * n.ln();
        let least = points.sizes.iter().map(gap).fold(f64::INFINITY, f64::min);
        let most = points
            .sizes
            .iter()
            .map(gap)
            .fold(f64::NEG_INFINITY, f64::max);
        (least - 5.0, if power == 0.0 { most + 3.0 } else { most })
    }

    /// A BIC-like score in which errors below the floor do not count; lower is better.
    pub(super) fn score(&self, points: usize) -> f64 {
        let grows = self.class != ComplexityClass::Constant;
        let free_base = self.class == ComplexityClass::Exponential;
        let raised = self.ln_lower > f64::NEG_INFINITY;
        let parameters = f64::from(u8::from(grows) + u8::from(raised) + u8::from(free_base));
        points as f64 * (self.mean_square + ERROR_FLOOR * ERROR_FLOOR).ln()
            + PARAMETER_COST * parameters
    }

    /// For a given shape the best factor is the geometric mean of the ratios.
    fn with_lower(
        class: ComplexityClass,
        points: &Points<'_>,
        ln_base: f64,
        (ln_lower, lower_power): (f64, f64),
    ) -> Self {
        let (mut total, mut first, mut second) = (0.0, 0.0, 0.0);
        for ((&n, &ln_t), &weight) in points.sizes.iter().zip(points.ln_times).zip(points.weights) {
            let ratio = ln_t - ln_add(ln_lower + lower_power * n.ln(), class.ln_growth(n, ln_base));
            // West's update keeps the second moment from cancelling.
            total += weight;
            let delta = ratio - first;
            first += delta * weight / total;
            second += weight * delta * (ratio - first);
        }
        Self {
            class,
            ln_lower,
            lower_power,
            ln_factor: first,
            ln_base,
            mean_square: second / total,
        }
    }

    /// ln of the predicted time.
    pub(super) fn ln_time(&self, size: f64) -> f64 {
        let lower = self.ln_lower + self.lower_power * size.ln();
        self.ln_factor + ln_add(lower, self.class.ln_growth(size, self.ln_base))
    }
}

/// The powers p of the lower term that may stand beside a law.
fn lower_powers(class: ComplexityClass) -> &'static [f64] {
    match class {
        ComplexityClass::Constant => &[],
        ComplexityClass::Quadratic => &[0.0, 1.0],
        ComplexityClass::Cubic => &[0.0, 1.0, 2.0],
        _ => &[0.0],
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
/// The profile over the lower term has one valley for smooth data; the grid guards against a second one.
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
