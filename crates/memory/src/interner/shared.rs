//! One interner for several threads.

use std::{
    fmt,
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

use super::{Interned, Interner, Symbol};
use crate::Error;

/// An [`Interner`] that several threads use at once.
///
/// [`intern`](Self::intern) of a string that is there, [`get`](Self::get) and [`resolve`](Self::resolve) take a lock that
/// readers share, a few ns more than an [`Interner`] needs; `intern` of a new string takes it alone. Readers still write one line of
/// memory, so many threads that do nothing but resolve do not scale: let them keep the strings, which live as long as the
/// interner, or build an [`Interner`] first and share it by reference.
///
/// ```
/// use tuneup_memory::SharedInterner;
///
/// let names = SharedInterner::new();
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| names.intern("apple").unwrap());
///     }
/// });
/// assert_eq!(names.len(), 1);
/// ```
#[doc(alias = "ThreadedRodeo")]
pub struct SharedInterner<B: Interned + ?Sized = str> {
    interner: RwLock<Interner<B>>,
}

impl SharedInterner {
    /// An empty interner of text, of at most 4 GiB. Allocates nothing yet.
    ///
    /// ```
    /// assert!(tuneup_memory::SharedInterner::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::from(Interner::new())
    }
}

impl<B: Interned + ?Sized> SharedInterner<B> {
    /// Nothing of users runs under the lock, so it is never poisoned.
    fn read(&self) -> RwLockReadGuard<'_, Interner<B>> {
        self.interner.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The symbol of `string`, which is stored if it is new. Blocks while another thread stores a string.
    ///
    /// # Errors
    /// [`Error::LimitReached`] if it is new and there is no room for it.
    ///
    /// ```
    /// let names = tuneup_memory::SharedInterner::new();
    /// assert_eq!(names.intern("apple")?, names.intern("apple")?);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[doc(alias = "get_or_intern")]
    pub fn intern(&self, string: &B) -> Result<Symbol, Error> {
        if let Some(symbol) = self.get(string) {
            return Ok(symbol);
        }
        let mut interner = self
            .interner
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        interner.intern(string)
    }

    /// The symbol of `string`, if it is stored. Blocks while another thread stores a string.
    ///
    /// ```
    /// let names = tuneup_memory::SharedInterner::new();
    /// assert_eq!(names.get("apple"), None);
    /// ```
    #[must_use]
    pub fn get(&self, string: &B) -> Option<Symbol> {
        self.read().get(string)
    }

    /// The string of a symbol. Blocks while another thread stores a string.
    ///
    /// # Panics
    /// If the symbol is of another interner, and this one has none of its number.
    ///
    /// ```
    /// let names = tuneup_memory::SharedInterner::new();
    /// let apple = names.resolve(names.intern("apple")?);
    /// names.intern("pear")?;
    /// assert_eq!(apple, "apple");
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[must_use]
    pub fn resolve(&self, symbol: Symbol) -> &B {
        let interner = self.read();
        let string: *const B = interner.resolve(symbol);
        // SAFETY: a string that is stored is never changed, moved or freed before the interner is, and that is borrowed.
        unsafe { &*string }
    }

    /// How many strings are stored.
    ///
    /// ```
    /// assert_eq!(tuneup_memory::SharedInterner::new().len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether no string is stored.
    ///
    /// ```
    /// assert!(tuneup_memory::SharedInterner::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    /// The interner inside, for one thread and without a lock. Symbols stay as they are.
    ///
    /// ```
    /// let names = tuneup_memory::SharedInterner::new();
    /// let apple = names.intern("apple")?;
    /// assert_eq!(names.into_inner().resolve(apple), "apple");
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[must_use]
    pub fn into_inner(self) -> Interner<B> {
        self.interner
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// For bytes or a limit. Symbols stay as they are.
///
/// ```
/// use tuneup_memory::{Interner, SharedInterner};
///
/// let keys = SharedInterner::from(Interner::<[u8]>::default().with_limit(1 << 20));
/// keys.intern(b"\xff")?;
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
impl<B: Interned + ?Sized> From<Interner<B>> for SharedInterner<B> {
    fn from(interner: Interner<B>) -> Self {
        let interner = RwLock::new(interner);
        Self { interner }
    }
}

impl<B: Interned + ?Sized> Default for SharedInterner<B> {
    fn default() -> Self {
        Self::from(Interner::default())
    }
}

impl<B: Interned + ?Sized> fmt::Debug for SharedInterner<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.read().fmt(f)
    }
}
