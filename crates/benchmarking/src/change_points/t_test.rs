//! Student's two-sample t-test with pooled variance, and the distribution it needs.

/// Two means and how likely they would differ so much by chance.
pub(super) struct TTest {
    pub(super) left_mean: f64,
    pub(super) right_mean: f64,
    /// Two-sided; 1 when there are too few values to tell.
    pub(super) p_value: f64,
}

impl TTest {
    /// Tests two samples that are not empty. O(values).
    pub(super) fn between(left: &[f64], right: &[f64]) -> Self {
        let (left_mean, left_squares) = moments(left);
        let (right_mean, right_squares) = moments(right);
        let (n, m) = (left.len() as f64, right.len() as f64);
        let freedom = n + m - 2.0;
        let error = ((left_squares + right_squares) / freedom * (1.0 / n + 1.0 / m)).sqrt();
        let difference = right_mean - left_mean;
        let p_value = if freedom < 1.0 || difference == 0.0 {
            1.0
        } else {
            two_sided(difference / error, freedom)
        };
        Self {
            left_mean,
            right_mean,
            p_value,
        }
    }
}

/// The mean and the sum of squared deviations.
fn moments(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (
        mean,
        values
            .iter()
            .map(|value| (value - mean) * (value - mean))
            .sum(),
    )
}

/// P(|T| ≥ |t|) for T with so many degrees of freedom; 0 for an infinite t.
pub(super) fn two_sided(t: f64, freedom: f64) -> f64 {
    if t.is_infinite() {
        return 0.0;
    }
    incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + t * t))
}

/// The regularised incomplete beta function Iₓ(a, b), by its continued fraction (DLMF 8.17.22, Lentz's method).
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    // The fraction converges fast below the mean of the distribution; above it the mirrored one does.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let front = a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let (mut c, mut d, mut fraction) = (1.0, 0.0, 1.0);
    for step in 1..1000_u32 {
        let m = f64::from(step / 2);
        let term = if step % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        d = 1.0 / away_from_zero(1.0 + term * d);
        c = away_from_zero(1.0 + term / c);
        fraction *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    (front.exp() / (a * fraction)).clamp(0.0, 1.0)
}

/// ln Γ(x) for x > 0 by Lanczos' approximation (g = 7, nine terms; relative error below 1e-14).
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let series = TERMS
        .iter()
        .enumerate()
        .map(|(i, term)| term / (x + i as f64 + 1.0))
        .sum::<f64>();
    let base = x + 7.5;
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * base.ln() - base
        + (0.999_999_999_999_809_9 + series).ln()
}
