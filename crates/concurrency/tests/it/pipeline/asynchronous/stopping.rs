//! Cancel and drain, while futures wait that would never be ready.

use std::{
    future::pending,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::channel,
    },
    thread,
    time::Duration,
};

use futures_util::stream;
use tuneup_concurrency::{Pipeline, PipelineEnd};

use super::one_thread;
use crate::parallel::{Ledger, within_a_minute};

#[test]
fn cancel_drops_what_is_in_flight() {
    within_a_minute("cancel_drops_what_is_in_flight", || {
        let ledger = Ledger::new(100);
        let begun = AtomicUsize::new(0);
        let pipeline = Pipeline::from_iter((0..100).map(|n| ledger.value(n)))
            .queue(1)
            .async_stage("wait", 3, |item| {
                begun.fetch_add(1, Ordering::SeqCst);
                async move {
                    pending::<()>().await;
                    drop(item);
                }
            });
        let handle = pipeline.handle();
        let report = thread::scope(|scope| {
            scope.spawn(|| {
                while begun.load(Ordering::SeqCst) < 3 {
                    thread::yield_now();
                }
                handle.cancel();
            });
            pipeline.run(|()| {}).unwrap()
        });
        assert_eq!(report.end, PipelineEnd::Cancelled);
        assert_eq!(report.output.items, 0);
        let pulled = report.source.items as usize;
        assert!(ledger.drops()[..pulled].iter().all(|drops| *drops == 1));
    });
}

#[test]
fn a_panic_in_the_drop_of_a_cancelled_future_is_no_abort() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("bad drop");
        }
    }
    within_a_minute("a_panic_in_the_drop_of_a_future", || {
        let pipeline = Pipeline::from_iter(0..5).async_stage("wait", 4, |n| async move {
            let _bad = (n < 3).then(|| Bad);
            if n < 3 {
                pending::<()>().await;
            }
        });
        let handle = pipeline.handle();
        let report = pipeline.run(|()| handle.cancel()).unwrap();
        assert_eq!(report.end, PipelineEnd::Cancelled);
    });
}

#[test]
fn a_stream_that_waits_is_dropped_when_the_pipeline_is_stopped() {
    within_a_minute("a_stream_that_waits", || {
        for is_drained in [false, true] {
            let first = stream::iter([0]);
            let never = stream::poll_fn(|_| std::task::Poll::<Option<u32>>::Pending);
            let pipeline = Pipeline::from_stream(futures_util::StreamExt::chain(first, never))
                .stage("pass", 2, |n| n);
            let handle = pipeline.handle();
            let report = pipeline
                .run(|_| {
                    if is_drained {
                        handle.drain();
                    } else {
                        handle.cancel();
                    }
                })
                .unwrap();
            let ends = [PipelineEnd::Cancelled, PipelineEnd::Drained];
            assert_eq!(report.end, ends[usize::from(is_drained)]);
            assert_eq!(report.source.items, 1);
        }
    });
}

#[test]
fn a_run_that_is_no_longer_awaited_is_cancelled() {
    within_a_minute("a_run_that_is_no_longer_awaited", || {
        let (sender, ended) = channel::<()>();
        let pipeline = Pipeline::from_iter(0_u64..)
            .async_stage("wait", 2, |n| async move {
                if n > 100 {
                    pending::<()>().await;
                }
                n
            })
            .stage("pass", 2, move |n| {
                let _kept = &sender;
                n
            });
        let handle = pipeline.handle();
        one_thread().block_on(async move {
            let run = pipeline.run_async(drop);
            assert!(
                tokio::time::timeout(Duration::from_millis(20), run)
                    .await
                    .is_err()
            );
        });
        assert!(handle.is_cancelled());
        // All closures are gone, and so the threads that had them.
        assert!(ended.recv().is_err());
    });
}

#[test]
fn drain_waits_for_what_is_in_flight() {
    within_a_minute("drain_waits_for_what_is_in_flight", || {
        let pipeline = Pipeline::from_iter(0_usize..)
            .async_stage("sleep", 4, |n| async move {
                tokio::time::sleep(Duration::from_micros(300)).await;
                n
            })
            .ordered();
        let handle = pipeline.handle();
        let mut out = Vec::new();
        let report = pipeline
            .run(|n| {
                out.push(n);
                if n == 20 {
                    handle.drain();
                }
            })
            .unwrap();
        assert_eq!(report.end, PipelineEnd::Drained);
        assert!(out.into_iter().eq(0..report.source.items as usize));
    });
}
