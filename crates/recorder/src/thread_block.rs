//! What one thread records: written by it alone, read by anybody at any time.
//!
//! The protocol: the owner stores with plain relaxed stores, and publishes what it has prepared (a
//! node, a record, a line table) by a release store of the pointer or the length through which others
//! reach it. Readers take what they find; numbers that belong together may be a call apart, but none
//! is ever torn. Of a call that is ending a reader may see more time than it has in the end: by what lies
//! between the owner's last look at the clock and its store.

use std::{
    cell::{Cell, UnsafeCell},
    sync::atomic::{self, AtomicBool, AtomicI64, AtomicU8, Ordering},
};

use tuneup_measure::{Clock, ClockSource};

use crate::{
    fold_stack::FoldStack,
    line_records::LineRecords,
    memory,
    node::{Node, Position},
    node_allocations::{LatestAllocations, NodeAllocations},
    options::Options,
    pending_call::PendingCall,
    pointer_table::PointerTable,
    running_total::ORIGIN,
    segments::Segments,
    site::{FOLDED, Site},
    site_record::{SiteRecord, SiteRecords},
    sync::{AtomicU64, Counter},
};

/// What a thread does at a call beyond counting and timing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mode(u8);

impl Mode {
    const DISTRIBUTION: u8 = 1;
    const ALLOCATIONS: u8 = 2;
    const UNTIMED: u8 = 4;
    /// Another clock than the processor's counter.
    const OTHER_CLOCK: u8 = 8;

    fn new(options: &Options) -> Self {
        let bit = |condition, bit| if condition { bit } else { 0 };
        Self(
            bit(options.distribution && options.timed, Self::DISTRIBUTION)
                | bit(options.allocations, Self::ALLOCATIONS)
                | bit(!options.timed, Self::UNTIMED)
                | bit(!reads_the_counter(&options.clock), Self::OTHER_CLOCK),
        )
    }

    /// Whether it counts, reads the processor's counter, and at most keeps the distribution.
    pub(crate) fn is_plain(self) -> bool {
        self.0 <= Self::DISTRIBUTION
    }

    pub(crate) fn distribution(self) -> bool {
        self.0 & Self::DISTRIBUTION != 0
    }

    pub(crate) fn allocations(self) -> bool {
        self.0 & Self::ALLOCATIONS != 0
    }

    /// Whether it does nothing but count.
    pub(crate) fn counts_only(self) -> bool {
        self.untimed() && !self.allocations()
    }

    pub(crate) fn untimed(self) -> bool {
        self.0 & Self::UNTIMED != 0
    }
}

fn reads_the_counter(clock: &Clock) -> bool {
    matches!(
        clock.source(),
        ClockSource::Tsc | ClockSource::VirtualCounter
    )
}

/// The ticks of a clock now. Of one that may begin at 0 they are moved up, so that they can begin running totals.
pub(crate) fn session_ticks(clock: &Clock) -> u64 {
    let now = clock.now().raw();
    if reads_the_counter(clock) {
        now
    } else {
        now + ORIGIN
    }
}

/// Everything that one thread records. Lives as long as the process; when its thread ends, the next
/// new thread goes on with it.
///
/// Invariant: the methods that say "for the owner" are called by the thread that has adopted the block
/// and by no other; [`prepare`](Self::prepare) and all reading happen under the lock of the registry.
#[repr(C, align(128))]
pub(crate) struct ThreadBlock {
    // What every call touches comes first, in one or two cache lines.
    pub(crate) position: Position,
    /// The call that ended last.
    pub(crate) pending: PendingCall,
    mode: AtomicU8,
    clock: UnsafeCell<Option<Clock>>,
    table: PointerTable<Node>,
    nodes: Segments<Node>,
    /// The nodes that are placed, the root included.
    node_count: AtomicU64,
    /// The nodes that may be placed, folded ones aside.
    limit: Cell<usize>,
    /// For each node, if allocation counters are read.
    allocations: Segments<NodeAllocations>,
    pub(crate) latest_allocations: LatestAllocations,
    pub(crate) records: SiteRecords,
    record_table: PointerTable<SiteRecord>,
    pub(crate) fold: FoldStack,
    pub(crate) lines: LineRecords,
    /// The session whose data this is; 0 before the first.
    pub(crate) session: atomic::AtomicU64,
    /// Whether a thread has it now.
    pub(crate) adopted: AtomicBool,
    /// The thread's processor clock, for the sampler; negative if there is none.
    pub(crate) processor_clock: AtomicI64,
    /// What that clock said at the last sample; 0 before the first. The sampler alone writes it.
    pub(crate) sampled_processor_ns: atomic::AtomicU64,
    /// Calls nested deeper than is kept.
    pub(crate) too_deep: Counter,
    /// The block that was made before this one; written once, before the block is shared.
    pub(crate) older: Cell<Option<&'static ThreadBlock>>,
}

// SAFETY: cells are touched by the owner alone, by the invariant of the type, or under the lock of the
// registry while no owner exists; everything else is atomic.
unsafe impl Sync for ThreadBlock {}

