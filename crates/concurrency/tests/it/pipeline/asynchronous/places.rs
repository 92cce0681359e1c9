//! How many futures are in flight, and that they are always polled.

use std::{
    future::poll_fn,
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    thread,
    time::Duration,
};

use futures_util::stream;
use tokio::{sync::Barrier as Meeting, task::yield_now, time::sleep};
use tuneup_concurrency::Pipeline;

use super::super::in_flight::InFlight;
use crate::parallel::within_a_minute;

#[test]
fn as_many_as_the_limit_are_in_flight_and_no_more() {
    within_a_minute("as_many_as_the_limit", || {
        // Nobody goes on before five are there.
        let meeting = Meeting::new(5);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Pipeline::from_iter(0..50)
            .async_stage("meet", 5, |_| async {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                meeting.wait().await;
                now.fetch_sub(1, Ordering::SeqCst);
            })
            .collect()
            .unwrap();
        assert_eq!(most.into_inner(), 5);
    });
}

/// The stall of `buffered`: there, nothing is polled while the consumer works on what it has got.
#[test]
fn a_consumer_that_works_does_not_keep_futures_from_being_polled() {
    within_a_minute("a_consumer_that_works", || {
        let meeting = Barrier::new(2);
        let begun = AtomicUsize::new(0);
        let mut is_first = true;
        let results = Pipeline::from_iter(0..10_u32)
            .async_stage("wait", 3, |n| {
                begun.fetch_add(1, Ordering::SeqCst);
                let (meeting, begun) = (&meeting, &begun);
                async move {
                    if n == 2 {
                        // Then the first two have gone on and fill the consumer and the queue, and two others wait for room.
                        while begun.load(Ordering::SeqCst) < 5 {
                            yield_now().await;
                        }
                        meeting.wait();
                    }
                    n
                }
            })
            .queue(1);
        let mut out = Vec::new();
        results
            .run(|n| {
                if std::mem::take(&mut is_first) {
                    meeting.wait();
                }
                out.push(n);
            })
            .unwrap();
        out.sort_unstable();
        assert!(out.into_iter().eq(0..10));
    });
}

#[test]
fn a_slow_consumer_holds_the_bound_exactly() {
    within_a_minute("a_slow_consumer_holds_the_bound", || {
        for is_ordered in [false, true] {
            let in_flight = InFlight::default();
            let items = (0..60).inspect(|_| in_flight.pull());
            let pipeline = Pipeline::from_stream(stream::iter(items))
                .queue(2)
                .async_stage("one", 3, |n| async move {
                    yield_now().await;
                    n
                })
                .queue(1)
                .stage("two", 1, |n| n)
                .queue(1)
                .async_stage("three", 2, std::future::ready)
                .queue(1);
            let pipeline = if is_ordered {
                pipeline.ordered()
            } else {
                pipeline
            };
            let bound = 2 + 3 + 1 + 1 + 1 + 2 + 1;
            let report = pipeline.run(|_| in_flight.consume(bound)).unwrap();
            assert_eq!(report.most_in_flight, bound);
            assert_eq!(in_flight.most(), bound);
        }
    });
}

#[test]
fn results_that_wait_for_room_count_as_in_flight() {
    within_a_minute("results_that_wait_for_room", || {
        let (pulled, begun) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items = (0..100).inspect(|_| {
            pulled.fetch_add(1, Ordering::SeqCst);
        });
        let mut most = None;
        Pipeline::from_iter(items)
            .queue(2)
            .async_stage("pass", 2, |n| {
                begun.fetch_add(1, Ordering::SeqCst);
                std::future::ready(n)
            })
            .queue(1)
            .run(|_| {
                if most.is_none() {
                    // All places are taken: one here, one in the queue, two in the stage, one before it.
                    while pulled.load(Ordering::SeqCst) < 5 || begun.load(Ordering::SeqCst) < 4 {
                        thread::yield_now();
                    }
                    // Time for more to begin, which should not.
                    thread::sleep(Duration::from_millis(20));
                    most = Some(begun.load(Ordering::SeqCst));
                }
            })
            .unwrap();
        assert_eq!(most, Some(4));
    });
}

/// Futures that are ready at once and those that wake themselves leave room for the others of the runtime.
#[test]
fn a_stage_that_never_sleeps_lets_timers_of_another_fire() {
    within_a_minute("a_stage_that_never_sleeps", || {
        let has_slept = AtomicUsize::new(0);
        let report = Pipeline::from_iter(0..2)
            .async_stage("spin", 2, |n| {
                let has_slept = &has_slept;
                poll_fn(move |context| {
                    if n == 0 || has_slept.load(Ordering::SeqCst) > 0 {
                        return Poll::Ready(n);
                    }
                    context.waker().wake_by_ref();
                    Poll::Pending
                })
            })
            .async_stage("sleep", 1, |_| async {
                sleep(Duration::from_millis(1)).await;
                has_slept.store(1, Ordering::SeqCst);
            })
            .run(|()| {})
            .unwrap();
        assert_eq!(report.output.items, 2);
    });
}
