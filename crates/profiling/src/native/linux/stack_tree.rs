//! Counts stacks, as addresses, in bounded memory.

use std::collections::{HashMap, HashSet};

/// Where the stacks begin: the place above the outermost frame.
pub(super) const ROOT: usize = 0;

/// The stacks that were seen.
#[derive(Debug, Clone)]
pub(super) struct Stacks {
    /// Parents stand before their children; the first is the root.
    pub(super) nodes: Vec<StackNode>,
    /// Which threads were seen in which node as the innermost.
    pub(super) threads: HashSet<(u32, u32)>,
}

impl Stacks {
    /// The addresses in the stacks, some of them often.
    pub(super) fn addresses(&self) -> impl Iterator<Item = u64> {
        self.nodes.iter().skip(1).map(|node| node.address)
    }
}

/// An address as reached along one path from the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StackNode {
    /// The caller's index; the root's own for the root.
    pub(super) parent: u32,
    /// A byte of the instruction that ran or called.
    pub(super) address: u64,
    /// Samples in which this was the innermost.
    pub(super) samples: u64,
    /// Samples that went on from here to where there was no room to keep them apart.
    pub(super) folded: u64,
}

/// Counts stacks as they come. Each costs a look-up for every frame; a new one takes about 60 bytes for
/// every frame that it does not share with others, until the tree is full.
pub(super) struct StackTree {
    stacks: Stacks,
    children: HashMap<(u32, u64), u32>,
    most_nodes: usize,
    most_threads: usize,
}

impl StackTree {
    /// `most_nodes` is at least one, for the root.
    pub(super) fn new(most_nodes: usize, most_threads: usize) -> Self {
        let root = StackNode {
            parent: 0,
            address: 0,
            samples: 0,
            folded: 0,
        };
        Self {
            stacks: Stacks {
                nodes: vec![root],
                threads: HashSet::new(),
            },
            children: HashMap::new(),
            most_nodes,
            most_threads,
        }
    }

    /// Counts a stack, given from the innermost frame outwards.
    pub(super) fn add(&mut self, thread: u32, stack: &[u64]) {
        let mut node = ROOT as u32;
        let mut kept = true;
        for address in stack.iter().rev() {
            match self.child(node, *address) {
                Some(child) => node = child,
                None => {
                    kept = false;
                    break;
                }
            }
        }
        let place = &mut self.stacks.nodes[node as usize];
        match kept {
            true => place.samples += 1,
            false => place.folded += 1,
        }
        if self.stacks.threads.len() < self.most_threads {
            self.stacks.threads.insert((node, thread));
        }
    }

    fn child(&mut self, parent: u32, address: u64) -> Option<u32> {
        let nodes = &mut self.stacks.nodes;
        if let Some(child) = self.children.get(&(parent, address)) {
            return Some(*child);
        }
        if nodes.len() >= self.most_nodes {
            return None;
        }
        let child = u32::try_from(nodes.len()).ok()?;
        nodes.push(StackNode {
            parent,
            address,
            samples: 0,
            folded: 0,
        });
        self.children.insert((parent, address), child);
        Some(child)
    }

    /// What was counted until now.
    pub(super) fn stacks(&self) -> &Stacks {
        &self.stacks
    }
}

#[cfg(test)]
mod tests;
