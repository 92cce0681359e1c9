//! Begin and end of a call in a thread block: the warm path, and the ways off it.

use std::ptr;

use tuneup_measure::__private::read_counter;

use crate::{
    node::Node,
    site::{FOLDED, Site},
    site_record::SiteRecord,
    thread_block::ThreadBlock,
};

/// A call that has begun, in the one word that its guard keeps: null if it is not recorded, the address
/// of its node, and tags that keep it from being the position where its end is not a plain one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begun(*const Node);

/// Below a `(other)` node, on the fold stack.
const FOLDED_TAG: usize = 1;
/// In a session that does more, or less, than count and time by the processor's counter.
const SLOW_TAG: usize = 2;
const TAGS: usize = FOLDED_TAG | SLOW_TAG;

impl Begun {
    pub(crate) const NOTHING: Self = Self(ptr::null());

    fn tagged(node: &Node, tags: usize) -> Self {
        Self(ptr::from_ref(node).map_addr(|address| address | tags))
    }

    #[inline(always)]
    pub(crate) fn is_recorded(self) -> bool {
        !self.0.is_null()
    }

    fn is_folded(self) -> bool {
        self.0.addr() & FOLDED_TAG != 0
    }

    fn untagged(self) -> *const Node {
        self.0.map_addr(|address| address & !TAGS)
    }

    /// The node of a call that is recorded along its path.
    pub(crate) fn node(self) -> Option<&'static Node> {
        if self.is_folded() {
            return None;
        }
        // SAFETY: null or the address of a node, and nodes are never freed.
        unsafe { self.untagged().as_ref() }
    }
}

impl ThreadBlock {
    /// For the owner, in a plain session: begins a call of `site`.
    #[inline(always)]
    pub(crate) fn begin(&self, site: &'static Site) -> Begun {
        let parent = self.position.get();
        let Some(node) = self.find(parent, site) else {
            return self.begin_slowly(site, 1);
        };
        node.begin(1, read_counter);
        self.position.set(node);
        Begun(node)
    }

    /// For the owner, in a session without a clock: begins a call of `site`.
    pub(crate) fn begin_counted(&self, site: &'static Site) -> Begun {
        let Some(node) = self.find(self.position.get(), site) else {
            return self.begin_slowly(site, 1);
        };
        node.calls.add(1);
        self.position.set(node);
        Begun::tagged(node, SLOW_TAG)
    }

    /// The first call along a path, and modes that do more than time. A part of a call that counts already
    /// counts as 0 `calls`.
    #[inline(never)]
    pub(crate) fn begin_slowly(&self, site: &'static Site, calls: u64) -> Begun {
        let parent = self.position.get();
        let found = self.find(parent, site);
        let Some(node) = found.or_else(|| self.place_below(parent, site)) else {
            return self.begin_folded(parent, site).unwrap_or(Begun::NOTHING);
        };
        self.begin_at(node, calls);
        if self.mode().is_plain() {
            Begun(node)
        } else {
            Begun::tagged(node, SLOW_TAG)
        }
    }

    fn begin_at(&self, node: &Node, calls: u64) {
        if let Some(allocations) = self.allocations_of(node) {
            allocations.begin(self.latest_allocations.look());
        }
        if self.mode().untimed() {
            node.calls.add(calls);
        } else {
            node.begin(calls, || self.now());
        }
        self.position.set(node);
    }

    /// Below folded calls nothing is placed: they have no paths.
    fn place_below(&self, parent: *const Node, site: &'static Site) -> Option<&Node> {
        // SAFETY: the position is a node of this block, and nodes are not freed.
        let at_folded = unsafe { &*parent }.is_of(&raw const FOLDED);
        if at_folded {
            None
        } else {
            self.place(parent, site)
        }
    }

    fn begin_folded(&self, parent: *const Node, site: &'static Site) -> Option<Begun> {
        // SAFETY: the position is a node of this block, and nodes are not freed.
        let caller = unsafe { &*parent };
        let other = if caller.is_of(&raw const FOLDED) {
            caller
        } else {
            let folded = self.find(parent, &raw const FOLDED);
            folded.or_else(|| self.place(parent, &FOLDED))?
        };
        let record = self.record_of(site)?;
        let primitive = record.folded.active.get() == 0 && !is_on_path(other, site);
        let now = self.now();
        let is_outermost = self.fold.is_empty();
        if !self.fold.push(record, primitive, now) {
            self.too_deep.add(1);
            return None;
        }
        if is_outermost {
            self.begin_at(other, 1);
        } else {
            other.calls.add(1);
        }
        Some(Begun::tagged(other, FOLDED_TAG))
    }

    /// For the owner: ends the call.
    #[inline(always)]
    pub(crate) fn end(&self, call: Begun) {
        // Tags keep a call from being the position.
        if !ptr::eq(self.position.get(), call.0) {
            return self.end_slowly(call);
        }
        // SAFETY: it is the position, which is a node of this block.
        let node = unsafe { &*call.0 };
        let ticks = node.end(read_counter);
        // SAFETY: a call that is not folded is below the root.
        let record = unsafe { node.record_unchecked() };
        if let Some(bucket) = record.bucket_of(ticks) {
            self.pending.count_and_hold(bucket);
        }
        self.position.set(node.parent_pointer());
    }

