//! Cancel and drain.

use std::{
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::channel,
    },
    thread,
    time::Duration,
};

use tuneup_concurrency::{Pipeline, PipelineEnd};

use crate::parallel::{Ledger, within_a_minute};

#[test]
fn cancel_wakes_sleepers_and_drops_what_waits() {
    within_a_minute("cancel_wakes_sleepers", || {
        let ledger = Ledger::new(1_000);
        let out = AtomicUsize::new(0);
        let pipeline = Pipeline::from_iter((0..1_000).map(|n| ledger.value(n)))
            .queue(2)
            .stage("pass", 3, |item| item)
            .queue(2);
        let handle = pipeline.handle();
        let report = pipeline
            .run(|_| {
                out.fetch_add(1, Ordering::SeqCst);
                // Everybody else sleeps by now or will, because the queues are full.
                thread::sleep(Duration::from_millis(20));
                handle.cancel();
            })
            .unwrap();
        assert_eq!(report.end, PipelineEnd::Cancelled);
        assert!(handle.is_cancelled());
        assert_eq!(out.into_inner(), 1);
        let pulled = report.source.items as usize;
        assert!(pulled <= report.most_in_flight);
        assert!(ledger.drops()[..pulled].iter().all(|drops| *drops == 1));
    });
}

#[test]
fn cancel_wakes_those_who_starve() {
    within_a_minute("cancel_wakes_those_who_starve", || {
        let (sender, receiver) = channel::<u32>();
        let pipeline = Pipeline::from_iter(receiver).stage("starve", 3, |n| n);
        let handle = pipeline.handle();
        let canceller = thread::spawn(move || {
            // Time for all workers to sleep, which nobody can see from here.
            thread::sleep(Duration::from_millis(20));
            handle.cancel();
            // The source is in its `next`: it ends with the channel.
            drop(sender);
        });
        assert!(pipeline.collect().unwrap().is_empty());
        canceller.join().unwrap();
    });
}

#[test]
fn cancelled_before_it_runs_it_does_nothing() {
    within_a_minute("cancelled_before_it_runs", || {
        let is_called = AtomicBool::new(false);
        let pipeline = Pipeline::from_iter(0..10).stage("never", 2, |_| {
            is_called.store(true, Ordering::SeqCst);
        });
        pipeline.handle().cancel();
        let report = pipeline.run(drop).unwrap();
        assert_eq!(report.end, PipelineEnd::Cancelled);
        assert_eq!(report.source.items, 0);
        assert!(!is_called.into_inner());
    });
}

#[test]
fn drain_lets_everything_out_that_was_pulled() {
    within_a_minute("drain_lets_everything_out", || {
        let pipeline = Pipeline::from_iter(0_usize..)
            .stage("pass", 3, |n| n)
            .ordered();
        let handle = pipeline.handle();
        let mut out = Vec::new();
        let report = pipeline
            .run(|n| {
                out.push(n);
                if n == 1_000 {
                    handle.drain();
                }
            })
            .unwrap();
        assert_eq!(report.end, PipelineEnd::Drained);
        assert!(out.len() > 1_000);
        assert_eq!(out.len() as u64, report.source.items);
        assert!(out.into_iter().eq(0..report.source.items as usize));
    });
}
