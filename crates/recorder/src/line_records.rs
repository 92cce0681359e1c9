//! What a thread knows of the lines of its line-profiled functions.

use std::{
    cell::Cell,
    ptr::NonNull,
    sync::atomic::Ordering::{Acquire, Relaxed, Release},
};

use crate::{
    allocations::AllocationCounters,
    lines::LineSite,
    memory::{self, Zeroed},
    pointer_table::{self, Keyed, PointerTable},
    sync::{AtomicPtr, Counter},
};

/// The lines of one function in one thread.
///
/// Time runs on one line at a time: the function's innermost call in progress says on which.
///
/// Invariant: `site`, `cells` and `older` are written before the record can be reached by another
/// thread. There are as many cells as the site has lines.
#[derive(Debug)]
pub(crate) struct LineRecord {
    site: &'static LineSite,
    cells: NonNull<LineCell>,
    older: Cell<Option<&'static LineRecord>>,
    /// The cell of the line on which time runs; the last cell, which is no line's, if no call is in progress.
    running: AtomicPtr<LineCell>,
    /// The ticks up to which time is accounted for.
    accounted: Counter,
    pub(crate) calls: Counter,
    /// Allocations up to which bytes are accounted for; the owner's alone.
    allocated: Cell<AllocationCounters>,
}

/// One line.
#[derive(Debug, Default)]
pub(crate) struct LineCell {
    pub(crate) hits: Counter,
    pub(crate) ticks: Counter,
    pub(crate) waiting_ticks: Counter,
    pub(crate) allocated_bytes: Counter,
    pub(crate) freed_bytes: Counter,
}

// SAFETY: counters of zeroes are zero.
unsafe impl Zeroed for LineCell {
    #[cfg(all(test, loom))]
    fn zeroed() -> Self {
        Self::default()
    }
}

// SAFETY: the cells are shared as counters; `allocated` is the owner's alone, and `older` is written
// before the record is shared.
unsafe impl Sync for LineRecord {}

/// The line on which time ran when a nested call began, to go back to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paused(*const LineCell);

impl LineRecord {
    fn allocate(site: &'static LineSite) -> Option<&'static Self> {
        let cells = memory::zeroed_array(site.lines().len() + 1)?;
        let record = memory::leak(Self {
            site,
            cells,
            older: Cell::new(None),
            running: AtomicPtr::new(std::ptr::null_mut()),
            accounted: Counter::default(),
            calls: Counter::default(),
            allocated: Cell::new(AllocationCounters::default()),
        })?;
        record.run(record.no_line());
        Some(record)
    }

    pub(crate) fn site(&self) -> &'static LineSite {
        self.site
    }

    /// For the owner: lets time run on `line`, which the site has, instead of where it ran.
    #[inline(always)]
    pub(crate) fn run_on(&self, line: &LineCell, now: u64, allocations: bool) -> Paused {
        let running = self.running.load(Relaxed);
        self.account(now, allocations);
        self.run(line);
        Paused(running)
    }

    /// For the owner: goes back to the line of the call around.
    #[inline(always)]
    pub(crate) fn resume(&self, paused: Paused, now: u64, allocations: bool) {
        self.account(now, allocations);
        self.running.store(paused.0.cast_mut(), Relaxed);
    }

    #[inline(always)]
    fn run(&self, line: &LineCell) {
        self.running
            .store(std::ptr::from_ref(line).cast_mut(), Relaxed);
    }

    #[inline(always)]
    fn running_cell(&self) -> &LineCell {
        // SAFETY: a cell of this record, and cells are never freed.
        unsafe { &*self.running.load(Relaxed) }
    }

    /// For the owner: gives the line that runs the time, and the bytes, since the last look.
    #[inline(always)]
    fn account(&self, now: u64, allocations: bool) {
        let cell = self.running_cell();
        cell.ticks.add(now.saturating_sub(self.accounted.get()));
        self.accounted.set(now);
        if allocations {
            self.account_allocations();
        }
    }

