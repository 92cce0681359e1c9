//! Every format, read by somebody else's code.

#[cfg(feature = "json")]
mod chrome_trace;
mod deep;
mod files;
mod flame_graph;
mod folded;
#[cfg(feature = "html")]
mod html;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "pprof")]
mod pprof;
#[cfg(feature = "json")]
mod speedscope;
mod text;

use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use tuneup_measure::Histogram;

use super::format::Format;
use crate::{
    Allocations, Distribution, Function, FunctionKind, Line, LineTable, Node, Overhead, Polls,
    Profile, Samples, Sampling,
};

/// Would be markup, several stacks or several lines, if it were believed.
const HOSTILE: &str = "<script>document.title='ran'</script>;\"&amp; 7\n]]>\u{1b}[31m";

/// The content of a file of this name.
fn encoded(profile: &Profile, name: &str) -> Vec<u8> {
    let path = Path::new(name);
    Format::of(path).unwrap().encode(profile, path).unwrap()
}

fn ns(ns: u64) -> Duration {
    Duration::from_nanos(ns)
}

fn empty() -> Profile {
    Profile {
        program: "shop".to_owned(),
        started_unix_ns: 1_700_000_000_123_456_789,
        duration: ns(5_000_000),
        runnable_time: None,
        delayed_time: None,
        functions: vec![Function::named("(root)", FunctionKind::Root)],
        nodes: vec![node(None, 0, 0)],
        line_tables: Vec::new(),
        threads: 1,
        overhead: Overhead::default(),
        sampling: None,
        folded_calls: 0,
        unrecorded_calls: 0,
    }
}

fn node(parent: Option<usize>, function: usize, self_ns: u64) -> Node {
    Node {
        parent,
        function,
        calls: u64::from(parent.is_some()),
        self_time: ns(self_ns),
        cumulative: ns(self_ns),
        allocations: None,
        samples: None,
    }
}

/// `load` calls `parse`, which calls itself and `next`; `idle` calls nothing. All times are different.
fn sample() -> Profile {
    let mut profile = empty();
    for (name, file, line) in [
        ("shop::load", "src/load.rs", 12),
        ("shop::parse", "src/parse.rs", 34),
        ("next", "", 0),
        ("shop::idle", "src/idle.rs", 56),
    ] {
        profile.functions.push(Function {
            file: file.to_owned(),
            line,
            threads: 1,
            ..Function::named(name, FunctionKind::Function)
        });
    }
    profile.nodes = vec![
        node(None, 0, 7),
        node(Some(0), 1, 1_000),
        node(Some(1), 2, 20_000),
        node(Some(2), 2, 300_000),
        node(Some(3), 3, 4_000_000),
        node(Some(0), 4, 0),
    ];
    for index in (1..profile.nodes.len()).rev() {
        let parent = profile.nodes[index].parent.unwrap();
        let below = profile.nodes[index].cumulative;
        profile.nodes[parent].cumulative += below;
    }
    for node in &profile.nodes[1..] {
        let function = &mut profile.functions[node.function];
        function.calls += node.calls;
        function.primitive_calls = 1;
        function.self_time += node.self_time;
        function.cumulative = function.cumulative.max(node.cumulative);
    }
    profile
}

/// Every field of [`sample`] that may be missing is there.
fn full() -> Profile {
    let mut profile = sample();
    let mut histogram = Histogram::new();
    histogram.record(12);
    histogram.record(3_456_789);
    profile.overhead = Overhead {
        inside_ns: 9.700_000_000_000_001,
        outside_ns: 1.0 / 3.0,
    };
    profile.sampling = Some(Sampling {
        rate_hz: 999.0,
        ticks: 4_995,
        missed: 3,
    });
    (profile.folded_calls, profile.unrecorded_calls) = (5, 6);
    for (index, node) in (1..).zip(&mut profile.nodes) {
        node.allocations = Some(Allocations {
            self_blocks: index,
            self_bytes: 100 * index,
            cumulative_blocks: 2 * index,
            cumulative_bytes: 200 * index,
        });
        node.samples = Some(Samples {
            self_wall: 10 * index,
            self_cpu: index,
            cumulative_wall: 20 * index,
            cumulative_cpu: 2 * index,
        });
    }
    let function = &mut profile.functions[2];
    function.overhead_dominates = true;
    function.untimed = true;
    function.corrected_self = ns(u64::MAX);
    function.corrected_cumulative = ns(1);
    function.distribution = Some(Distribution {
        min: ns(12),
        max: ns(3_456_789),
        p50: ns(12),
        p95: ns(3_400_000),
        p99: ns(3_400_001),
        histogram,
    });
    function.allocations = Some(Allocations {
        self_bytes: u64::MAX,
        ..Allocations::default()
    });
    function.samples = Some(Samples::default());
    function.kind = FunctionKind::Async;
    function.polls = Some(Polls {
        polls: 9,
        busy: ns(1),
        waiting: ns(2),
        longest_poll: ns(3),
        wall: ns(4),
        completed: 5,
        cancelled: 6,
    });
    profile.line_tables = vec![lines()];
    profile
}

fn lines() -> LineTable {
    let line = |number, hits, time, source: Option<&str>| Line {
        number,
        hits,
        time: ns(time),
        waiting: ns(time / 2),
        allocated_bytes: source.map(|_| 2_048),
        net_bytes: source.map(|_| -1_024),
        source: source.map(ToOwned::to_owned),
    };
    LineTable {
        function: "shop::parse".to_owned(),
        file: "src/parse.rs".to_owned(),
        first_line: 34,
        calls: 2,
        total: ns(4_000),
        is_async: true,
        lines: vec![
            line(35, 2, 1_000, Some("\tlet mut parser = Parser::new(text);")),
            line(
                36,
                40,
                3_000,
                Some("    while let Some(token) = parser.next() {"),
            ),
            line(99, 0, 0, None),
        ],
    }
}

/// A profile that only a sampler made.
fn sampled() -> Profile {
    let mut profile = full();
    profile.nodes.iter_mut().for_each(|node| {
        node.self_time = ns(0);
        node.cumulative = ns(0);
    });
    profile
}

/// Trees of any shape, of functions with any names.
fn any_profile() -> impl Strategy<Value = Profile> {
    let names = prop::collection::vec(any::<String>(), 1..8);
    let nodes = prop::collection::vec(
        (
            any::<prop::sample::Index>(),
            any::<prop::sample::Index>(),
            0..1_u64 << 40,
            any::<bool>(),
        ),
        0..60,
    );
    (names, nodes).prop_map(|(names, nodes)| {
        let mut profile = empty();
        let kind = FunctionKind::Scope;
        let functions = names.into_iter().map(|name| Function::named(name, kind));
        profile.functions.extend(functions);
        let last = profile.functions.len() - 1;
        for (parent, function, self_ns, counted) in nodes {
            let parent = parent.index(profile.nodes.len());
            let function = 1 + function.index(last);
            let mut node = node(Some(parent), function, self_ns);
            node.allocations = counted.then(|| Allocations {
                self_bytes: self_ns / 3,
                ..Allocations::default()
            });
            profile.nodes.push(node);
        }
        profile
    })
}

fn self_times(profile: &Profile) -> u64 {
    let times = profile.nodes.iter().map(|node| node.self_time.as_nanos());
    times.sum::<u128>() as u64
}
