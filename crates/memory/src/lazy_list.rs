//! A sequence whose elements are computed when they are first asked for, and kept.

use std::{fmt, iter::FusedIterator, ops::Index};

use crate::Error;

mod chunks;
mod earlier;
mod source;
#[cfg(test)]
mod tests;

pub use self::earlier::{Earlier, EarlierIter};
use self::{chunks::Chunks, source::Source};

/// More is rather a mistake than a wish.
const DEFAULT_LIMIT: usize = 1 << 20;

/// A sequence that is computed from the front as far as somebody asks, once, and kept: memoised, with random access.
///
/// Made from an iterator ([`new`](Self::new)), or from a function of the index and the elements before it
/// ([`from_fn`](Self::from_fn)). Threads may share it: an element is computed by one of them while the others wait for it, and references to
/// elements stay valid while it grows. The source runs without a lock held.
///
/// | if the source | then |
/// |---|---|
/// | returns `None` | the list ends there, and the source is dropped |
/// | panics | the panic is the caller's, what was computed stays, and who asks next calls the source again for the same index |
/// | asks its own list for an element that is not there yet | it panics: otherwise it would wait for itself |
/// | never ends | the list ends at its limit, 1,048,576 elements or that of [`with_limit`](Self::with_limit) |
///
/// Two lists whose sources ask each other in two threads may wait for each other forever.
///
/// # Cost
/// An element that is there: a few loads and a little arithmetic, no lock. Another one: what its source takes for all elements up to it, and two
/// short locks. Elements lie in chunks of 16, 32, 64 and so on that never move, with 4 or 8 bytes each to say that they are there. An empty
/// list is 700 bytes.
///
/// # When it is the wrong tool
/// One value that is computed when it is first asked for is [`LazyLock`](std::sync::LazyLock), in a static or a field; one that is
/// set from outside, or depends on arguments, is [`OnceLock`](std::sync::OnceLock); in one thread, [`LazyCell`](std::cell::LazyCell)
/// and [`OnceCell`](std::cell::OnceCell). A table of known length that is wanted as a whole is a `Vec`. Values by key, not by
/// position, belong into a cache.
///
/// # Sources
/// The lazy lists of Haskell, and `LazySeq` of Clojure, with the array of growing chunks of
/// [`boxcar`](https://docs.rs/boxcar) below.
///
/// ```
/// use tuneup_memory::LazyList;
///
/// let fibonacci = LazyList::from_fn(|index, earlier| match index {
///     0 | 1 => Some(index as u64),
///     _ => earlier[index - 1].checked_add(earlier[index - 2]),
/// });
/// assert_eq!(fibonacci[50], 12_586_269_025);
/// assert_eq!(fibonacci.computed(), 51);
/// // The sum is more than a `u64` holds: the list ends.
/// assert_eq!(fibonacci.get(1_000), None);
/// assert_eq!(fibonacci.iter().count(), 94);
/// ```
#[doc(alias = "memoize")]
#[doc(alias = "lazy sequence")]
#[doc(alias = "stream")]
pub struct LazyList<'a, T> {
    chunks: Chunks<T>,
    source: Source<'a, T>,
    limit: usize,
}

impl<'a, T> LazyList<'a, T> {
    /// The elements of an iterator.
    ///
    /// ```
    /// use tuneup_memory::LazyList;
    ///
    /// let squares = LazyList::new((1_u64..).map(|number| number * number));
    /// assert_eq!(squares.get(9), Some(&100));
    /// ```
    pub fn new<I>(source: I) -> Self
    where
        I: IntoIterator<Item = T>,
        I::IntoIter: Send + 'a,
    {
        let mut source = source.into_iter();
        Self::from_fn(move |_, _| source.next())
    }

    /// The values of a function of the index and of the elements before it; the list ends where it returns `None`.
    ///
    /// It is called once for each index, in order, and again for the same one after a panic.
    ///
    /// ```
    /// use tuneup_memory::LazyList;
    ///
    /// let primes = LazyList::from_fn(|_, earlier| {
    ///     let first = earlier.last().map_or(2, |last| last + 1);
    ///     (first..).find(|&number| earlier.iter().all(|prime| number % prime != 0))
    /// });
    /// assert_eq!(primes[9], 29);
    /// ```
    pub fn from_fn(source: impl FnMut(usize, Earlier<'_, T>) -> Option<T> + Send + 'a) -> Self {
        Self {
            chunks: Chunks::new(),
            source: Source::new(Box::new(source)),
            limit: DEFAULT_LIMIT,
        }
    }

    /// Ends the list after so many elements, if its source has not ended before: by default 1,048,576, at most 4,294,967,280.
    ///
    /// ```
    /// use tuneup_memory::{Error, LazyList};
    ///
    /// let list = LazyList::new(0..).with_limit(3);
    /// assert_eq!(list.get(3), None);
    /// assert!(matches!(list.try_get(3), Err(Error::LimitReached { limit: 3, .. })));
    /// ```
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit.min(Chunks::<T>::CAPACITY);
        self
    }

