//! The engine on a clock that is a number: what the cases cost and how the machine drifts is known exactly.

use super::*;

/// A machine on which an iteration of a case takes a known time, and which keeps a record.
struct Machine {
    ns: Vec<f64>,
    /// The log of the speed changes by this with every block.
    drift: f64,
    blocks: Vec<(usize, u64)>,
}

impl Machine {
    fn new(ns: &[f64]) -> Self {
        Self {
            ns: ns.to_vec(),
            drift: 0.0,
            blocks: Vec::new(),
        }
    }

    fn block(&mut self, case: usize, iterations: u64) -> f64 {
        let slowdown = (self.drift * self.blocks.len() as f64).exp();
        self.blocks.push((case, iterations));
        self.ns[case] * iterations as f64 * slowdown
    }

    /// Runs the rounds and gives the blocks that were run in them.
    fn rounds(&mut self, iterations: &[u64], plan: &Plan) -> Rounds {
        measure_calibrated(
            &mut |case, iterations| Ok(self.block(case, iterations)),
            iterations,
            plan,
            &mut |_| {},
        )
        .unwrap()
    }
}

/// So many rounds, whatever happens.
fn exactly(rounds: usize) -> Plan {
    Plan {
        min_rounds: rounds,
        max_rounds: rounds,
        ..Plan::default()
    }
}

#[test]
fn a_round_is_every_case_in_some_order_and_then_in_the_reverse_order() {
    let mut machine = Machine::new(&[10.0, 20.0, 30.0]);
    machine.rounds(&[5, 6, 7], &exactly(40));
    let (warm, timed): (Vec<_>, Vec<_>) = machine
        .blocks
        .chunks(2)
        .map(|pair| (pair[0], pair[1]))
        .unzip();
    let mut orders = std::collections::BTreeSet::new();
    for (warm, timed) in warm.iter().zip(&timed) {
        assert_eq!(
            *warm,
            (timed.0, 1),
            "one iteration of the same case goes before each block"
        );
    }
    for round in timed.chunks(6) {
        let mut there: Vec<_> = round[..3].to_vec();
        let back: Vec<_> = round[3..].iter().rev().copied().collect();
        assert_eq!(there, back);
        orders.insert(there.clone());
        there.sort_unstable();
        assert_eq!(there, [(0, 5), (1, 6), (2, 7)]);
    }
    assert_eq!(timed.len(), 40 * 6);
    assert_eq!(orders.len(), 6, "all six orders come up: {orders:?}");
}

#[test]
fn the_order_is_decided_by_the_seed() {
    let order = |seed| {
        let mut machine = Machine::new(&[1.0; 4]);
        machine.rounds(
            &[1; 4],
            &Plan {
                seed,
                ..exactly(10)
            },
        );
        machine.blocks
    };
    assert_eq!(order(1), order(1));
    assert_ne!(order(1), order(2));
}

#[test]
fn steady_drift_cancels() {
    let mut machine = Machine::new(&[100.0, 103.0, 50.0]);
    // The machine slows down by 2 % from block to block: 2600 times over the whole measurement.
    machine.drift = 0.02;
    let rounds = machine.rounds(&[1_000, 7, 333], &exactly(66));
    for (case, expected) in [(1, 1.03_f64), (2, 0.5)] {
        for log in rounds.log_ratios(case, 0) {
            assert!((log - expected.ln()).abs() < 1e-12, "{log}");
        }
    }
}

#[test]
fn rounds_tell_nanoseconds_per_iteration() {
    let mut machine = Machine::new(&[100.0, 8.0]);
    let rounds = machine.rounds(&[3, 500], &exactly(4));
    assert_eq!((rounds.len(), rounds.iterations(1)), (4, 500));
    for (case, expected) in [(0, 100.0), (1, 8.0)] {
        assert_eq!(rounds.ns(case).len(), 4);
        for ns in rounds.ns(case) {
            assert!((ns - expected).abs() < 1e-9, "{ns}");
        }
    }
}

#[test]
fn calibration_fills_the_block() {
    let block = Duration::from_micros(250);
    for (ns, iterations) in [(1.0, 250_000), (40.0, 6_250), (3_000.0, 83), (90_000.0, 2)] {
        let mut machine = Machine::new(&[ns]);
        let found = calibrate(&mut |case, n| Ok(machine.block(case, n)), 0, block).unwrap();
        assert_eq!(found, iterations, "for {ns} ns");
    }
}

#[test]
fn a_case_longer_than_the_block_gets_one_iteration() {
    let mut machine = Machine::new(&[1e9]);
    let found = calibrate(
        &mut |case, n| Ok(machine.block(case, n)),
        0,
        Duration::from_micros(250),
    );
    assert_eq!(found.unwrap(), 1);
    assert_eq!(machine.blocks, [(0, 1), (0, 1)]);
}

