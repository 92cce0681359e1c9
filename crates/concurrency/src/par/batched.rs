//! An iterator in batches.

use std::{iter::FusedIterator, num::NonZeroUsize};

/// Vectors of so many items each; the last may be shorter. From [`batched`](super::batched).
///
/// # Examples
/// See [`batched`](super::batched).
#[derive(Debug, Clone)]
#[must_use = "iterators do nothing unless they are advanced"]
pub struct Batched<I: Iterator> {
    items: std::iter::Fuse<I>,
    len: NonZeroUsize,
}

impl<I: Iterator> Batched<I> {
    pub(super) fn new(items: I, len: NonZeroUsize) -> Self {
        Self {
            items: items.fuse(),
            len,
        }
    }
}

impl<I: Iterator> Iterator for Batched<I> {
    type Item = Vec<I::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.items.next()?;
        // What the iterator promises, so that a huge batch of a short iterator takes no huge memory.
        let expected = self.items.size_hint().0.saturating_add(1);
        let mut batch = Vec::with_capacity(expected.min(self.len.get()));
        batch.push(first);
        batch.extend(self.items.by_ref().take(self.len.get() - 1));
        Some(batch)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.items.size_hint();
        let batches = |items: usize| items.div_ceil(self.len.get());
        (batches(least), most.map(batches))
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for Batched<I> {}

impl<I: Iterator> FusedIterator for Batched<I> {}
