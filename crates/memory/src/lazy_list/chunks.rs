//! Elements in chunks that never move: each as long as all before it and 16 more.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

/// A power of two.
const FIRST: usize = 16;
/// Together they hold as many elements as 32 bits count.
const CHUNKS: usize = 28;

type Chunk<T> = OnceLock<Box<[OnceLock<T>]>>;

pub(super) struct Chunks<T> {
    chunks: Box<[Chunk<T>; CHUNKS]>,
    /// Written by who has the source's turn.
    len: AtomicUsize,
}

impl<T> Chunks<T> {
    pub(super) const CAPACITY: usize = FIRST * ((1 << CHUNKS) - 1);

    pub(super) fn new() -> Self {
        Self {
            chunks: Box::new([const { OnceLock::new() }; CHUNKS]),
            len: AtomicUsize::new(0),
        }
    }

    /// Which chunk, and where in it.
    #[inline]
    fn place(index: usize) -> (usize, usize) {
        let shifted = index + FIRST;
        let chunk = (shifted / FIRST).ilog2();
        (chunk as usize, shifted - (FIRST << chunk))
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<&T> {
        let (chunk, at) = Self::place(index);
        self.chunks.get(chunk)?.get()?[at].get()
    }

    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Only who has the source's turn may call it: of two, one would lose its element.
    pub(super) fn push(&self, element: T) {
        let len = self.len.load(Ordering::Relaxed);
        let (chunk, at) = Self::place(len);
        let empty = || (0..FIRST << chunk).map(|_| OnceLock::new()).collect();
        let stored = self.chunks[chunk].get_or_init(empty)[at].set(element);
        debug_assert!(stored.is_ok(), "two threads had the source's turn");
        self.len.store(len + 1, Ordering::Release);
    }
}
