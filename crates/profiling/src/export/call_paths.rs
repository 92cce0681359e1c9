//! The call tree as exporters need it: bounded, without recursion, and sound whatever the profile holds.

use super::nanoseconds;
use crate::{FunctionKind, Node, Profile};

/// Functions in a stack; what lies deeper is counted under [`DEEPER`]. A list of stacks would otherwise grow with the
/// square of the depth.
pub(super) const MOST_FRAMES: usize = 1_024;
/// The name under which everything below the deepest function of a stack is counted.
const DEEPER: &str = "(deeper)";
/// The name of a node whose function is not in the profile.
const UNKNOWN: &str = "(unknown)";

/// What is added up along a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Calls,
    /// Own time in nanoseconds.
    Time,
    /// Blocks allocated by the function itself.
    Blocks,
    /// Bytes allocated by the function itself.
    Bytes,
    /// Samples in which it was the innermost.
    Samples,
    /// Those of them on the processor.
    CpuSamples,
}

impl Quantity {
    /// What the function of a node did itself.
    pub(super) fn of(self, node: &Node) -> u64 {
        match self {
            Self::Calls => node.calls,
            Self::Time => nanoseconds(node.self_time),
            Self::Blocks => node.allocations.map_or(0, |it| it.self_blocks),
            Self::Bytes => node.allocations.map_or(0, |it| it.self_bytes),
            Self::Samples => node.samples.map_or(0, |it| it.self_wall),
            Self::CpuSamples => node.samples.map_or(0, |it| it.self_cpu),
        }
    }
}

/// The paths from the root of a call tree.
pub(super) struct CallPaths<'a> {
    profile: &'a Profile,
    /// The caller of each node, which stands before it.
    parents: Vec<Option<usize>>,
    /// The functions in the stack of each node.
    depths: Vec<usize>,
}

impl<'a> CallPaths<'a> {
    pub(super) fn of(profile: &'a Profile) -> Self {
        let mut paths = Self {
            profile,
            parents: Vec::with_capacity(profile.nodes.len()),
            depths: Vec::with_capacity(profile.nodes.len()),
        };
        for (index, node) in profile.nodes.iter().enumerate() {
            let parent = node.parent.filter(|&parent| parent < index);
            let above = parent.map_or(0, |parent| paths.depths[parent]);
            let depth = above + usize::from(!paths.is_root(index));
            paths.parents.push(parent);
            paths.depths.push(depth);
        }
        paths
    }

