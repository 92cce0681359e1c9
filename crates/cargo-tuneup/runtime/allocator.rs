//! The allocator of a program, in one that tells the recorder of each block.

use std::{
    alloc::{GlobalAlloc, Layout},
    ops::Deref,
};

use tuneup_recorder::{Reallocation, allocated, freed};

/// Passes everything on as it is. Whatever else a program does with its allocator, it does with the one inside.
pub struct Tracked<A>(A);

impl<A> Tracked<A> {
    pub const fn new(inner: A) -> Self {
        Self(inner)
    }
}

impl<A> Deref for Tracked<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.0
    }
}

// SAFETY: blocks come from the allocator inside and go back to it unchanged; recording never panics, and allocates nothing from a global allocator.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Tracked<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe { self.0.alloc(layout) };
        if !block.is_null() {
            allocated(block, layout.size());
        }
        block
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let block = unsafe { self.0.alloc_zeroed(layout) };
        if !block.is_null() {
            allocated(block, layout.size());
        }
        block
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        freed(block, layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { self.0.dealloc(block, layout) };
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let reallocation = Reallocation::begin(block);
        // SAFETY: the caller's promise is passed on.
        let moved = unsafe { self.0.realloc(block, layout, new_size) };
        if moved.is_null() {
            reallocation.failed();
        } else {
            reallocation.done(layout.size(), moved, new_size);
        }
        moved
    }
}
