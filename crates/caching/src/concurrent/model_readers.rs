//! The readers of a model: as many as a model has threads, made anew for each order that is tried.

use loom::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const THREADS: usize = 4;

pub(super) const PLACES: usize = 64;

pub(crate) struct Reader {
    pub(super) reading: AtomicUsize,
    /// The thread's own, so that there is nothing to model.
    reads: std::sync::atomic::AtomicU32,
    number: usize,
}

struct Registry {
    readers: Vec<Reader>,
    next: AtomicUsize,
}

loom::lazy_static! {
    static ref REGISTRY: Registry = Registry {
        readers: (0..THREADS)
            .map(|number| Reader { reading: AtomicUsize::new(0), reads: 0.into(), number })
            .collect(),
        next: AtomicUsize::new(0),
    };
}

loom::thread_local! {
    static MINE: usize = REGISTRY.next.fetch_add(1, Relaxed);
}

impl Reader {
    pub(super) fn place(&self) -> usize {
        self.number
    }

    pub(super) fn is_early(&self) -> bool {
        true
    }

    /// Each read is told at once.
    pub(super) fn counts_by_itself(&self) -> bool {
        self.reads.fetch_add(1, Relaxed) == 0
    }

    pub(super) fn take_count(&self) -> u32 {
        self.reads.swap(0, Relaxed)
    }
}

pub(super) fn early() -> impl Iterator<Item = &'static Reader> {
    all()
}

pub(super) fn all() -> impl Iterator<Item = &'static Reader> {
    REGISTRY.readers.iter()
}

pub(crate) fn current() -> Option<&'static Reader> {
    REGISTRY.readers.get(MINE.with(|mine| *mine))
}

pub(super) fn known() -> Option<&'static Reader> {
    current()
}
