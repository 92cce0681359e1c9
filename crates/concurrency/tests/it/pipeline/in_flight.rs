//! How many items are between the source and the consumer, counted from outside.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

#[derive(Default)]
pub(super) struct InFlight {
    pulled: AtomicUsize,
    done: AtomicUsize,
    most: AtomicUsize,
}

impl InFlight {
    /// To be called for each item that is pulled.
    pub(super) fn pull(&self) {
        // Read first: items may be done in between, none can be undone.
        let done = self.done.load(Ordering::SeqCst);
        let in_flight = self.pulled.fetch_add(1, Ordering::SeqCst) + 1 - done;
        self.most.fetch_max(in_flight, Ordering::SeqCst);
    }

    /// What a slow consumer does with an item. Until the first is done nothing else goes out: all places get used.
    pub(super) fn consume(&self, places: usize) {
        while self.done.load(Ordering::SeqCst) == 0 && self.most() < places {
            thread::yield_now();
        }
        thread::yield_now();
        self.done.fetch_add(1, Ordering::SeqCst);
    }

    /// How many there were at most.
    pub(super) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}
