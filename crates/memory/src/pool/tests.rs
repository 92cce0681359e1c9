//! The inside of the pool: how slots are laid out, and which one a thread gets.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn every_slot_is_taken_once(capacity in 1usize..300, start in 0usize..600) {
        let slots = Slots::<u8>::new(capacity);
        let mut seen = BTreeSet::new();
        while let Some(taken) = slots.take_any(start) {
            prop_assert!(!taken.filled && seen.insert(taken.index));
        }
        prop_assert_eq!((seen.len(), slots.count()), (capacity, (0, capacity)));
        // Every third comes back without its object, and is taken last.
        seen.iter().for_each(|&index| slots.put(Taken { index, filled: !index.is_multiple_of(3) }));
        let vacant = capacity.div_ceil(3);
        prop_assert_eq!(slots.count(), (capacity - vacant, 0));
        for taken in 0..capacity {
            let filled = taken < capacity - vacant;
            let taken = slots.take_any(start).unwrap();
            prop_assert_eq!((taken.filled, !taken.index.is_multiple_of(3)), (filled, filled));
            prop_assert!(seen.remove(&taken.index));
        }
        prop_assert_eq!(slots.take_any(start), None);
    }
}

#[test]
fn slots_are_opened_as_they_are_needed() {
    let slots = Slots::<u8>::new(100);
    let taken: Vec<_> = (0..3).map(|_| slots.take_any(0).unwrap()).collect();
    taken.iter().for_each(|&taken| slots.put(taken));
    let _again = slots.take_any(7).unwrap();
    assert_eq!(slots.count(), (0, 1));
    assert!(slots.take_idle(0).is_none());
}

#[test]
fn a_thread_gets_the_slot_that_it_gave_back_last() {
    let pool = Pool::builder(10).build(|| 0).unwrap();
    let mut objects: Vec<_> = (0..10).map(|_| pool.get().unwrap()).collect();
    let mut last = objects.remove(3);
    *last = 7;
    objects.clear();
    drop(last);
    assert_eq!(*pool.get().unwrap(), 7);
}

#[test]
fn the_last_idle_object_is_found_however_far_it_is() {
    let pool = Pool::builder(1_000).build(|| 0).unwrap();
    let mut all: Vec<_> = (0..1_000).map(|_| pool.get().unwrap()).collect();
    for far in [999, 500, 0] {
        // Given back by another thread, so that no hint leads there.
        let mut last = all.swap_remove(far);
        *last = far + 1;
        std::thread::scope(|scope| drop(scope.spawn(move || drop(last))));
        let found = pool.try_get().unwrap();
        assert_eq!(*found, far + 1);
        all.push(found);
    }
    assert!(pool.try_get().is_err());
    assert_eq!(pool.stats().created, 1_000);
}
