//! What can be interned: text and bytes.

mod sealed {
    pub trait Sealed {}
    impl Sealed for str {}
    impl Sealed for [u8] {}
}

/// What an [`Interner`](super::Interner) stores: `str` or `[u8]`. Nothing else may implement it.
///
/// ```
/// fn count<B: tuneup_memory::Interned + ?Sized>(names: &tuneup_memory::Interner<B>) -> usize {
///     names.len()
/// }
/// assert_eq!(count(&tuneup_memory::Interner::new()), 0);
/// ```
///
/// # Safety
/// What [`as_bytes`](Self::as_bytes) returns makes the same value again.
pub unsafe trait Interned: sealed::Sealed + 'static {
    #[doc(hidden)]
    fn as_bytes(&self) -> &[u8];

    /// # Safety
    /// The bytes are those of a value of this type.
    #[doc(hidden)]
    unsafe fn from_bytes(bytes: &[u8]) -> &Self;
}

// SAFETY: text is its UTF-8.
unsafe impl Interned for str {
    #[inline(always)]
    fn as_bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    #[inline(always)]
    unsafe fn from_bytes(bytes: &[u8]) -> &Self {
        // SAFETY: by contract the bytes are those of a string.
        unsafe { std::str::from_utf8_unchecked(bytes) }
    }
}

// SAFETY: bytes are themselves.
unsafe impl Interned for [u8] {
    #[inline(always)]
    fn as_bytes(&self) -> &[u8] {
        self
    }

    #[inline(always)]
    unsafe fn from_bytes(bytes: &[u8]) -> &Self {
        bytes
    }
}
