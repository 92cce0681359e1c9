//! Folding in parallel, in the order of the items.

use std::{
    cell::Cell,
    collections::BTreeMap,
    convert::Infallible,
    marker::PhantomData,
    ops::{ControlFlow, Range},
    panic::{AssertUnwindSafe, catch_unwind},
};

use rayon::iter::{
    IndexedParallelIterator,
    plumbing::{Producer, ProducerCallback},
};

use super::{
    collect::Count,
    engine::{Divide, Task, run, run_after_first},
    failures::{Cause, Failures},
    sync::{Mutex, lock},
};
use crate::{
    ItemPanic,
    cost::{FirstItem, Site},
};

#[inline]
pub(super) fn fold<I, A, D, F, M>(items: I, site: Site, identity: D, f: F, merge: M) -> A
where
    I: IndexedParallelIterator,
    A: Send,
    D: Fn() -> A + Sync,
    F: Fn(A, I::Item) -> A + Sync,
    M: Fn(A, A) -> A + Sync,
{
    let len = items.len();
    items.with_producer(Fold {
        len,
        site,
        identity,
        f,
        merge,
        types: PhantomData,
    })
}

struct Fold<D, F, M, A> {
    len: usize,
    site: Site,
    identity: D,
    f: F,
    merge: M,
    types: PhantomData<fn() -> A>,
}

impl<T, A, D, F, M> ProducerCallback<T> for Fold<D, F, M, A>
where
    A: Send,
    D: Fn() -> A + Sync,
    F: Fn(A, T) -> A + Sync,
    M: Fn(A, A) -> A + Sync,
{
    type Output = A;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, producer: P) -> A {
        if self.len <= 1 {
            return fold_here(0, producer.into_iter(), self.identity, self.f);
        }
        if self.site.is_tiny(self.len) {
            return self.fold_tiny(producer);
        }
        self.fold_shared(producer, None)
    }
}

impl<A, D, F, M> Fold<D, F, M, A>
where
    A: Send,
    D: Fn() -> A + Sync,
    M: Fn(A, A) -> A + Sync,
{
    /// In a loop, unless the first item shows that these are others than the tiny ones that are known.
    #[inline]
    fn fold_tiny<T, P>(self, producer: P) -> A
    where
        P: Producer<Item = T>,
        F: Fn(A, T) -> A + Sync,
    {
        let (head, tail) = producer.split_at(1);
        let first = FirstItem::begin();
        let value = fold_here(0, head.into_iter(), &self.identity, &self.f);
        if !first.is_tiny() {
            return self.fold_shared(tail, Some(value));
        }
        fold_here(1, tail.into_iter(), || value, self.f)
    }

    /// By threads, where that pays, all items, or all but the first, which gave `first`.
    fn fold_shared<T, P>(self, producer: P, first: Option<A>) -> A
    where
        P: Producer<Item = T>,
        F: Fn(A, T) -> A + Sync,
    {
        let first = first.map(|value| Part { range: 0..1, value });
        let done = first.iter().len();
        let task = FoldTask {
            identity: self.identity,
            f: self.f,
            merge: self.merge,
            parts: Mutex::new(first.into_iter().map(|part| (0, part)).collect()),
            failures: Failures::<Infallible>::new(),
        };
        let work = Items {
            producer,
            len: self.len - done,
        };
        match done {
            0 => run(work, self.site, &task),
            _ => run_after_first(work, self.site, &task),
        };
        if let Some((failure, _)) = task.failures.into_first() {
            failure.resume();
        }
        let parts = task
            .parts
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // There is one part, or none if there are no items: all that touch have been merged.
        parts
            .into_values()
            .map(|part| part.value)
            .reduce(&task.merge)
            .unwrap_or_else(&task.identity)
    }
}

/// As [`fold`] in a loop, from the item `start` on, onto what `first` gives.
#[inline]
pub(super) fn fold_here<T, A>(
    start: usize,
    items: impl Iterator<Item = T>,
    first: impl FnOnce() -> A,
    f: impl Fn(A, T) -> A,
) -> A {
    let folded = Cell::new(0);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut count = Count {
            items: 0,
            to: &folded,
        };
        items.fold(first(), |value, item| {
            let value = f(value, item);
            count.items += 1;
            value
        })
    }));
    outcome.unwrap_or_else(|payload| ItemPanic::new(start + folded.get(), payload).resume())
}

