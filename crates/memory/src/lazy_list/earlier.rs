//! What a source sees of its list.

use std::{fmt, iter::FusedIterator, ops::Index, ops::Range};

use super::chunks::Chunks;

/// What a source sees of its [`LazyList`](super::LazyList): the elements before the one that it is asked for.
///
/// ```
/// use tuneup_memory::LazyList;
///
/// let sums = LazyList::from_fn(|index, earlier| Some(index + earlier.last().copied().unwrap_or(0)));
/// assert_eq!(sums.get(4), Some(&10));
/// ```
pub struct Earlier<'l, T> {
    pub(super) chunks: &'l Chunks<T>,
    pub(super) len: usize,
}

impl<'l, T> Earlier<'l, T> {
    /// How many there are: the index of the element that is asked for.
    ///
    /// ```
    /// let list = tuneup_memory::LazyList::from_fn(|_, earlier| Some(earlier.len()));
    /// assert_eq!(list[2], 2);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the first element is asked for.
    ///
    /// ```
    /// let list = tuneup_memory::LazyList::from_fn(|_, earlier| Some(earlier.is_empty()));
    /// assert!(list[0] && !list[1]);
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The element at `index`, if it is one of them. O(1). By `earlier[index]`, one that must be.
    ///
    /// ```
    /// use tuneup_memory::LazyList;
    ///
    /// let list = LazyList::from_fn(|index, earlier| match earlier.get(index / 2) {
    ///     None => Some(0),
    ///     Some(half) => Some(half + 1),
    /// });
    /// assert_eq!(list[8], 4);
    /// ```
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&'l T> {
        self.chunks.get(index)
    }

    /// The one before the one that is asked for. O(1).
    ///
    /// ```
    /// let powers = tuneup_memory::LazyList::from_fn(|_, earlier| Some(earlier.last().map_or(1, |last| last * 2)));
    /// assert_eq!(powers[10], 1_024);
    /// ```
    #[must_use]
    pub fn last(&self) -> Option<&'l T> {
        self.get(self.len.checked_sub(1)?)
    }

    /// All of them, from the first.
    ///
    /// ```
    /// let list = tuneup_memory::LazyList::from_fn(|_, earlier| Some(1 + earlier.iter().sum::<u32>()));
    /// assert_eq!(list[4], 16);
    /// ```
    #[must_use]
    pub fn iter(&self) -> EarlierIter<'l, T> {
        EarlierIter {
            chunks: self.chunks,
            indices: 0..self.len,
        }
    }
}

impl<T> Index<usize> for Earlier<'_, T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        match self.get(index) {
            Some(element) => element,
            None => panic!("index {index} is not before index {}", self.len),
        }
    }
}

impl<T> fmt::Debug for Earlier<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Earlier")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

/// The elements before the one that a source is asked for, from [`Earlier::iter`].
///
/// ```
/// let list = tuneup_memory::LazyList::from_fn(|_, earlier| Some(earlier.iter().rev().take(2).sum::<u32>().max(1)));
/// assert_eq!(list[5], 8);
/// ```
pub struct EarlierIter<'l, T> {
    chunks: &'l Chunks<T>,
    indices: Range<usize>,
}

impl<'l, T> Iterator for EarlierIter<'l, T> {
    type Item = &'l T;

    fn next(&mut self) -> Option<&'l T> {
        self.chunks.get(self.indices.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.indices.size_hint()
    }
}

impl<'l, T> DoubleEndedIterator for EarlierIter<'l, T> {
    fn next_back(&mut self) -> Option<&'l T> {
        self.chunks.get(self.indices.next_back()?)
    }
}

impl<T> ExactSizeIterator for EarlierIter<'_, T> {}
impl<T> FusedIterator for EarlierIter<'_, T> {}

impl<T> fmt::Debug for EarlierIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EarlierIter").field(&self.indices).finish()
    }
}
