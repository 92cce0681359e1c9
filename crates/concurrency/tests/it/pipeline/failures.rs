//! Errors and panics, wherever they happen.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use tuneup_concurrency::{Pipeline, PipelineEnd, StagePanic};

use super::Refused;
use crate::parallel::{Ledger, within_a_minute};

fn wait_for(counter: &AtomicUsize, least: usize) {
    while counter.load(Ordering::SeqCst) < least {
        thread::yield_now();
    }
}

#[test]
fn a_panic_of_the_source_is_an_error_with_its_item() {
    within_a_minute("a_panic_of_the_source", || {
        let mut out = Vec::new();
        let items = (0..).inspect(|n| assert!(*n != 5, "no five"));
        let error = Pipeline::from_iter(items)
            .stage("pass", 2, |n| n)
            .ordered()
            .run(|n| out.push(n))
            .unwrap_err();
        assert_eq!((error.stage.as_str(), error.index), ("source", Some(5)));
        assert_eq!(out, [0, 1, 2, 3, 4]);
        assert_eq!(
            error.source.downcast_ref::<StagePanic>().unwrap().message(),
            Some("no five")
        );
        assert_eq!(error.report.end, PipelineEnd::Drained);
    });
}

#[test]
fn a_panic_of_the_output_goes_on_and_nothing_is_lost() {
    within_a_minute("a_panic_of_the_output", || {
        let ledger = Ledger::new(200);
        let caught = catch_unwind(AssertUnwindSafe(|| {
            Pipeline::from_iter((0..200).map(|n| ledger.value(n)))
                .queue(3)
                .stage("pass", 2, |item| item)
                .queue(2)
                .ordered()
                .run(|item| assert!(item.number != 50, "no fifty"))
        }));
        let payload = caught.unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"no fifty"));
        let drops = ledger.drops();
        assert!(drops.iter().all(|drops| *drops <= 1));
        assert!(drops[..51].iter().all(|drops| *drops == 1));
    });
}

#[test]
fn a_panic_in_the_drop_of_an_item_is_no_hang() {
    struct Bad(u32);
    impl Drop for Bad {
        fn drop(&mut self) {
            assert!(self.0 != 7 || thread::panicking(), "bad drop");
        }
    }
    within_a_minute("a_panic_in_the_drop", || {
        let error = Pipeline::from_iter((0..1000).map(Bad))
            .queue(1)
            .stage("drop", 1, drop)
            .queue(1)
            .collect()
            .unwrap_err();
        assert_eq!((error.stage.as_str(), error.index), ("drop", Some(7)));
    });
}

#[test]
fn a_panic_in_the_drop_of_the_source_is_no_hang() {
    struct Bad(std::ops::Range<u32>);
    impl Iterator for Bad {
        type Item = u32;

        fn next(&mut self) -> Option<u32> {
            self.0.next()
        }
    }
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("bad drop");
        }
    }
    within_a_minute("a_panic_in_the_drop_of_the_source", || {
        let pipeline = Pipeline::from_iter(Bad(0..100)).stage("pass", 2, |n| n);
        let handle = pipeline.handle();
        assert!(catch_unwind(AssertUnwindSafe(|| pipeline.collect())).is_err());
        // Nobody waited for the thread that had ended like this.
        assert!(handle.is_cancelled());
    });
}

#[test]
fn options_out_of_range_are_errors() {
    let no_workers = Pipeline::from_iter([1]).stage("none", 0, |n| n).collect();
    let error = no_workers.unwrap_err();
    assert_eq!(error.to_string(), "stage none cannot begin");
    assert_eq!(
        error.source.to_string(),
        "workers is 0; allowed is 1 to 65536"
    );
    let no_queue = Pipeline::from_iter([1]).queue(0).collect().unwrap_err();
    assert_eq!((no_queue.stage.as_str(), no_queue.index), ("source", None));
}

#[test]
fn all_workers_of_a_stage_may_panic_at_every_item() {
    within_a_minute("all_workers_of_a_stage_may_panic", || {
        let error = Pipeline::from_iter(0..10_000)
            .queue(1)
            .stage("panic", 2, |n: u32| -> u32 { panic!("{n}") })
            .queue(1)
            .stage("after", 2, |n| n)
            .ordered()
            .collect()
            .unwrap_err();
        assert_eq!(error.stage, "panic");
        assert!(error.report.source.items < 10_000);
        assert_eq!(error.report.output.items, error.report.source.items);
        assert_eq!(error.report.end, PipelineEnd::Drained);
    });
}

/// Two fail: the first item, only after the second has failed.
#[test]
fn the_first_failure_in_time_is_reported_and_not_that_of_the_first_item() {
    within_a_minute("the_first_failure_in_time", || {
        let (pulled, begun) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items = (0..3).inspect(|_| {
            pulled.fetch_add(1, Ordering::SeqCst);
        });
        let error = Pipeline::from_iter(items)
            .try_stage("fail", 2, |n| {
                begun.fetch_add(1, Ordering::SeqCst);
                match n {
                    // The worker that begins the third item has failed at the second one before.
                    0 => wait_for(&begun, 3),
                    1 => wait_for(&pulled, 3),
                    _ => return Ok(()),
                }
                Err(Refused(n))
            })
            .ordered()
            .collect()
            .unwrap_err();
        assert_eq!((error.stage.as_str(), error.index), ("fail", Some(1)));
        assert_eq!(error.source.downcast_ref(), Some(&Refused(1)));
    });
}

#[test]
fn the_first_failure_in_time_may_be_that_of_a_later_stage() {
    within_a_minute("the_first_failure_may_be_later", || {
        let (early, late) = (AtomicUsize::new(0), AtomicUsize::new(0));
        // Queues of one item: each goes on before the next is taken.
        let error = Pipeline::from_iter(0..20)
            .queue(1)
            .try_stage("early", 1, |n| {
                early.store(n, Ordering::SeqCst);
                if n == 7 {
                    // Its worker has failed at item 5 then.
                    wait_for(&late, 6);
                    return Err(Refused(n));
                }
                Ok(n)
            })
            .queue(1)
            .try_stage("late", 1, |n| {
                late.store(n, Ordering::SeqCst);
                if n == 5 {
                    wait_for(&early, 7);
                    return Err(Refused(n));
                }
                Ok(n)
            })
            .queue(1)
            .collect()
            .unwrap_err();
        assert_eq!((error.stage.as_str(), error.index), ("late", Some(5)));
    });
}
