//! Neighbouring items on their way to a worker, and their results on the way back.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use super::waits::Waits;
use crate::par::append;

/// How the input was left.
pub(super) enum Made {
    /// There may be more of it.
    More,
    InputEnded,
    InputPanicked(Box<dyn Any + Send>),
}

/// Both buffers travel together and are used again: once they are as long as they get, nothing is allocated.
pub(super) struct Batch<T, R> {
    /// The number of its first item.
    pub(super) start: usize,
    /// How many items it was made of.
    pub(super) len: usize,
    pub(super) items: Vec<T>,
    pub(super) results: Vec<R>,
    /// What the first item without a result panicked with.
    pub(super) panic: Option<Box<dyn Any + Send>>,
    /// What the work has taken.
    pub(super) spent: Duration,
}

impl<T, R> Batch<T, R> {
    pub(super) fn new() -> Self {
        Self {
            start: 0,
            len: 0,
            items: Vec::new(),
            results: Vec::new(),
            panic: None,
            spent: Duration::ZERO,
        }
    }

    /// Makes results straight of the next items of an input: up to `len`, and not many more once it has waited for one.
    pub(super) fn make(
        &mut self,
        len: usize,
        input: &mut impl Iterator<Item = T>,
        f: impl Fn(T) -> R,
    ) -> Made {
        let start = Instant::now();
        let mut waits = Waits::new(start, len);
        self.results.reserve(len);
        let mut pulled = 0;
        let made = loop {
            let most = waits.items_per_look().min(len - pulled);
            let outcome = append(&mut self.results, most, || {
                let item = input.next()?;
                pulled += 1;
                Some(f(item))
            });
            match outcome {
                Ok(made) if made < most => break Made::InputEnded,
                Ok(_) if pulled == len || waits.has_waited() => break Made::More,
                Ok(_) => {}
                Err(payload) if pulled > self.results.len() => {
                    self.panic = Some(payload);
                    break Made::More;
                }
                Err(payload) => break Made::InputPanicked(payload),
            }
        };
        self.spent = start.elapsed();
        self.len = pulled;
        made
    }

    /// Makes results of the items. After a panic, or once it is to stop, the rest of the items is dropped.
    pub(super) fn run(&mut self, f: impl Fn(T) -> R, is_stopped: impl Fn() -> bool) {
        let start = Instant::now();
        let len = self.items.len();
        let mut items = self.items.drain(..);
        let outcome = append(&mut self.results, len, || {
            if is_stopped() {
                return None;
            }
            items.next().map(&f)
        });
        // The drops of the items that are left are the user's code too.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(items)));
        self.panic = outcome.and(dropped.map(|()| 0)).err();
        self.spent = start.elapsed();
    }
}
