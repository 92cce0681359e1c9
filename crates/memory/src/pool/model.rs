//! The pool under loom, which tries every order of the atomic operations that the memory model allows, up to a number of
//! switches between threads.
//!
//! The objects are loom's cells, which complain of any two accesses that nothing orders. A lost wake-up is a deadlock, and loom
//! complains of it.
//!
//! Run with `RUSTFLAGS="--cfg loom" cargo test -p tuneup-memory --lib --release model`.

use loom::{cell::UnsafeCell, model::Builder, sync::Arc, thread};

use super::*;

struct Object(UnsafeCell<u64>);

// SAFETY: it goes from thread to thread, as the pool promises; loom watches that.
unsafe impl Send for Object {}

impl Object {
    fn add_one(&mut self) {
        // SAFETY: the object is borrowed for writing, which loom watches.
        self.0.with_mut(|number| unsafe { *number += 1 });
    }

    fn get(&self) -> u64 {
        // SAFETY: the object is borrowed, which loom watches.
        self.0.with(|number| unsafe { *number })
    }
}

fn pool(capacity: usize) -> Arc<Pool<Object>> {
    let pool = Pool::builder(capacity).build(|| Object(UnsafeCell::new(0)));
    Arc::new(pool.unwrap())
}

fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

fn spawn<R: 'static>(
    pool: &Arc<Pool<Object>>,
    work: impl FnOnce(&Pool<Object>) -> R + 'static,
) -> thread::JoinHandle<R> {
    let pool = Arc::clone(pool);
    thread::spawn(move || work(&pool))
}

fn use_once(pool: &Pool<Object>) {
    pool.get().unwrap().add_one();
}

/// How it stands when nobody is at it: each object is idle, and nobody waits.
fn assert_at_rest(pool: &Pool<Object>, created: u64) {
    let stats = pool.stats();
    assert_eq!((stats.in_use, stats.waiting), (0, 0));
    assert_eq!((stats.idle as u64, stats.created), (created, created));
}

#[test]
fn two_threads_take_turns_with_one_object_in_a_model() {
    check(3, || {
        let pool = pool(1);
        let other = spawn(&pool, |pool| {
            use_once(pool);
            use_once(pool);
        });
        use_once(&pool);
        other.join().unwrap();
        assert_eq!(pool.get().unwrap().get(), 3);
        assert_at_rest(&pool, 1);
    });
}

#[test]
fn three_threads_take_turns_with_one_object_in_a_model() {
    check(2, || {
        let pool = pool(1);
        let others = [spawn(&pool, use_once), spawn(&pool, use_once)];
        use_once(&pool);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(pool.get().unwrap().get(), 3);
        assert_at_rest(&pool, 1);
    });
}

#[test]
fn three_threads_share_two_objects_in_a_model() {
    check(2, || {
        let pool = pool(2);
        let others = [spawn(&pool, use_once), spawn(&pool, use_once)];
        use_once(&pool);
        others.into_iter().for_each(|other| other.join().unwrap());
        let first = pool.get().unwrap();
        let created = pool.stats().created;
        let second = (created == 2).then(|| pool.get().unwrap());
        assert_eq!(first.get() + second.map_or(0, |second| second.get()), 3);
        drop(first);
        assert_at_rest(&pool, created);
    });
}

/// The wait ends anywhere between the steps of who gives the object back.
#[test]
fn a_wait_that_ends_loses_no_object_in_a_model() {
    check(3, || {
        let pool = pool(1);
        let object = pool.get().unwrap();
        let impatient = spawn(&pool, |pool| match pool.get_timeout(Duration::ZERO) {
            Ok(mut object) => object.add_one(),
            Err(error) => assert!(matches!(error, Error::PoolTimedOut { .. })),
        });
        drop(object);
        impatient.join().unwrap();
        assert_at_rest(&pool, 1);
        assert!(pool.try_get().is_ok());
    });
}

/// What the impatient thread was woken for must go to the patient one.
#[test]
fn a_wait_that_ends_does_not_swallow_the_wake_up_of_another_in_a_model() {
    check(2, || {
        let pool = pool(1);
        let object = pool.get().unwrap();
        let impatient = spawn(&pool, |pool| drop(pool.get_timeout(Duration::ZERO)));
        let patient = spawn(&pool, use_once);
        drop(object);
        impatient.join().unwrap();
        patient.join().unwrap();
        assert_eq!(pool.get().unwrap().get(), 1);
        assert_at_rest(&pool, 1);
    });
}

/// A place without an object wakes as well: the waiter makes one.
#[test]
fn who_waits_hears_of_a_detached_object_in_a_model() {
    check(3, || {
        let pool = pool(1);
        let object = pool.get().unwrap();
        let other = spawn(&pool, use_once);
        let detached = object.detach();
        other.join().unwrap();
        assert_eq!((detached.get(), pool.get().unwrap().get()), (0, 1));
    });
}

#[test]
fn who_waits_hears_of_a_creation_that_failed_in_a_model() {
    check(3, || {
        let failed = std::sync::atomic::AtomicBool::new(false);
        let pool = Pool::builder(1).build_fallible(move || {
            let first = !failed.swap(true, std::sync::atomic::Ordering::Relaxed);
            if first {
                return Err("not now");
            }
            Ok(Object(UnsafeCell::new(0)))
        });
        let pool = Arc::new(pool.unwrap());
        let other = spawn(&pool, |pool| pool.get().is_ok());
        let mine = pool.get().is_ok();
        assert_eq!(other.join().unwrap(), !mine);
        assert_at_rest(&pool, 1);
    });
}
