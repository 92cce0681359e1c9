//! Pipelines of any shape against loops.

use proptest::prelude::*;
use tuneup_concurrency::{Pipeline, PipelineEnd, PipelineError, StagePanic};

use super::{Refused, in_flight::InFlight};
use crate::parallel::{Counted, Ledger, within_a_minute, work};

/// How a pipeline is put together.
#[derive(Debug, Clone)]
struct Shape {
    items: usize,
    workers: [usize; 2],
    queues: [usize; 3],
    rounds: u32,
    is_ordered: bool,
}

fn shapes() -> impl Strategy<Value = Shape> {
    let items = prop_oneof![Just(0), 1_usize..5, 0_usize..600];
    let queue = || prop_oneof![Just(1), Just(2), 3_usize..40];
    let rounds = prop_oneof![Just(0), Just(50), Just(2_000)];
    let rest = (rounds, any::<bool>());
    (items, [1_usize..4, 1..4], [queue(), queue(), queue()], rest).prop_map(
        |(items, workers, queues, (rounds, is_ordered))| Shape {
            items,
            workers,
            queues,
            rounds,
            is_ordered,
        },
    )
}

/// Fails or panics at one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Error,
    Panic,
}

impl Fault {
    fn at(self, item: Counted, faulty: usize) -> Result<Counted, Refused> {
        match self {
            Self::Error if item.number == faulty => Err(Refused(faulty)),
            Self::Panic if item.number == faulty => panic!("item {faulty}"),
            _ => Ok(item),
        }
    }
}

/// Runs items through two stages, which may fail at one of them; what came out, and how it ended.
fn run(
    shape: &Shape,
    ledger: &std::sync::Arc<Ledger>,
    faults: [Fault; 2],
    faulty: usize,
) -> (Vec<usize>, Result<(), PipelineError>) {
    let mut out = Vec::new();
    let (rounds, [one, two, three]) = (shape.rounds, shape.queues);
    let pipeline = Pipeline::from_iter((0..shape.items).map(|number| ledger.value(number)))
        .queue(one)
        .try_stage("first", shape.workers[0], |item| {
            work(rounds);
            faults[0].at(item, faulty)
        })
        .queue(two)
        .try_stage("second", shape.workers[1], |item: Counted| {
            work(rounds * (item.number % 3) as u32);
            faults[1].at(item, faulty)
        })
        .queue(three);
    let pipeline = if shape.is_ordered {
        pipeline.ordered()
    } else {
        pipeline
    };
    let result = pipeline.run(|item| out.push(item.number));
    let result = result.map(|report| {
        assert_eq!(report.end, PipelineEnd::Completed);
        let places = one + two + three + shape.workers[0] + shape.workers[1];
        assert_eq!(report.most_in_flight, places);
        let counts = report.stages.iter().map(|stage| stage.items);
        assert!(counts.eq([shape.items as u64; 2]));
        let depths = report.stages.iter().map(|stage| stage.most_queue_depth);
        let depths: Vec<usize> = depths.chain([report.output.most_queue_depth]).collect();
        assert!(depths[0] <= one && depths[1] <= two && depths[2] <= three);
    });
    (out, result)
}

/// What was pulled came out once, in order if asked, but for the item that failed; and all that was pulled was dropped once.
pub(super) fn check_output(
    mut out: Vec<usize>,
    is_ordered: bool,
    pulled: usize,
    faulty: Option<usize>,
    ledger: &Ledger,
) -> Result<(), TestCaseError> {
    prop_assert!(!is_ordered || out.is_sorted());
    out.sort_unstable();
    prop_assert!(
        out.into_iter()
            .eq((0..pulled).filter(|n| Some(*n) != faulty))
    );
    let drops = ledger.drops();
    prop_assert!(drops[..pulled].iter().all(|drops| *drops == 1));
    prop_assert!(drops[pulled..].iter().all(|drops| *drops == 0));
    Ok(())
}

fn check_failure(
    shape: &Shape,
    stage: usize,
    is_panic: bool,
    faulty: usize,
) -> Result<(), TestCaseError> {
    within_a_minute("a_failure_tells_stage_and_item", || {
        let ledger = Ledger::new(shape.items);
        let mut faults = [Fault::None; 2];
        faults[stage] = if is_panic { Fault::Panic } else { Fault::Error };
        let (out, result) = run(shape, &ledger, faults, faulty);
        let error = result.unwrap_err();
        prop_assert_eq!(&error.stage, ["first", "second"][stage]);
        prop_assert_eq!(error.index, Some(faulty));
        if is_panic {
            let panic = error.source.downcast_ref::<StagePanic>().unwrap();
            let text = format!("item {faulty}");
            prop_assert_eq!(panic.message(), Some(text.as_str()));
        } else {
            prop_assert_eq!(
                error.source.downcast_ref::<Refused>(),
                Some(&Refused(faulty))
            );
        }
        let pulled = error.report.source.items as usize;
        // Without order, others may overtake it before it fails.
        prop_assert!(!shape.is_ordered || pulled <= faulty + error.report.most_in_flight);
        check_output(out, shape.is_ordered, pulled, Some(faulty), &ledger)
    })
}

/// With one place each, the source comes closest to pulling more than it may before it hears of the failure.
#[test]
fn a_failure_at_the_first_item_of_a_narrow_pipeline() {
    let shape = Shape {
        items: 36,
        workers: [1, 1],
        queues: [1, 1, 1],
        rounds: 0,
        is_ordered: true,
    };
    for _ in 0..300 {
        check_failure(&shape, 0, false, 0).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn all_items_come_out_once_and_in_order_if_asked(shape in shapes()) {
        within_a_minute("all_items_come_out", || {
            let ledger = Ledger::new(shape.items);
            let (out, result) = run(&shape, &ledger, [Fault::None; 2], 0);
            prop_assert!(result.is_ok());
            check_output(out, shape.is_ordered, shape.items, None, &ledger)
        })?;
    }

    #[test]
    fn a_failure_tells_stage_and_item_and_the_others_come_out(
        shape in shapes(),
        stage in 0_usize..2,
        is_panic in any::<bool>(),
        place in 0.0..1.0_f64,
    ) {
        prop_assume!(shape.items > 0);
        let faulty = (place * shape.items as f64) as usize;
        check_failure(&shape, stage, is_panic, faulty)?;
    }

    #[test]
    fn a_slow_consumer_holds_the_bound_exactly(
        // Those who wait for room in longer queues are woken when half of it is free: there the bound need not be reached.
        queues in [1_usize..3, 1..3, 1..3],
        workers in [1_usize..4, 1..4],
        is_ordered in any::<bool>(),
    ) {
        within_a_minute("a_slow_consumer_holds_the_bound", || {
            let in_flight = InFlight::default();
            let pipeline = Pipeline::from_iter((0..60).inspect(|_| in_flight.pull()))
                .queue(queues[0])
                .stage("one", workers[0], |n| n)
                .queue(queues[1])
                .stage("two", workers[1], |n| n)
                .queue(queues[2]);
            let pipeline = if is_ordered { pipeline.ordered() } else { pipeline };
            let bound = queues.iter().sum::<usize>() + workers.iter().sum::<usize>();
            let report = pipeline.run(|_| in_flight.consume(bound)).unwrap();
            prop_assert_eq!(report.most_in_flight, bound);
            prop_assert_eq!(in_flight.most(), bound);
            Ok(())
        })?;
    }
}
