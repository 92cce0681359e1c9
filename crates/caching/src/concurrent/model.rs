//! All orders in which readers and writers of the biased lock can meet, tried by loom. Run by `cargo xtask test --only models`.
//!
//! The value is a cell that loom watches: a reader beside a writer is an error, whatever they read.

use loom::{cell::UnsafeCell, sync::Arc, thread};

use super::BiasedLock;

type Watched = BiasedLock<UnsafeCell<u32>>;

fn read(lock: &Watched) -> u32 {
    // SAFETY: the lock lets no writer in meanwhile; loom fails if it does.
    lock.read(|cell| cell.with(|value| unsafe { *value }))
}

fn add(lock: &Watched) {
    let cell = lock.write();
    // SAFETY: the lock lets nobody else in meanwhile; loom fails if it does.
    cell.with_mut(|value| unsafe { *value += 1 });
}

/// In a model a lock is biased after its first read: the second is without a barrier.
fn biased() -> Arc<Watched> {
    let lock = Arc::new(BiasedLock::new(UnsafeCell::new(0)));
    read(&lock);
    lock
}

#[test]
fn loom_readers_with_a_barrier_and_writers_never_meet() {
    loom::model(|| {
        let lock = Arc::new(BiasedLock::new(UnsafeCell::new(0)));
        let writer = thread::spawn({
            let lock = Arc::clone(&lock);
            move || add(&lock)
        });
        let first = read(&lock);
        add(&lock);
        writer.join().unwrap();
        assert!(first <= 1);
        assert_eq!(read(&lock), 2, "no write is lost");
    });
}

#[test]
fn loom_a_writer_waits_for_a_reader_that_is_announced() {
    loom::model(|| {
        let lock = biased();
        let reader = thread::spawn({
            let lock = Arc::clone(&lock);
            move || (read(&lock), read(&lock))
        });
        add(&lock);
        let (first, second) = reader.join().unwrap();
        assert!(first <= second, "no write is taken back");
        assert_eq!(read(&lock), 1);
    });
}

#[test]
fn loom_two_writers_and_a_reader_never_meet() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(|| {
        let lock = biased();
        let other = thread::spawn({
            let lock = Arc::clone(&lock);
            move || {
                read(&lock);
                add(&lock);
            }
        });
        add(&lock);
        let seen = read(&lock);
        other.join().unwrap();
        assert!((1..=2).contains(&seen));
        assert_eq!(read(&lock), 2, "no write is lost");
    });
}

#[test]
fn loom_two_readers_and_a_writer() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let lock = biased();
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let lock = Arc::clone(&lock);
                thread::spawn(move || read(&lock))
            })
            .collect();
        add(&lock);
        for reader in readers {
            assert!(reader.join().unwrap() <= 1);
        }
    });
}
