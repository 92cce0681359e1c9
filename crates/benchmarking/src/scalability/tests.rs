use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use proptest::prelude::*;

use super::*;

fn exact(single: f64, contention: f64, coherency: f64, threads: &[usize]) -> Vec<(usize, f64)> {
    let law = |n: f64| single * n / (1.0 + contention * (n - 1.0) + coherency * n * (n - 1.0));
    threads.iter().map(|&n| (n, law(n as f64))).collect()
}

fn assert_near(actual: f64, expected: f64, relative: f64) {
    assert!(
        (actual / expected - 1.0).abs() < relative,
        "{actual} against {expected}"
    );
}

// The data and coefficients below are those of the tests of the R package usl, version 3
// (github.com/smoeding/usl, tests/summary.Rout.save, tests/coef.Rout.save, tests/peak-scalability.Rout.save), which
// calls σ alpha, κ beta and λ gamma.

#[test]
fn spec_sdm91_agrees_with_the_r_package() {
    let jobs_per_hour = [
        (1, 64.9),
        (18, 995.9),
        (36, 1652.4),
        (72, 1853.2),
        (108, 1828.9),
        (144, 1775.0),
        (216, 1702.2),
    ];
    let found = Scalability::fit(&jobs_per_hour).unwrap();
    assert_near(found.contention.estimate, 2.773e-2, 2e-4);
    assert_near(found.coherency.estimate, 1.044e-4, 4e-4);
    assert_near(found.single.estimate, 90.0, 1e-4);
    assert_eq!(found.peak_threads.unwrap().estimate.round(), 97.0);
    assert_near(found.roof(), 3245.0, 5e-4);
    assert_near(found.r_squared, 0.9896, 1e-4);
    let squares: f64 = jobs_per_hour
        .iter()
        .map(|&(n, x)| (x - found.predict(n as f64)).powi(2))
        .sum();
    assert_near((squares / 4.0).sqrt(), 82.85, 1e-4);
    assert_eq!(found.warnings, []);
}

#[test]
fn the_r_packages_coefficient_test_is_exact() {
    let data = [
        (1, 1.0),
        (2, 1.8868),
        (4, 3.0769),
        (6, 3.5294),
        (8, 3.5398),
        (10, 3.3557),
    ];
    let found = Scalability::fit(&data).unwrap();
    assert_near(found.contention.estimate, 0.02, 1e-3);
    assert_near(found.coherency.estimate, 0.02, 1e-3);
    assert_near(found.single.estimate, 1.0, 1e-4);
}

#[test]
fn bounds_hold_where_the_free_minimum_lies_outside() {
    // Gunther's ray tracer (data set raytracer of the R package usl). Free least squares would want κ < 0; on κ = 0
    // SciPy 1.16.3 (optimize.least_squares with bounds) finds λ = 21.848 843 and σ = 0.057 770 781.
    let data = [
        (1, 20.0),
        (4, 78.0),
        (8, 130.0),
        (12, 170.0),
        (16, 190.0),
        (20, 200.0),
        (24, 210.0),
        (28, 230.0),
        (32, 260.0),
        (48, 280.0),
        (64, 310.0),
    ];
    let found = Scalability::fit(&data).unwrap();
    assert_eq!(found.coherency.estimate, 0.0);
    assert_eq!(found.peak_threads, None);
    assert_near(found.single.estimate, 21.848_842_9, 1e-6);
    assert_near(found.contention.estimate, 0.057_770_780_9, 1e-5);
}

#[test]
fn superlinear_throughput_is_linear_to_the_law() {
    let found = Scalability::fit(&[(1, 10.0), (2, 22.0), (4, 50.0)]).unwrap();
    assert_eq!(
        (found.contention.estimate, found.coherency.estimate),
        (0.0, 0.0)
    );
    assert_eq!(found.roof(), f64::INFINITY);
    assert!(
        found.verdict().ends_with("it scales with the threads"),
        "{}",
        found.verdict()
    );
}

#[test]
fn a_lock_that_makes_two_threads_slower_than_one_peaks_at_one() {
    let found = Scalability::fit(&exact(1e6, 0.8, 0.6, &[1, 2, 3, 4])).unwrap();
    assert_eq!(found.peak_threads.unwrap().estimate, 1.0);
    assert_near(found.coherency.estimate, 0.6, 1e-4);
}

#[test]
fn intervals_cover_the_truth() {
    let truth = (1e6, 0.05, 0.002);
    let mut covered = [0; 3];
    for seed in 0..40 {
        let mut rng = Rng::with_seed(seed);
        let mut noisy = Vec::new();
        for (n, x) in exact(truth.0, truth.1, truth.2, &[1, 2, 4, 8, 16, 32]) {
            // Rounds on a busy machine: up to 8 % slower, never faster.
            noisy.extend((0..7).map(|_| (n, x * (1.0 - 0.04 * (rng.f64() + rng.f64())))));
        }
        let found = Scalability::fit(&noisy).unwrap();
        covered[0] += usize::from(found.contention.contains(truth.1));
        covered[1] += usize::from(found.coherency.contains(truth.2));
        covered[2] += usize::from(
            found
                .peak_threads
                .is_some_and(|peak| peak.contains((0.95_f64 / 0.002).sqrt())),
        );
    }
    assert!(
        covered.iter().all(|&times| times >= 34),
        "{covered:?} of 40"
    );
}

