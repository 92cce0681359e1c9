//! The numbers of strings.

use std::{fmt, iter::FusedIterator, num::NonZeroU32};

use super::{Interned, Interner};

/// The name of a string in an [`Interner`](super::Interner): 4 bytes, as is `Option<Symbol>`.
///
/// Ordered as the strings came, not as an alphabet would have them.
///
/// ```
/// let mut names = tuneup_memory::Interner::new();
/// let [pear, apple] = [names.intern("pear")?, names.intern("apple")?];
/// assert!(pear < apple);
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[doc(alias = "Spur")]
#[doc(alias = "atom")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(NonZeroU32);

impl Symbol {
    /// The symbol of that number; `None` beyond 4,294,967,294.
    pub(super) fn new(index: usize) -> Option<Self> {
        let number = u32::try_from(index).ok()?.checked_add(1)?;
        NonZeroU32::new(number).map(Self)
    }

    /// How many strings came before it: an index into a table beside the interner.
    ///
    /// ```
    /// let mut names = tuneup_memory::Interner::new();
    /// let mut counts = vec![0];
    /// counts[names.intern("apple")?.index()] += 1;
    /// assert_eq!(counts, [1]);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Symbol({})", self.index())
    }
}

/// The symbols and strings of an [`Interner`], from [`Interner::iter`].
///
/// ```
/// let mut names = tuneup_memory::Interner::new();
/// names.intern("apple")?;
/// assert_eq!(names.iter().len(), 1);
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[derive(Debug)]
pub struct Symbols<'a, B: Interned + ?Sized> {
    interner: &'a Interner<B>,
    indices: std::ops::Range<usize>,
}

impl<'a, B: Interned + ?Sized> Symbols<'a, B> {
    pub(super) fn of(interner: &'a Interner<B>) -> Self {
        let indices = 0..interner.len();
        Self { interner, indices }
    }
}

impl<B: Interned + ?Sized> Clone for Symbols<'_, B> {
    fn clone(&self) -> Self {
        Self {
            interner: self.interner,
            indices: self.indices.clone(),
        }
    }
}

impl<'a, B: Interned + ?Sized> Iterator for Symbols<'a, B> {
    type Item = (Symbol, &'a B);

    fn next(&mut self) -> Option<Self::Item> {
        let symbol = Symbol::new(self.indices.next()?)?;
        Some((symbol, self.interner.resolve(symbol)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.indices.size_hint()
    }
}

impl<B: Interned + ?Sized> ExactSizeIterator for Symbols<'_, B> {}
impl<B: Interned + ?Sized> FusedIterator for Symbols<'_, B> {}
