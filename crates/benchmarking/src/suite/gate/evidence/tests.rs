//! The judgement on measurements whose truth is known.

use tuneup_measure::normal_quantile;

use super::*;

const THRESHOLD: f64 = 0.03;

/// Rounds of a set of processes.
const ROUNDS: usize = 15;

/// A machine as it is found: 1 % between processes, because of their memory layout, and 2 % between rounds.
struct Machine {
    rng: fastrand::Rng,
}

impl Machine {
    fn with_seed(seed: u64) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    fn normal(&mut self, sd: f64) -> f64 {
        sd * normal_quantile(self.rng.f64().clamp(1e-12, 1.0 - 1e-12))
    }

    /// The log ratios that one process shows of something that takes `ratio` times as long.
    fn process(&mut self, ratio: f64) -> Vec<f64> {
        let layout = self.normal(0.01);
        (0..ROUNDS)
            .map(|_| ratio.ln() + layout + self.normal(0.02))
            .collect()
    }

    fn processes(&mut self, count: usize, ratio: f64) -> Vec<Vec<f64>> {
        (0..count).map(|_| self.process(ratio)).collect()
    }
}

/// Seven sets of processes in a session; the odd ones are started in the reverse order.
fn add(evidence: &mut Evidence, machine: &mut Machine, session: usize, ratio: f64, control: f64) {
    for _ in 0..7 {
        let (candidate, control) = (machine.process(ratio), machine.process(control));
        evidence.add(session, candidate, control);
    }
}

/// Sessions, each with the ratio of the candidate and that of the control.
fn sessions(seed: u64, ratios: &[(f64, f64)]) -> Evidence {
    let mut machine = Machine::with_seed(seed);
    let mut evidence = Evidence::default();
    for (session, &(ratio, control)) in ratios.iter().enumerate() {
        add(&mut evidence, &mut machine, session, ratio, control);
    }
    evidence
}

/// How often each verdict is given, over some machines: passed, improved, regressed, undecided.
fn verdicts(of: impl Fn(u64) -> Evidence) -> [usize; 4] {
    let mut counts = [0; 4];
    for seed in 0..SEEDS {
        let index = match of(seed).verdict(THRESHOLD) {
            GateVerdict::Passed => 0,
            GateVerdict::Improved => 1,
            GateVerdict::Regressed => 2,
            GateVerdict::Undecided => 3,
        };
        counts[index] += 1;
    }
    counts
}

const SEEDS: u64 = 6;
const ALL: usize = SEEDS as usize;

#[test]
fn the_same_code_passes_and_needs_no_more() {
    assert_eq!(
        verdicts(|seed| sessions(seed, &[(1.0, 1.0)])),
        [ALL, 0, 0, 0]
    );
}

#[test]
fn a_slowdown_in_both_orders_with_clean_controls_is_a_regression() {
    assert_eq!(
        verdicts(|seed| sessions(seed, &[(1.1, 1.0), (1.1, 1.0)])),
        [0, 0, ALL, 0]
    );
}

#[test]
fn a_slowdown_in_the_first_order_asks_for_the_second() {
    let mut evidence = Evidence::default();
    let mut machine = Machine::with_seed(1);
    add(&mut evidence, &mut machine, 0, 1.1, 1.0);
    assert!(evidence.needs_more(THRESHOLD));
    let first = evidence.judge("a", THRESHOLD);
    assert_eq!(first.verdict, GateVerdict::Undecided);
    assert_eq!((first.processes, first.reversed), (7, None));

    add(&mut evidence, &mut machine, 1, 1.1, 1.0);
    assert!(!evidence.needs_more(THRESHOLD));
    let second = evidence.judge("a", THRESHOLD);
    assert_eq!(second.verdict, GateVerdict::Regressed);
    assert_eq!((second.processes, second.ratio.rounds), (14, 14 * ROUNDS));
    assert_eq!(second.reversed.map(|ratio| ratio.rounds), Some(7 * ROUNDS));
    assert!(second.ratio.low > 1.03 && second.control.high < 1.03);
}

#[test]
fn a_slowdown_in_one_order_alone_is_none() {
    assert_eq!(
        verdicts(|seed| sessions(seed, &[(1.1, 1.0), (1.0, 1.0)])),
        [0, 0, 0, ALL]
    );
    assert_eq!(
        verdicts(|seed| sessions(seed, &[(1.0, 1.0), (1.1, 1.0)]))[2],
        0,
        "never a regression"
    );
}