#[test]
fn unusable_data_are_refused_by_name() {
    let text = |data: &[(usize, f64)]| Scalability::fit(data).unwrap_err().to_string();
    assert_eq!(
        text(&[(1, 1.0), (2, 2.0), (2, 2.1)]),
        "2 different thread count(s) cannot show a law with three coefficients; give at least 3"
    );
    assert_eq!(
        text(&[(0, 1.0)]),
        "a throughput of 1 per second with 0 thread(s) cannot be fitted; both must be finite and positive"
    );
    assert!(text(&[(1, f64::NAN)]).starts_with("a throughput of NaN per second with 1"));
    let none = scalability(&[0, 1, 2], |_| ()).unwrap_err();
    assert!(matches!(
        none,
        Error::InvalidOption {
            option: "threads",
            ..
        }
    ));
}

#[test]
fn options_outside_their_range_are_named() {
    let builder = ScalabilityFitter::builder;
    for (built, name) in [
        (builder().time(Duration::ZERO).build(), "time"),
        (builder().rounds(0).build(), "rounds"),
        (builder().resamples(0).build(), "resamples"),
    ] {
        let Err(Error::InvalidOption { option, .. }) = built else {
            panic!("{name} was accepted")
        };
        assert_eq!(option, name);
    }
}

fn short() -> ScalabilityFitter {
    ScalabilityFitter::builder()
        .time(Duration::from_millis(1))
        .rounds(2)
        .build()
        .unwrap()
}

#[test]
fn measuring_runs_every_count_with_its_own_thread_numbers() {
    let (running, most, largest_index) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    let found = short()
        .measure(&[3, 1, 2, 3], |index| {
            let now = running.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            largest_index.fetch_max(index, Ordering::SeqCst);
            std::thread::sleep(Duration::from_micros(50));
            running.fetch_sub(1, Ordering::SeqCst);
        })
        .unwrap();
    assert_eq!(
        found
            .points
            .iter()
            .map(|point| point.threads)
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert!(found.points.iter().all(|point| point.samples == 2));
    assert_eq!(largest_index.into_inner(), 2);
    assert!(most.into_inner() <= 3);
}

#[test]
fn more_threads_than_cores_earn_a_warning() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let found = short()
        .measure(&[1, 2, cores + 1, cores + 2], |_| std::hint::black_box(1))
        .unwrap();
    let (threads, fitted) = (cores + 2, cores < 3);
    assert_eq!(
        found.warnings[0],
        ScalabilityWarning::MoreThreadsThanCores {
            threads,
            cores,
            fitted
        }
    );
    assert!(found.to_string().contains(&format!(
        "up to {} threads ran on {cores} core(s)",
        cores + 2
    )));
}

#[test]
fn counts_above_the_cores_are_shown_and_not_fitted() {
    let mut data = exact(1e6, 0.1, 0.01, &[1, 2, 4, 8]);
    let whole = Scalability::fit(&data).unwrap();
    data.extend([(16, 1e6), (32, 9e5)]);
    let found = ScalabilityFitter::default().fit_within(&data, 8).unwrap();
    assert_eq!(
        (found.contention, found.coherency),
        (whole.contention, whole.coherency)
    );
    assert_eq!(found.points.len(), 6);
    let threads = 32;
    assert_eq!(
        found.warnings,
        [
            ScalabilityWarning::MoreThreadsThanCores {
                threads,
                cores: 8,
                fitted: false
            },
            ScalabilityWarning::FewThreadCounts { found: 4 },
        ]
    );
    let on_two = ScalabilityFitter::default().fit_within(&data, 2).unwrap();
    assert_eq!(
        on_two.warnings,
        [ScalabilityWarning::MoreThreadsThanCores {
            threads,
            cores: 2,
            fitted: true
        }]
    );
    assert_ne!(on_two.coherency, whole.coherency);
}

#[test]
fn a_panic_in_one_thread_reaches_the_caller() {
    let calls = AtomicUsize::new(0);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        short().measure(&[1, 2, 3], |index| {
            calls.fetch_add(1, Ordering::SeqCst);
            assert!(index != 2, "thread 2 gives up");
        })
    }));
    let payload = caught.unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"thread 2 gives up"));
    assert!(calls.into_inner() > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn exact_data_are_fitted_exactly(single in 1.0_f64..1e8, contention in 0.0_f64..1.0, coherency in 0.0_f64..0.5) {
        let found = Scalability::fit(&exact(single, contention, coherency, &[1, 2, 3, 4, 6, 8, 12])).unwrap();
        prop_assert!((found.single.estimate / single - 1.0).abs() < 1e-3);
        prop_assert!((found.contention.estimate - contention).abs() < 2e-3, "{} {contention}", found.contention.estimate);
        prop_assert!((found.coherency.estimate - coherency).abs() < 1e-3, "{} {coherency}", found.coherency.estimate);
        prop_assert!(found.r_squared > 0.999_99);
    }

    #[test]
    fn any_data_give_coefficients_within_their_bounds(
        throughputs in prop::collection::vec((1_usize..64, 1e-3_f64..1e9), 3..12),
    ) {
        let fitter = ScalabilityFitter::builder().resamples(20).build().unwrap();
        let Ok(found) = fitter.fit(&throughputs) else {
            let counts: std::collections::BTreeSet<usize> = throughputs.iter().map(|(n, _)| *n).collect();
            prop_assert!(counts.len() < 3);
            return Ok(());
        };
        prop_assert!((0.0..=1.0).contains(&found.contention.estimate));
        prop_assert!(found.coherency.estimate >= 0.0 && found.single.estimate >= 0.0);
        for interval in [found.single, found.contention, found.coherency] {
            prop_assert!(interval.low <= interval.estimate && interval.estimate <= interval.high);
        }
        if let Some(peak) = found.peak_threads {
            prop_assert!(peak.low >= 1.0 && peak.low <= peak.estimate && peak.estimate <= peak.high);
        }
    }
}
