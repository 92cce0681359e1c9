//! A cache for each thread.

use std::{
    cell::Cell,
    rc::Rc,
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    thread,
    time::Duration,
};

use tuneup_caching::memoize;

#[test]
fn each_thread_has_its_answers() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    #[memoize(by_thread)]
    fn of(n: u32) -> Rc<u32> {
        CALLS.fetch_add(1, Relaxed);
        Rc::new(n)
    }
    assert!(Rc::ptr_eq(&of(1), &of(1)));
    thread::spawn(|| {
        assert_eq!(
            (*of(1), of::cache_info().misses, of::cache_info().hits),
            (1, 1, 0)
        );
        of::cache_clear();
    })
    .join()
    .unwrap();
    assert_eq!(
        (
            of::cache_info().hits,
            of::cache_info().len,
            CALLS.load(Relaxed)
        ),
        (1, 1, 2)
    );
}

#[test]
fn the_time_to_live_ends() {
    #[memoize(by_thread, ttl = "20ms", maxsize = 5)]
    fn of(n: u32) -> u32 {
        n
    }
    #[memoize(by_thread, ttl = "1h")]
    fn long(n: u32) -> u32 {
        n
    }
    assert_eq!((of(1), long(1)), (1, 1));
    thread::sleep(Duration::from_millis(60));
    assert_eq!(
        (
            of(1),
            long(1),
            of::cache_info().hits,
            long::cache_info().hits
        ),
        (1, 1, 0, 1)
    );
    assert_eq!((of::cache_info().expired, of::cache_info().len), (1, 1));
    assert!(long::cache_invalidate(&1) && !long::cache_invalidate(&1));
}

/// Calls the function of its test while the table of the function is in use.
#[derive(PartialEq, Eq, Hash)]
struct Calling(u32);

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

impl Clone for Calling {
    fn clone(&self) -> Self {
        if DEPTH.replace(DEPTH.get() + 1) < 3 {
            of_calling(self.0 + 1);
        }
        Self(self.0)
    }
}

impl Drop for Calling {
    fn drop(&mut self) {
        if DEPTH.replace(DEPTH.get() + 1) < 3 {
            of_calling(self.0 + 2);
        }
    }
}

#[memoize(by_thread, maxsize = 1)]
fn of_calling(n: u32) -> Calling {
    Calling(n)
}

#[test]
fn what_runs_inside_of_a_lookup_may_call_the_function() {
    for n in [1, 1, 2, 1, 2, 2] {
        DEPTH.set(0);
        assert_eq!(of_calling(n).0, n);
    }
    assert_eq!(of_calling::cache_info().len, 1);
    of_calling::cache_clear();
}

#[test]
fn in_a_thread_that_ends_answers_are_computed() {
    static LAST: AtomicU32 = AtomicU32::new(0);
    static LEN: AtomicU64 = AtomicU64::new(9);
    #[memoize(by_thread)]
    fn of(n: u32) -> u32 {
        n + 1
    }
    struct AtTheEnd;
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            LAST.store(of(41), Relaxed);
            // The counts have gone, or have not; to ask is no panic.
            of::cache_clear();
            LEN.store(of::cache_info().len, Relaxed);
        }
    }
    thread_local!(static END: AtTheEnd = const { AtTheEnd });
    // Destroyed in one order or the other: both have to do.
    for calls_first in [true, false] {
        LAST.store(0, Relaxed);
        thread::spawn(move || {
            if calls_first {
                of(1);
            }
            END.with(|_| ());
            of(1);
        })
        .join()
        .unwrap();
        assert_eq!((LAST.load(Relaxed), LEN.load(Relaxed)), (42, 0));
    }
}
