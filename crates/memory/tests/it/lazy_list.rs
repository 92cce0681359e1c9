//! The lazy list against the list itself, from several threads, and with sources that misbehave.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use proptest::prelude::*;
use tuneup_memory::{Error, LazyList};

proptest! {
    #[test]
    fn agrees_with_a_vector(
        elements in prop::collection::vec(any::<u16>(), 0..200),
        limit in 0usize..250,
        indices in prop::collection::vec(0usize..300, 0..50),
    ) {
        let calls = AtomicUsize::new(0);
        let count = |_: &u16| {
            calls.fetch_add(1, SeqCst);
        };
        let counted = elements.iter().copied().inspect(count);
        let list = LazyList::new(counted).with_limit(limit);
        let kept = &elements[..limit.min(elements.len())];
        let mut computed = 0;
        for index in indices {
            prop_assert_eq!(list.get(index), kept.get(index));
            if index < limit {
                computed = computed.max(index + 1).min(elements.len());
                prop_assert_eq!(list.try_get(index).unwrap(), elements.get(index));
            } else {
                let error = list.try_get(index).unwrap_err();
                let is_limit = matches!(error, Error::LimitReached { limit: is, .. } if is == limit);
                prop_assert!(is_limit);
            }
            prop_assert_eq!((list.computed(), calls.load(SeqCst)), (computed, computed));
        }
        prop_assert!(list.iter().eq(kept));
        prop_assert!(calls.load(SeqCst) <= kept.len());
    }
}

#[test]
fn threads_share_elements_that_are_computed_once() {
    let calls = AtomicUsize::new(0);
    let list = LazyList::from_fn(|index, earlier| {
        assert_eq!((index, earlier.len()), (calls.fetch_add(1, SeqCst), index));
        Some(
            earlier
                .last()
                .map_or(1, |last: &usize| last.wrapping_mul(3)),
        )
    });
    let first = list.get(0).unwrap();
    // All want the same one: nobody computes the next.
    thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(|| list.get(1)))));
    assert_eq!(list.computed(), 2);
    thread::scope(|scope| {
        for thread in 0..4 {
            let list = &list;
            scope.spawn(move || {
                for step in 0..500 {
                    let index = step * (thread + 1);
                    assert_eq!(list.get(index), Some(&3_usize.wrapping_pow(index as u32)));
                }
            });
        }
    });
    assert_eq!((calls.load(SeqCst), list.computed()), (1_997, 1_997));
    assert!(std::ptr::eq(first, &list[0]));
}

#[test]
fn a_panic_of_the_source_loses_nothing() {
    let mut calls = 0;
    let list = LazyList::from_fn(|index, _| {
        calls += 1;
        if calls == 3 {
            panic_any("not now");
        }
        Some((index, calls))
    });
    let panic = catch_unwind(AssertUnwindSafe(|| list.get(5).copied())).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"not now"));
    assert_eq!(list.computed(), 2);
    assert_eq!(list.get(5), Some(&(5, 7)));
    assert_eq!(list[2], (2, 4));
}

#[test]
fn a_source_that_asks_its_list_panics_and_does_not_wait() {
    static LIST: OnceLock<LazyList<'static, usize>> = OnceLock::new();
    let list = LIST.get_or_init(|| {
        LazyList::from_fn(|index, _| {
            // What is there may be asked for.
            let list = LIST.get().unwrap();
            match index {
                5 => list.get(7).copied(),
                _ => Some(index.checked_sub(1).map_or(0, |last| list[last] + 1)),
            }
        })
    });
    assert_eq!(list[4], 4);
    let panic = catch_unwind(|| list.get(5)).unwrap_err();
    let message = panic.downcast_ref::<&str>().unwrap();
    assert!(message.contains("asked the list for an element that is not computed yet"));
    assert_eq!(list.computed(), 5);
}

#[test]
fn a_source_that_ended_is_dropped_and_not_asked_again() {
    let alive = std::sync::Arc::new(());
    let held = std::sync::Arc::clone(&alive);
    let mut calls = 0;
    let list = LazyList::from_fn(move |index, _| {
        calls += 1;
        assert!(calls <= 4 && std::sync::Arc::strong_count(&held) == 2);
        (index < 3).then_some(index)
    });
    assert_eq!((list.get(10), list.get(3)), (None, None));
    assert_eq!(std::sync::Arc::strong_count(&alive), 1);
    assert!(list.iter().eq(&[0, 1, 2]));
}

#[test]
#[should_panic(expected = "index 3 is behind the end of the lazy list or its limit")]
fn indexing_behind_the_end_panics() {
    let _ = LazyList::new([1, 2, 3])[3];
}
