//! Where a thread looks first: the slot that it used last.

#[cfg(not(all(loom, test)))]
mod imp {
    use std::{
        cell::Cell,
        sync::atomic::{AtomicUsize, Ordering::Relaxed},
    };

    /// Pools that a thread uses in turn shall not overwrite each other's hints; more than these share them, which costs
    /// searches.
    const CELLS: usize = 8;

    thread_local! {
        static HINTS: [Cell<usize>; CELLS] = const { [const { Cell::new(0) }; CELLS] };
    }

    /// Which of a thread's cells belongs to a pool.
    #[derive(Debug, Clone, Copy)]
    pub(in crate::pool) struct Hint(usize);

    impl Hint {
        pub(in crate::pool) fn new() -> Self {
            static NEXT: AtomicUsize = AtomicUsize::new(0);
            Self(NEXT.fetch_add(1, Relaxed))
        }

        /// It may be of another pool.
        #[inline(always)]
        pub(in crate::pool) fn get(self) -> usize {
            HINTS.with(|hints| hints[self.0 % CELLS].get())
        }

        #[inline(always)]
        pub(in crate::pool) fn set(self, index: usize) {
            HINTS.with(|hints| hints[self.0 % CELLS].set(index));
        }
    }
}

/// In a model all threads look at the first slot first, where they get in each other's way most.
#[cfg(all(loom, test))]
mod imp {
    #[derive(Debug, Clone, Copy)]
    pub(in crate::pool) struct Hint;

    impl Hint {
        pub(in crate::pool) fn new() -> Self {
            Self
        }

        pub(in crate::pool) fn get(self) -> usize {
            0
        }

        pub(in crate::pool) fn set(self, _index: usize) {}
    }
}

pub(super) use imp::Hint;
