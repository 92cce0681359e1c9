//! What was recorded, as plain data: read from all thread blocks while they go on.

use std::collections::{HashMap, HashSet};

use tuneup_measure::{Histogram, Scale};

use crate::{
    argument_counts::ArgumentReading,
    line_records::LineRecord,
    lines::LineSite,
    node::Node,
    registry::Registry,
    running_total::Word,
    site::Site,
    site_record::{SHIFT, SiteRecord, TICKS_LAYOUT},
    sync::Counter,
    thread_block::ThreadBlock,
};

/// Everything that a session has recorded so far.
///
/// Threads are not stopped for it: of a thread that goes on, numbers that belong together may be a
/// call apart. What had ended before the reading began is complete.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Recording {
    /// How long the session has lasted, in ticks.
    pub ticks: u64,
    /// What the ticks in here are worth.
    pub scale: Scale,
    /// For how many nanoseconds the threads of the process, recorded or not, ran on processors meanwhile, or were ready to and waited for one; `None` where the
    /// system does not tell.
    pub runnable_ns: Option<u64>,
    /// For how many of these they waited for a processor; what threads did that have ended is not known.
    pub delayed_ns: Option<u64>,
    /// One for each thread block: a thread, or several that ran one after another.
    pub threads: Vec<ThreadRecording>,
    /// The arguments of calls, of the sites that count them.
    pub arguments: Vec<ArgumentRecording>,
    /// Calls that were not recorded: made while their thread was torn down, or nested too deep.
    pub unrecorded_calls: u64,
    /// How often the sampler has looked, and how often it came too late to; `None` if none runs.
    pub sampler: Option<SamplerRecording>,
}

/// What was counted of the arguments of one function, over all threads.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ArgumentRecording {
    /// The function.
    pub site: &'static Site,
    /// What was counted.
    pub reading: ArgumentReading,
}

/// The counts of all sites in these that have some, each once.
pub(crate) fn read_arguments(threads: &[ThreadRecording]) -> Vec<ArgumentRecording> {
    let mut known = HashSet::new();
    threads
        .iter()
        .flat_map(|thread| &thread.sites)
        .filter(|record| known.insert(std::ptr::from_ref(record.site)))
        .filter_map(|record| {
            Some(ArgumentRecording {
                site: record.site,
                reading: record.site.arguments()?.read(),
            })
        })
        .collect()
}

/// What threads recorded.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ThreadRecording {
    /// The calling-context tree: the root first, parents before their children.
    pub nodes: Vec<NodeRecording>,
    /// The sites that occur in it.
    pub sites: Vec<SiteRecording>,
    /// The functions whose lines were recorded.
    pub lines: Vec<LineRecording>,
}

/// A site as called along one path.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NodeRecording {
    /// The index of its caller; the root's is its own.
    pub parent: usize,
    /// Its site; `None` for the root.
    pub site: Option<&'static Site>,
    /// Calls, those in progress included.
    pub calls: u64,
    /// Ticks with those of its callees; of a call in progress up to now.
    pub ticks: u64,
    /// Blocks allocated, by its callees too; `None` if no allocation counters are read.
    pub allocated_blocks: Option<u64>,
    /// Bytes allocated, by its callees too.
    pub allocated_bytes: Option<u64>,
    /// Samples that found it innermost.
    pub wall_samples: u64,
    /// Those of them on the processor.
    pub cpu_samples: u64,
}