#[test]
fn a_slowdown_that_the_control_shows_too_is_the_machines() {
    for dirty in [1.1, 0.9] {
        for (forward, reversed) in [(dirty, 1.0), (1.0, dirty), (dirty, dirty)] {
            assert_eq!(
                verdicts(|seed| sessions(seed, &[(1.1, forward), (1.1, reversed)])),
                [0, 0, 0, ALL],
                "controls {forward} and {reversed}"
            );
        }
    }
}

#[test]
fn noise_as_large_as_the_threshold_is_no_regression() {
    // The layout of single processes moves them by 1 %; half a per cent is asked for.
    let regressed = (0..SEEDS)
        .filter(|&seed| sessions(seed, &[(1.0, 1.0); 4]).verdict(0.005) == GateVerdict::Regressed)
        .count();
    assert_eq!(regressed, 0);
}

#[test]
fn the_sessions_of_one_order_are_judged_together() {
    let (slow, dirty, same) = ((1.1, 1.0), (1.1, 1.1), (1.0, 1.0));
    assert_eq!(
        verdicts(|seed| sessions(seed, &[slow, slow, slow, slow])),
        [0, 0, ALL, 0]
    );
    // Half of the second order's controls are not clean.
    assert_eq!(
        verdicts(|seed| sessions(seed, &[slow, dirty, slow, dirty])),
        [0, 0, 0, ALL]
    );
    assert_eq!(
        verdicts(|seed| sessions(seed, &[same, slow, same, slow]))[2],
        0,
        "the first order has never shown it"
    );
}

#[test]
fn a_gain_is_seen() {
    assert_eq!(
        verdicts(|seed| sessions(seed, &[(0.9, 1.0)])),
        [0, ALL, 0, 0]
    );
}

#[test]
fn a_gain_that_the_control_shows_too_is_none() {
    assert_eq!(
        verdicts(|seed| sessions(seed, &[(0.9, 0.9)])),
        [ALL, 0, 0, 0]
    );
}

#[test]
fn what_straddles_the_threshold_needs_more() {
    for seed in 0..SEEDS {
        let evidence = sessions(seed, &[(1.03, 1.0)]);
        let judged = evidence.judge("a", THRESHOLD);
        let straddles = judged.ratio.low <= 1.03 && judged.ratio.high > 1.03;
        assert!(straddles, "{}", judged.ratio);
        assert!(evidence.needs_more(THRESHOLD));
    }
}

#[test]
fn the_judgement_is_the_same_every_time() {
    let judge = || format!("{:?}", sessions(3, &[(1.02, 1.0); 2]).judge("a", THRESHOLD));
    assert_eq!(judge(), judge());
}

#[test]
fn equal_rounds_leave_no_doubt() {
    let ratio = Ratio::from_processes(&[vec![0.5; 3], vec![0.5; 4]]);
    let expected = 0.5_f64.exp();
    assert_eq!(
        (ratio.low, ratio.estimate, ratio.high, ratio.rounds),
        (expected, expected, expected, 7)
    );
}

#[test]
fn the_interval_covers_the_truth() {
    let covered = |processes: usize| {
        (0..100)
            .filter(|&seed| {
                let sets = Machine::with_seed(seed).processes(processes, 1.05);
                let ratio = Ratio::from_processes(&sets);
                ratio.low <= 1.05 && 1.05 <= ratio.high
            })
            .count()
    };
    // A bootstrap of few processes is a little narrow: with these seeds 96 of 100 intervals of nine sets, 98 of seven and 92 of five hold
    // the truth, where 99 are promised. That is why one interval alone never makes a regression.
    for (processes, least) in [(9, 93), (7, 93), (5, 88)] {
        let covered = covered(processes);
        assert!(
            (least..100).contains(&covered),
            "{covered} of 100 with {processes}"
        );
    }
}

#[test]
fn rounds_of_one_process_are_no_independent_samples_of_it() {
    // Twice the rounds of the same processes tell little more; twice the processes tell more.
    let width = |sets: &[Vec<f64>]| {
        let ratio = Ratio::from_processes(sets);
        (ratio.high / ratio.low).ln()
    };
    let sets = Machine::with_seed(4).processes(7, 1.0);
    let doubled: Vec<Vec<f64>> = sets.iter().map(|set| set.repeat(20)).collect();
    let flat = crate::Ratio::from_logs(&doubled.concat(), 0.99, 1);
    assert!(width(&doubled) > 0.6 * width(&sets));
    assert!((flat.high / flat.low).ln() < 0.5 * width(&sets));
}
