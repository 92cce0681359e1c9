//! Strings that are stored once and named by numbers.

use std::fmt;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::Error;

mod interned;
mod shared;
mod storage;
mod symbol;
#[cfg(test)]
mod tests;

use self::storage::Storage;
pub use self::{
    interned::Interned,
    shared::SharedInterner,
    symbol::{Symbol, Symbols},
};

/// Stores each string once, and names it by a [`Symbol`] of 4 bytes: compared, hashed and copied as a number.
///
/// For text, `Interner` or `Interner<str>`; for bytes, `Interner<[u8]>`. For one thread at a time; several share a
/// [`SharedInterner`].
///
/// Symbols count from 0 in the order in which strings came. A symbol belongs to the interner that gave it; another one takes it for a
/// string of its own, or panics if it has none of that number.
///
/// # Cost
/// [`intern`](Self::intern) and [`get`](Self::get): one hash of the string, one comparison if it is there, O(length).
/// [`resolve`](Self::resolve): O(1). Strings lie one behind another in chunks of 4 KiB to 1 MiB, so few are allocated and no string has
/// an allocation of its own, but one longer than a quarter of a chunk. Each takes its length and about 18 bytes. Strings are freed
/// when the interner is dropped, all at once and not before: a limit bounds them.
///
/// The hash is seeded at random but not made to withstand attacks. Strings of somebody who wants to slow you down
/// belong into a `HashMap`.
///
/// # When it is the wrong tool
/// Strings that are known when the program is built are best an enum. For a few strings that are shared and then dropped, `Arc<str>`
/// is simpler, and frees them.
///
/// # Sources
/// Interning is as old as Lisp; the names are those of the compiler's interner and of
/// [`string-interner`](https://docs.rs/string-interner). Strings behind one another, with a table of numbers, is the latter's
/// `BufferBackend` in spirit.
///
/// ```
/// use tuneup_memory::{Interner, Symbol};
///
/// let mut names = Interner::new();
/// let apple = names.intern("apple")?;
/// let pear = names.intern("pear")?;
/// assert_eq!(names.intern("apple")?, apple);
/// assert_eq!(names.resolve(pear), "pear");
/// assert_eq!(size_of::<Option<Symbol>>(), 4);
///
/// let mut keys = Interner::<[u8]>::default();
/// assert_eq!(keys.intern(b"\xff\x00")?.index(), 0);
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[doc(alias = "string pool")]
#[doc(alias = "atom table")]
#[doc(alias = "Rodeo")]
#[doc(alias = "symbol table")]
pub struct Interner<B: Interned + ?Sized = str> {
    storage: Storage,
    table: HashTable<Symbol>,
    hasher: DefaultHashBuilder,
    kind: std::marker::PhantomData<fn() -> Box<B>>,
}

impl Interner {
    /// An empty interner of text, of at most 4 GiB; of bytes, `Interner::<[u8]>::default()`. Allocates nothing yet.
    ///
    /// ```
    /// assert!(tuneup_memory::Interner::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<B: Interned + ?Sized> Interner<B> {
    /// Stores at most so many bytes of strings; by default, and at most, 4 GiB less one byte.
    ///
    /// Of what is stored already nothing is dropped. There are also at most 4,294,967,295 strings.
    ///
    /// ```
    /// use tuneup_memory::{Error, Interner};
    ///
    /// let mut names = Interner::new().with_limit(8);
    /// names.intern("12345")?;
    /// assert!(matches!(names.intern("6789"), Err(Error::LimitReached { limit: 8, .. })));
    /// assert!(names.intern("678").is_ok());
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[must_use]
    pub fn with_limit(mut self, limit_bytes: usize) -> Self {
        self.storage.set_limit(limit_bytes);
        self
    }

