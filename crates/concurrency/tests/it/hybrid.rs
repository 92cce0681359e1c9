//! Fetching and computing, one behind the other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use tokio::time::sleep;
use tuneup_concurrency::{Failure, hybrid};

use crate::{amounts::count, watchdog::Watchdog};

/// Counts who is inside, and how many were at most.
#[derive(Default)]
struct Room {
    inside: AtomicUsize,
    most: AtomicUsize,
}

impl Room {
    fn enter(&self) {
        self.most
            .fetch_max(self.inside.fetch_add(1, SeqCst) + 1, SeqCst);
    }

    fn leave(&self) {
        self.inside.fetch_sub(1, SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_come_in_order_within_the_limits() {
    let _watchdog = Watchdog::of("results_come_in_order_within_the_limits");
    let (fetching, computing) = (Arc::new(Room::default()), Arc::new(Room::default()));
    let (fetched, computed) = (Arc::clone(&fetching), Arc::clone(&computing));
    let results = hybrid(0..200_u64)
        .fetch(count(5), move |number| {
            let room = Arc::clone(&fetched);
            async move {
                room.enter();
                sleep(Duration::from_micros(number * 7 % 900)).await;
                room.leave();
                number
            }
        })
        .compute(count(1), move |number| {
            computed.enter();
            std::thread::yield_now();
            computed.leave();
            number * 2
        });
    let results = results.collect().await.unwrap();
    assert_eq!(
        results,
        (0..200).map(|number| number * 2).collect::<Vec<_>>()
    );
    assert_eq!(fetching.most.load(SeqCst), 5);
    assert_eq!(computing.most.load(SeqCst), 1);
}

#[tokio::test]
async fn slow_consumer_holds_all_back() {
    let _watchdog = Watchdog::of("slow_consumer_holds_all_back");
    let pulled = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&pulled);
    let items = (0..100).inspect(move |_| {
        counted.fetch_add(1, SeqCst);
    });
    let mut results = hybrid(items)
        .fetch(count(3), std::future::ready)
        .compute(count(2), |number| number);
    assert_eq!(pulled.load(SeqCst), 0);
    for taken in 0..20 {
        assert_eq!(results.next().await.unwrap().unwrap(), taken);
        sleep(Duration::from_micros(100)).await;
        assert_eq!(pulled.load(SeqCst), 3 + 2 * 2 + taken);
    }
}

#[tokio::test]
async fn panics_are_errors_with_their_index() {
    let _watchdog = Watchdog::of("panics_are_errors_with_their_index");
    let mut results = hybrid(0..6_usize)
        .fetch(count(2), |number| async move {
            assert!(number != 2, "fetching");
            number
        })
        .compute(count(2), |number| {
            assert!(number != 4, "computing");
            number
        });
    for index in 0..6_usize {
        match results.next().await.unwrap() {
            Ok(number) => assert_eq!(number, index),
            Err(error) => {
                assert_eq!(error.index, index);
                let Failure::Panicked(panic) = error.source else {
                    panic!("it panicked");
                };
                assert_eq!(
                    panic.message(),
                    if index == 2 { "fetching" } else { "computing" }
                );
            }
        }
    }
    assert!(results.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn dropping_cancels_what_is_fetched() {
    let _watchdog = Watchdog::of("dropping_cancels_what_is_fetched");
    let computed = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&computed);
    let mut results = hybrid(0..10)
        .fetch(count(4), |number| async move {
            sleep(Duration::from_secs(1)).await;
            number
        })
        .compute(count(2), move |_| counted.fetch_add(1, SeqCst));
    assert!(
        tokio::time::timeout(Duration::from_millis(10), results.next())
            .await
            .is_err()
    );
    drop(results);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(computed.load(SeqCst), 0);
}