    /// The element at `index`, from 0; `None` behind the end or the limit.
    ///
    /// Computes all elements up to it that are not there yet, or waits while another thread does.
    ///
    /// # Panics
    /// If the source does, or if it is the source that asks.
    ///
    /// ```
    /// let list = tuneup_memory::LazyList::new("abc".chars());
    /// assert_eq!((list.get(1), list.get(3)), (Some(&'b'), None));
    /// ```
    #[inline]
    pub fn get(&self, index: usize) -> Option<&T> {
        if index >= self.limit {
            return None;
        }
        match self.chunks.get(index) {
            Some(element) => Some(element),
            None => self.compute(index),
        }
    }

    /// As [`get`](Self::get), and tells the limit from the end: `Ok(None)` is behind the end.
    ///
    /// # Errors
    /// [`Error::LimitReached`] if `index` is not below the limit. Computes nothing then.
    ///
    /// # Panics
    /// As [`get`](Self::get).
    ///
    /// ```
    /// let list = tuneup_memory::LazyList::new("abc".chars()).with_limit(100);
    /// assert_eq!(list.try_get(99).unwrap(), None);
    /// assert!(list.try_get(100).is_err());
    /// ```
    pub fn try_get(&self, index: usize) -> Result<Option<&T>, Error> {
        if index < self.limit {
            return Ok(self.get(index));
        }
        Err(Error::LimitReached {
            what: "elements of a lazy list",
            limit: self.limit,
        })
    }

    /// How many elements are there. Computes none.
    ///
    /// ```
    /// let list = tuneup_memory::LazyList::new(0..10);
    /// list.get(3);
    /// assert_eq!(list.computed(), 4);
    /// ```
    #[must_use]
    pub fn computed(&self) -> usize {
        self.chunks.len()
    }

    /// The elements from the first to the end or the limit, each computed when the iterator comes to it.
    ///
    /// ```
    /// let list = tuneup_memory::LazyList::new(0..);
    /// let even: Vec<_> = list.iter().filter(|number| *number % 2 == 0).take(3).collect();
    /// assert_eq!(even, [&0, &2, &4]);
    /// assert_eq!(list.computed(), 5);
    /// ```
    #[must_use]
    pub fn iter(&self) -> LazyListIter<'_, 'a, T> {
        LazyListIter {
            list: self,
            index: 0,
        }
    }

    #[cold]
    fn compute(&self, index: usize) -> Option<&T> {
        while self.chunks.len() <= index {
            let mut turn = self.source.turn()?;
            // Another thread may have had the turn before, and computed it.
            while self.chunks.len() <= index {
                let len = self.chunks.len();
                let chunks = &self.chunks;
                match turn.call(len, Earlier { chunks, len }) {
                    Some(element) => self.chunks.push(element),
                    None => {
                        turn.end();
                        return None;
                    }
                }
                // Others may want less than this thread, and shall have it before all is computed that this one wants.
                if self.source.is_wanted() {
                    break;
                }
            }
        }
        self.chunks.get(index)
    }
}

impl<T> Index<usize> for LazyList<'_, T> {
    type Output = T;

    /// As [`get`](LazyList::get).
    ///
    /// # Panics
    /// Behind the end or the limit, and as [`get`](LazyList::get).
    fn index(&self, index: usize) -> &T {
        match self.get(index) {
            Some(element) => element,
            None => panic!("index {index} is behind the end of the lazy list or its limit"),
        }
    }
}

/// Says how many elements are there; computes and shows none.
impl<T> fmt::Debug for LazyList<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyList")
            .field("computed", &self.computed())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// The elements of a [`LazyList`], from [`LazyList::iter`].
///
/// ```
/// let list = tuneup_memory::LazyList::new([1, 2]);
/// let mut elements = list.iter();
/// assert_eq!((elements.next(), elements.next(), elements.next()), (Some(&1), Some(&2), None));
/// ```
#[derive(Debug, Clone)]
pub struct LazyListIter<'l, 'a, T> {
    list: &'l LazyList<'a, T>,
    index: usize,
}

impl<'l, T> Iterator for LazyListIter<'l, '_, T> {
    type Item = &'l T;

    fn next(&mut self) -> Option<&'l T> {
        let element = self.list.get(self.index)?;
        self.index += 1;
        Some(element)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let most = self.list.limit.saturating_sub(self.index);
        let least = self.list.computed().saturating_sub(self.index);
        (least.min(most), Some(most))
    }
}

impl<T> FusedIterator for LazyListIter<'_, '_, T> {}

impl<'l, 'a, T> IntoIterator for &'l LazyList<'a, T> {
    type Item = &'l T;
    type IntoIter = LazyListIter<'l, 'a, T>;

    fn into_iter(self) -> LazyListIter<'l, 'a, T> {
        self.iter()
    }
}