impl ThreadBlock {
    /// A block for any thread, prepared for no session; `None` if there is no memory for it.
    pub(crate) fn allocate() -> Option<&'static Self> {
        memory::leak(Self {
            position: Position::new(),
            pending: PendingCall::new()?,
            mode: AtomicU8::new(0),
            clock: UnsafeCell::new(None),
            table: PointerTable::new(),
            nodes: Segments::new(),
            node_count: AtomicU64::new(0),
            limit: Cell::new(0),
            allocations: Segments::new(),
            latest_allocations: LatestAllocations::default(),
            records: SiteRecords::new(),
            record_table: PointerTable::new(),
            fold: FoldStack::new(),
            lines: LineRecords::new(),
            session: atomic::AtomicU64::new(0),
            adopted: AtomicBool::new(false),
            processor_clock: AtomicI64::new(-1),
            sampled_processor_ns: atomic::AtomicU64::new(0),
            too_deep: Counter::default(),
            older: Cell::new(None),
        })
    }

    /// For the owner, while nobody reads: forgets what was recorded and makes ready for a session.
    /// `false` if there is no memory for it.
    pub(crate) fn prepare(&self, session: u64, options: &Options) -> bool {
        // Until it is done, readers of any session leave the block alone.
        self.session.store(0, Ordering::Relaxed);
        let mode = Mode::new(options);
        self.mode.store(mode.0, Ordering::Relaxed);
        // SAFETY: the owner calls it, and readers use the session's clock.
        unsafe { *self.clock.get() = Some(options.clock.clone()) };
        let records_are_ready = self
            .records
            .iter()
            .all(|record| record.reset(mode.distribution()));
        self.lines.reset();
        self.fold.clear();
        self.too_deep.set(0);
        self.pending.forget();
        if !records_are_ready || !self.prepare_nodes(options) {
            return false;
        }
        self.session.store(session, Ordering::Release);
        true
    }

    fn prepare_nodes(&self, options: &Options) -> bool {
        self.table.clear();
        self.nodes.made().for_each(Node::reset);
        self.allocations.made().for_each(NodeAllocations::reset);
        self.limit.set(options.max_nodes);
        let Some(root) = self.make_node(0) else {
            return false;
        };
        self.node_count.store(1, Ordering::Release);
        self.position.set(root);
        true
    }

    fn make_node(&self, index: usize) -> Option<&Node> {
        if self.mode().allocations() {
            self.allocations.get_or_make(index)?;
        }
        self.nodes.get_or_make(index)
    }

    #[inline(always)]
    pub(crate) fn mode(&self) -> Mode {
        Mode(self.mode.load(Ordering::Relaxed))
    }

    /// For the owner: the ticks now, as [`session_ticks`] gives them.
    #[inline(always)]
    pub(crate) fn now(&self) -> u64 {
        // SAFETY: written by `prepare` alone, which the owner calls.
        unsafe { &*self.clock.get() }
            .as_ref()
            .map_or(0, session_ticks)
    }

    /// For the owner: the node of `site` below the position, if it was placed.
    #[inline(always)]
    pub(crate) fn find(&self, parent: *const Node, site: *const Site) -> Option<&Node> {
        self.table.find((parent, site))
    }

    /// For the owner: places the node of `site` below `parent`; `None` if the tree is full.
    pub(crate) fn place(&self, parent: *const Node, site: &'static Site) -> Option<&Node> {
        let folded = std::ptr::eq(site, &raw const FOLDED);
        // Each node may have a folded one below it.
        let limit = if folded {
            2 * self.limit.get()
        } else {
            self.limit.get()
        };
        let index = self.node_count.load(Ordering::Relaxed);
        if index as usize >= limit {
            return None;
        }
        let record = if folded {
            None
        } else {
            Some(self.record_of(site)?)
        };
        let node = self.make_node(index as usize)?;
        node.place(
            parent,
            Some(site),
            record.map_or(std::ptr::null(), std::ptr::from_ref),
        );
        // SAFETY: nodes live as long as the block, or until the table is cleared.
        if !unsafe { self.table.insert(node) } {
            return None;
        }
        self.node_count.store(index + 1, Ordering::Release);
        Some(node)
    }

    /// For the owner: the record of `site`; `None` if there is no memory for it.
    pub(crate) fn record_of(&self, site: &'static Site) -> Option<&'static SiteRecord> {
        if let Some(record) = self.record_table.find(std::ptr::from_ref(site)) {
            // SAFETY: records are never freed.
            return Some(unsafe { &*std::ptr::from_ref(record) });
        }
        let record = SiteRecord::allocate(site, self.mode().distribution())?;
        // SAFETY: records are never freed.
        if !unsafe { self.record_table.insert(record) } {
            return None;
        }
        self.records.push(record);
        Some(record)
    }

    /// The nodes that were placed, parents before their children.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        let count = self.node_count.load(Ordering::Acquire) as usize;
        (0..count).filter_map(|index| self.node_at(index))
    }

    pub(crate) fn node_at(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }

    pub(crate) fn root(&self) -> *const Node {
        self.node_at(0).map_or(std::ptr::null(), std::ptr::from_ref)
    }

    /// The place of a node of this block among [`nodes`](Self::nodes).
    pub(crate) fn index_of(&self, node: *const Node) -> Option<usize> {
        self.nodes.index_of(node)
    }

    /// What was allocated at the node with this index; `None` if no allocation counters are read.
    pub(crate) fn allocations_at(&self, index: usize) -> Option<&NodeAllocations> {
        if self.mode().allocations() {
            self.allocations.get(index)
        } else {
            None
        }
    }

    /// What was allocated at a node; `None` if no allocation counters are read.
    pub(crate) fn allocations_of(&self, node: &Node) -> Option<&NodeAllocations> {
        self.allocations_at(self.index_of(node)?)
    }
}
