use std::time::Duration;

use fastrand::Rng;
use proptest::prelude::*;
use tuneup_measure::Clock;

use super::*;

const GEOMETRIC: [f64; 7] = [64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0];
const SMALL: [f64; 7] = [4.0, 7.0, 9.0, 12.0, 15.0, 17.0, 20.0];

/// The textbook step counts, written without the crate's own growth functions.
fn steps(class: ComplexityClass, n: f64) -> f64 {
    match class {
        ComplexityClass::Constant => 1.0,
        ComplexityClass::Logarithmic => n.log2(),
        ComplexityClass::Linear => n,
        ComplexityClass::Linearithmic => n * n.log2(),
        ComplexityClass::Quadratic => n * (n - 1.0) / 2.0,
        ComplexityClass::Cubic => n * n * n,
        ComplexityClass::Exponential => n.exp2(),
    }
}

fn sizes(class: ComplexityClass) -> [f64; 7] {
    if class == ComplexityClass::Exponential {
        SMALL
    } else {
        GEOMETRIC
    }
}

fn gaussian(rng: &mut Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

/// Timings as on a busy machine: a constant part, 2 % of error that stays, 4 % that only adds, one sample in ten hit
/// hard, and a cache step of up to `cache_step` from a random size on.
fn noisy(class: ComplexityClass, cache_step: f64, seed: u64) -> Vec<(f64, Vec<f64>)> {
    let mut rng = Rng::with_seed(seed * 7 + class as u64 * 1_000_003 + 1);
    let sizes = sizes(class);
    let constant = rng.f64() * steps(class, sizes[0]);
    let step_from = sizes[rng.usize(1..sizes.len())];
    let step = 1.0 + rng.f64() * cache_step;
    let time = |n: f64, rng: &mut Rng| {
        let staying = gaussian(rng) * 0.02;
        let samples = (0..11).map(|_| {
            let hit = if rng.f64() < 0.1 {
                1.0 + rng.f64()
            } else {
                1.0
            };
            let slower = if n >= step_from { step } else { 1.0 };
            (constant + steps(class, n))
                * (staying + gaussian(rng).abs() * 0.04).exp()
                * hit
                * slower
        });
        samples.collect()
    };
    sizes.iter().map(|&n| (n, time(n, &mut rng))).collect()
}

/// How many of 25 noisy series are named right, are decided, and are decided wrongly.
fn tally(class: ComplexityClass, cache_step: f64) -> [usize; 3] {
    let mut counts = [0; 3];
    // Fewer redrawings than usual keep the debug build quick.
    let fitter = ComplexityFitter::builder().resamples(60).build().unwrap();
    for seed in 0..25 {
        let found = fitter.fit(&noisy(class, cache_step, seed)).unwrap();
        counts[0] += usize::from(found.best == class);
        counts[1] += usize::from(found.is_decided());
        counts[2] += usize::from(found.is_decided() && found.best != class);
    }
    counts
}

#[test]
fn noise_alone_misleads_no_fit() {
    for class in ComplexityClass::ALL {
        let [right, decided, wrong] = tally(class, 0.0);
        assert_eq!((right, wrong), (25, 0), "{class}");
        assert!(decided >= 18, "{class}: {decided} of 25 decided");
    }
}

#[test]
fn cache_steps_cost_decisions_and_not_truth() {
    for class in ComplexityClass::ALL {
        let [right, _, wrong] = tally(class, 0.2);
        assert!(right >= 23, "{class}: {right} of 25 right");
        assert_eq!(wrong, 0, "{class}");
    }
}

#[test]
fn perfect_data_are_fitted_exactly() {
    let timings = GEOMETRIC.map(|n| (n, [20_000.0 + 3.0 * n * n]));
    let found = Complexity::fit(&timings).unwrap();
    assert_eq!(found.best, ComplexityClass::Quadratic);
    assert!(
        (found.best_fit().predict_ns(8192.0) / (3.0 * 8192.0 * 8192.0 + 20_000.0) - 1.0).abs()
            < 1e-3
    );
    assert!(found.best_fit().error < 1e-3);
}

#[test]
fn a_power_below_the_law_does_not_hide_it() {
    // Calls of 20 ns that move up to n bytes at 32 bytes a nanosecond, as `String::insert(0, …)` does in a loop.
    let timings = GEOMETRIC.map(|n| (n, [20.0 * n + n * n / 64.0]));
    let found = Complexity::fit(&timings).unwrap();
    assert!(
        found.is_decided() && found.best == ComplexityClass::Quadratic,
        "{found}"
    );
    assert_eq!(found.best_fit().lower_power, 1);
    assert!(
        (found.best_fit().lower_ns - 20.0).abs() < 0.1,
        "{}",
        found.best_fit().lower_ns
    );
    assert!(found.to_string().contains("ns × n"));
    // Where the square is not yet most of the time, it is not named.
    let mostly_linear = GEOMETRIC.map(|n| (n, [20.0 * n + n * n / 1024.0]));
    assert_ne!(
        Complexity::fit(&mostly_linear).unwrap().best,
        ComplexityClass::Quadratic
    );
}

#[test]
fn other_bases_count_as_exponential() {
    let golden = f64::midpoint(1.0, 5.0_f64.sqrt());
    let found = Complexity::fit(&SMALL.map(|n| (n, [20.0 * golden.powf(n)]))).unwrap();
    assert_eq!(found.best, ComplexityClass::Exponential);
    assert!((found.best_fit().base.unwrap() - golden).abs() < 0.01);
    assert_eq!(
        found.fits.iter().filter(|fit| fit.base.is_some()).count(),
        1
    );
}

#[test]
fn large_sizes_rule_out_exponential_growth() {
    let found = Complexity::fit(&GEOMETRIC.map(|n| (n, [n]))).unwrap();
    assert_eq!(found.fits.len(), 6);
    assert!(
        found
            .fits
            .iter()
            .all(|fit| fit.class != ComplexityClass::Exponential)
    );
}

#[test]
fn narrow_sizes_stay_undecided_and_name_candidates() {
    let found =
        Complexity::fit(&[100.0, 120.0, 150.0, 200.0, 250.0].map(|n| (n, [3.0 * n]))).unwrap();
    assert!(!found.is_decided());
    assert!(
        found.candidates.contains(&ComplexityClass::Linear),
        "{:?}",
        found.candidates
    );
    assert!(
        found.verdict().contains("sizes span 2×, 64× tells more"),
        "{}",
        found.verdict()
    );
}

#[test]
fn data_without_a_law_stay_undecided() {
    let jumping = [80.0, 560.0, 110.0, 330.0, 184.0, 621.0];
    let sizes = [64.0, 256.0, 1024.0, 4096.0, 16_384.0, 65_536.0];
    let timings: Vec<(f64, [f64; 1])> = sizes.into_iter().zip(jumping.map(|t| [t])).collect();
    let found = Complexity::fit(&timings).unwrap();
    assert!(!found.is_decided());
    assert!(
        found.verdict().contains("; no law fits: even O("),
        "{}",
        found.verdict()
    );
}

#[test]
fn equal_sizes_are_joined_and_order_does_not_matter() {
    let joined = GEOMETRIC.map(|n| (n, vec![n, 1.1 * n]));
    let mut apart: Vec<(f64, Vec<f64>)> = joined
        .iter()
        .rev()
        .map(|(n, samples)| (*n, vec![samples[1]]))
        .collect();
    apart.extend(joined.iter().map(|(n, samples)| (*n, vec![samples[0]])));
    assert_eq!(
        Complexity::fit(&joined).unwrap(),
        Complexity::fit(&apart).unwrap()
    );
}

#[test]
fn unusable_data_are_refused_by_name() {
    let fit = |timings: &[(f64, Vec<f64>)]| Complexity::fit(timings).unwrap_err().to_string();
    let three = [1.0, 10.0, 100.0, 100.0].map(|n| (n, vec![n]));
    assert_eq!(
        fit(&three),
        "3 different size(s) cannot show a growth law; give at least 4, small enough for the time allowed"
    );
    assert!(
        fit(&[10.0, 11.0, 12.0, 13.0].map(|n| (n, vec![n])))
            .starts_with("sizes from 10 to 13 are too close")
    );
    assert_eq!(
        fit(&[(4.0, vec![])]),
        "cannot fit the timing at size 4: each size needs a sample"
    );
    assert!(fit(&[(4.0, vec![0.0])]).ends_with("times are finite and positive"));
    assert!(fit(&[(4.0, vec![1.0, f64::NAN])]).ends_with("times are finite and positive"));
    assert!(fit(&[(-4.0, vec![1.0])]).ends_with("sizes are finite and positive"));
    let zero = complexity(&[0, 1, 2, 3, 4], |n| n, |n| *n).unwrap_err();
    assert!(matches!(zero, Error::InvalidTiming { size: 0.0, .. }));
}

#[test]
fn options_outside_their_range_are_named() {
    let builder = ComplexityFitter::builder;
    for (built, name) in [
        (builder().budget(Duration::ZERO).build(), "budget"),
        (builder().blocks(0).build(), "blocks"),
        (builder().resamples(19).build(), "resamples"),
    ] {
        let Err(Error::InvalidOption { option, .. }) = built else {
            panic!("{name} was accepted")
        };
        assert_eq!(option, name);
    }
}

/// Measures a function that takes exactly `time_ns(n)` on a clock that only it moves.
fn measure_exactly(sizes: &[usize], time_ns: impl Fn(u64) -> u64) -> Result<Complexity, Error> {
    let (clock, mock) = Clock::mock();
    let fitter = ComplexityFitter::builder().clock(clock).build().unwrap();
    fitter.measure(
        sizes,
        |n| n as u64,
        |n| mock.advance(Duration::from_nanos(time_ns(*n))),
    )
}

#[test]
fn measuring_sees_the_time_of_one_call() {
    let found = measure_exactly(&[4096, 64, 256, 1024, 256], |n| 50 + 3 * n).unwrap();
    let points: Vec<(f64, f64)> = found
        .points
        .iter()
        .map(|point| (point.size, point.typical_ns))
        .collect();
    assert_eq!(
        points,
        [
            (64.0, 242.0),
            (256.0, 818.0),
            (1024.0, 3122.0),
            (4096.0, 12_338.0)
        ]
    );
    assert_eq!(found.best, ComplexityClass::Linear);
    assert!(
        found
            .points
            .iter()
            .all(|point| point.samples == 200 && point.min_ns == point.max_ns)
    );
    assert!(found.left_out.is_empty());
}

#[test]
fn a_clock_that_stands_still_does_not_hang() {
    let found = ComplexityFitter::builder()
        .clock(Clock::mock().0)
        .blocks(1)
        .build()
        .unwrap()
        .measure(&[1, 10, 100, 1000], |n| n, |n| *n)
        .unwrap();
    assert_eq!(found.best, ComplexityClass::Constant);
}

#[test]
fn sizes_that_would_take_too_long_are_left_out_before_they_run() {
    let sizes: Vec<usize> = (1..=60).map(|i| i * 2).collect();
    let found = measure_exactly(&sizes, |n| {
        assert!(n <= 30, "2^{n} ns must not run");
        1 << n
    })
    .unwrap();
    assert_eq!(found.best, ComplexityClass::Exponential);
    let largest = found.points.last().unwrap().size as usize;
    assert_eq!(
        largest, 24,
        "2^24 ns is 17 ms, 2^26 ns is above a fifth of 300 ms"
    );
    assert_eq!(found.left_out, (13..=60).map(|i| i * 2).collect::<Vec<_>>());
    assert!(
        found
            .verdict()
            .ends_with("sizes 26 to 120 were left out: they take too long")
    );
}

#[test]
fn sparse_sizes_of_steep_functions_run() {
    let cubic = measure_exactly(&[4, 16, 64, 256], |n| n * n * n).unwrap();
    assert_eq!(
        (cubic.best, cubic.points.len()),
        (ComplexityClass::Cubic, 4)
    );
    let behind_a_constant =
        measure_exactly(&[10, 100, 1000, 10_000], |n| 1000 + n * n / 100).unwrap();
    assert_eq!(
        (behind_a_constant.best, behind_a_constant.points.len()),
        (ComplexityClass::Quadratic, 4)
    );
}

#[test]
fn doubling_sizes_of_an_exponential_function_stop_in_time() {
    let error = measure_exactly(&[4, 8, 16, 32, 64], |n| {
        assert!(n <= 16, "2^{n} ns must not run");
        1 << n
    });
    assert!(matches!(
        error,
        Err(Error::TooFewSizes {
            found: 3,
            needed: 4
        })
    ));
}

#[test]
fn a_function_that_is_too_slow_for_four_sizes_is_an_error() {
    let error = measure_exactly(&[1, 10, 100, 1000], |n| n * 50_000_000).unwrap_err();
    assert!(matches!(
        error,
        Error::TooFewSizes {
            found: 2,
            needed: 4
        }
    ));
}

#[test]
fn the_table_shows_every_point_and_the_verdict() {
    let text = Complexity::fit(&GEOMETRIC.map(|n| (n, [2.0 * n])))
        .unwrap()
        .to_string();
    for part in [
        "4096",
        "8.192 µs",
        "as O(n)",
        "O(n log n)",
        "O(n), chosen by",
        "n^1.00 (1.00 to 1.00)",
    ] {
        assert!(text.contains(part), "`{part}` is missing in\n{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_unit_of_time_does_not_matter(seed in 0_u64..1000, class in 0_usize..7, unit in 1e-3_f64..1e6) {
        let timings = noisy(ComplexityClass::ALL[class], 0.3, seed);
        let scaled: Vec<(f64, Vec<f64>)> =
            timings.iter().map(|(n, t)| (*n, t.iter().map(|t| t * unit).collect())).collect();
        let (one, other) = (Complexity::fit(&timings).unwrap(), Complexity::fit(&scaled).unwrap());
        prop_assert_eq!(one.best, other.best);
        prop_assert!((one.confidence - other.confidence).abs() < 0.02);
        prop_assert!((one.exponent.estimate - other.exponent.estimate).abs() < 1e-9);
    }

    #[test]
    fn shares_add_up_and_come_in_order(seed in 0_u64..1000, class in 0_usize..7) {
        let found = Complexity::fit(&noisy(ComplexityClass::ALL[class], 1.0, seed)).unwrap();
        prop_assert!((found.fits.iter().map(|fit| fit.share).sum::<f64>() - 1.0).abs() < 1e-9);
        prop_assert!(found.fits.is_sorted_by(|a, b| a.share >= b.share));
        prop_assert_eq!(found.best, found.fits[0].class);
        prop_assert_eq!(found.confidence, found.fits[0].share);
        prop_assert!(found.candidates.contains(&found.best));
    }
}
