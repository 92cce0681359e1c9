//! Profiles for tests, in which everything adds up.

use std::{collections::HashMap, time::Duration};

use proptest::prelude::*;
use tuneup_measure::Histogram;

use crate::{
    call_tree::Node,
    function::{Allocations, Distribution, Function, FunctionKind, Polls},
    profile::{Overhead, Profile},
};

/// A function in a described call tree.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    name: String,
    calls: u64,
    self_ns: u64,
    callees: Vec<Call>,
}

/// `calls` calls of `name` that took `self_ns` by themselves.
pub(crate) fn call(name: &str, calls: u64, self_ns: u64) -> Call {
    Call {
        name: name.to_owned(),
        calls,
        self_ns,
        callees: Vec::new(),
    }
}

impl Call {
    /// The same with what it called.
    pub(crate) fn calling(mut self, callees: impl IntoIterator<Item = Self>) -> Self {
        self.callees.extend(callees);
        self
    }
}

/// The profile of a program that called `tops`.
pub(crate) fn profile(tops: impl IntoIterator<Item = Call>) -> Profile {
    let mut places = Vec::new();
    let mut ahead: Vec<(usize, Call)> = tops.into_iter().map(|call| (0, call)).collect();
    ahead.reverse();
    while let Some((parent, call)) = ahead.pop() {
        places.push(Place::new(parent, &call.name, call.calls, call.self_ns));
        let index = places.len();
        ahead.extend(call.callees.into_iter().rev().map(|call| (index, call)));
    }
    from_places(&places)
}

/// A place in the call tree; the first of a list is the first below the root, which is number 0.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    parent: usize,
    name: String,
    calls: u64,
    self_ns: u64,
}

impl Place {
    pub(crate) fn new(parent: usize, name: &str, calls: u64, self_ns: u64) -> Self {
        Self {
            parent,
            name: name.to_owned(),
            calls,
            self_ns,
        }
    }
}

/// The profile with these places in its tree.
pub(crate) fn from_places(places: &[Place]) -> Profile {
    let mut functions = vec![Function::named("(root)", FunctionKind::Root)];
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut nodes = vec![node(None, 0, 1, 0)];
    for place in places {
        let number = *numbers.entry(&place.name).or_insert_with(|| {
            functions.push(Function::named(&place.name, FunctionKind::Function));
            functions.len() - 1
        });
        nodes.push(node(Some(place.parent), number, place.calls, place.self_ns));
    }
    for index in (1..nodes.len()).rev() {
        if let Some(parent) = nodes[index].parent {
            let cumulative = nodes[index].cumulative;
            nodes[parent].cumulative += cumulative;
        }
    }
    for index in 0..nodes.len() {
        add(&mut functions, &nodes, index);
    }
    for (line, function) in functions.iter_mut().enumerate().skip(1) {
        function.corrected_self = function.self_time;
        function.corrected_cumulative = function.cumulative;
        function.threads = 1;
        function.file = "src/main.rs".to_owned();
        function.line = 10 * line as u32;
    }
    Profile {
        program: "sample".to_owned(),
        started_unix_ns: 0,
        duration: nodes[0].cumulative,
        runnable_time: None,
        delayed_time: None,
        functions,
        nodes,
        line_tables: Vec::new(),
        threads: 1,
        overhead: Overhead::default(),
        sampling: None,
        folded_calls: 0,
        unrecorded_calls: 0,
    }
}

fn node(parent: Option<usize>, function: usize, calls: u64, self_ns: u64) -> Node {
    Node {
        parent,
        function,
        calls,
        self_time: Duration::from_nanos(self_ns),
        cumulative: Duration::from_nanos(self_ns),
        allocations: None,
        samples: None,
    }
}

/// Adds what the node `index` says to its function, by looking up all its callers.
fn add(functions: &mut [Function], nodes: &[Node], index: usize) {
    let node = &nodes[index];
    let is_recursive = callers(nodes, index).any(|caller| nodes[caller].function == node.function);
    let function = &mut functions[node.function];
    function.calls += node.calls;
    function.self_time += node.self_time;
    if !is_recursive {
        function.primitive_calls += node.calls;
        function.cumulative += node.cumulative;
    }
}

/// The callers of the node `index`, the nearest first.
pub(crate) fn callers(nodes: &[Node], index: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(nodes[index].parent, |&caller| nodes[caller].parent)
}

/// `function` of `profile`, to be changed.
pub(crate) fn function_mut<'a>(profile: &'a mut Profile, name: &str) -> &'a mut Function {
    profile
        .functions
        .iter_mut()
        .find(|function| function.name == name)
        .expect("a function of the sample")
}

/// The times of single calls, in nanoseconds.
pub(crate) fn distribution(times_ns: &[u64]) -> Distribution {
    let histogram: Histogram = times_ns.iter().copied().collect();
    let quantile = |q| Duration::from_nanos(histogram.quantile(q).expect("at least one time"));
    Distribution {
        min: quantile(0.0),
        max: quantile(1.0),
        p50: quantile(0.5),
        p95: quantile(0.95),
        p99: quantile(0.99),
        histogram: histogram.clone(),
    }
}

/// Blocks and bytes, by itself and with what it called.
pub(crate) fn allocations(own: (u64, u64), cumulative: (u64, u64)) -> Allocations {
    Allocations {
        self_blocks: own.0,
        self_bytes: own.1,
        cumulative_blocks: cumulative.0,
        cumulative_bytes: cumulative.1,
    }
}

/// A future that was polled `polls` times, once for `longest_ns`, and waited for `waiting_ns`.
pub(crate) fn polls(polls: u64, busy_ns: u64, waiting_ns: u64, longest_ns: u64) -> Polls {
    Polls {
        polls,
        busy: Duration::from_nanos(busy_ns),
        waiting: Duration::from_nanos(waiting_ns),
        longest_poll: Duration::from_nanos(longest_ns),
        wall: Duration::from_nanos(busy_ns + waiting_ns),
        completed: 1,
        cancelled: 0,
    }
}

/// Call trees of up to 40 places and six functions, recursive in all ways.
pub(crate) fn any_places() -> impl Strategy<Value = Vec<Place>> {
    let place = (
        any::<prop::sample::Index>(),
        0_usize..6,
        1_u64..50,
        0_u64..1_000,
    );
    prop::collection::vec(place, 0..40).prop_map(|drawn| {
        let names = ["a", "b", "c", "d", "e", "f"];
        let places = drawn.into_iter().enumerate();
        places
            .map(|(index, (parent, name, calls, self_ns))| {
                Place::new(parent.index(index + 1), names[name], calls, self_ns)
            })
            .collect()
    })
}

/// `depth` functions of these names in turn, each called once by the one before.
pub(crate) fn chain(depth: usize, names: &[&str]) -> Profile {
    let places: Vec<Place> = (0..depth)
        .map(|index| Place::new(index, names[index % names.len()], 1, 1))
        .collect();
    from_places(&places)
}
