//! From what threads recorded to a profile: one function table, one call tree, times in nanoseconds.

use std::{collections::HashMap, time::Duration};

use tuneup_measure::{Histogram, Scale};
use tuneup_recorder::{
    CallCost, NodeRecording, Recording, Site, SiteKind, SiteRecording, ThreadRecording,
};

use crate::{
    call_tree::Node,
    function::{Allocations, Arguments, Distribution, Function, FunctionKind, Polls},
    profile::{Overhead, Profile, Sampling},
};

mod lines;
mod paths;

/// What is known of a session beside its recording.
#[derive(Debug)]
pub(crate) struct SessionFacts {
    pub(crate) program: String,
    pub(crate) started_unix_ns: u64,
    pub(crate) cost: CallCost,
    pub(crate) sample_rate_hz: f64,
}

pub(crate) fn profile(recording: &Recording, facts: &SessionFacts) -> Profile {
    let mut merged = Merged::new(recording);
    for thread in &recording.threads {
        merged.add_tree(thread);
        merged.add_sites(thread);
    }
    merged.add_arguments(recording);
    merged.into_profile(recording, facts)
}

/// The profile of a session that is over and was taken already.
pub(crate) fn empty(facts: &SessionFacts) -> Profile {
    Profile {
        program: facts.program.clone(),
        started_unix_ns: facts.started_unix_ns,
        duration: Duration::ZERO,
        runnable_time: None,
        delayed_time: None,
        functions: Vec::new(),
        nodes: Vec::new(),
        line_tables: Vec::new(),
        threads: 0,
        overhead: Overhead::default(),
        sampling: None,
        folded_calls: 0,
        unrecorded_calls: 0,
    }
}

/// A node of all threads, in ticks.
#[derive(Debug, Default, Clone)]
pub(crate) struct MergedNode {
    pub(crate) parent: Option<usize>,
    pub(crate) function: usize,
    pub(crate) calls: u64,
    pub(crate) ticks: u64,
    pub(crate) blocks: u64,
    pub(crate) bytes: u64,
    pub(crate) wall_samples: u64,
    pub(crate) cpu_samples: u64,
}

/// What is added up for a function, in ticks.
#[derive(Debug)]
struct MergedFunction {
    site: Option<&'static Site>,
    min_ticks: Option<u64>,
    max_ticks: Option<u64>,
    distribution: Option<Histogram>,
    folded_calls: u64,
    folded_primitive_calls: u64,
    folded_self_ticks: u64,
    folded_cumulative_ticks: u64,
    polls: u64,
    waiting_ticks: u64,
    longest_poll_ticks: u64,
    completed: u64,
    cancelled: u64,
    threads: u64,
    arguments: Option<Arguments>,
}

struct Merged {
    scale: Scale,
    has_allocations: bool,
    functions: Vec<MergedFunction>,
    /// Sites of one name at one place are one function: monomorphised statics, scopes in loops.
    by_place: HashMap<(&'static str, &'static str, u32), usize>,
    by_site: HashMap<*const Site, usize>,
    nodes: Vec<MergedNode>,
    children: HashMap<(usize, usize), usize>,
}

impl MergedFunction {
    fn new(site: Option<&'static Site>) -> Self {
        Self {
            site,
            min_ticks: None,
            max_ticks: None,
            distribution: None,
            folded_calls: 0,
            folded_primitive_calls: 0,
            folded_self_ticks: 0,
            folded_cumulative_ticks: 0,
            polls: 0,
            waiting_ticks: 0,
            longest_poll_ticks: 0,
            completed: 0,
            cancelled: 0,
            threads: 0,
            arguments: None,
        }
    }

    fn add(&mut self, site: &SiteRecording) {
        self.min_ticks = [self.min_ticks, site.min_ticks].into_iter().flatten().min();
        self.max_ticks = self.max_ticks.max(site.max_ticks);
        match (&mut self.distribution, &site.distribution) {
            // Both have the recorder's layout, so that merging cannot fail.
            (Some(all), Some(more)) => drop(all.merge(more)),
            (all @ None, Some(more)) => *all = Some(more.clone()),
            (_, None) => {}
        }
        self.folded_calls += site.folded_calls;
        self.folded_primitive_calls += site.folded_primitive_calls;
        self.folded_self_ticks += site.folded_self_ticks;
        self.folded_cumulative_ticks += site.folded_cumulative_ticks;
        self.polls += site.polls;
        self.waiting_ticks += site.waiting_ticks;
        self.longest_poll_ticks = self.longest_poll_ticks.max(site.longest_poll_ticks);
        self.completed += site.completed;
        self.cancelled += site.cancelled;
        self.threads += site.threads;
    }

    fn kind(&self) -> FunctionKind {
        match self.site.map(Site::kind) {
            None => FunctionKind::Root,
            Some(SiteKind::Async) => FunctionKind::Async,
            Some(SiteKind::Scope) => FunctionKind::Scope,
            Some(SiteKind::Folded) => FunctionKind::Folded,
            Some(_) => FunctionKind::Function,
        }
    }
}