    pub(super) fn nodes(&self) -> &'a [Node] {
        &self.profile.nodes
    }

    pub(super) fn parent(&self, node: usize) -> Option<usize> {
        self.parents[node]
    }

    /// Whether a node stands for the threads themselves, and for no function.
    pub(super) fn is_root(&self, node: usize) -> bool {
        let function = self
            .profile
            .functions
            .get(self.profile.nodes[node].function);
        function.is_some_and(|function| function.kind == FunctionKind::Root)
    }

    /// The name of the function of a node.
    pub(super) fn name(&self, node: usize) -> &'a str {
        self.frame_name(self.profile.nodes[node].function)
    }

    /// The name of a frame of [`for_each_stack`](Self::for_each_stack).
    pub(super) fn frame_name(&self, frame: usize) -> &'a str {
        match self.profile.functions.get(frame) {
            Some(function) => &function.name,
            None if frame == self.deeper() => DEEPER,
            None => UNKNOWN,
        }
    }

    /// The frame that is none of the functions: [`DEEPER`]; the one after it is [`UNKNOWN`].
    fn deeper(&self) -> usize {
        self.profile.functions.len()
    }

    /// How many frames there are: the functions, and the two names that are none where a stack may have them.
    pub(super) fn frame_count(&self) -> usize {
        let functions = self.profile.functions.len();
        let deep = self.depths.iter().any(|&depth| depth > MOST_FRAMES);
        let unknown = self.nodes().iter().any(|node| node.function >= functions);
        functions + if deep || unknown { 2 } else { 0 }
    }

    /// Time; or samples, if the tree knows nothing of time.
    pub(super) fn main_quantity(&self) -> Quantity {
        let timed = (0..self.parents.len())
            .any(|node| !self.is_root(node) && !self.profile.nodes[node].self_time.is_zero());
        match !timed && self.has_samples() {
            true => Quantity::Samples,
            false => Quantity::Time,
        }
    }

    pub(super) fn has_samples(&self) -> bool {
        self.profile.nodes.iter().any(|node| node.samples.is_some())
    }

    pub(super) fn has_allocations(&self) -> bool {
        let mut nodes = self.profile.nodes.iter();
        nodes.any(|node| node.allocations.is_some())
    }

    /// For each node, what it and everything below it did.
    pub(super) fn totals(&self, quantity: Quantity) -> Vec<u64> {
        let nodes = self.profile.nodes.iter();
        let mut totals: Vec<u64> = nodes.map(|node| quantity.of(node)).collect();
        // Children stand after their parents, so that each total is complete when it is added.
        for node in (0..totals.len()).rev() {
            if let Some(parent) = self.parents[node] {
                totals[parent] = totals[parent].saturating_add(totals[node]);
            }
        }
        totals
    }

    /// Calls `visit` with each stack for which something was counted, as indices of functions from the outermost to the
    /// innermost, and with what was counted, one number for each of `quantities`. What happened outside of all functions
    /// has the root alone as its stack.
    pub(super) fn for_each_stack(
        &self,
        quantities: &[Quantity],
        mut visit: impl FnMut(&[usize], &[u64]),
    ) {
        let deeper = self.sums_of_deeper(quantities);
        let mut stack = Vec::new();
        let mut values = Vec::new();
        for (index, node) in self.profile.nodes.iter().enumerate() {
            if self.depths[index] > MOST_FRAMES {
                continue;
            }
            values.clear();
            values.extend(quantities.iter().map(|quantity| quantity.of(node)));
            let below = deeper.get(&index);
            if below.is_some() || values.iter().any(|&value| value > 0) {
                self.stack_of(index, &mut stack);
            }
            if values.iter().any(|&value| value > 0) {
                visit(&stack, &values);
            }
            if let Some(below) = below {
                stack.push(self.deeper());
                visit(&stack, below);
            }
        }
    }

    /// By the deepest node that is kept, what the nodes below it add up to.
    fn sums_of_deeper(
        &self,
        quantities: &[Quantity],
    ) -> std::collections::HashMap<usize, Vec<u64>> {
        let mut sums = std::collections::HashMap::<usize, Vec<u64>>::new();
        // For each node, the last one above it that is kept.
        let mut kept = Vec::with_capacity(self.parents.len());
        for (index, node) in self.profile.nodes.iter().enumerate() {
            let last = match self.parents[index] {
                Some(parent) if self.depths[index] > MOST_FRAMES => kept[parent],
                _ => index,
            };
            kept.push(last);
            if last == index || quantities.iter().all(|quantity| quantity.of(node) == 0) {
                continue;
            }
            let sum = sums
                .entry(last)
                .or_insert_with(|| vec![0; quantities.len()]);
            for (sum, quantity) in sum.iter_mut().zip(quantities) {
                *sum = sum.saturating_add(quantity.of(node));
            }
        }
        sums
    }

    fn frame_of(&self, node: usize) -> usize {
        match self.profile.nodes[node].function {
            function if function < self.profile.functions.len() => function,
            _ => self.deeper() + 1,
        }
    }

    /// The functions from the outermost to that of `node`.
    fn stack_of(&self, node: usize, stack: &mut Vec<usize>) {
        stack.clear();
        let mut next = Some(node);
        while let Some(index) = next {
            if !self.is_root(index) {
                stack.push(self.frame_of(index));
            }
            next = self.parents[index];
        }
        if stack.is_empty() {
            stack.push(self.frame_of(node));
        }
        stack.reverse();
    }
}