/// Items that know how many they are.
struct Items<P> {
    producer: P,
    len: usize,
}

impl<P: Producer> Divide for Items<P> {
    #[inline]
    fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn split_at(self, at: usize) -> (Self, Self) {
        let (head, tail) = self.producer.split_at(at);
        (
            Self {
                producer: head,
                len: at,
            },
            Self {
                producer: tail,
                len: self.len - at,
            },
        )
    }
}

struct FoldTask<D, F, M, A> {
    identity: D,
    f: F,
    merge: M,
    /// What has been folded, by the number of its first item. No two parts touch, so that there are at most as many as threads.
    parts: Mutex<BTreeMap<usize, Part<A>>>,
    failures: Failures<Infallible>,
}

/// Neighbouring items, folded.
struct Part<A> {
    range: Range<usize>,
    value: A,
}

impl<A, D, F, M> FoldTask<D, F, M, A>
where
    A: Send,
    M: Fn(A, A) -> A + Sync,
{
    /// Adds a part and merges what touches it, the merging outside of the lock: until it is done, nobody else has the two. A break if that has
    /// panicked, which is noted.
    fn add(&self, mut part: Part<A>) -> ControlFlow<()> {
        while let Some((left, right)) = self.add_or_pair(part) {
            let range = left.range.start..right.range.end;
            let merge = || (self.merge)(left.value, right.value);
            match catch_unwind(AssertUnwindSafe(merge)) {
                Ok(value) => part = Part { range, value },
                Err(payload) => {
                    let index = right.range.start;
                    self.failures.note(index, Cause::Panic(payload), range);
                    return ControlFlow::Break(());
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// A neighbour and the part, in their order, if there is a neighbour.
    fn add_or_pair(&self, part: Part<A>) -> Option<(Part<A>, Part<A>)> {
        let mut parts = lock(&self.parts);
        let before = parts
            .range(..part.range.start)
            .next_back()
            .filter(|(_, other)| other.range.end == part.range.start)
            .map(|(&start, _)| start);
        if let Some(before) = before.and_then(|start| parts.remove(&start)) {
            return Some((before, part));
        }
        if let Some(after) = parts.remove(&part.range.end) {
            return Some((part, after));
        }
        parts.insert(part.range.start, part);
        None
    }
}

impl<P, A, D, F, M> Task<Items<P>> for FoldTask<D, F, M, A>
where
    P: Producer,
    A: Send,
    D: Fn() -> A + Sync,
    F: Fn(A, P::Item) -> A + Sync,
    M: Fn(A, A) -> A + Sync,
{
    type Local = Option<Part<A>>;

    #[inline]
    fn begin(&self) -> Self::Local {
        None
    }

    #[inline]
    fn chunk(&self, local: &mut Self::Local, start: usize, work: Items<P>) -> ControlFlow<()> {
        let folded = Cell::new(0);
        let range = start..start + work.len;
        if let Some(part) = local.take_if(|part| part.range.end != start) {
            self.add(part)?;
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut count = Count {
                items: 0,
                to: &folded,
            };
            let (first, mut value) = match local.take() {
                // The thread goes on where it was.
                Some(part) => (part.range.start, part.value),
                None => (start, (self.identity)()),
            };
            for item in work.producer.into_iter() {
                value = (self.f)(value, item);
                count.items += 1;
            }
            *local = Some(Part {
                range: first..range.end,
                value,
            });
        }));
        match outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(payload) => {
                let index = start + folded.get();
                self.failures.note(index, Cause::Panic(payload), range);
                ControlFlow::Break(())
            }
        }
    }

    #[inline]
    fn end(&self, local: Self::Local) {
        if let Some(part) = local {
            // What breaks is noted, and at the end there is nothing to stop.
            let _ = self.add(part);
        }
    }
}
