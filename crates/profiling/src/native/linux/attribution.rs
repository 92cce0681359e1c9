//! Turns counted stacks and names into a profile.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use tuneup_symbols::Symbols;

use super::stack_tree::{ROOT, Stacks};
use crate::{Function, FunctionKind, Node, Overhead, Profile, Sampling, function::Samples};

/// What is to be said of the sampling itself.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) program: String,
    pub(super) started_unix_ns: u64,
    pub(super) duration: Duration,
    pub(super) sampling: Sampling,
}

/// The profile of what was counted.
pub(super) fn profile(run: Run, stacks: &Stacks, symbols: &Symbols) -> Profile {
    let mut tree = CallTree::new(symbols);
    let innermost = tree.add(stacks, symbols);
    tree.count_cumulative();
    tree.count_threads(&innermost, stacks);
    let threads = stacks
        .threads
        .iter()
        .map(|(_, thread)| thread)
        .collect::<HashSet<_>>();
    Profile {
        program: run.program,
        started_unix_ns: run.started_unix_ns,
        duration: run.duration,
        runnable_time: None,
        delayed_time: None,
        functions: tree.functions,
        nodes: tree.nodes,
        line_tables: Vec::new(),
        threads: threads.len() as u64,
        overhead: Overhead::default(),
        sampling: Some(run.sampling),
        folded_calls: 0,
        unrecorded_calls: 0,
    }
}

/// The functions are the root's, then those of the symbols in the same order.
struct CallTree {
    functions: Vec<Function>,
    nodes: Vec<Node>,
    children: HashMap<(usize, usize), usize>,
    folded: Option<usize>,
}

impl CallTree {
    fn new(symbols: &Symbols) -> Self {
        let mut functions = vec![sampled("(root)", FunctionKind::Root)];
        functions.extend(symbols.symbols().iter().map(|symbol| Function {
            file: symbol.file.clone(),
            line: symbol.line,
            ..sampled(&symbol.name, FunctionKind::Native)
        }));
        Self {
            functions,
            nodes: vec![node(None, ROOT)],
            folded: None,
            children: HashMap::new(),
        }
    }

    /// The function of samples that there was no room for.
    fn folded(&mut self) -> usize {
        *self.folded.get_or_insert_with(|| {
            self.functions
                .push(sampled("(other)", FunctionKind::Folded));
            self.functions.len() - 1
        })
    }

    /// Adds the samples to the nodes they were taken in, and says for each place in `stacks` which node
    /// it became.
    fn add(&mut self, stacks: &Stacks, symbols: &Symbols) -> Vec<usize> {
        let mut places = Vec::with_capacity(stacks.nodes.len());
        for (place, stack) in stacks.nodes.iter().enumerate() {
            let mut node = places.get(stack.parent as usize).copied().unwrap_or(ROOT);
            if place != ROOT {
                for frame in symbols.frames(stack.address).iter().rev() {
                    node = self.child(node, 1 + frame.symbol);
                }
            }
            places.push(node);
            self.count(node, stack.samples);
            if stack.folded > 0 {
                let folded = self.folded();
                let below = self.child(node, folded);
                self.count(below, stack.folded);
            }
        }
        places
    }

    fn child(&mut self, parent: usize, function: usize) -> usize {
        *self.children.entry((parent, function)).or_insert_with(|| {
            self.nodes.push(node(Some(parent), function));
            self.nodes.len() - 1
        })
    }

    /// Every sample is on the processor: the clock of the events runs only there.
    fn count(&mut self, node: usize, samples: u64) {
        let counted = self.nodes[node].samples.get_or_insert_default();
        counted.self_wall += samples;
        counted.self_cpu += samples;
        counted.cumulative_wall += samples;
        counted.cumulative_cpu += samples;
    }

    /// Children stand behind their parents, so that from the end each node is complete when it is added to
    /// its parent.
    fn count_cumulative(&mut self) {
        for place in (0..self.nodes.len()).rev() {
            let samples = self.nodes[place].samples.unwrap_or_default();
            if let Some(parent) = self.nodes[place].parent {
                let above = self.nodes[parent].samples.get_or_insert_default();
                above.cumulative_wall += samples.cumulative_wall;
                above.cumulative_cpu += samples.cumulative_cpu;
            }
            let is_inside_itself = self
                .callers(place)
                .skip(1)
                .any(|caller| self.nodes[caller].function == self.nodes[place].function);
            let function = &mut self.functions[self.nodes[place].function];
            let counted = function.samples.get_or_insert_default();
            counted.self_wall += samples.self_wall;
            counted.self_cpu += samples.self_cpu;
            if !is_inside_itself {
                counted.cumulative_wall += samples.cumulative_wall;
                counted.cumulative_cpu += samples.cumulative_cpu;
            }
        }
    }

    /// A node and those above it, up to the root.
    fn callers(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(node), |node| self.nodes[*node].parent)
    }

    fn count_threads(&mut self, places: &[usize], stacks: &Stacks) {
        let mut seen = HashSet::new();
        let mut in_functions = HashSet::new();
        for (stack, thread) in &stacks.threads {
            // What is above a node that was seen with the thread was seen too.
            let new = self
                .callers(places[*stack as usize])
                .take_while(|node| seen.insert((*node, *thread)));
            in_functions.extend(new.map(|node| (self.nodes[node].function, *thread)));
        }
        for (function, _) in in_functions {
            self.functions[function].threads += 1;
        }
    }
}

fn sampled(name: &str, kind: FunctionKind) -> Function {
    Function {
        untimed: true,
        samples: Some(Samples::default()),
        ..Function::named(name, kind)
    }
}

fn node(parent: Option<usize>, function: usize) -> Node {
    Node {
        parent,
        function,
        calls: 0,
        self_time: Duration::ZERO,
        cumulative: Duration::ZERO,
        allocations: None,
        samples: Some(Samples::default()),
    }
}

#[cfg(test)]
mod tests;