#[test]
fn calibration_ends_even_where_nothing_takes_time() {
    let mut machine = Machine::new(&[0.0]);
    let found = calibrate(
        &mut |case, n| Ok(machine.block(case, n)),
        0,
        Duration::from_micros(250),
    );
    assert!(found.unwrap() >= 1 << 40);
    assert_eq!(machine.blocks.len(), 42);
}

#[test]
fn a_slow_first_run_does_not_make_the_blocks_short() {
    let mut first = true;
    let mut run = |_: usize, iterations: u64| {
        let cold = if std::mem::take(&mut first) { 1e6 } else { 0.0 };
        Ok(cold + 100.0 * iterations as f64)
    };
    // The first run alone is longer than the block; the second one shows how long an iteration takes once it is warm.
    let found = calibrate(&mut run, 0, Duration::from_micros(250)).unwrap();
    assert_eq!(found, 2_500);
}

#[test]
fn every_case_is_calibrated_for_itself() {
    let mut machine = Machine::new(&[10.0, 1_000.0]);
    let rounds = measure(
        &mut |case, n| Ok(machine.block(case, n)),
        2,
        &exactly(1),
        &mut |_| {},
    )
    .unwrap();
    assert_eq!((rounds.iterations(0), rounds.iterations(1)), (25_000, 250));
}

#[test]
fn a_budget_that_is_used_up_ends_it_after_the_fewest_rounds() {
    let plan = Plan {
        budget: Duration::ZERO,
        precision: 0.0,
        ..Plan::default()
    };
    let mut machine = Machine::new(&[1.0, 1.0]);
    assert_eq!(machine.rounds(&[1, 1], &plan).len(), 15);
}

#[test]
fn a_budget_that_is_left_over_ends_with_the_most_rounds() {
    let plan = Plan {
        budget: Duration::from_secs(1_000_000),
        precision: 0.0,
        ..Plan::default()
    };
    let mut machine = Machine::new(&[1.0, 1.0]);
    assert_eq!(machine.rounds(&[1, 1], &plan).len(), 400);
}

/// A machine whose second case is up to `noise` slower or faster than the first, evenly, round by round.
fn noisy_rounds(noise: f64, precision: f64) -> usize {
    let plan = Plan {
        budget: Duration::from_secs(1_000_000),
        precision,
        ..Plan::default()
    };
    let mut block = 0_usize;
    let mut run = |case: usize, _: u64| {
        // Two cases, there and back, each block with one iteration before it.
        let round = block / 8;
        block += 1;
        let log = if round.is_multiple_of(2) {
            noise
        } else {
            -noise
        };
        Ok(100.0 * (case as f64 * log).exp())
    };
    measure_calibrated(&mut run, &[1, 1], &plan, &mut |_| {})
        .unwrap()
        .len()
}

#[test]
fn precision_ends_it_early() {
    // Without spread the first look, after sixteen rounds, is enough.
    assert_eq!(noisy_rounds(0.0, 0.000_5), 16);
    // ± 1 %: 1.2533 · 1.4826 · 0.01 / √n < 0.002 from n = 87 on; looked at in every sixteenth round.
    assert_eq!(noisy_rounds(0.01, 0.002), 96);
    assert_eq!(noisy_rounds(0.01, 0.000_5), 400);
}

#[test]
fn every_ratio_has_to_be_precise() {
    let plan = Plan {
        budget: Duration::from_secs(1_000_000),
        ..Plan::default()
    };
    let mut block = 0_u64;
    // The first two cases are steady, the third is not.
    let mut run = |case: usize, _: u64| {
        block += 1;
        Ok(if case == 2 {
            100.0 + (block % 7) as f64
        } else {
            100.0
        })
    };
    let rounds = measure_calibrated(&mut run, &[1; 3], &plan, &mut |_| {}).unwrap();
    assert_eq!(rounds.len(), 400);
}

#[test]
fn progress_is_told_after_every_round_and_never_passes_one() {
    let mut shares = Vec::new();
    let plan = Plan {
        budget: Duration::ZERO,
        ..exactly(5)
    };
    measure_calibrated(&mut |_, _| Ok(1.0), &[1, 1], &plan, &mut |share| {
        shares.push(share);
    })
    .unwrap();
    assert_eq!(shares, [1.0; 5]);
}

#[test]
fn an_error_ends_it_at_once() {
    let refuse = || Error::DuplicateName {
        name: "refused".to_owned(),
    };
    for (allowed, calibrated) in [(0, false), (3, false), (0, true), (7, true)] {
        let mut runs = 0;
        let mut run = |_: usize, _: u64| {
            if runs == allowed {
                return Err(refuse());
            }
            runs += 1;
            Ok(1e6)
        };
        let outcome = if calibrated {
            measure_calibrated(&mut run, &[1, 1], &exactly(9), &mut |_| {})
        } else {
            measure(&mut run, 2, &exactly(9), &mut |_| {})
        };
        assert!(matches!(outcome, Err(Error::DuplicateName { name }) if name == "refused"));
        assert_eq!(runs, allowed);
    }
}
