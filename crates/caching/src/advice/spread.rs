//! How far off a mean may be, from how much its parts differ.

/// The 0.975 quantile of Student's distribution for the degrees of freedom of 20 parts and of four miniatures, and
/// for others one that is too large rather than too small.
fn student(freedom: usize) -> f64 {
    match freedom {
        19.. => 2.093,
        3..19 => 3.182,
        _ => 12.706,
    }
}

/// Half of the interval that has the mean of what the values are a sample of with a confidence of 0.95, if they are independent. 0 for
/// fewer than two.
pub(super) fn half_width(values: &[f64]) -> f64 {
    let len = values.len() as f64;
    if values.len() < 2 {
        return 0.0;
    }
    let mean = values.iter().sum::<f64>() / len;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    student(values.len() - 1) * (squares / (len - 1.0) / len).sqrt()
}