const ROOT: usize = 0;

impl Merged {
    fn new(recording: &Recording) -> Self {
        let mut nodes = recording.threads.iter().flat_map(|thread| &thread.nodes);
        Self {
            scale: recording.scale,
            has_allocations: nodes.any(|node| node.allocated_blocks.is_some()),
            functions: vec![MergedFunction::new(None)],
            by_place: HashMap::new(),
            by_site: HashMap::new(),
            nodes: vec![MergedNode::default()],
            children: HashMap::new(),
        }
    }

    fn function_of(&mut self, site: Option<&'static Site>) -> usize {
        let Some(site) = site else {
            return ROOT;
        };
        if let Some(&function) = self.by_site.get(&std::ptr::from_ref(site)) {
            return function;
        }
        let place = (site.name(), site.file(), site.line());
        let function = *self.by_place.entry(place).or_insert_with(|| {
            self.functions.push(MergedFunction::new(Some(site)));
            self.functions.len() - 1
        });
        self.by_site.insert(site, function);
        function
    }

    fn add_tree(&mut self, thread: &ThreadRecording) {
        let mut merged_indices = Vec::with_capacity(thread.nodes.len());
        for (index, node) in thread.nodes.iter().enumerate() {
            let merged = match merged_indices.get(node.parent) {
                Some(&parent) if index > 0 => self.node_below(parent, node.site),
                _ => ROOT,
            };
            merged_indices.push(merged);
            self.nodes[merged].add(node);
        }
    }

    fn node_below(&mut self, parent: usize, site: Option<&'static Site>) -> usize {
        let function = self.function_of(site);
        *self.children.entry((parent, function)).or_insert_with(|| {
            self.nodes.push(MergedNode {
                parent: Some(parent),
                function,
                ..MergedNode::default()
            });
            self.nodes.len() - 1
        })
    }

    fn add_sites(&mut self, thread: &ThreadRecording) {
        for site in thread.sites.iter().filter(|site| is_called(site)) {
            let function = self.function_of(Some(site.site));
            self.functions[function].add(site);
        }
    }

    /// Sites that are one function have seen different calls, of which nobody knows whether they were like each other: the sum is the
    /// most there can be.
    fn add_arguments(&mut self, recording: &Recording) {
        for counted in &recording.arguments {
            let function = self.function_of(Some(counted.site));
            let sum = self.functions[function].arguments.get_or_insert_default();
            sum.hashed = sum.hashed.saturating_add(counted.reading.hashed);
            sum.distinct = sum.distinct.saturating_add(counted.reading.distinct);
            sum.is_unhashable |= counted.reading.is_unhashable;
        }
    }

    fn into_profile(mut self, recording: &Recording, facts: &SessionFacts) -> Profile {
        let untimed: Vec<_> = self.functions.iter().map(is_untimed).collect();
        paths::complete(&mut self.nodes, &untimed);
        let sums = paths::sums(&self.nodes, self.functions.len(), &untimed);
        let has_samples = recording.sampler.is_some();
        let overhead = Overhead {
            inside_ns: facts.cost.inside_ns,
            outside_ns: facts.cost.outside_ns,
        };
        let folded_self: u64 = self.functions.iter().map(|f| f.folded_self_ticks).sum();
        let functions = self.functions.iter().zip(&sums).map(|(function, sum)| {
            let mut finished = self.finish_function(function, sum, overhead, folded_self);
            finished.samples = has_samples.then_some(sum.samples);
            finished
        });
        Profile {
            program: facts.program.clone(),
            started_unix_ns: facts.started_unix_ns,
            duration: self.scale.duration(recording.ticks),
            runnable_time: recording.runnable_ns.map(Duration::from_nanos),
            delayed_time: recording.delayed_ns.map(Duration::from_nanos),
            functions: functions.collect(),
            nodes: self.finish_nodes(has_samples),
            line_tables: lines::tables(recording, self.has_allocations),
            threads: recording.threads.iter().map(threads_of).sum(),
            overhead,
            sampling: recording.sampler.map(|sampler| Sampling {
                rate_hz: facts.sample_rate_hz,
                ticks: sampler.ticks,
                missed: sampler.missed,
            }),
            folded_calls: self.functions.iter().map(|f| f.folded_calls).sum(),
            unrecorded_calls: recording.unrecorded_calls,
        }
    }

    fn finish_nodes(&self, has_samples: bool) -> Vec<Node> {
        let totals = paths::node_totals(&self.nodes);
        let finish = |(node, total): (&MergedNode, &paths::NodeTotal)| Node {
            parent: node.parent,
            function: node.function,
            calls: node.calls,
            self_time: self.scale.duration(total.self_ticks),
            cumulative: self.scale.duration(node.ticks),
            allocations: self.has_allocations.then_some(Allocations {
                self_blocks: total.self_blocks,
                self_bytes: total.self_bytes,
                cumulative_blocks: node.blocks,
                cumulative_bytes: node.bytes,
            }),
            samples: has_samples.then_some(total.samples),
        };
        self.nodes.iter().zip(&totals).map(finish).collect()
    }

