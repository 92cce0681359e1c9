//! Results in the order of the items, written by many threads straight to where they stay.

use std::{
    any::Any,
    cell::Cell,
    marker::PhantomData,
    mem::MaybeUninit,
    ops::{ControlFlow, Range},
    panic::{AssertUnwindSafe, catch_unwind},
};

use rayon::iter::{
    IndexedParallelIterator,
    plumbing::{Producer, ProducerCallback},
};

use super::{
    engine::{Divide, Task, run, run_after_first},
    failures::{Cause, Failures},
};
use crate::{
    ItemError, ItemPanic,
    cost::{FirstItem, Site},
};

/// What is wrong with an iterator of rayon that gives fewer items than it says.
const TOO_FEW: &str = "the items are fewer than was promised";

/// The results of all items, or the failure of one.
#[inline]
pub(super) fn collect<I, R, E, F>(items: I, site: Site, f: F) -> Result<Vec<R>, ItemError<E>>
where
    I: IndexedParallelIterator,
    R: Send,
    E: Send,
    F: Fn(I::Item) -> Result<R, E> + Sync,
{
    let len = items.len();
    items.with_producer(Collect {
        len,
        site,
        f,
        types: PhantomData,
    })
}

struct Collect<F, R, E> {
    len: usize,
    site: Site,
    f: F,
    types: PhantomData<fn() -> (R, E)>,
}

impl<T, R, E, F> ProducerCallback<T> for Collect<F, R, E>
where
    R: Send,
    E: Send,
    F: Fn(T) -> Result<R, E> + Sync,
{
    type Output = Result<Vec<R>, ItemError<E>>;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, producer: P) -> Self::Output {
        if self.len <= 1 {
            return collect_here(producer.into_iter(), self.len, self.f);
        }
        if self.site.is_tiny(self.len) {
            return self.collect_tiny(producer);
        }
        let results = Vec::with_capacity(self.len);
        self.collect_shared(producer, results)
    }
}

impl<F, R, E> Collect<F, R, E>
where
    R: Send,
    E: Send,
{
    /// In a loop, unless the first item shows that these are others than the tiny ones that are known.
    #[inline]
    fn collect_tiny<T, P>(self, producer: P) -> Result<Vec<R>, ItemError<E>>
    where
        P: Producer<Item = T>,
        F: Fn(T) -> Result<R, E> + Sync,
    {
        let mut results = Vec::with_capacity(self.len);
        let (head, tail) = producer.split_at(1);
        let first = FirstItem::begin();
        append_here(&mut results, head.into_iter(), 1, &self.f)?;
        if !first.is_tiny() {
            return self.collect_shared(tail, results);
        }
        append_here(&mut results, tail.into_iter(), self.len - 1, &self.f)?;
        Ok(results)
    }

    /// By threads, where that pays, all that is missing in the results: all, or all but the first.
    fn collect_shared<T, P>(self, producer: P, mut results: Vec<R>) -> Result<Vec<R>, ItemError<E>>
    where
        P: Producer<Item = T>,
        F: Fn(T) -> Result<R, E> + Sync,
    {
        let made = results.len();
        // SAFETY: none is fewer than there are. What was made counts as taken below, and is in no hole: it is kept or dropped with the others.
        unsafe { results.set_len(0) };
        let task = Fill {
            f: self.f,
            failures: Failures::<E>::new(),
        };
        let work = Cells {
            producer,
            // Of a type without size a vector has room for more than was asked for.
            cells: &mut results.spare_capacity_mut()[made..self.len],
        };
        let taken = match made {
            0 => run(work, self.site, &task),
            _ => run_after_first(work, self.site, &task),
        };
        match task.failures.into_first() {
            None => {
                // SAFETY: no chunk failed, so that all were taken, and a chunk that has not failed has written all of its cells.
                unsafe { results.set_len(self.len) };
                Ok(results)
            }
            Some((failure, holes)) => {
                drop_between(&mut results.spare_capacity_mut()[..taken], &holes);
                Err(failure.raise())
            }
        }
    }
}

/// As [`collect`] in a loop.
#[inline]
pub(super) fn collect_here<T, R, E>(
    items: impl Iterator<Item = T>,
    len: usize,
    f: impl Fn(T) -> Result<R, E>,
) -> Result<Vec<R>, ItemError<E>> {
    let mut results = Vec::with_capacity(len);
    append_here(&mut results, items, len, f)?;
    Ok(results)
}

