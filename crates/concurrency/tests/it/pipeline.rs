//! Pipelines: what they promise.

use std::{
    collections::HashSet,
    error::Error,
    fmt,
    sync::{
        Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::channel,
    },
    thread,
    time::Duration,
};

use tuneup_concurrency::{Pipeline, PipelineEnd, PipelineError, StagePanic};

use crate::parallel::within_a_minute;

#[cfg(feature = "async")]
mod asynchronous;
mod failures;
mod in_flight;
mod properties;
mod stopping;

#[derive(Debug, PartialEq)]
struct Refused(usize);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused {}", self.0)
    }
}

impl Error for Refused {}

#[test]
fn nothing_in_nothing_out() {
    within_a_minute("nothing_in_nothing_out", || {
        let report = Pipeline::from_iter(Vec::<u8>::new())
            .stage("idle", 3, |n| n)
            .ordered()
            .run(|_| panic!("there is no item"))
            .unwrap();
        assert_eq!(report.end, PipelineEnd::Completed);
        assert_eq!(report.bottleneck(), None);
        assert_eq!((report.source.items, report.output.items), (0, 0));
    });
}

#[test]
fn workers_of_a_stage_work_at_the_same_time() {
    within_a_minute("workers_of_a_stage", || {
        let barrier = Barrier::new(3);
        let names = Mutex::new(HashSet::new());
        let results = Pipeline::from_iter(0..3)
            .stage("meet", 3, |n| {
                names
                    .lock()
                    .unwrap()
                    .insert(thread::current().name().map(str::to_owned));
                barrier.wait();
                n
            })
            .ordered()
            .collect()
            .unwrap();
        assert_eq!(results, [0, 1, 2]);
        assert_eq!(
            *names.lock().unwrap(),
            HashSet::from([Some("meet".to_owned())])
        );
    });
}

#[test]
fn an_item_that_is_very_late_does_not_stop_the_order() {
    within_a_minute("an_item_that_is_very_late", || {
        // The first item is done when all places but its own were taken by later ones, which wait for it at the end.
        let pulled = AtomicUsize::new(0);
        let items = (0..100).inspect(|_| {
            pulled.fetch_add(1, Ordering::SeqCst);
        });
        let results = Pipeline::from_iter(items)
            .queue(1)
            .stage("late", 2, |n| {
                while n == 0 && pulled.load(Ordering::SeqCst) < 4 {
                    thread::yield_now();
                }
                n
            })
            .queue(1)
            .ordered()
            .collect()
            .unwrap();
        assert!(results.into_iter().eq(0..100));
    });
}

#[test]
fn a_source_may_wait_for_the_results() {
    within_a_minute("a_source_may_wait", || {
        let (sender, receiver) = channel();
        sender.send(0_u32).unwrap();
        let mut sender = Some(sender);
        let mut last = 0;
        Pipeline::from_iter(receiver)
            .stage("add", 2, |n| n + 1)
            .run(|n| {
                last = n;
                if n == 2_000 {
                    sender = None;
                }
                if let Some(sender) = &sender {
                    sender.send(n).unwrap();
                }
            })
            .unwrap();
        assert_eq!(last, 2_000);
    });
}

#[test]
fn the_slow_stage_is_the_bottleneck_and_the_others_wait() {
    within_a_minute("the_slow_stage_is_the_bottleneck", || {
        let report = Pipeline::from_iter(0..30)
            .queue(2)
            .stage("fast", 1, |n| n)
            .queue(2)
            .stage("slow", 2, |n| {
                thread::sleep(Duration::from_millis(4));
                n
            })
            .stage("idle", 1, |n| n)
            .run(drop)
            .unwrap();
        let bottleneck = report.bottleneck().unwrap();
        assert_eq!((bottleneck.stage.as_str(), bottleneck.workers), ("slow", 2));
        assert!(bottleneck.workers_needed.unwrap() >= 2);
        let [fast, slow, idle] = &report.stages[..] else {
            panic!("three stages");
        };
        assert!(slow.busy >= Duration::from_millis(120));
        assert!(fast.blocked > fast.starved && idle.starved > idle.blocked);
        assert!(slow.mean_queue_depth > idle.mean_queue_depth);
        assert!(report.source.blocked > report.source.busy);
    });
}

#[cfg(feature = "serde")]
#[test]
fn a_report_is_written_and_read_with_its_times_in_nanoseconds() {
    let report = Pipeline::from_iter(0..3)
        .stage("add", 2, |n| n + 1)
        .run(drop)
        .unwrap();
    let written = serde_json::to_value(&report).unwrap();
    assert_eq!(written["end"], "completed");
    assert_eq!(written["stages"][0]["items"], 3);
    assert_eq!(
        written["elapsed_ns"].as_u64().map(Duration::from_nanos),
        Some(report.elapsed)
    );
    let read: tuneup_concurrency::PipelineReport = serde_json::from_value(written).unwrap();
    assert_eq!(read, report);
}

#[test]
fn pipelines_in_stages_of_pipelines() {
    within_a_minute("pipelines_in_stages", || {
        let sums = Pipeline::from_iter(0..30_u64)
            .queue(1)
            .stage("outer", 3, |n| {
                let inner = Pipeline::from_iter(0..n)
                    .queue(1)
                    .stage("inner", 2, move |m| m * n);
                inner.collect().unwrap().iter().sum::<u64>()
            })
            .ordered()
            .collect()
            .unwrap();
        assert!(
            sums.into_iter()
                .eq((0..30).map(|n| (0..n).sum::<u64>() * n))
        );
    });
}

#[test]
fn what_goes_between_threads_may() {
    fn is_error<T: Error + Send + Sync + 'static>() {}
    fn is_send<T: Send>(_: &T) {}
    is_error::<PipelineError>();
    is_error::<StagePanic>();
    let pipeline = Pipeline::from_iter([1]).stage("pass", 1, |n| n);
    is_send(&pipeline);
    is_send(&pipeline.handle());
}