    #[inline(never)]
    fn end_slowly(&self, call: Begun) {
        let node = call.untagged();
        let is_innermost = ptr::eq(self.position.get(), node);
        if is_innermost && self.mode().counts_only() && !call.is_folded() {
            // SAFETY: it is the position, which is a node of this block.
            return self.position.set(unsafe { &*node }.parent_pointer());
        }
        let now = self.now();
        if !is_innermost {
            return self.end_out_of_order(node, now);
        }
        // SAFETY: it is the position, which is a node of this block.
        let node = unsafe { &*node };
        if call.is_folded() {
            self.end_folded_at(node, now);
        } else {
            self.end_at(node, now, true);
        }
    }

    /// For the owner: counts a call in the distribution of its site, if the session keeps one.
    pub(crate) fn count_in_distribution(&self, record: &SiteRecord, ticks: u64) {
        if let Some(bucket) = record.bucket_of(ticks) {
            self.pending.count_and_hold(bucket);
        }
    }

    /// Ends the innermost call at `now`; a part of a call is none for the distribution.
    pub(crate) fn end_at(&self, node: &Node, now: u64, is_whole: bool) {
        let mode = self.mode();
        if !mode.untimed() {
            let ticks = node.end(|| now);
            if is_whole && let Some(record) = node.record() {
                self.count_in_distribution(record, ticks);
            }
        }
        if let Some(allocations) = self.allocations_of(node) {
            allocations.end(self.latest_allocations.look());
        }
        self.position.set(node.parent_pointer());
    }

    /// A guard that outlived a guard of its caller, or its session. What began after it ends with it;
    /// what is not in progress any more is left alone.
    #[cold]
    #[inline(never)]
    fn end_out_of_order(&self, node: *const Node, now: u64) {
        let is_in_progress = self.path().any(|on_path| ptr::eq(on_path, node));
        if !is_in_progress {
            return self.end_left_behind(node, now);
        }
        loop {
            // SAFETY: the position is a node of this block.
            let innermost = unsafe { &*self.position.get() };
            if innermost.is_of(&raw const FOLDED) {
                while self.end_folded_at(innermost, now) {}
            } else {
                self.end_at(innermost, now, true);
            }
            if ptr::eq(innermost, node) {
                break;
            }
        }
    }

    /// A timed call inside of an untimed one that ended first: its time ends here.
    fn end_left_behind(&self, node: *const Node, now: u64) {
        if let Some(node) = self.nodes().find(|own| ptr::eq(*own, node))
            && node.ticks.read().is_running()
        {
            node.end(|| now);
        }
    }

    /// Whether another folded call is in progress below `other`.
    fn end_folded_at(&self, other: &Node, now: u64) -> bool {
        if let Some((record, ticks)) = self.fold.pop(now) {
            self.count_in_distribution(record, ticks);
        }
        if self.fold.is_empty() {
            self.end_at(other, now, false);
        }
        !self.fold.is_empty()
    }

    /// For the owner: begins a call that is counted and not timed; gives the caller's node, or null if the call is
    /// not recorded.
    #[inline(always)]
    pub(crate) fn begin_untimed(&self, site: &'static Site) -> *const Node {
        let parent = self.position.get();
        match self.find(parent, site) {
            Some(node) => {
                node.calls.add(1);
                self.position.set(node);
                parent
            }
            None => self.begin_first_untimed(site),
        }
    }

    #[cold]
    #[inline(never)]
    fn begin_first_untimed(&self, site: &'static Site) -> *const Node {
        let parent = self.position.get();
        if let Some(node) = self.place_below(parent, site) {
            node.calls.add(1);
            self.position.set(node);
            return parent;
        }
        if let Some(record) = self.record_of(site) {
            record.folded.calls.add(1);
            record.folded.primitive_calls.add(1);
        }
        ptr::null()
    }

    /// For the owner: ends a call that is not timed, and whatever is in progress inside of it. The caller's address is the
    /// guard's own, so that the next call need not wait for the node that this one leaves.
    #[inline(always)]
    pub(crate) fn end_untimed(&self, caller: *const Node) {
        self.position.set(caller);
    }

    /// The nodes in progress, from the innermost to the root's children.
    pub(crate) fn path(&self) -> impl Iterator<Item = &Node> {
        // SAFETY: the position is null or a node of this block.
        path_from(unsafe { self.position.get().as_ref() })
    }
}

/// From `innermost` up to the root's children.
pub(crate) fn path_from(innermost: Option<&Node>) -> impl Iterator<Item = &Node> {
    std::iter::successors(innermost, |node| node.parent())
        .take_while(|node| node.parent().is_some())
}

fn is_on_path(node: &Node, site: &'static Site) -> bool {
    path_from(Some(node)).any(|on_path| on_path.is_of(site))
}

#[cfg(all(test, not(loom)))]
mod tests;