/// The results of so many more items, after those of the items before.
#[inline]
fn append_here<T, R, E>(
    results: &mut Vec<R>,
    mut items: impl Iterator<Item = T>,
    len: usize,
    f: impl Fn(T) -> Result<R, E>,
) -> Result<(), ItemError<E>> {
    let mut error = None;
    let outcome = append(results, len, || match f(items.next()?) {
        Ok(result) => Some(result),
        Err(failed) => {
            error = Some(failed);
            None
        }
    });
    match (outcome, error) {
        (Ok(made), _) if made == len => Ok(()),
        (Ok(_), Some(error)) => Err(ItemError::new(results.len(), error)),
        (Ok(_), None) => panic!("{TOO_FEW}"),
        (Err(payload), _) => ItemPanic::new(results.len(), payload).resume(),
    }
}

/// Drops the results in the cells that were taken, but for the holes.
fn drop_between<R>(taken: &mut [MaybeUninit<R>], holes: &[Range<usize>]) {
    let end = taken.len();
    let starts = std::iter::once(0).chain(holes.iter().map(|hole| hole.end));
    let ends = holes.iter().map(|hole| hole.start).chain([end]);
    for (start, end) in starts.zip(ends) {
        // SAFETY: each chunk that was taken has written all its cells or is a hole.
        unsafe { taken[start..end].assume_init_drop() };
    }
}

/// Items, and the places of their results.
struct Cells<'a, P, R> {
    producer: P,
    cells: &'a mut [MaybeUninit<R>],
}

impl<P: Producer, R: Send> Divide for Cells<'_, P, R> {
    #[inline]
    fn len(&self) -> usize {
        self.cells.len()
    }

    #[inline]
    fn split_at(self, at: usize) -> (Self, Self) {
        let (head, tail) = self.producer.split_at(at);
        let (head_cells, tail_cells) = self.cells.split_at_mut(at);
        (
            Self {
                producer: head,
                cells: head_cells,
            },
            Self {
                producer: tail,
                cells: tail_cells,
            },
        )
    }
}

struct Fill<F, E> {
    f: F,
    failures: Failures<E>,
}

impl<P, R, E, F> Task<Cells<'_, P, R>> for Fill<F, E>
where
    P: Producer,
    R: Send,
    E: Send,
    F: Fn(P::Item) -> Result<R, E> + Sync,
{
    type Local = ();

    #[inline]
    fn begin(&self) {}

    #[inline]
    fn chunk(&self, (): &mut (), start: usize, work: Cells<'_, P, R>) -> ControlFlow<()> {
        let Cells { producer, cells } = work;
        let written = Cell::new(0);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut count = Count {
                items: 0,
                to: &written,
            };
            for (cell, item) in cells.iter_mut().zip(producer.into_iter()) {
                cell.write((self.f)(item)?);
                count.items += 1;
            }
            Ok(())
        }));
        let written = written.get();
        let cause = match outcome {
            Ok(Ok(())) if written == cells.len() => return ControlFlow::Continue(()),
            Ok(Ok(())) => Cause::Panic(Box::new(TOO_FEW)),
            Ok(Err(error)) => Cause::Error(error),
            Err(payload) => Cause::Panic(payload),
        };
        let hole = start..start + cells.len();
        self.failures.note(start + written, cause, hole);
        // SAFETY: so many were written, from the first on.
        unsafe { cells[..written].assume_init_drop() };
        ControlFlow::Break(())
    }

    #[inline]
    fn end(&self, (): ()) {}
}

/// Counts in a register and tells at the end, also at the end by a panic: a counter that others see would be written for every item.
pub(super) struct Count<'a> {
    pub(super) items: usize,
    pub(super) to: &'a Cell<usize>,
}

impl Drop for Count<'_> {
    fn drop(&mut self) {
        self.to.set(self.items);
    }
}

/// Appends what `next` gives, up to `most` times, until it gives nothing or panics; how many. After a panic all that was given before is there.
#[inline]
pub(crate) fn append<R>(
    results: &mut Vec<R>,
    most: usize,
    mut next: impl FnMut() -> Option<R>,
) -> Result<usize, Box<dyn Any + Send>> {
    results.reserve(most);
    let written = Cell::new(0);
    let cells = &mut results.spare_capacity_mut()[..most];
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut count = Count {
            items: 0,
            to: &written,
        };
        // Not `push`, which would read and write the vector's length for every item.
        for cell in cells {
            let Some(result) = next() else { return };
            cell.write(result);
            count.items += 1;
        }
    }));
    let written = written.get();
    let len = results.len() + written;
    // SAFETY: so many were written, from the first cell on.
    unsafe { results.set_len(len) };
    outcome.map(|()| written)
}
