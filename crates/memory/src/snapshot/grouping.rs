//! Stacks put together by what they have in common.

use std::collections::HashMap;

use super::{
    Snapshot,
    entry::{Entry, Sums},
    names::{OTHER_STACKS, crate_of},
};

/// What blocks are put together by.
///
/// The *site* of a block is the innermost call that is not part of the standard library or of the way to the allocator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GroupBy {
    /// The function, file and line of the site.
    Site,
    /// The function of the site.
    Function,
    /// The source file of the site.
    File,
    /// The crate of the site's function.
    Crate,
    /// The whole stack, its functions from the site outwards.
    Stack,
    /// The [`scope`](crate::scope()) in which the block was allocated.
    Scope,
}

/// What groups are sorted by, the largest first, and what flame graphs are drawn of; see [`Groups::sort_by`] and
/// [`Snapshot::save_by`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Order {
    /// Live bytes.
    #[default]
    LiveBytes,
    /// Bytes that lived at the peak of the program.
    PeakBytes,
    /// Live blocks.
    LiveBlocks,
    /// All bytes that were allocated.
    AllocatedBytes,
    /// All blocks that were allocated.
    AllocatedBlocks,
    /// Blocks that were freed before the next allocation.
    TemporaryBlocks,
}

impl Order {
    /// What it is, in words.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::LiveBytes => "live bytes",
            Self::PeakBytes => "live bytes at the peak",
            Self::LiveBlocks => "live blocks",
            Self::AllocatedBytes => "allocated bytes",
            Self::AllocatedBlocks => "allocated blocks",
            Self::TemporaryBlocks => "temporary blocks",
        }
    }

    pub(super) fn is_bytes(self) -> bool {
        matches!(
            self,
            Self::LiveBytes | Self::PeakBytes | Self::AllocatedBytes
        )
    }

    /// The same of what a stack comes to.
    pub(super) fn of_sums(self, sums: &Sums) -> f64 {
        match self {
            Self::LiveBytes => sums.live.bytes,
            Self::PeakBytes => sums.at_peak.bytes,
            Self::LiveBlocks => sums.live.blocks,
            Self::AllocatedBytes => sums.allocated.bytes,
            Self::AllocatedBlocks => sums.allocated.blocks,
            Self::TemporaryBlocks => sums.temporary_blocks,
        }
    }

    fn of(self, entry: &Entry) -> f64 {
        match self {
            Self::LiveBytes => entry.live.bytes,
            Self::PeakBytes => entry.at_peak.bytes,
            Self::LiveBlocks => entry.live.blocks,
            Self::AllocatedBytes => entry.allocated.bytes,
            Self::AllocatedBlocks => entry.allocated.blocks,
            Self::TemporaryBlocks => entry.temporary_share * entry.allocated.blocks,
        }
    }
}

/// The blocks of a snapshot by groups, the largest first, from [`Snapshot::by`]. Shown as a table.
///
/// ```
/// use tuneup_memory::{GroupBy, Order, Trace, TraceOptions, TrackingAllocator, scope};
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// let trace = Trace::start(TraceOptions::exact())?;
/// let one = {
///     let _scope = scope("one large");
///     vec![0_u8; 10_000]
/// };
/// let many = {
///     let _scope = scope("many small");
///     [(); 20].map(|()| Box::new(0_u64))
/// };
/// let groups = trace.snapshot().by(GroupBy::Scope);
/// assert_eq!(groups.entries[0].name, "one large");
/// let groups = groups.sort_by(Order::LiveBlocks).top(1);
/// assert_eq!((groups.entries[0].name.as_str(), groups.entries[0].live.blocks), ("many small", 20.0));
/// println!("{groups}");
/// # drop((one, many));
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Groups {
    /// What blocks are put together by.
    pub by: GroupBy,
    /// The groups that are shown.
    pub entries: Vec<Entry>,
    /// All blocks, those included that are not shown.
    pub total: Entry,
    /// Groups that are not shown.
    pub hidden: usize,
    /// Whether every block was recorded.
    pub is_exact: bool,
}

impl Snapshot {
    /// The blocks by groups, those with the most live bytes first; see [`Groups`]. O(frames).
    ///
    /// Names are looked up when a snapshot is first asked for them, but for [`GroupBy::Scope`]: some ten milliseconds, more
    /// for a large program, and some megabytes while it lasts.
    #[doc(alias = "statistics")]
    #[doc(alias = "group_by")]
    #[must_use]
    pub fn by(&self, by: GroupBy) -> Groups {
        let mut groups = HashMap::<String, Sums>::new();
        for (place, stack) in self.stacks.iter().enumerate() {
            groups
                .entry(self.group_name(place, by))
                .or_default()
                .add(&stack.sums);
        }
        let entries = groups.into_iter().map(|(name, sums)| sums.entry(name));
        let groups = Groups {
            by,
            entries: entries.collect(),
            total: self.total(),
            hidden: 0,
            is_exact: self.is_exact(),
        };
        groups.sort_by(Order::LiveBytes)
    }

    /// What the group of a stack is called.
    pub(super) fn group_name(&self, place: usize, by: GroupBy) -> String {
        let stack = &self.stacks[place];
        if by == GroupBy::Scope {
            let name = self.scope(stack.scope);
            return name.unwrap_or_else(|| "(no scope)".to_owned());
        }
        let names = self.names();
        let Some(site) = names.site(&stack.calls) else {
            return OTHER_STACKS.to_owned();
        };
        let function = &names.functions[site.function];
        match by {
            GroupBy::Function => function.name.clone(),
            GroupBy::File if function.file.is_empty() => "(unknown file)".to_owned(),
            GroupBy::File => function.file.clone(),
            GroupBy::Crate => crate_of(&function.name).to_owned(),
            GroupBy::Stack => names.stack_names(&stack.calls).join(" < "),
            GroupBy::Site | GroupBy::Scope => names.site_name(&stack.calls),
        }
    }
}

impl Groups {
    /// Sorts the groups by something else, the largest first; before [`top`](Self::top). O(n log n).
    #[must_use]
    pub fn sort_by(mut self, order: Order) -> Self {
        let key = |entry: &Entry| order.of(entry);
        self.entries
            .sort_by(|a, b| key(b).total_cmp(&key(a)).then_with(|| a.name.cmp(&b.name)));
        self
    }

    /// Shows the first `count` groups alone, and how many it leaves out.
    #[must_use]
    pub fn top(mut self, count: usize) -> Self {
        self.hidden += self.entries.len().saturating_sub(count);
        self.entries.truncate(count);
        self
    }
}
