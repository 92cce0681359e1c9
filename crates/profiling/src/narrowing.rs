//! A profile as it would be if fewer functions had been recorded.

use std::{collections::HashMap, time::Duration};

use regex_lite::Regex;

use crate::{Allocations, Function, FunctionKind, Node, Profile, Samples};

#[cfg(test)]
mod tests;

impl Profile {
    /// Leaves out the functions whose path, and whose `file:line`, the expression does not match. What they did
    /// themselves counts for the nearest of their callers that stays, as it would if they had not been recorded.
    pub(crate) fn matching(&self, filter: &Regex) -> Self {
        let stays: Vec<_> = self
            .functions
            .iter()
            .map(|function| function.kind == FunctionKind::Root || matches(filter, function))
            .collect();
        let (nodes, own) = self.nodes_of(&stays);
        let functions = self.functions.iter().enumerate().map(|(index, function)| {
            let mut function = function.clone();
            if let Some(own) = own.get(&index) {
                own.add_to(&mut function);
            }
            function
        });
        let kept = functions
            .zip(&stays)
            .filter_map(|(function, &stays)| stays.then_some(function));
        let tables = self.line_tables.iter();
        let tables = tables.filter(|table| filter.is_match(&table.function));
        Self {
            functions: kept.collect(),
            nodes: renumbered(nodes, &stays),
            line_tables: tables.cloned().collect(),
            ..self.clone()
        }
    }

    /// The nodes of functions that stay, and what each of these functions takes over from others.
    fn nodes_of(&self, stays: &[bool]) -> (Vec<Node>, HashMap<usize, Own>) {
        let mut nodes: Vec<Node> = Vec::new();
        let mut places = HashMap::new();
        let mut taken_over: HashMap<usize, Own> = HashMap::new();
        // For each old node the new one that it is, or that has taken it over.
        let mut became: Vec<usize> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let parent = node.parent.map(|parent| became[parent]);
            let own = Own::of(node);
            match parent {
                Some(parent) if !stays[node.function] => {
                    own.add_to_node(&mut nodes[parent]);
                    taken_over
                        .entry(nodes[parent].function)
                        .or_default()
                        .add(&own);
                    became.push(parent);
                }
                _ => {
                    let place = *places.entry((parent, node.function)).or_insert(nodes.len());
                    match nodes.get_mut(place) {
                        Some(same) => add(same, node),
                        None => nodes.push(Node {
                            parent,
                            ..node.clone()
                        }),
                    }
                    became.push(place);
                }
            }
        }
        (nodes, taken_over)
    }
}

fn matches(filter: &Regex, function: &Function) -> bool {
    filter.is_match(&function.name)
        || filter.is_match(&format!("{}:{}", function.file, function.line))
}

/// Nodes with the indices that functions have once the others are gone.
fn renumbered(mut nodes: Vec<Node>, stays: &[bool]) -> Vec<Node> {
    let mut next = 0;
    let numbers: Vec<_> = stays
        .iter()
        .map(|&stays| {
            let number = next;
            next += usize::from(stays);
            number
        })
        .collect();
    for node in &mut nodes {
        node.function = numbers[node.function];
    }
    nodes
}

/// Two nodes that stand at the same place once those between them and their parent are gone.
fn add(node: &mut Node, other: &Node) {
    node.calls += other.calls;
    node.cumulative += other.cumulative;
    if let (Some(all), Some(more)) = (&mut node.allocations, other.allocations) {
        all.cumulative_blocks += more.cumulative_blocks;
        all.cumulative_bytes += more.cumulative_bytes;
    }
    if let (Some(all), Some(more)) = (&mut node.samples, other.samples) {
        all.cumulative_wall += more.cumulative_wall;
        all.cumulative_cpu += more.cumulative_cpu;
    }
    Own::of(other).add_to_node(node);
}

/// What a node did itself.
#[derive(Debug, Default)]
struct Own {
    time: Duration,
    allocations: Allocations,
    samples: Samples,
}

impl Own {
    fn of(node: &Node) -> Self {
        Self {
            time: node.self_time,
            allocations: node.allocations.unwrap_or_default(),
            samples: node.samples.unwrap_or_default(),
        }
    }

    fn add(&mut self, other: &Self) {
        self.time += other.time;
        self.allocations.self_blocks += other.allocations.self_blocks;
        self.allocations.self_bytes += other.allocations.self_bytes;
        self.samples.self_wall += other.samples.self_wall;
        self.samples.self_cpu += other.samples.self_cpu;
    }

    fn add_to_node(&self, node: &mut Node) {
        node.self_time += self.time;
        self.add_to_options(&mut node.allocations, &mut node.samples);
    }

    fn add_to(&self, function: &mut Function) {
        function.self_time += self.time;
        function.corrected_self += self.time;
        self.add_to_options(&mut function.allocations, &mut function.samples);
    }

    fn add_to_options(&self, allocations: &mut Option<Allocations>, samples: &mut Option<Samples>) {
        if let Some(allocations) = allocations {
            allocations.self_blocks += self.allocations.self_blocks;
            allocations.self_bytes += self.allocations.self_bytes;
        }
        if let Some(samples) = samples {
            samples.self_wall += self.samples.self_wall;
            samples.self_cpu += self.samples.self_cpu;
        }
    }
}