    fn finish_function(
        &self,
        function: &MergedFunction,
        sum: &paths::FunctionSum,
        overhead: Overhead,
        all_folded_self: u64,
    ) -> Function {
        let name = function.site.map_or("(root)", Site::name);
        let mut finished = Function::named(name, function.kind());
        let is_folded = finished.kind == FunctionKind::Folded;
        if let Some(site) = function.site {
            finished.file = site.file().to_owned();
            finished.line = site.line();
        }
        finished.untimed = is_untimed(function);
        // What folded calls are known by their own functions for is not counted here again.
        let self_ticks = if is_folded {
            sum.self_ticks.saturating_sub(all_folded_self)
        } else {
            sum.self_ticks + function.folded_self_ticks
        };
        finished.calls = sum.calls + function.folded_calls;
        finished.primitive_calls = sum.primitive_calls + function.folded_primitive_calls;
        finished.self_time = self.scale.duration(self_ticks);
        finished.cumulative = self
            .scale
            .duration(sum.cumulative_ticks + function.folded_cumulative_ticks);
        finished.distribution = self.distribution(function);
        finished.allocations = self.has_allocations.then_some(sum.allocations);
        finished.threads = function.threads;
        finished.arguments = function.arguments;
        if finished.kind == FunctionKind::Async {
            finished.polls = Some(self.polls(function, &finished));
        }
        correct(&mut finished, sum, overhead);
        finished
    }

    fn polls(&self, function: &MergedFunction, finished: &Function) -> Polls {
        let waiting = self.scale.duration(function.waiting_ticks);
        Polls {
            polls: function.polls,
            busy: finished.cumulative,
            waiting,
            longest_poll: self.scale.duration(function.longest_poll_ticks),
            wall: finished.cumulative + waiting,
            completed: function.completed,
            cancelled: function.cancelled,
        }
    }

    fn distribution(&self, function: &MergedFunction) -> Option<Distribution> {
        let ticks = function.distribution.as_ref()?;
        let (min, max) = (function.min_ticks?, function.max_ticks?);
        let mut histogram = Histogram::new();
        for bucket in ticks.buckets() {
            // The extremes are known exactly, and the last bucket has no upper end.
            let middle = bucket.low + (bucket.high.min(max).saturating_sub(bucket.low)) / 2;
            let ns = self.scale.ns(middle.clamp(min, max));
            histogram.record_n(ns.round() as u64, bucket.count);
        }
        let quantile = |q| {
            let ns = histogram.quantile(q).unwrap_or(0);
            Duration::from_nanos(ns).clamp(self.scale.duration(min), self.scale.duration(max))
        };
        Some(Distribution {
            min: self.scale.duration(min),
            max: self.scale.duration(max),
            p50: quantile(0.5),
            p95: quantile(0.95),
            p99: quantile(0.99),
            histogram,
        })
    }
}

impl MergedNode {
    fn add(&mut self, node: &NodeRecording) {
        self.calls += node.calls;
        self.ticks += node.ticks;
        self.blocks += node.allocated_blocks.unwrap_or(0);
        self.bytes += node.allocated_bytes.unwrap_or(0);
        self.wall_samples += node.wall_samples;
        self.cpu_samples += node.cpu_samples;
    }
}

/// Threads keep what they know of sites from session to session. A future counts its call in the thread of its first poll, and
/// may be polled and dropped in others.
fn is_called(site: &SiteRecording) -> bool {
    site.threads > 0 || site.polls > 0 || site.cancelled > 0
}

fn is_untimed(function: &MergedFunction) -> bool {
    function.site.is_some_and(Site::is_untimed)
}

/// A block stands for a thread, or for several that ran one after another.
fn threads_of(thread: &ThreadRecording) -> u64 {
    let most = thread.sites.iter().map(|site| site.threads).max();
    most.unwrap_or(0).max(1)
}

/// Takes what the recording cost out of the times, and says whether it was most of them.
fn correct(function: &mut Function, sum: &paths::FunctionSum, overhead: Overhead) {
    let both = overhead.inside_ns + overhead.outside_ns;
    let own = function.calls as f64 * overhead.inside_ns;
    let of_self = own + sum.callee_calls as f64 * overhead.outside_ns;
    let primitive = function.primitive_calls as f64 * overhead.inside_ns;
    let of_all = primitive + sum.calls_below as f64 * both;
    function.corrected_self = less(function.self_time, of_self);
    function.corrected_cumulative = less(function.cumulative, of_all);
    // Of a function without callees: whether its mean is below ten times the cost.
    let recorded_calls = (function.calls + sum.calls_below) as f64;
    function.overhead_dominates = function.calls > 0
        && !function.untimed
        && function.kind != FunctionKind::Root
        && (function.cumulative.as_nanos() as f64) < 10.0 * recorded_calls * both;
}

fn less(time: Duration, ns: f64) -> Duration {
    let ns = Duration::from_nanos(ns.max(0.0).round() as u64);
    time.saturating_sub(ns)
}
