//! What must hold for every sample, whatever its values.

use proptest::{collection::vec, prelude::*};
use tuneup_measure::{
    Bootstrap, Interval, Summary, TheilSen, TukeyFences, mad, mann_whitney_u, mean, median,
    median_in_place, outliers, quantile, quantile_in_place, quantile_sorted,
};

fn any_sample(least: usize) -> impl Strategy<Value = Vec<f64>> {
    vec(
        prop_oneof![-1e9..1e9, (-5_i32..5).prop_map(f64::from)],
        least..80,
    )
}

proptest! {
    #[test]
    fn three_ways_to_a_quantile_agree(sample in any_sample(1), q in 0.0..=1.0_f64) {
        let mut sorted = sample.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let expected = quantile_sorted(&sorted, q);
        prop_assert_eq!(quantile(&sample, q).unwrap(), expected);
        prop_assert_eq!(quantile_in_place(&mut sample.clone(), q), expected);
        prop_assert!((sorted[0]..=sorted[sorted.len() - 1]).contains(&expected));
    }

    #[test]
    fn half_of_the_values_lie_on_either_side_of_the_median(sample in any_sample(1)) {
        let median = median(&sample).unwrap();
        prop_assert!(sample.iter().filter(|&&value| value < median).count() <= sample.len() / 2);
        prop_assert!(sample.iter().filter(|&&value| value > median).count() <= sample.len() / 2);
        prop_assert_eq!(median_in_place(&mut sample.clone()), median);
    }

    #[test]
    fn a_summary_is_its_parts(sample in any_sample(1)) {
        let summary = Summary::of(&sample).unwrap();
        prop_assert_eq!(summary.count, sample.len());
        prop_assert_eq!(summary.mad, mad(&sample).unwrap());
        // Summed in another order.
        let largest = summary.min.abs().max(summary.max.abs());
        let rounding = sample.len() as f64 * f64::EPSILON * largest;
        prop_assert!((summary.mean - mean(&sample).unwrap()).abs() <= rounding);
        prop_assert_eq!(summary.q1, quantile(&sample, 0.25).unwrap());
        prop_assert!(summary.min <= summary.q1 && summary.q1 <= summary.median);
        prop_assert!(summary.median <= summary.q3 && summary.q3 <= summary.max);
        prop_assert!(summary.sd >= 0.0 && summary.sd <= (summary.max - summary.min) + 1e-9);
    }

    #[test]
    fn outliers_are_the_values_that_the_fences_classify(sample in any_sample(1)) {
        let fences = TukeyFences::of(&sample).unwrap();
        let outliers = outliers(&sample).unwrap();
        prop_assert_eq!(outliers.fences, fences);
        prop_assert_eq!(outliers.total(), sample.iter().filter(|&&value| fences.classify(value).is_some()).count());
        prop_assert!(outliers.total() <= sample.len() / 2);
    }

    #[test]
    fn the_statistic_u_counts_pairs(x in any_sample(1), y in any_sample(1)) {
        let result = mann_whitney_u(&x, &y).unwrap();
        let pairs = x.iter().flat_map(|x| y.iter().map(move |y| (x, y)));
        let won: f64 = pairs.map(|(x, y)| if x > y { 1.0 } else if x == y { 0.5 } else { 0.0 }).sum();
        prop_assert_eq!(result.u, won);
        prop_assert!((0.0..=1.0).contains(&result.p_value));
        let back = mann_whitney_u(&y, &x).unwrap();
        prop_assert_eq!((back.p_value, back.z), (result.p_value, -result.z));
    }

    #[test]
    fn a_line_moves_with_its_points(y in any_sample(3), slope in -100_i32..100, offset in -100_i32..100) {
        let (slope, offset) = (f64::from(slope), f64::from(offset));
        let x: Vec<f64> = (0..y.len()).map(|i| i as f64).collect();
        let moved: Vec<f64> = x.iter().zip(&y).map(|(x, y)| y + slope * x + offset).collect();
        let (line, moved) = (TheilSen::fit(&x, &y).unwrap(), TheilSen::fit(&x, &moved).unwrap());
        prop_assert!((moved.slope.estimate - line.slope.estimate - slope).abs() < 1e-5);
        prop_assert!(moved.slope.contains(moved.slope.estimate));
    }

    #[test]
    fn an_interval_keeps_to_what_the_statistic_can_be(sample in any_sample(2), seed in any::<u64>()) {
        let bootstrap = Bootstrap::builder().seed(seed).resamples(100).build().unwrap();
        let summary = Summary::of(&sample).unwrap();
        for interval in [
            bootstrap.percentile(&sample, median_in_place).unwrap(),
            bootstrap.bca(&sample, median_in_place).unwrap(),
        ] {
            prop_assert_eq!(interval.estimate, summary.median);
            prop_assert!(summary.min <= interval.low && interval.low <= interval.high && interval.high <= summary.max);
        }
    }
}

/// Of 400 samples of 30 values from an exponential distribution, whose median is ln 2, the interval
/// must cover it in about 95 %. The samples are fixed: quantiles of the distribution, drawn by a
/// multiplicative sequence.
#[test]
fn the_intervals_cover_about_as_often_as_they_say() {
    const SAMPLES: u64 = 400;
    let bootstrap = Bootstrap::builder().resamples(500).build().unwrap();
    let mut state = 1_u64;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    let mut covered = [0_u32; 2];
    for _ in 0..SAMPLES {
        let sample: Vec<f64> = (0..30).map(|_| -uniform().ln()).collect();
        let intervals = [
            bootstrap.percentile(&sample, median_in_place).unwrap(),
            bootstrap.bca(&sample, median_in_place).unwrap(),
        ];
        for (covered, interval) in covered.iter_mut().zip(intervals) {
            *covered += u32::from(interval.contains(std::f64::consts::LN_2));
        }
    }
    assert!(
        covered.iter().all(|covered| (360..=396).contains(covered)),
        "{covered:?} of {SAMPLES}"
    );
}

#[test]
fn an_interval_changes_its_unit_and_its_sign() {
    let interval = Interval::new(1.0, 2.0, 4.0, 0.95);
    assert_eq!(interval.scaled(-1.0), Interval::new(-4.0, -2.0, -1.0, 0.95));
    assert_eq!((interval.width(), interval.scaled(2.0).width()), (3.0, 6.0));
    assert_eq!(interval.to_string(), "2 (1 to 4)");
    assert!(interval.contains(4.0) && !interval.contains(4.1) && !interval.contains(f64::NAN));
}
