//! Every branch of the judgement at its edges, and the laws of the interval.

use proptest::prelude::*;

use super::*;

fn ratio(low: f64, estimate: f64, high: f64) -> Ratio {
    Ratio {
        estimate,
        low,
        high,
        confidence: 0.99,
        rounds: 20,
    }
}

#[test]
fn same_needs_the_whole_interval_inside_the_threshold() {
    assert_eq!(ratio(0.995, 1.0, 1.005).verdict(0.01), Verdict::Same);
    // Slower for certain, and by less than what matters.
    assert_eq!(ratio(1.001, 1.004, 1.009).verdict(0.01), Verdict::Same);
    assert_eq!(ratio(0.991, 0.994, 0.999).verdict(0.01), Verdict::Same);
    // The ends are outside.
    assert_eq!(ratio(1.001, 1.004, 1.01).verdict(0.01), Verdict::Undecided);
    assert_eq!(
        ratio(1.0 / 1.01, 0.994, 0.999).verdict(0.01),
        Verdict::Undecided
    );
}

#[test]
fn slower_needs_an_interval_above_one_and_an_estimate_at_the_threshold() {
    assert_eq!(ratio(1.002, 1.01, 1.02).verdict(0.01), Verdict::Slower);
    assert_eq!(ratio(1.002, 1.0099, 1.02).verdict(0.01), Verdict::Undecided);
    assert_eq!(ratio(1.0, 1.05, 1.1).verdict(0.01), Verdict::Undecided);
}

#[test]
fn faster_needs_an_interval_below_one_and_an_estimate_at_the_threshold() {
    assert_eq!(
        ratio(0.98, 1.0 / 1.01, 0.999).verdict(0.01),
        Verdict::Faster
    );
    assert_eq!(ratio(0.98, 0.9902, 0.999).verdict(0.01), Verdict::Undecided);
    assert_eq!(ratio(0.9, 0.95, 1.0).verdict(0.01), Verdict::Undecided);
}

#[test]
fn a_wide_interval_around_one_decides_nothing() {
    assert_eq!(ratio(0.9, 1.0, 1.1).verdict(0.01), Verdict::Undecided);
    assert_eq!(ratio(0.9, 1.0, 1.1).verdict(0.2), Verdict::Same);
}

#[test]
fn the_edges_are_symmetrical_as_ratios() {
    // Twice as long is as far from one as half as long.
    for threshold in [0.001, 0.01, 0.03, 0.5] {
        let edge = 1.0 + threshold;
        assert_eq!(ratio(edge, edge, edge).verdict(threshold), Verdict::Slower);
        assert_eq!(
            ratio(1.0 / edge, 1.0 / edge, 1.0 / edge).verdict(threshold),
            Verdict::Faster
        );
    }
}

#[test]
fn without_rounds_nothing_is_known() {
    let nothing = Ratio::from_logs(&[], 0.95, 1);
    assert_eq!(
        nothing,
        Ratio {
            estimate: 1.0,
            low: 0.0,
            high: f64::INFINITY,
            confidence: 0.95,
            rounds: 0,
        }
    );
    assert_eq!(nothing.verdict(0.01), Verdict::Undecided);
}

#[test]
fn equal_rounds_give_an_interval_of_no_width() {
    let ratio = Ratio::from_logs(&[0.25; 30], 0.99, 3);
    let expected = 0.25_f64.exp();
    assert_eq!(
        (ratio.low, ratio.estimate, ratio.high, ratio.rounds),
        (expected, expected, expected, 30)
    );
    assert_eq!(ratio.smallest_visible_effect(), 0.0);
}

#[test]
fn the_smallest_visible_effect_is_half_the_width() {
    assert_eq!(ratio(0.75, 1.0, 1.25).smallest_visible_effect(), 0.25);
}

#[test]
fn ratios_and_verdicts_are_shown() {
    assert_eq!(
        ratio(0.9876, 1.0, 1.0124).to_string(),
        "1.000 × [0.988, 1.012]"
    );
    assert_eq!(format!("{:>10}|", Verdict::Faster), "    faster|");
    assert_eq!(
        [Verdict::Slower, Verdict::Same, Verdict::Undecided].map(|v| v.to_string()),
        ["slower", "same", "undecided"]
    );
}

#[test]
#[should_panic(expected = "a confidence lies above 0 and below 1, for example 0.95; this is 1")]
fn a_confidence_of_one_is_refused() {
    let _ = Ratio::from_logs(&[0.0; 20], 1.0, 1);
}

#[test]
#[should_panic(expected = "this is NaN")]
fn a_confidence_that_is_no_number_is_refused() {
    let _ = Ratio::from_logs(&[0.0; 20], f64::NAN, 1);
}

fn logs() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-0.5..0.5_f64, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_interval_contains_its_estimate(logs in logs(), seed: u64) {
        let ratio = Ratio::from_logs(&logs, 0.95, seed);
        prop_assert!(ratio.low <= ratio.estimate && ratio.estimate <= ratio.high, "{ratio:?}");
        prop_assert_eq!(ratio.rounds, logs.len());
    }

    #[test]
    fn the_same_seed_gives_the_same_interval(logs in logs(), seed: u64) {
        prop_assert_eq!(Ratio::from_logs(&logs, 0.99, seed), Ratio::from_logs(&logs, 0.99, seed));
    }

    #[test]
    fn a_case_that_takes_k_times_as_long_has_k_times_the_ratio(
        logs in logs(),
        shift in -2.0..2.0_f64,
        seed: u64,
    ) {
        let shifted: Vec<f64> = logs.iter().map(|log| log + shift).collect();
        let (before, after) = (Ratio::from_logs(&logs, 0.99, seed), Ratio::from_logs(&shifted, 0.99, seed));
        for (before, after) in [
            (before.low, after.low),
            (before.estimate, after.estimate),
            (before.high, after.high),
        ] {
            prop_assert!((after / (before * shift.exp()) - 1.0).abs() < 1e-9, "{before} {after}");
        }
    }

    #[test]
    fn a_larger_threshold_never_finds_more(logs in logs(), small in 0.0..0.2_f64, more in 0.0..0.2_f64) {
        let ratio = Ratio::from_logs(&logs, 0.99, 1);
        let found = |threshold| matches!(ratio.verdict(threshold), Verdict::Faster | Verdict::Slower);
        prop_assert!(found(small) || !found(small + more), "{ratio:?}");
    }

    #[test]
    fn swapping_the_sides_swaps_the_verdict(logs in logs()) {
        let ratio = Ratio::from_logs(&logs, 0.99, 1);
        let swapped = Ratio { estimate: 1.0 / ratio.estimate, low: 1.0 / ratio.high, high: 1.0 / ratio.low, ..ratio };
        let expected = match ratio.verdict(0.01) {
            Verdict::Faster => Verdict::Slower,
            Verdict::Slower => Verdict::Faster,
            other => other,
        };
        prop_assert_eq!(swapped.verdict(0.01), expected);
    }
}