    /// The symbol of `string`, which is stored if it is new.
    ///
    /// O(length), amortised. Allocates when a chunk or the table is full.
    ///
    /// # Errors
    /// [`Error::LimitReached`] if it is new and there is no room for it. What is stored stays.
    ///
    /// ```
    /// use tuneup_memory::Interner;
    ///
    /// let mut names = Interner::new();
    /// assert_eq!(names.intern("x")?, names.intern(&String::from("x"))?);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[doc(alias = "get_or_intern")]
    pub fn intern(&mut self, string: &B) -> Result<Symbol, Error> {
        let bytes = string.as_bytes();
        let hash = self.hash(bytes);
        if let Some(symbol) = self.find(hash, bytes) {
            return Ok(symbol);
        }
        let symbol = self.storage.push(bytes)?;
        let (storage, hasher) = (&self.storage, &self.hasher);
        self.table.insert_unique(hash, symbol, |symbol| {
            hash_of(hasher, storage.bytes(*symbol))
        });
        Ok(symbol)
    }

    /// The symbol of `string`, if it is stored. O(length).
    ///
    /// ```
    /// let mut names = tuneup_memory::Interner::new();
    /// let apple = names.intern("apple")?;
    /// assert_eq!((names.get("apple"), names.get("pear")), (Some(apple), None));
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[must_use]
    pub fn get(&self, string: &B) -> Option<Symbol> {
        let bytes = string.as_bytes();
        self.find(self.hash(bytes), bytes)
    }

    /// The string of a symbol. O(1).
    ///
    /// # Panics
    /// If the symbol is of another interner, and this one has none of its number.
    ///
    /// ```
    /// let mut names = tuneup_memory::Interner::new();
    /// let apple = names.intern("apple")?;
    /// assert_eq!(names.resolve(apple), "apple");
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn resolve(&self, symbol: Symbol) -> &B {
        let bytes = self.storage.bytes(symbol);
        // SAFETY: an interner of `B` stores bytes of values of `B` alone.
        unsafe { B::from_bytes(bytes) }
    }

    /// How many strings are stored.
    ///
    /// ```
    /// let mut names = tuneup_memory::Interner::new();
    /// names.intern("apple")?;
    /// assert_eq!(names.len(), 1);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.storage.len()
    }

    /// Whether no string is stored.
    ///
    /// ```
    /// assert!(tuneup_memory::Interner::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes the interner has allocated: strings, what is free in chunks, and tables.
    ///
    /// ```
    /// let mut names = tuneup_memory::Interner::new();
    /// names.intern("apple")?;
    /// assert!(names.size_bytes() >= 4_096);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.storage.size_bytes() + self.table.allocation_size()
    }

    /// The symbols and strings, in the order of the symbols.
    ///
    /// ```
    /// let mut names = tuneup_memory::Interner::new();
    /// let apple = names.intern("apple")?;
    /// assert!(names.iter().eq([(apple, "apple")]));
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[must_use]
    pub fn iter(&self) -> Symbols<'_, B> {
        Symbols::of(self)
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        hash_of(&self.hasher, bytes)
    }

    fn find(&self, hash: u64, bytes: &[u8]) -> Option<Symbol> {
        let same = |symbol: &Symbol| self.storage.bytes(*symbol) == bytes;
        self.table.find(hash, same).copied()
    }
}

/// Without the length that a slice would add: what is hashed is nothing but the string.
#[inline]
fn hash_of(hasher: &DefaultHashBuilder, bytes: &[u8]) -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    let mut hasher = hasher.build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

impl<B: Interned + ?Sized> Default for Interner<B> {
    fn default() -> Self {
        Self {
            storage: Storage::default(),
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            kind: std::marker::PhantomData,
        }
    }
}

impl<'a, B: Interned + ?Sized> IntoIterator for &'a Interner<B> {
    type Item = (Symbol, &'a B);
    type IntoIter = Symbols<'a, B>;

    fn into_iter(self) -> Symbols<'a, B> {
        self.iter()
    }
}

impl<B: Interned + ?Sized> fmt::Debug for Interner<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interner")
            .field("len", &self.len())
            .field("size_bytes", &self.size_bytes())
            .finish_non_exhaustive()
    }
}
