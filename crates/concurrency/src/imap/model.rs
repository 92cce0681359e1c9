//! All orders in which the consumer and the workers can meet at the ring, tried by loom. Run by `cargo xtask test --only models`.
//!
//! A batch is a number, and work on it adds [`DONE`]. That nobody sleeps for ever is checked too: loom reports a deadlock.

use loom::{sync::Arc, thread};

use super::{Next, Order, Ring};
use crate::model_checking::{check, spawn_with};

const DONE: u32 = 100;

type Numbers = Ring<u32>;

fn work(ring: &Numbers) {
    while let Some(mut claim) = ring.claim() {
        claim.batch += DONE;
        ring.complete(claim);
    }
}

fn start(ring: &Arc<Numbers>, workers: usize) -> Vec<thread::JoinHandle<()>> {
    (0..workers).map(|_| spawn_with(ring, work)).collect()
}

fn take(ring: &Numbers) -> u32 {
    loop {
        match ring.next() {
            Next::Take(batch) => return batch,
            Next::Help(mut claim) => {
                claim.batch += DONE;
                ring.complete(claim);
            }
        }
    }
}

/// Takes all of `batches` through a ring of `capacity`, as the iterator does: fill up, take one.
fn consume(ring: &Numbers, capacity: u32, batches: u32) -> Vec<u32> {
    let mut pushed = 0;
    (0..batches)
        .map(|taken| {
            while pushed < batches && pushed - taken < capacity {
                ring.push(pushed);
                pushed += 1;
            }
            take(ring)
        })
        .collect()
}

#[test]
fn loom_one_worker_gives_all_back_in_order() {
    check(3, || {
        let ring = Arc::new(Ring::new(2, Order::Pushed));
        let workers = start(&ring, 1);
        assert_eq!(consume(&ring, 2, 3), [DONE, DONE + 1, DONE + 2]);
        assert!(ring.stop().is_empty());
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

#[test]
fn loom_two_workers_give_all_back_in_order() {
    check(2, || {
        let ring = Arc::new(Ring::new(2, Order::Pushed));
        let workers = start(&ring, 2);
        assert_eq!(consume(&ring, 2, 3), [DONE, DONE + 1, DONE + 2]);
        assert!(ring.stop().is_empty());
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

#[test]
fn loom_without_order_none_is_lost_or_doubled() {
    check(2, || {
        let ring = Arc::new(Ring::new(2, Order::Completed));
        let workers = start(&ring, 2);
        let mut taken = consume(&ring, 2, 3);
        taken.sort_unstable();
        assert_eq!(taken, [DONE, DONE + 1, DONE + 2]);
        assert!(ring.stop().is_empty());
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

#[test]
fn loom_workers_end_when_the_ring_is_stopped_in_the_middle() {
    check(2, || {
        let ring = Arc::new(Ring::new(2, Order::Pushed));
        let workers = start(&ring, 2);
        ring.push(0);
        ring.push(1);
        let left = ring.stop();
        assert!(left.len() <= 2);
        for worker in workers {
            worker.join().unwrap();
        }
    });
}
