//! A node of a thread's calling-context tree.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::{
    memory::Zeroed,
    pointer_table::{self, Keyed},
    running_total::RunningTotal,
    site::Site,
    site_record::SiteRecord,
    sync::{AtomicPtr, Counter},
};

/// A site as called along one path from the root: one cache line.
///
/// Invariant: parent, site and record are written before the node can be reached by another thread,
/// and never again while the session lasts. A node is on the path of its thread at most once, so that
/// the moment at which its running call began has a place in it, and a thread's whole stack is one
/// pointer to its innermost node.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Node {
    parent: AtomicPtr<Node>,
    /// A `*const Site`; null for the root.
    site: AtomicPtr<Site>,
    /// The ticks at which the running call began; without meaning when none runs. The owner's alone.
    start: Counter,
    /// Calls that have begun.
    pub(crate) calls: Counter,
    /// Ticks of the calls, those of their callees included.
    pub(crate) ticks: RunningTotal,
    record: AtomicPtr<SiteRecord>,
    /// Samples that found this node innermost. The sampler alone writes it.
    pub(crate) wall_samples: Counter,
    /// Those of them on the processor. The sampler alone writes it.
    pub(crate) cpu_samples: Counter,
}

// SAFETY: a node of zeroes has null pointers and counters of zero.
unsafe impl Zeroed for Node {
    #[cfg(all(test, loom))]
    fn zeroed() -> Self {
        Self {
            parent: AtomicPtr::new(std::ptr::null_mut()),
            site: AtomicPtr::new(std::ptr::null_mut()),
            start: Counter::default(),
            calls: Counter::default(),
            ticks: RunningTotal::default(),
            record: AtomicPtr::new(std::ptr::null_mut()),
            wall_samples: Counter::default(),
            cpu_samples: Counter::default(),
        }
    }
}

impl Node {
    /// Gives the node its place. Only before it can be reached.
    pub(crate) fn place(
        &self,
        parent: *const Node,
        site: Option<&'static Site>,
        record: *const SiteRecord,
    ) {
        let site = site.map_or(std::ptr::null(), std::ptr::from_ref);
        self.parent.store(parent.cast_mut(), Relaxed);
        self.site.store(site.cast_mut(), Relaxed);
        self.record.store(record.cast_mut(), Relaxed);
    }

    /// Makes the node as it was before it was placed.
    pub(crate) fn reset(&self) {
        self.place(std::ptr::null(), None, std::ptr::null());
        for counter in [
            &self.start,
            &self.calls,
            &self.wall_samples,
            &self.cpu_samples,
        ] {
            counter.set(0);
        }
        self.ticks.reset();
    }

    /// For the owner: a call begins, or another part of one. The clock is read as late as can be: the processor waits for
    /// whatever stands before that.
    #[inline(always)]
    pub(crate) fn begin(&self, calls: u64, clock: impl FnOnce() -> u64) {
        self.calls.add(calls);
        self.ticks.begin_with(|| {
            let now = clock();
            self.start.set(now);
            now
        });
    }

    /// For the owner: what runs has begun then, or what ran last.
    pub(crate) fn start(&self) -> u64 {
        self.start.get()
    }

    /// For the owner: what began last ends; gives its ticks.
    #[inline(always)]
    pub(crate) fn end(&self, clock: impl FnOnce() -> u64) -> u64 {
        let start = self.start.get();
        let mut ticks = 0;
        self.ticks.end_with(start, || {
            // The counters of two cores may be a little apart.
            ticks = clock().saturating_sub(start);
            ticks
        });
        ticks
    }

    #[inline(always)]
    pub(crate) fn parent_pointer(&self) -> *const Node {
        self.parent.load(Relaxed)
    }

    pub(crate) fn parent(&self) -> Option<&Node> {
        // SAFETY: by the invariant it is null or a node of the same tree, and trees are not freed while they are read.
        unsafe { self.parent_pointer().as_ref() }
    }

    /// Its site; `None` for the root.
    pub(crate) fn site(&self) -> Option<&'static Site> {
        // SAFETY: by the invariant it is null or came from a static reference.
        unsafe { self.site.load(Relaxed).as_ref() }
    }

    #[inline(always)]
    pub(crate) fn is_of(&self, site: *const Site) -> bool {
        std::ptr::eq(self.site.load(Relaxed), site)
    }

    /// The record of its site.
    ///
    /// # Safety
    /// It is neither the root nor a node of folded calls.
    #[inline(always)]
    pub(crate) unsafe fn record_unchecked(&self) -> &'static SiteRecord {
        // SAFETY: the caller promises that there is one, and records are never freed.
        unsafe { &*self.record.load(Relaxed) }
    }

    /// The record of its site; `None` for the root and for folded calls.
    #[inline(always)]
    pub(crate) fn record(&self) -> Option<&'static SiteRecord> {
        // SAFETY: by the invariant it is null or a record, and records are never freed.
        unsafe { self.record.load(Relaxed).as_ref() }
    }
}

/// The key is the parent and the site.
impl Keyed for Node {
    type Key = (*const Node, *const Site);

    #[inline(always)]
    fn is(&self, (parent, site): Self::Key) -> bool {
        std::ptr::eq(self.parent_pointer(), parent) && self.is_of(site)
    }

    #[inline(always)]
    fn hash((parent, site): Self::Key) -> usize {
        pointer_table::hash(parent.addr(), site.addr())
    }

    fn own_hash(&self) -> usize {
        Self::hash((self.parent_pointer(), self.site.load(Relaxed)))
    }
}

/// Where a thread is: its innermost node.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Position(AtomicPtr<Node>);

impl Position {
    pub(crate) fn new() -> Self {
        Self(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// For the owner.
    #[inline(always)]
    pub(crate) fn get(&self) -> *const Node {
        self.0.load(Relaxed)
    }

    /// For the owner: whatever it wrote before is seen by who reads the position.
    #[inline(always)]
    pub(crate) fn set(&self, node: *const Node) {
        self.0.store(node.cast_mut(), Release);
    }

    /// For others.
    pub(crate) fn read(&self) -> *const Node {
        self.0.load(Acquire)
    }
}