/// What is known of a site whatever path it was called along.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SiteRecording {
    /// The site.
    pub site: &'static Site,
    /// The shortest call that has ended, in ticks; `None` if none has.
    pub min_ticks: Option<u64>,
    /// The longest call that has ended, in ticks.
    pub max_ticks: Option<u64>,
    /// The calls that have ended, in ticks; `None` if the session keeps no distribution.
    pub distribution: Option<Histogram>,
    /// Calls that found the call tree full.
    pub folded_calls: u64,
    /// Those of them that were not made by the site itself.
    pub folded_primitive_calls: u64,
    /// Ticks of folded calls, without their callees.
    pub folded_self_ticks: u64,
    /// Ticks of folded calls with their callees.
    pub folded_cumulative_ticks: u64,
    /// Polls of futures.
    pub polls: u64,
    /// Ticks between polls.
    pub waiting_ticks: u64,
    /// The longest poll.
    pub longest_poll_ticks: u64,
    /// Futures that ended with a value.
    pub completed: u64,
    /// Futures that were dropped after their first poll and before their end.
    pub cancelled: u64,
    /// The threads that called it.
    pub threads: u64,
}

/// The lines of one function.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LineRecording {
    /// The function.
    pub site: &'static LineSite,
    /// How often it was entered.
    pub calls: u64,
    /// One for each of the site's lines.
    pub cells: Vec<LineCellRecording>,
}

/// One line.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct LineCellRecording {
    /// How often it was reached.
    pub hits: u64,
    /// Ticks on it; of a call in progress up to now.
    pub ticks: u64,
    /// Ticks for which futures were suspended on it.
    pub waiting_ticks: u64,
    /// Bytes allocated on it.
    pub allocated_bytes: u64,
    /// Bytes freed on it.
    pub freed_bytes: u64,
}

/// How the sampler runs.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SamplerRecording {
    /// How often it has looked.
    pub ticks: u64,
    /// How often it came so late that the next look was due.
    pub missed: u64,
}

/// Under the registry's lock, so that no block is prepared for another session meanwhile.
pub(crate) fn read_threads(
    registry: &Registry,
    session: u64,
    now: impl Fn() -> u64,
) -> (Vec<ThreadRecording>, u64) {
    let mut too_deep = 0;
    let threads = registry.blocks_of(session).map(|block| {
        too_deep += block.too_deep.get();
        block.read(&now)
    });
    (threads.collect(), too_deep)
}

impl ThreadBlock {
    /// What the block holds, its calls in progress included.
    pub(crate) fn read(&self, now: &impl Fn() -> u64) -> ThreadRecording {
        let lines = self.lines.iter().map(|record| read_lines(record, now));
        let lines = lines.collect();
        let nodes = self.read_nodes(now);
        let calls = sum_by_site(nodes.iter().map(|node| (node.site, node.calls)));
        let sites = self.records.iter().map(|record| {
            let mut site = self.read_record(record);
            let by_the_owner = record.calls_among(&calls) > record.earlier_calls.get();
            site.threads = record.earlier_threads.get() + u64::from(by_the_owner);
            site
        });
        ThreadRecording {
            sites: sites.collect(),
            nodes,
            lines,
        }
    }

    /// Totals that run are completed with a `now` that is read after all of them, so that none of them has begun
    /// later.
    fn read_nodes(&self, now: &impl Fn() -> u64) -> Vec<NodeRecording> {
        let words: Vec<_> = self.nodes().map(|node| node.ticks.read()).collect();
        let now = now();
        let (blocks, bytes) = (
            &self.latest_allocations.blocks,
            &self.latest_allocations.bytes,
        );
        let read = |(index, (node, ticks)): (usize, (&Node, Word))| {
            let parent = node.parent().and_then(|parent| self.index_of(parent));
            let allocations = self.allocations_at(index);
            NodeRecording {
                parent: parent.unwrap_or(index),
                site: node.site(),
                calls: node.calls.get(),
                ticks: ticks.complete(now),
                allocated_blocks: allocations
                    .map(|allocations| allocations.blocks.read().complete(blocks.get())),
                allocated_bytes: allocations
                    .map(|allocations| allocations.bytes.read().complete(bytes.get())),
                wall_samples: node.wall_samples.get(),
                cpu_samples: node.cpu_samples.get(),
            }
        };
        self.nodes().zip(words).enumerate().map(read).collect()
    }

