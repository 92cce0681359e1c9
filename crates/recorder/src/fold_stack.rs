//! The calls in progress that found the call tree full: counted and timed for each site, without
//! their paths.

use std::{cell::Cell, ptr::NonNull};

use crate::{
    memory::{self, Zeroed},
    site_record::SiteRecord,
};

/// Deeper calls are counted as not recorded: 128 KiB when all of it is used.
const DEPTH: usize = 4096;

/// For the owner of the thread block alone.
#[derive(Debug)]
pub(crate) struct FoldStack {
    calls: Cell<Option<NonNull<FoldedCall>>>,
    depth: Cell<usize>,
}

#[derive(Debug)]
struct FoldedCall {
    record: Cell<Option<&'static SiteRecord>>,
    start: Cell<u64>,
    callee_ticks: Cell<u64>,
    primitive: Cell<bool>,
}

// SAFETY: zeroes are no record, numbers, and `false`.
unsafe impl Zeroed for FoldedCall {
    #[cfg(all(test, loom))]
    fn zeroed() -> Self {
        Self {
            record: Cell::new(None),
            start: Cell::new(0),
            callee_ticks: Cell::new(0),
            primitive: Cell::new(false),
        }
    }
}

impl FoldStack {
    pub(crate) fn new() -> Self {
        Self {
            calls: Cell::new(None),
            depth: Cell::new(0),
        }
    }

    pub(crate) fn clear(&self) {
        self.depth.set(0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.depth.get() == 0
    }

    /// Begins a call; `false` if it is nested too deep or there is no memory.
    pub(crate) fn push(&self, record: &'static SiteRecord, primitive: bool, now: u64) -> bool {
        if self.calls.get().is_none() {
            self.calls.set(memory::zeroed_array(DEPTH));
        }
        let Some(call) = self.call(self.depth.get()) else {
            return false;
        };
        call.record.set(Some(record));
        call.start.set(now);
        call.callee_ticks.set(0);
        call.primitive.set(primitive);
        record.folded.active.add(1);
        self.depth.set(self.depth.get() + 1);
        true
    }

    /// Ends the innermost call, if there is one: its record and its ticks.
    pub(crate) fn pop(&self, now: u64) -> Option<(&'static SiteRecord, u64)> {
        let depth = self.depth.get().checked_sub(1)?;
        self.depth.set(depth);
        let call = self.call(depth)?;
        let record = call.record.get()?;
        let ticks = now.saturating_sub(call.start.get());
        if let Some(caller) = depth.checked_sub(1).and_then(|depth| self.call(depth)) {
            caller.callee_ticks.set(caller.callee_ticks.get() + ticks);
        }
        let folded = &record.folded;
        folded.active.set(folded.active.get().saturating_sub(1));
        folded.calls.add(1);
        folded
            .self_ticks
            .add(ticks.saturating_sub(call.callee_ticks.get()));
        if call.primitive.get() {
            folded.primitive_calls.add(1);
            folded.cumulative_ticks.add(ticks);
        }
        Some((record, ticks))
    }

    fn call(&self, depth: usize) -> Option<&FoldedCall> {
        let calls = self.calls.get()?;
        // SAFETY: the array has `DEPTH` elements and is never freed.
        (depth < DEPTH).then(|| unsafe { memory::element(calls, depth) })
    }
}
