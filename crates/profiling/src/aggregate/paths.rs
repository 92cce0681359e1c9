//! What follows from where nodes stand in the tree: self and cumulative figures, and recursion.
//!
//! Nothing here recurses: trees are as deep as the program that was measured.

use super::MergedNode;
use crate::function::{Allocations, Samples};

/// Figures of a node that depend on its children.
#[derive(Debug, Clone, Default)]
pub(super) struct NodeTotal {
    pub(super) self_ticks: u64,
    pub(super) self_blocks: u64,
    pub(super) self_bytes: u64,
    pub(super) samples: Samples,
    /// Timed calls that it made itself.
    callee_calls: u64,
    /// Timed calls below it.
    calls_below: u64,
}

/// Figures of a function, over all paths.
#[derive(Debug, Clone, Default)]
pub(super) struct FunctionSum {
    pub(super) calls: u64,
    pub(super) primitive_calls: u64,
    pub(super) self_ticks: u64,
    pub(super) cumulative_ticks: u64,
    pub(super) allocations: Allocations,
    pub(super) samples: Samples,
    pub(super) callee_calls: u64,
    pub(super) calls_below: u64,
}

/// Gives the nodes that were not timed, and the root, the times of their children. Children stand
/// behind their parents, so that walking back sees every child first.
pub(super) fn complete(nodes: &mut [MergedNode], untimed: &[bool]) {
    for index in (1..nodes.len()).rev() {
        let child = nodes[index].clone();
        let Some(parent) = child.parent else { continue };
        let parent = &mut nodes[parent];
        if parent.parent.is_none() || untimed[parent.function] {
            parent.ticks += child.ticks;
            parent.blocks += child.blocks;
            parent.bytes += child.bytes;
        }
    }
}

pub(super) fn node_totals(nodes: &[MergedNode]) -> Vec<NodeTotal> {
    totals_counting(nodes, |_| true)
}

fn totals_counting(nodes: &[MergedNode], is_timed: impl Fn(&MergedNode) -> bool) -> Vec<NodeTotal> {
    let mut totals: Vec<_> = nodes.iter().map(NodeTotal::of_leaf).collect();
    for (index, child) in nodes.iter().enumerate().rev() {
        let Some(parent) = child.parent else { continue };
        let below = totals[index].clone();
        let calls = if is_timed(child) { child.calls } else { 0 };
        let total = &mut totals[parent];
        total.self_ticks = total.self_ticks.saturating_sub(child.ticks);
        total.self_blocks = total.self_blocks.saturating_sub(child.blocks);
        total.self_bytes = total.self_bytes.saturating_sub(child.bytes);
        total.samples.cumulative_wall += below.samples.cumulative_wall;
        total.samples.cumulative_cpu += below.samples.cumulative_cpu;
        total.callee_calls += calls;
        total.calls_below += calls + below.calls_below;
    }
    totals
}

impl NodeTotal {
    fn of_leaf(node: &MergedNode) -> Self {
        Self {
            self_ticks: node.ticks,
            self_blocks: node.blocks,
            self_bytes: node.bytes,
            samples: Samples {
                self_wall: node.wall_samples,
                self_cpu: node.cpu_samples,
                cumulative_wall: node.wall_samples,
                cumulative_cpu: node.cpu_samples,
            },
            callee_calls: 0,
            calls_below: 0,
        }
    }
}

/// For each function; what stands below another node of the same function counts once.
pub(super) fn sums(nodes: &[MergedNode], functions: usize, untimed: &[bool]) -> Vec<FunctionSum> {
    let totals = totals_counting(nodes, |node| !untimed[node.function]);
    let mut sums = vec![FunctionSum::default(); functions];
    for (index, is_outermost) in outermost(nodes, functions) {
        sums[nodes[index].function].add(&nodes[index], &totals[index], is_outermost);
    }
    sums
}

/// All nodes, each with whether no node of the same function stands above it.
fn outermost(nodes: &[MergedNode], functions: usize) -> Vec<(usize, bool)> {
    let mut children = vec![Vec::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        if let Some(parent) = node.parent {
            children[parent].push(index);
        }
    }
    let mut found = Vec::with_capacity(nodes.len());
    let mut on_path = vec![0_usize; functions];
    let mut steps = vec![Step::Into(0)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Into(index) if index < nodes.len() => {
                let function = nodes[index].function;
                found.push((index, on_path[function] == 0));
                on_path[function] += 1;
                steps.push(Step::OutOf(function));
                steps.extend(children[index].iter().map(|&child| Step::Into(child)));
            }
            Step::Into(_) => {}
            Step::OutOf(function) => on_path[function] -= 1,
        }
    }
    found
}

enum Step {
    Into(usize),
    OutOf(usize),
}

impl FunctionSum {
    fn add(&mut self, node: &MergedNode, total: &NodeTotal, is_outermost: bool) {
        self.calls += node.calls;
        self.self_ticks += total.self_ticks;
        self.callee_calls += total.callee_calls;
        self.allocations.self_blocks += total.self_blocks;
        self.allocations.self_bytes += total.self_bytes;
        self.samples.self_wall += total.samples.self_wall;
        self.samples.self_cpu += total.samples.self_cpu;
        if is_outermost {
            self.primitive_calls += node.calls;
            self.cumulative_ticks += node.ticks;
            self.calls_below += total.calls_below;
            self.allocations.cumulative_blocks += node.blocks;
            self.allocations.cumulative_bytes += node.bytes;
            self.samples.cumulative_wall += total.samples.cumulative_wall;
            self.samples.cumulative_cpu += total.samples.cumulative_cpu;
        }
    }
}
