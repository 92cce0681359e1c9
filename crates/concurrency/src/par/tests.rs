use std::{
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use rayon::iter::IntoParallelIterator;

use super::{
    collect::{collect, collect_here},
    engine::{Divide, Task, run},
    failures::{Cause, Failures},
    fold::{fold, fold_here},
    loan::lend,
};
use crate::{ItemError, ItemPanic, cost::Site};

/// Numbered items that are nothing but their number.
struct Numbers(usize);

impl Divide for Numbers {
    fn len(&self) -> usize {
        self.0
    }

    fn split_at(self, at: usize) -> (Self, Self) {
        (Self(at), Self(self.0 - at))
    }
}

/// Notes the chunks, each of which takes some time.
struct Chunks {
    noted: Mutex<Vec<(usize, usize)>>,
    begun: AtomicUsize,
    ended: AtomicUsize,
}

impl Task<Numbers> for Chunks {
    type Local = ();

    fn begin(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    fn chunk(&self, (): &mut (), start: usize, work: Numbers) -> ControlFlow<()> {
        std::thread::sleep(std::time::Duration::from_micros(20));
        self.noted.lock().unwrap().push((start, work.0));
        ControlFlow::Continue(())
    }

    fn end(&self, (): ()) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }
}

#[track_caller]
fn chunks_of(len: usize) -> Vec<(usize, usize)> {
    let task = Chunks {
        noted: Mutex::new(Vec::new()),
        begun: AtomicUsize::new(0),
        ended: AtomicUsize::new(0),
    };
    assert_eq!(run(Numbers(len), Site::of_caller(), &task), len);
    assert_eq!(task.begun.into_inner(), task.ended.into_inner());
    let mut chunks = task.noted.into_inner().unwrap();
    chunks.sort_unstable();
    chunks
}

#[test]
fn chunks_cover_all_items_once_whatever_is_known_of_the_cost() {
    for len in [0, 1, 2, 3, 17, 1000, 100_000] {
        // The same place again and again: new, then known.
        for _ in 0..4 {
            let mut next = 0;
            for (start, chunk) in chunks_of(len) {
                assert_eq!(start, next);
                next += chunk;
            }
            assert_eq!(next, len);
        }
    }
}

#[test]
fn nobody_helps_after_the_loan() {
    for _ in 0..200 {
        let inside = AtomicUsize::new(0);
        let help = || {
            inside.fetch_add(1, Ordering::Relaxed);
            std::thread::yield_now();
            inside.fetch_sub(1, Ordering::Relaxed);
        };
        lend(3, &help, |invitations| {
            invitations.send();
        });
        assert_eq!(inside.into_inner(), 0);
    }
}

#[test]
fn a_panic_of_a_helper_reaches_the_lender() {
    let helped = AtomicUsize::new(0);
    let lender = std::panic::AssertUnwindSafe(|| {
        let help = || {
            helped.fetch_add(1, Ordering::Relaxed);
            panic!("helper");
        };
        lend(1, &help, |invitations| {
            invitations.send();
            while helped.load(Ordering::Relaxed) == 0 {
                std::thread::yield_now();
            }
        });
    });
    let payload = std::panic::catch_unwind(lender).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"helper"));
}

#[test]
fn of_several_failures_the_first_item_is_told() {
    let failures = Failures::new();
    for index in [5, 3, 9] {
        let hole = index..index + 1;
        failures.note(index, Cause::Error(index * 10), hole);
    }
    let (failure, holes) = failures.into_first().unwrap();
    let error = failure.raise();
    assert_eq!((error.index, error.error), (3, 30));
    assert_eq!(holes, [3..4, 5..6, 9..10]);
}

/// The item 3 panics with its number.
fn but_three(n: usize) -> usize {
    assert_ne!(n, 3);
    n
}

