//! What went wrong while many threads worked, and where.

use std::{any::Any, convert::Infallible, ops::Range};

use super::sync::{Mutex, lock};
use crate::{ItemError, ItemPanic};

/// Why an item has no result.
pub(super) enum Cause<E> {
    Error(E),
    Panic(Box<dyn Any + Send>),
}

/// The failure of the first of the items that failed, and the chunks without results.
pub(super) struct Failures<E>(Mutex<Noted<E>>);

struct Noted<E> {
    first: Option<(usize, Cause<E>)>,
    /// One a thread at most: each stops at its first.
    holes: Vec<Range<usize>>,
}

impl<E> Failures<E> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Noted {
            first: None,
            holes: Vec::new(),
        }))
    }

    /// Takes down that the item `index` failed, and that of the items in `hole` there are no results.
    pub(super) fn note(&self, index: usize, cause: Cause<E>, hole: Range<usize>) {
        let mut noted = lock(&self.0);
        noted.holes.push(hole);
        let other = match &mut noted.first {
            Some((first, _)) if *first <= index => Some(cause),
            first => first.replace((index, cause)).map(|(_, cause)| cause),
        };
        drop(noted);
        // After the lock is free: an error or a payload is the user's, and so is its drop.
        drop(other);
    }

    /// The first failure if there is one, and the holes in ascending order.
    pub(super) fn into_first(self) -> Option<(Failure<E>, Vec<Range<usize>>)> {
        let Noted { first, mut holes } = self
            .0
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        holes.sort_unstable_by_key(|hole| hole.start);
        let (index, cause) = first?;
        Some((Failure { index, cause }, holes))
    }
}

pub(super) struct Failure<E> {
    index: usize,
    cause: Cause<E>,
}

impl<E> Failure<E> {
    /// An error is returned; a panic goes on.
    pub(super) fn raise(self) -> ItemError<E> {
        match self.cause {
            Cause::Error(error) => ItemError::new(self.index, error),
            Cause::Panic(payload) => ItemPanic::new(self.index, payload).resume(),
        }
    }
}

impl Failure<Infallible> {
    /// What cannot fail has panicked.
    pub(super) fn resume(self) -> ! {
        match self.cause {
            Cause::Error(never) => match never {},
            Cause::Panic(payload) => ItemPanic::new(self.index, payload).resume(),
        }
    }
}
