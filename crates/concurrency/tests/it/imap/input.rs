//! What is asked of the input, and when.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use tuneup_concurrency::ParImap;

use crate::{
    amounts::count,
    parallel::{within_a_minute, work},
};

#[test]
fn nothing_is_pulled_before_the_first_result_is_asked_for() {
    let pulled = Rc::new(Cell::new(0));
    let counter = Rc::clone(&pulled);
    let input = (0..10).inspect(move |_| counter.set(counter.get() + 1));
    let mut imap = input.par_imap(|n| n);
    assert_eq!(pulled.get(), 0);
    assert_eq!(imap.next(), Some(0));
    assert!(pulled.get() >= 1);
}

#[test]
fn a_panic_of_the_input_comes_after_the_results_before_it() {
    for rounds in [0, 3_000] {
        let input = (0..).inspect(|&n| assert!(n < 50, "input"));
        let mut imap = input.par_imap(move |n: u32| {
            work(rounds);
            n
        });
        assert!(imap.by_ref().take(50).eq(0..50));
        let payload = catch_unwind(AssertUnwindSafe(|| imap.next())).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"input"));
        assert_eq!(imap.next(), None);
    }
}

#[test]
fn the_input_is_not_asked_again_after_its_end() {
    let mut ended = false;
    let input = std::iter::from_fn(move || {
        assert!(!ended, "asked after the end");
        ended = true;
        None::<u32>
    });
    let mut imap = input.par_imap(|n| n);
    assert_eq!(imap.next(), None);
    assert_eq!(imap.next(), None);
}

/// Each item comes late, and may only be asked for when the results of all before it were handed out: all of them are there by then.
#[test]
fn an_input_that_waits_holds_up_no_result_that_is_there() {
    let handed = Rc::new(Cell::new(0));
    let seen = Rc::clone(&handed);
    let input = (0..5).inspect(move |&n| {
        assert_eq!(seen.get(), n, "a result was there");
        thread::sleep(Duration::from_millis(1));
    });
    for result in input.par_imap(|n| n).workers(count(2)) {
        assert_eq!(result, handed.get());
        handed.set(result + 1);
    }
    assert_eq!(handed.get(), 5);
}

/// Many items are there, and then each comes late: what was made of the many does not wait for more than some of the late ones.
#[test]
fn an_input_that_begins_to_wait_holds_up_no_more_than_its_next_items() {
    const THERE: usize = 50_000;
    for rounds in [0, 30, 1_000] {
        let handed = Rc::new(Cell::new(0));
        let seen = Rc::clone(&handed);
        let input = (0..THERE + 40).inspect(move |&n| {
            if n >= THERE {
                thread::sleep(Duration::from_millis(1));
            }
            assert!(n < THERE + 16 || n - seen.get() <= 16, "a result was there");
        });
        let f = move |n| {
            work(rounds);
            n
        };
        for result in input.par_imap(f).workers(count(1)) {
            assert_eq!(result, handed.get());
            handed.set(result + 1);
        }
        assert_eq!(handed.get(), THERE + 40);
    }
}

/// As above, with results that a worker makes meanwhile: by the time it is in the second item, the result of the first one is there.
#[test]
fn a_result_made_while_the_input_waits_is_handed_out_before_the_next_item() {
    within_a_minute("a_result_made_while_the_input_waits", || {
        let in_second = AtomicBool::new(false);
        let handed = Cell::new(0);
        let consumer = thread::current().id();
        thread::scope(|scope| {
            let input = (0..20).inspect(|&n| {
                // The two that are pulled first, and this one, which waits.
                if n == 3 {
                    while !in_second.load(Ordering::Relaxed) {
                        thread::yield_now();
                    }
                }
                assert!(n <= 3 || handed.get() >= 2, "a result was there");
                thread::sleep(Duration::from_millis(1));
            });
            let f = |n| {
                if thread::current().id() != consumer && n == 2 {
                    in_second.store(true, Ordering::Relaxed);
                }
                // The first item says that work takes longer than the input.
                thread::sleep(Duration::from_millis(if n == 0 { 100 } else { 5 }));
                n
            };
            for result in input.par_imap_scoped(scope, f).workers(count(2)) {
                assert_eq!(result, handed.get());
                handed.set(result + 1);
            }
            assert_eq!(handed.get(), 20);
        });
    });
}