/// The index of the item that a panic was about.
fn panicked_at<R>(f: impl FnOnce() -> R) -> usize {
    let payload = catch_unwind(AssertUnwindSafe(f)).map(drop).unwrap_err();
    payload.downcast::<ItemPanic>().unwrap().index
}

#[test]
fn a_bare_loop_tells_where_it_stopped() {
    assert_eq!(collect_here(0..3, 3, Ok::<_, u8>), Ok(vec![0, 1, 2]));
    let failed = collect_here(0..9, 9, |n| if n == 4 { Err("four") } else { Ok(n) });
    assert_eq!(failed, Err(ItemError::new(4, "four")));
    let panicked = || collect_here(0..9, 9, |n| Ok::<_, u8>(but_three(n)));
    assert_eq!(panicked_at(panicked), 3);

    assert_eq!(fold_here(0, 0..4, || 1, |sum, n| sum + n), 7);
    let panicked = || fold_here(0, 0..9, || 0, |sum, n| sum + but_three(n));
    assert_eq!(panicked_at(panicked), 3);
    let panicked = || fold_here(1, 1..9, || 0, |sum, n| sum + but_three(n));
    assert_eq!(panicked_at(panicked), 3);
}

#[test]
fn a_bare_loop_that_fails_drops_what_it_has_made() {
    let live = Arc::new(());
    let failed = collect_here(0..9, 9, |n| {
        if n == 4 {
            Err(n)
        } else {
            Ok(Arc::clone(&live))
        }
    });
    assert!(failed.is_err());
    assert_eq!(Arc::strong_count(&live), 1);
    panicked_at(|| {
        collect_here(0..9, 9, |n| {
            but_three(n);
            Ok::<_, u8>(Arc::clone(&live))
        })
    });
    assert_eq!(Arc::strong_count(&live), 1);
}

/// A place whose items are known to take no time.
#[track_caller]
fn tiny_place() -> Site {
    let site = Site::of_caller();
    site.learn(1.0);
    site
}

/// Takes much longer than is known, for the first item.
fn slow_at_first(n: usize) -> usize {
    if n == 0 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    n
}

#[test]
fn items_that_are_not_tiny_where_all_were_come_back_all_the_same() {
    // As few as a bare loop takes, and more.
    for len in [2, 9, 5_000] {
        let site = tiny_place();
        let items = (0..len).into_par_iter();
        let all = collect(items, site, |n| Ok::<_, u8>(slow_at_first(n)));
        assert!(all.unwrap().into_iter().eq(0..len));
        assert!(!site.is_tiny(2), "the next time they are timed");

        let folded = fold(
            (0..len).into_par_iter(),
            tiny_place(),
            Vec::new,
            |mut list, n| {
                list.push(slow_at_first(n));
                list
            },
            |mut left, right| {
                left.extend(right);
                left
            },
        );
        assert!(folded.into_iter().eq(0..len));
    }
}

#[test]
fn items_that_are_not_tiny_where_all_were_fail_as_others_do() {
    let live = Arc::new(());
    for len in [2, 9, 5_000] {
        for bad in [0, 1, len - 1] {
            let items = || (0..len).into_par_iter();
            let failed = collect(items(), tiny_place(), |n| {
                if slow_at_first(n) == bad {
                    Err(n)
                } else {
                    Ok(Arc::clone(&live))
                }
            });
            assert_eq!(failed.unwrap_err(), ItemError::new(bad, bad));
            assert_eq!(Arc::strong_count(&live), 1);
            let panics = |n| {
                assert_ne!(slow_at_first(n), bad);
                Arc::clone(&live)
            };
            let mapped = || collect(items(), tiny_place(), |n| Ok::<_, u8>(panics(n)));
            assert_eq!(panicked_at(mapped), bad);
            let count = |sum, n| sum + Arc::strong_count(&panics(n));
            let folded = || fold(items(), tiny_place(), || 0, count, |a, b| a + b);
            assert_eq!(panicked_at(folded), bad);
            assert_eq!(Arc::strong_count(&live), 1);
        }
    }
}
