use std::{
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Duration,
};

use super::{Batch, Made, Next, Order, ParImap, Ring, State};
use crate::CoreBudget;

/// Completes what was claimed in another order than it was pushed in.
fn completed_backwards(order: Order) -> Vec<u32> {
    let ring = Ring::new(3, order);
    for batch in 0..3 {
        ring.push(batch);
    }
    let claims: Vec<_> = (0..3).filter_map(|_| ring.claim()).collect();
    for claim in claims.into_iter().rev() {
        ring.complete(claim);
    }
    (0..3)
        .map(|_| match ring.next() {
            Next::Take(batch) => batch,
            Next::Help(_) => panic!("all are completed"),
        })
        .collect()
}

#[test]
fn the_ring_keeps_the_order_that_was_asked_for() {
    assert_eq!(completed_backwards(Order::Pushed), [0, 1, 2]);
    assert_eq!(completed_backwards(Order::Completed), [2, 1, 0]);
}

#[test]
fn the_ring_tells_whether_the_next_is_there() {
    let ring = Ring::new(2, Order::Pushed);
    assert!(!ring.has_next());
    ring.push(0);
    ring.push(1);
    let (first, second) = (ring.claim().unwrap(), ring.claim().unwrap());
    ring.complete(second);
    assert!(!ring.has_next());
    ring.complete(first);
    assert!(ring.has_next());
}

#[test]
fn the_ring_asks_for_workers_only_if_the_consumer_is_not_enough() {
    let ring = Ring::new(2, Order::Pushed);
    assert!(!ring.push(0));
    assert!(ring.push(1));
}

#[test]
fn a_stopped_ring_gives_nothing_out_and_its_batches_back() {
    let ring = Ring::new(2, Order::Pushed);
    ring.push(7);
    let left: Vec<_> = ring.stop().into_iter().map(|claim| claim.batch).collect();
    assert_eq!(left, [7]);
    assert!(ring.claim().is_none());
}

/// Panics at the number 3.
fn up_to_three(n: u32) -> u32 {
    assert!(n < 3, "three");
    n
}

#[test]
fn a_batch_that_is_made_straight_knows_whose_panic_it_was() {
    let mut batch = Batch::new();
    assert!(matches!(batch.make(2, &mut (0..), up_to_three), Made::More));
    assert_eq!((batch.len, batch.results.as_slice()), (2, &[0, 1][..]));

    let mut batch = Batch::new();
    let made = batch.make(9, &mut (0..2), up_to_three);
    assert!(matches!(made, Made::InputEnded));
    assert_eq!((batch.len, batch.results.as_slice()), (2, &[0, 1][..]));

    let mut batch = Batch::new();
    assert!(matches!(batch.make(9, &mut (0..), up_to_three), Made::More));
    assert!(batch.panic.is_some());
    assert_eq!((batch.len, batch.results.as_slice()), (4, &[0, 1, 2][..]));

    let mut batch = Batch::new();
    let made = batch.make(9, &mut (0..).map(up_to_three), |n| n);
    assert!(matches!(made, Made::InputPanicked(_)));
    assert!(batch.panic.is_none());
    assert_eq!((batch.len, batch.results.as_slice()), (3, &[0, 1, 2][..]));
}

#[test]
fn a_batch_that_is_made_straight_ends_when_its_input_waits() {
    let mut late = (0..100_u32).inspect(|_| thread::sleep(Duration::from_millis(1)));
    let mut batch = Batch::new();
    let made = batch.make(10_000, &mut late, |n| n);
    assert!(matches!(made, Made::More));
    assert!((1..=16).contains(&batch.len));
    assert!(batch.results.into_iter().eq(0..batch.len as u32));
}

/// Makes the first batches item by item, as if all were cheap, which in a build without optimisation nothing is.
#[test]
fn results_that_are_made_straight_come_in_order_too() {
    let mut imap = (0..300_u32).par_imap(|n| n + 1);
    imap.run();
    let mut next = 1;
    while imap.make_straight() {
        while let Some(result) = imap.current.pop() {
            assert_eq!(result, next);
            next += 1;
        }
        imap.under_way -= std::mem::take(&mut imap.current_len);
    }
    assert_eq!(next, 301);
    assert_eq!(imap.next(), None);
}

#[test]
fn panics_of_results_that_are_made_straight_come_after_those_before() {
    let mut item = (0..10).par_imap(up_to_three);
    let mut input = (0..10).map(up_to_three).par_imap(|n| n);
    let mut taken = Vec::new();
    item.run();
    input.run();
    for _ in 0..2 {
        assert!(item.make_straight());
        taken.extend(item.current.drain(..).rev());
        item.under_way -= std::mem::take(&mut item.current_len);
        assert!(input.make_straight());
        input.under_way -= std::mem::take(&mut input.current_len);
        input.current.clear();
    }
    assert_eq!(taken, [0, 1, 2]);
    let payload = catch_unwind(AssertUnwindSafe(|| item.next())).unwrap_err();
    let panic = payload.downcast::<crate::ItemPanic>().unwrap();
    assert_eq!((panic.index, panic.message()), (3, Some("three")));
    let payload = catch_unwind(AssertUnwindSafe(|| input.next())).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"three"));
}

#[test]
fn threads_are_leased_while_they_last() {
    let four = NonZeroUsize::new(4).unwrap();
    let budget = CoreBudget::new(four);
    let imap = || {
        let mut imap = (0..1_000).par_imap(|n: u32| {
            thread::sleep(Duration::from_millis(1));
            n
        });
        imap.workers = four;
        imap.budget = Some(budget.clone());
        imap
    };
    let mut first = imap();
    assert_eq!(budget.in_use(), 0);
    assert_eq!(first.next(), Some(0));
    // All but the consumer.
    assert_eq!(budget.in_use(), 3);
    let mut second = imap();
    let mut third = imap();
    assert_eq!((second.next(), third.next()), (Some(0), Some(0)));
    // One that was free, and the one that everybody gets.
    assert_eq!(budget.in_use(), 5);
    let State::Running(running) = &third.state else {
        panic!("it has given a result")
    };
    assert_eq!((running.most_threads, running.threads.len()), (1, 1));
    assert!(first.eq(1..1_000));
    drop(second);
    assert_eq!(budget.in_use(), 1);
    drop(third);
    assert_eq!(budget.in_use(), 0);
    // Who says how many gets them, without a lease.
    let mut fixed = imap().workers(four);
    assert_eq!((fixed.next(), budget.in_use()), (Some(0), 0));
    assert!(fixed.budget.is_none());
}

#[test]
fn more_workers_than_a_system_has_threads_are_refused_at_once() {
    let most = NonZeroUsize::new(1 << 16).unwrap();
    let two = NonZeroUsize::new(2).unwrap();
    let mut imap = (0..3).par_imap(|n| n).workers(most).look_ahead(two);
    assert_eq!(imap.next(), Some(0));
    for workers in [most.saturating_add(1), NonZeroUsize::MAX] {
        let refused = catch_unwind(|| drop((0..3).par_imap(|n: u32| n).workers(workers)));
        let message = *refused.unwrap_err().downcast::<String>().unwrap();
        let expected = format!("workers is {workers}; allowed is 1 to 65536");
        assert_eq!(message, expected);
    }
}