    fn read_record(&self, record: &SiteRecord) -> SiteRecording {
        let (folded, polls) = (&record.folded, &record.polls);
        let range = record.range();
        SiteRecording {
            site: record.site(),
            min_ticks: range.map(|(min, _)| min),
            max_ticks: range.map(|(_, max)| max),
            distribution: self.read_distribution(record),
            folded_calls: folded.calls.get(),
            folded_primitive_calls: folded.primitive_calls.get(),
            folded_self_ticks: folded.self_ticks.get(),
            folded_cumulative_ticks: folded.cumulative_ticks.get(),
            polls: polls.polls.get(),
            waiting_ticks: polls.waiting_ticks.get(),
            longest_poll_ticks: polls.longest_ticks.get(),
            completed: polls.completed.get(),
            cancelled: polls.cancelled.get(),
            threads: 0,
        }
    }

    /// All calls that have ended, the pending one included.
    fn read_distribution(&self, record: &SiteRecord) -> Option<Histogram> {
        let pending = self.pending.bucket();
        let count = |bucket: &Counter| bucket.get() + u64::from(std::ptr::eq(bucket, pending));
        let counts: Vec<_> = record.buckets()?.iter().map(count).collect();
        unshifted(&counts)
    }

    /// When the owner leaves: counts it among the threads of the sites that it called.
    pub(crate) fn settle_threads(&self) {
        let calls = self.calls_by_site();
        for record in self.records.iter() {
            let calls = record.calls_among(&calls);
            if calls > record.earlier_calls.get() {
                record.earlier_threads.add(1);
                record.earlier_calls.set(calls);
            }
        }
        self.position.set(self.root());
        self.fold.clear();
    }

    /// Calls in the tree along all paths, by the address of the site.
    fn calls_by_site(&self) -> HashMap<usize, u64> {
        sum_by_site(self.nodes().map(|node| (node.site(), node.calls.get())))
    }
}

/// By the address of the site.
fn sum_by_site(calls: impl Iterator<Item = (Option<&'static Site>, u64)>) -> HashMap<usize, u64> {
    let mut by_site = HashMap::new();
    for (site, calls) in calls {
        let site = site.map_or(0, |site| std::ptr::from_ref(site).addr());
        *by_site.entry(site).or_default() += calls;
    }
    by_site
}

impl SiteRecord {
    fn calls_among(&self, in_tree: &HashMap<usize, u64>) -> u64 {
        let site = std::ptr::from_ref(self.site()).addr();
        in_tree.get(&site).copied().unwrap_or(0) + self.folded.calls.get()
    }
}

/// The values without what was added to them before they were counted.
fn unshifted(counts: &[u64]) -> Option<Histogram> {
    let shifted = Histogram::from_counts(TICKS_LAYOUT, counts).ok()?;
    let mut histogram = Histogram::new();
    for bucket in shifted.buckets() {
        // The last bucket has no upper end; whoever shows it knows the maximum.
        let high = bucket.high.min(TICKS_LAYOUT.max_value());
        let middle = bucket.low + high.saturating_sub(bucket.low) / 2;
        histogram.record_n(middle.saturating_sub(SHIFT), bucket.count);
    }
    Some(histogram)
}

fn read_lines(record: &LineRecord, now: &impl Fn() -> u64) -> LineRecording {
    let mut cells: Vec<_> = (0..record.site().lines().len())
        .filter_map(|line| record.cell(line))
        .map(|cell| LineCellRecording {
            hits: cell.hits.get(),
            ticks: cell.ticks.get(),
            waiting_ticks: cell.waiting_ticks.get(),
            allocated_bytes: cell.allocated_bytes.get(),
            freed_bytes: cell.freed_bytes.get(),
        })
        .collect();
    if let Some((line, accounted)) = record.running()
        && let Some(cell) = cells.get_mut(line)
    {
        cell.ticks += now().saturating_sub(accounted);
    }
    LineRecording {
        site: record.site(),
        calls: record.calls.get(),
        cells,
    }
}

#[cfg(all(test, loom))]
mod model;