    #[cold]
    #[inline(never)]
    fn account_allocations(&self) {
        let now = AllocationCounters::of_this_thread();
        let before = self.allocated.replace(now);
        let cell = self.running_cell();
        let allocated = now.allocated_bytes.wrapping_sub(before.allocated_bytes);
        cell.allocated_bytes.add(allocated);
        cell.freed_bytes
            .add(now.freed_bytes.wrapping_sub(before.freed_bytes));
    }

    /// The line on which time runs now; `None` if no call is in progress.
    pub(crate) fn running_line(&self) -> Option<usize> {
        let first = self.cells.as_ptr().addr();
        let line = (self.running.load(Relaxed).addr() - first) / size_of::<LineCell>();
        (line < self.site.lines().len()).then_some(line)
    }

    /// The ticks at which time was last accounted for.
    pub(crate) fn accounted(&self) -> u64 {
        self.accounted.get()
    }

    /// The line that runs, and the ticks up to which its time is accounted for: for readers.
    pub(crate) fn running(&self) -> Option<(usize, u64)> {
        // Read twice: time that was accounted for in between must not be counted again.
        let accounted = self.accounted.get();
        let line = self.running_line()?;
        (accounted == self.accounted.get()).then_some((line, accounted))
    }

    /// The cell of a line; `None` if the site has no such line.
    #[inline(always)]
    pub(crate) fn cell(&self, line: usize) -> Option<&LineCell> {
        // SAFETY: the array has a cell for each line, and is never freed.
        (line < self.site.lines().len()).then(|| unsafe { memory::element(self.cells, line) })
    }

    /// What runs while no call is in progress.
    fn no_line(&self) -> &LineCell {
        // SAFETY: the array has one cell more than the site has lines, and is never freed.
        unsafe { memory::element(self.cells, self.site.lines().len()) }
    }

    fn reset(&self) {
        self.run(self.no_line());
        self.calls.set(0);
        for line in 0..self.site.lines().len() {
            let Some(cell) = self.cell(line) else { break };
            for counter in [
                &cell.hits,
                &cell.ticks,
                &cell.waiting_ticks,
                &cell.allocated_bytes,
                &cell.freed_bytes,
            ] {
                counter.set(0);
            }
        }
    }
}

/// The key is the site.
impl Keyed for LineRecord {
    type Key = *const LineSite;

    #[inline(always)]
    fn is(&self, site: Self::Key) -> bool {
        std::ptr::eq(self.site, site)
    }

    #[inline(always)]
    fn hash(site: Self::Key) -> usize {
        pointer_table::hash(site.addr(), 0)
    }

    fn own_hash(&self) -> usize {
        Self::hash(self.site)
    }
}

/// The line records of a thread.
pub(crate) struct LineRecords {
    youngest: AtomicPtr<LineRecord>,
    table: PointerTable<LineRecord>,
}

impl LineRecords {
    pub(crate) fn new() -> Self {
        Self {
            youngest: AtomicPtr::new(std::ptr::null_mut()),
            table: PointerTable::new(),
        }
    }

    /// For the owner: the record of `site`; `None` if there is no memory for it.
    #[inline(always)]
    pub(crate) fn of(&self, site: &'static LineSite) -> Option<&'static LineRecord> {
        match self.table.find(site) {
            // SAFETY: records are never freed.
            Some(record) => Some(unsafe { &*std::ptr::from_ref(record) }),
            None => self.make(site),
        }
    }

    #[cold]
    #[inline(never)]
    fn make(&self, site: &'static LineSite) -> Option<&'static LineRecord> {
        let record = LineRecord::allocate(site)?;
        // SAFETY: records are never freed.
        if !unsafe { self.table.insert(record) } {
            return None;
        }
        record.older.set(self.iter().next());
        self.youngest
            .store(std::ptr::from_ref(record).cast_mut(), Release);
        Some(record)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static LineRecord> + use<> {
        // SAFETY: null or a record, and records are never freed.
        let youngest: Option<&'static LineRecord> = unsafe { self.youngest.load(Acquire).as_ref() };
        std::iter::successors(youngest, |record| record.older.get())
    }

    pub(crate) fn reset(&self) {
        self.iter().for_each(LineRecord::reset);
    }
}
