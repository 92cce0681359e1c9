//! Functions of users that fail or panic: none costs a place, and few an object.

use std::panic::panic_any;

use super::*;

#[test]
fn a_creation_that_fails_or_panics_leaves_its_place() {
    let calls = AtomicU64::new(0);
    let pool = Pool::builder(1).build_fallible(move || match calls.fetch_add(1, SeqCst) {
        0 => Err("the server is down"),
        1 => panic_any("the client is broken"),
        call => Ok(call),
    });
    let pool = pool.unwrap();
    let Err(Error::CreateFailed { source }) = pool.try_get() else {
        panic!("created without a server");
    };
    assert_eq!(source.to_string(), "the server is down");
    let panic = catch_unwind(AssertUnwindSafe(|| drop(pool.get()))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the client is broken"));
    assert_eq!(pool.stats().in_use, 0);
    assert_eq!(*pool.get().unwrap(), 2);
    assert_eq!(pool.stats().created, 1);
}

#[test]
fn a_reset_that_panics_costs_the_object_alone() {
    let census = Arc::new(Census::default());
    let register = Arc::clone(&census);
    let pool = Pool::builder(1)
        .reset(|citizen: &mut Citizen| assert!(citizen.number % 2 == 1, "cannot be reset"))
        .build(move || Citizen::new(&register))
        .unwrap();
    // The first also while its thread panics.
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _even = pool.get();
        panic_any("of the user");
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"of the user"));
    assert_eq!(census.counts(), (1, 1));
    drop(pool.get());
    let stats = pool.stats();
    assert_eq!((stats.reset_panics, stats.discarded), (1, 1));
    assert_eq!((stats.idle, stats.in_use), (1, 0));
    assert_eq!(pool.get().unwrap().number, 1);
}

#[test]
fn a_check_that_panics_costs_the_object_and_reaches_the_caller() {
    let census = Arc::new(Census::default());
    let register = Arc::clone(&census);
    let pool = Pool::builder(1)
        .check(|citizen: &mut Citizen| citizen.number != 0 || panic_any("ill"))
        .build(move || Citizen::new(&register))
        .unwrap();
    drop(pool.get());
    let panic = catch_unwind(AssertUnwindSafe(|| drop(pool.get()))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"ill"));
    assert_eq!(census.counts(), (1, 1));
    assert_eq!(pool.try_get().unwrap().number, 1);
    assert_eq!(pool.get().unwrap().number, 1);
    assert_eq!(pool.stats().discarded, 1);
}

#[test]
fn a_panic_of_the_user_resets_or_discards() {
    for discard in [false, true] {
        let pool = Pool::builder(1)
            .reset(Vec::clear)
            .discard_on_panic(discard)
            .build(Vec::<u8>::new)
            .unwrap();
        let panic = catch_unwind(AssertUnwindSafe(|| {
            pool.get().unwrap().reserve(100);
            let mut buffer = pool.get().unwrap();
            buffer.push(1);
            panic_any(());
        }));
        assert!(panic.is_err());
        let buffer = pool.get().unwrap();
        assert!(buffer.is_empty());
        assert_eq!(buffer.capacity() == 0, discard);
        assert_eq!(pool.stats().discarded, u64::from(discard));
    }
}

/// An object whose drop panics, with a value whose drop panics.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        struct Spark;
        impl Drop for Spark {
            fn drop(&mut self) {
                std::panic::resume_unwind(Box::new(()));
            }
        }
        std::panic::resume_unwind(Box::new(Spark));
    }
}

#[test]
fn objects_that_cannot_be_dropped_do_no_harm() {
    let pool = Pool::builder(2)
        .reset(|_| panic_any(()))
        .build(|| Bomb)
        .unwrap();
    drop(pool.get());
    assert_eq!(pool.stats().discarded, 1);

    let pool = Pool::builder(2).build(|| Bomb).unwrap();
    let both = [pool.get(), pool.get()];
    drop(both);
    assert_eq!(pool.trim_to(1), 1);
    drop(pool);
}
