//! Who is woken for which slot, one step at a time.

use std::cell::Cell;

use super::*;

fn slot(index: u32) -> Taken {
    let filled = true;
    Taken { index, filled }
}

fn enter(waiting: &Waiting) -> u64 {
    waiting.enter(&Arc::default())
}

/// Gives a slot back. Whether it became free for all.
fn give(waiting: &Waiting, index: u32) -> bool {
    let put = Cell::new(None);
    waiting.hand_over(slot(index), |taken| put.set(Some(taken)));
    assert!(put.get().is_none_or(|taken| taken == slot(index)));
    put.get().is_some()
}

/// The waiter looks for a slot, and finds none but what it was handed; with that it leaves.
fn look(waiting: &Waiting, ticket: u64) -> Option<Taken> {
    let mut queue = waiting.lock();
    let found = queue.look(ticket, || None)?;
    queue.leave(ticket);
    Some(found)
}

fn woken(waiting: &Waiting) -> Vec<bool> {
    let queue = waiting.lock();
    queue.waiters.iter().map(|waiter| waiter.woken).collect()
}

#[test]
fn each_slot_wakes_one_waiter_more() {
    let waiting = Waiting::new();
    let _ = [enter(&waiting), enter(&waiting)];
    assert!(give(&waiting, 0));
    assert_eq!(woken(&waiting), [true, false]);
    // The first is still about to take slot 0.
    assert!(give(&waiting, 1));
    assert_eq!(woken(&waiting), [true, true]);
    assert!(give(&waiting, 2));
}

#[test]
fn who_was_overtaken_is_handed_the_next_slot() {
    let waiting = Waiting::new();
    let [first, second] = [enter(&waiting), enter(&waiting)];
    assert!(give(&waiting, 0));
    assert_eq!(look(&waiting, first), None);
    assert!(!give(&waiting, 1));
    // It has not fetched slot 1 yet, and gets no other.
    assert!(give(&waiting, 2));
    assert_eq!(woken(&waiting), [false, true]);
    assert_eq!(look(&waiting, first), Some(slot(1)));
    assert_eq!(look(&waiting, second), None);
    assert!(!give(&waiting, 3));
    assert_eq!(look(&waiting, second), Some(slot(3)));
}

#[test]
fn of_the_overtaken_the_first_is_served_first() {
    let waiting = Waiting::new();
    let [first, second] = [enter(&waiting), enter(&waiting)];
    assert!(give(&waiting, 0) && give(&waiting, 1));
    assert_eq!(look(&waiting, second), None);
    assert_eq!(look(&waiting, first), None);
    assert!(!give(&waiting, 2));
    assert_eq!(look(&waiting, second), None);
    assert_eq!(look(&waiting, first), Some(slot(2)));
}

/// Were it handed a second slot, nobody would be awake for the first.
#[test]
fn who_was_woken_is_not_handed_a_slot_as_well() {
    let waiting = Waiting::new();
    let [first, _second] = [enter(&waiting), enter(&waiting)];
    assert!(give(&waiting, 0));
    assert_eq!(look(&waiting, first), None);
    waiting.wake_one();
    assert!(give(&waiting, 1));
    assert_eq!(woken(&waiting), [true, true]);
    assert_eq!(look(&waiting, first), None);
}

/// As where the kernel refuses the barrier: nobody wakes it.
#[test]
fn a_nap_ends_by_itself() {
    let waiting = Waiting::new();
    let awake = sleep(&Condvar::new(), waiting.lock(), None, Some(NAP));
    assert!(awake.is_some());
}
