//! How long one waits for more items than there are.

use super::*;

#[test]
fn patience_grows_while_items_come_and_goes_when_none_do() {
    let mut linger = Linger::default();
    let mut looks = Vec::new();
    for came in [1, 1, 1, 1, 1, 0, 0, 0, 0, 0] {
        linger.learn(came);
        looks.push(linger.looks);
    }
    assert_eq!(looks, [2, 4, 8, 16, 16, 8, 4, 2, 1, 1]);
}

#[test]
fn nobody_lingers_where_there_is_enough_or_no_more_to_come() {
    let queue = Queue::new(8, 1);
    let mut seen = Seen::default();
    let mut linger = Linger { looks: 16 };
    queue.put_all(&mut vec![1, 2, 3, 4], &mut seen);
    queue.linger(4, &mut linger, &mut seen);
    // Half of the room is enough, whatever is wanted.
    queue.linger(usize::MAX, &mut linger, &mut seen);
    queue.gate().end_producer();
    queue.linger(5, &mut linger, &mut seen);
    assert_eq!((linger.looks, seen.starved), (16, Duration::ZERO));
}

#[test]
fn time_spent_lingering_is_time_without_work() {
    let queue = Queue::new(8, 1);
    let mut seen = Seen::default();
    let mut linger = Linger { looks: 16 };
    queue.put(1, &mut seen);
    queue.linger(2, &mut linger, &mut seen);
    assert_eq!(linger.looks, 8, "nothing came");
    assert!(seen.starved > Duration::ZERO);
}
