//! Pipelines of threads and futures, in any mixture, against loops.

use futures_util::stream;
use proptest::prelude::*;
use tokio::task::yield_now;
use tuneup_concurrency::{Pipeline, PipelineEnd, PipelineError};

use super::{
    super::{Refused, properties::check_output},
    one_thread,
};
use crate::parallel::{Counted, Ledger, within_a_minute};

/// How a pipeline is put together.
#[derive(Debug, Clone)]
struct Shape {
    items: usize,
    is_stream: bool,
    /// Of futures, and how many at a time.
    stages: [(bool, usize); 2],
    queues: [usize; 3],
    is_ordered: bool,
    is_awaited: bool,
}

fn shapes() -> impl Strategy<Value = Shape> {
    let items = prop_oneof![Just(0), 1_usize..5, 0_usize..400];
    let queue = || prop_oneof![Just(1), Just(2), 3_usize..40];
    let stage = || (any::<bool>(), prop_oneof![1_usize..4, 1_usize..40]);
    let flags = [any::<bool>(), any::<bool>(), any::<bool>()];
    (
        items,
        [stage(), stage()],
        [queue(), queue(), queue()],
        flags,
    )
        .prop_map(|(items, stages, queues, flags)| Shape {
            items,
            is_stream: flags[0],
            // Of the threads, no more than a few.
            stages: stages.map(|(is_async, n)| (is_async, if is_async { n } else { n.min(3) })),
            queues,
            is_ordered: flags[1],
            is_awaited: flags[2],
        })
}

/// Which item fails in which stage, by an error or a panic.
#[derive(Debug, Clone, Copy)]
struct Fault {
    stage: usize,
    item: usize,
    is_panic: bool,
}

fn check(fault: Option<Fault>, stage: usize, item: Counted) -> Result<Counted, Refused> {
    match fault {
        Some(fault) if (fault.stage, fault.item) == (stage, item.number) => {
            assert!(!fault.is_panic, "item {}", fault.item);
            Err(Refused(fault.item))
        }
        _ => Ok(item),
    }
}

fn add(
    pipeline: Pipeline<'static, Counted>,
    number: usize,
    (is_async, workers): (bool, usize),
    fault: Option<Fault>,
) -> Pipeline<'static, Counted> {
    let name = format!("stage {number}");
    if is_async {
        pipeline.try_async_stage(name, workers, move |item: Counted| async move {
            for _ in 0..item.number % 4 {
                yield_now().await;
            }
            check(fault, number, item)
        })
    } else {
        pipeline.try_stage(name, workers, move |item| check(fault, number, item))
    }
}

fn run(
    shape: &Shape,
    ledger: &std::sync::Arc<Ledger>,
    fault: Option<Fault>,
) -> (Vec<usize>, Result<PipelineEnd, PipelineError>) {
    let source = {
        let ledger = std::sync::Arc::clone(ledger);
        (0..shape.items).map(move |number| ledger.value(number))
    };
    let mut pipeline = if shape.is_stream {
        Pipeline::from_stream(stream::iter(source))
    } else {
        Pipeline::from_iter(source)
    };
    for (number, stage) in shape.stages.into_iter().enumerate() {
        pipeline = add(pipeline.queue(shape.queues[number]), number, stage, fault);
    }
    pipeline = pipeline.queue(shape.queues[2]);
    if shape.is_ordered {
        pipeline = pipeline.ordered();
    }
    let (sender, out) = std::sync::mpsc::channel();
    let send = move |item: Counted| sender.send(item.number).unwrap();
    let result = if shape.is_awaited {
        one_thread().block_on(pipeline.run_async(send))
    } else {
        pipeline.run(send)
    };
    let result = result.map(|report| report.end);
    (out.into_iter().collect(), result)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn all_items_come_out_once_and_in_order_if_asked(shape in shapes()) {
        within_a_minute("all_items_come_out_of_futures", || {
            let ledger = Ledger::new(shape.items);
            let (out, result) = run(&shape, &ledger, None);
            prop_assert_eq!(result.unwrap(), PipelineEnd::Completed);
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
        let item = (place * shape.items as f64) as usize;
        within_a_minute("a_failure_of_futures", || {
            let ledger = Ledger::new(shape.items);
            let (out, result) = run(&shape, &ledger, Some(Fault { stage, item, is_panic }));
            let error = result.unwrap_err();
            prop_assert_eq!(&error.stage, &format!("stage {stage}"));
            prop_assert_eq!(error.index, Some(item));
            prop_assert_eq!(error.source.is::<Refused>(), !is_panic);
            let pulled = error.report.source.items as usize;
            check_output(out, shape.is_ordered, pulled, Some(item), &ledger)
        })?;
    }
}
