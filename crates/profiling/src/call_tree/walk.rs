//! A walk through the call tree without recursion: trees may be deeper than a stack.

use super::Node;

/// One step of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A node, before its callees.
    Enter(usize),
    /// The same node, after them.
    Leave(usize),
}

/// Who calls whom, as lists that are found at once.
#[derive(Debug)]
pub(crate) struct Callees {
    /// Where the callees of each node begin in `list`, and where those of the last one end.
    starts: Vec<usize>,
    list: Vec<usize>,
    tops: Vec<usize>,
}

impl Callees {
    /// The callees of all nodes. O(nodes).
    pub(crate) fn of(nodes: &[Node]) -> Self {
        // A file may say anything: whoever claims a later node as its caller is left without one.
        let caller = |index: usize| nodes[index].parent.filter(|&parent| parent < index);
        let mut starts = vec![0; nodes.len() + 1];
        for parent in (0..nodes.len()).filter_map(caller) {
            starts[parent + 1] += 1;
        }
        for index in 0..nodes.len() {
            starts[index + 1] += starts[index];
        }
        let mut free = starts.clone();
        let mut list = vec![0; starts[nodes.len()]];
        let mut tops = Vec::new();
        for index in 0..nodes.len() {
            match caller(index) {
                Some(parent) => {
                    list[free[parent]] = index;
                    free[parent] += 1;
                }
                None => tops.push(index),
            }
        }
        Self { starts, list, tops }
    }

    /// The callees of `node`, in the order of [`Profile::nodes`](crate::Profile::nodes).
    pub(crate) fn of_node(&self, node: usize) -> &[usize] {
        &self.list[self.starts[node]..self.starts[node + 1]]
    }

    /// The nodes without a caller: the root.
    pub(crate) fn tops(&self) -> &[usize] {
        &self.tops
    }
}

/// Goes through all nodes from the root down. O(nodes).
pub(crate) fn walk(nodes: &[Node], mut visit: impl FnMut(Step)) {
    let callees = Callees::of(nodes);
    let enter = |nodes: &[usize]| -> Vec<Step> {
        nodes.iter().rev().map(|&node| Step::Enter(node)).collect()
    };
    let mut ahead = enter(callees.tops());
    while let Some(step) = ahead.pop() {
        visit(step);
        if let Step::Enter(node) = step {
            ahead.push(Step::Leave(node));
            ahead.extend(enter(callees.of_node(node)));
        }
    }
}

#[cfg(test)]
mod tests;
