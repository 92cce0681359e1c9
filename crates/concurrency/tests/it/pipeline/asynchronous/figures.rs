//! What the report says of stages of futures.

use std::{thread, time::Duration};

use tokio::time::sleep;
use tuneup_concurrency::Pipeline;

use crate::parallel::within_a_minute;

#[test]
fn a_stage_that_waits_is_the_bottleneck_and_asks_for_more_in_flight() {
    within_a_minute("a_stage_that_waits", || {
        let report = Pipeline::from_iter(0..40)
            .queue(4)
            .async_stage("fetch", 2, |n| async move {
                sleep(Duration::from_millis(4)).await;
                n
            })
            .stage("pass", 1, |n| n)
            .run(drop)
            .unwrap();
        let fetch = &report.stages[0];
        assert!(fetch.is_async && !report.stages[1].is_async);
        // Each was in flight for so long at least.
        assert!(fetch.busy >= Duration::from_millis(40 * 4));
        let all = fetch.busy + fetch.starved + fetch.blocked;
        assert!(all <= report.elapsed * 2);
        assert!(fetch.utilisation() > 0.5);
        assert!(fetch.polling < fetch.busy / 2);
        assert!(report.source.blocked > report.source.busy);
        let bottleneck = report.bottleneck().unwrap();
        assert_eq!(
            (bottleneck.stage.as_str(), bottleneck.workers),
            ("fetch", 2)
        );
        assert!(bottleneck.is_async);
        assert!(bottleneck.workers_needed > Some(2));
        let line = bottleneck.to_string();
        assert!(line.contains("of at most 2 are in flight"), "{line}");
    });
}

#[test]
fn futures_that_wait_for_room_are_blocked() {
    within_a_minute("futures_that_wait_for_room", || {
        let report = Pipeline::from_iter(0..30)
            .async_stage("fast", 3, std::future::ready)
            .queue(1)
            .run(|_| thread::sleep(Duration::from_millis(2)))
            .unwrap();
        let fast = &report.stages[0];
        assert!(fast.blocked > fast.busy + fast.starved);
        assert_eq!(report.bottleneck().unwrap().stage, "output");
    });
}

#[test]
fn futures_that_compute_are_told_to_go_to_threads() {
    within_a_minute("futures_that_compute", || {
        let report = Pipeline::from_iter(0..20)
            .async_stage("compute", 4, |n| async move {
                // Stands for computing: it holds the thread.
                thread::sleep(Duration::from_millis(2));
                n
            })
            .run(drop)
            .unwrap();
        assert!(report.stages[0].polling >= Duration::from_millis(20 * 2));
        let bottleneck = report.bottleneck().unwrap();
        assert_eq!(bottleneck.stage, "compute");
        // More in flight would not help.
        assert_eq!(bottleneck.workers_needed, None);
        let line = bottleneck.to_string();
        assert!(line.contains("a stage of threads"), "{line}");
    });
}
