//! What the tests of parallel maps share: items that count their drops, work of some length, and a watchdog.

use std::{
    any::Any,
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use tuneup_concurrency::ItemPanic;

use crate::watchdog::Watchdog;

/// Runs `f` under a [`Watchdog`].
pub(crate) fn within_a_minute<R>(test: &'static str, f: impl FnOnce() -> R) -> R {
    let _watchdog = Watchdog::of(test);
    f()
}

/// Some nanoseconds of work for each of `rounds`.
pub(crate) fn work(rounds: u32) {
    for round in 0..rounds {
        black_box(round);
    }
}

/// How often each of a number of values was dropped.
pub(crate) struct Ledger(Vec<AtomicU32>);

impl Ledger {
    pub(crate) fn new(values: usize) -> Arc<Self> {
        Arc::new(Self((0..values).map(|_| AtomicU32::new(0)).collect()))
    }

    pub(crate) fn value(self: &Arc<Self>, number: usize) -> Counted {
        Counted {
            number,
            ledger: Arc::clone(self),
        }
    }

    pub(crate) fn drops(&self) -> Vec<u32> {
        self.0
            .iter()
            .map(|drops| drops.load(Ordering::Relaxed))
            .collect()
    }
}

/// A value whose drop is noted.
pub(crate) struct Counted {
    pub(crate) number: usize,
    ledger: Arc<Ledger>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.ledger.0[self.number].fetch_add(1, Ordering::Relaxed);
    }
}

/// The panic of an item that a call went on with.
pub(crate) fn item_panic(payload: Box<dyn Any + Send>) -> ItemPanic {
    *payload.downcast().expect("the payload is an ItemPanic")
}

/// A pool of so many threads.
pub(crate) fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}
