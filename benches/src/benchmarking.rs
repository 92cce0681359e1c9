//! `tuneup-benchmarking`: what its own statistics cost once the samples are there.

use tuneup_benchmarking::harness::{Class, Suite};
use tuneup_benchmarking::{ChangePointOptions, Complexity, ComplexityClass, Ratio, change_points};

/// Registers every group of this file.
pub fn register(suite: &mut Suite) {
    ratio(suite);
    complexity(suite);
    history(suite);
}

/// `n` values around a level, with a noise that is the same in every run.
fn noisy(n: usize, level: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    (0..n)
        .map(|i| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            level(i) * (1.0 + 0.02 * ((state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5))
        })
        .collect()
}

fn ratio(suite: &mut Suite) {
    suite
        .group("benchmarking/ratio")
        .about("the median of n log ratios with its bootstrap interval")
        .size(400)
        .input(|n| noisy(n, |_| 0.05))
        .expect(|_| true)
        .case("Ratio", |logs: &Vec<f64>| {
            let ratio = Ratio::from_logs(logs, 0.99, 1);
            ratio.low <= ratio.estimate && ratio.estimate <= ratio.high
        })
        .finish();
}

fn complexity(suite: &mut Suite) {
    suite
        .group("benchmarking/complexity")
        .about("the growth law of timings at n sizes")
        .size(8)
        .input(|n| {
            let timing = |i: usize| {
                (
                    f64::from(16_u32 << i),
                    noisy(9, |_| 40.0 + 0.5 * f64::from(16_u32 << i)),
                )
            };
            (0..n).map(timing).collect::<Vec<_>>()
        })
        .expect(|_| true)
        .case("Complexity", |timings: &Vec<(f64, Vec<f64>)>| {
            Complexity::fit(timings).is_ok_and(|fit| fit.best == ComplexityClass::Linear)
        })
        .finish();
}

fn history(suite: &mut Suite) {
    suite
        .group("benchmarking/change_points")
        .about("the change points of n results of which the second half is 10 % slower")
        .size(1_000)
        .sizes(&[64, 128, 256, 512, 1024, 2048, 4096])
        .input(|n| noisy(n, move |i| if i < n / 2 { 100.0 } else { 110.0 }))
        .expect(|_| true)
        .case("change_points", |series: &Vec<f64>| {
            let found = change_points(series, &ChangePointOptions::default());
            let middle = series.len() / 2;
            found.is_ok_and(|found| found.iter().any(|point| point.index.abs_diff(middle) <= 1))
        })
        .class(Class::Linear)
        .finish();
}
