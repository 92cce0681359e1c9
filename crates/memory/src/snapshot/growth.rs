//! What has grown between two snapshots.

use std::collections::{HashMap, HashSet};

use super::{
    GroupBy, LiveSample, Snapshot,
    entry::{Estimate, Sums, Weighed},
};

/// Two snapshots beside each other: of one trace, or of two of the same program. From [`Snapshot::compare_to`].
///
/// ```
/// use tuneup_memory::{GroupBy, Trace, TraceOptions, TrackingAllocator, scope};
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// let trace = Trace::start(TraceOptions::exact())?;
/// let earlier = trace.snapshot();
/// let kept = {
///     let _scope = scope("load");
///     drop(vec![0_u8; 400]);
///     vec![0_u8; 1000]
/// };
/// let later = trace.snapshot();
/// let growths = later.compare_to(&earlier).by(GroupBy::Scope);
/// let load = growths.entries.iter().find(|growth| growth.name == "load").unwrap();
/// assert_eq!((load.bytes, load.allocated_bytes), (1000.0, 1400.0));
/// println!("{growths}");
/// # drop(kept);
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "what has grown is shown by `by`"]
pub struct SnapshotDiff<'a> {
    earlier: &'a Snapshot,
    later: &'a Snapshot,
}

/// What has grown between two snapshots, by groups, the largest growth first. Shown as a table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Growths {
    /// What blocks are put together by.
    pub by: GroupBy,
    /// The groups that are shown: those that have changed.
    pub entries: Vec<Growth>,
    /// All blocks, those included that are not shown.
    pub total: Growth,
    /// Groups that are not shown.
    pub hidden: usize,
    /// Whether every block was recorded in both.
    pub is_exact: bool,
}

/// By how much the live blocks of a group have grown.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Growth {
    /// What they have in common.
    pub name: String,
    /// Live blocks in the earlier snapshot.
    pub before: Estimate,
    /// Live blocks in the later one.
    pub after: Estimate,
    /// Bytes that are live in addition; negative if there are fewer.
    pub bytes: f64,
    /// The standard error of that. Samples that live in both snapshots add nothing to it: what one sample stands for is
    /// the same in both.
    pub bytes_error: f64,
    /// Blocks that are live in addition.
    pub blocks: f64,
    /// The standard error of that.
    pub blocks_error: f64,
    /// Bytes that were allocated between the two, freed ones included.
    pub allocated_bytes: f64,
}

/// A group before and after.
#[derive(Default)]
struct Sides {
    before: Sums,
    after: Sums,
    changed: Weighed,
}

impl Snapshot {
    /// Compares this snapshot with an earlier one; see [`SnapshotDiff`]. Costs nothing yet.
    #[doc(alias = "diff")]
    pub fn compare_to<'a>(&'a self, earlier: &'a Self) -> SnapshotDiff<'a> {
        SnapshotDiff {
            earlier,
            later: self,
        }
    }
}

impl SnapshotDiff<'_> {
    /// What has grown, by groups, the largest growth first. O(frames + live samples), and names are looked up in both, as for
    /// [`Snapshot::by`].
    #[must_use]
    pub fn by(&self, by: GroupBy) -> Growths {
        let mut groups = HashMap::<String, Sides>::new();
        let names = |snapshot: &Snapshot| -> Vec<String> {
            let places = 0..snapshot.stacks.len();
            places.map(|place| snapshot.group_name(place, by)).collect()
        };
        let (earlier_names, later_names) = (names(self.earlier), names(self.later));
        for (stack, name) in self.earlier.stacks.iter().zip(&earlier_names) {
            groups
                .entry(name.clone())
                .or_default()
                .before
                .add(&stack.sums);
        }
        for (stack, name) in self.later.stacks.iter().zip(&later_names) {
            groups
                .entry(name.clone())
                .or_default()
                .after
                .add(&stack.sums);
        }
        for (sample, names) in self.changed_samples(&earlier_names, &later_names) {
            let variance = sample.weight * (sample.weight - 1.0);
            let bytes = sample.bytes as f64;
            groups
                .entry(names.clone())
                .or_default()
                .changed
                .add(&Weighed {
                    blocks_variance: variance,
                    bytes_variance: variance * bytes * bytes,
                    ..Weighed::default()
                });
        }
        let mut total = Sides::default();
        for sides in groups.values() {
            total.before.add(&sides.before);
            total.after.add(&sides.after);
            total.changed.add(&sides.changed);
        }
        let growths = groups.into_iter().map(|(name, sides)| sides.growth(name));
        let mut entries = growths
            .filter(|growth| growth.bytes != 0.0 || growth.blocks != 0.0)
            .collect::<Vec<_>>();
        entries.sort_by(|a, b| {
            b.bytes
                .total_cmp(&a.bytes)
                .then_with(|| a.name.cmp(&b.name))
        });
        Growths {
            by,
            entries,
            total: total.growth("all".to_owned()),
            hidden: 0,
            is_exact: self.earlier.is_exact() && self.later.is_exact(),
        }
    }

    /// The samples that live in one of the two alone, with the names of their groups.
    fn changed_samples<'a>(
        &'a self,
        earlier_names: &'a [String],
        later_names: &'a [String],
    ) -> impl Iterator<Item = (&'a LiveSample, &'a String)> {
        let key = |sample: &LiveSample| (sample.address, sample.born_ns);
        let keys = |snapshot: &Snapshot| snapshot.live.iter().map(key).collect::<HashSet<_>>();
        let (in_earlier, in_later) = (keys(self.earlier), keys(self.later));
        let gone = self.earlier.live.iter();
        let gone = gone.filter(move |sample| !in_later.contains(&key(sample)));
        let new = self.later.live.iter();
        let new = new.filter(move |sample| !in_earlier.contains(&key(sample)));
        gone.map(|sample| (sample, &earlier_names[sample.stack]))
            .chain(new.map(|sample| (sample, &later_names[sample.stack])))
    }
}

impl Sides {
    fn growth(&self, name: String) -> Growth {
        let (before, after) = (self.before.live, self.after.live);
        Growth {
            name,
            before: before.estimate(),
            after: after.estimate(),
            bytes: after.bytes - before.bytes,
            bytes_error: self.changed.bytes_variance.sqrt(),
            blocks: after.blocks - before.blocks,
            blocks_error: self.changed.blocks_variance.sqrt(),
            allocated_bytes: self.after.allocated.bytes - self.before.allocated.bytes,
        }
    }
}

impl Growths {
    /// Shows the first `count` groups alone, and how many it leaves out.
    #[must_use]
    pub fn top(mut self, count: usize) -> Self {
        self.hidden += self.entries.len().saturating_sub(count);
        self.entries.truncate(count);
        self
    }
}
