//! A profile as it is stored: times in nanoseconds, and every field named, so that one that is missing is noticed.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tuneup_measure::Histogram;

use super::{FORMAT, VERSION};
use crate::export::nanoseconds;
use crate::{
    Allocations, Arguments, Distribution, Function, FunctionKind, Line, LineTable, Node, Overhead,
    Polls, Profile, Samples, Sampling,
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredProfile<'a> {
    format: Cow<'a, str>,
    version: u64,
    program: Cow<'a, str>,
    started_unix_ns: u64,
    duration_ns: u64,
    /// Left out where it is not known, as older files have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    runnable_ns: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delayed_ns: Option<u64>,
    threads: u64,
    folded_calls: u64,
    unrecorded_calls: u64,
    overhead: Overhead,
    sampling: Option<Sampling>,
    functions: Vec<StoredFunction<'a>>,
    nodes: Vec<StoredNode>,
    line_tables: Vec<StoredLineTable<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredFunction<'a> {
    name: Cow<'a, str>,
    kind: FunctionKind,
    file: Cow<'a, str>,
    line: u32,
    calls: u64,
    primitive_calls: u64,
    self_ns: u64,
    cumulative_ns: u64,
    corrected_self_ns: u64,
    corrected_cumulative_ns: u64,
    overhead_dominates: bool,
    untimed: bool,
    threads: u64,
    distribution: Option<StoredDistribution<'a>>,
    allocations: Option<Allocations>,
    polls: Option<StoredPolls>,
    samples: Option<Samples>,
    /// Left out where it is not known, as older files have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arguments: Option<Arguments>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredDistribution<'a> {
    min_ns: u64,
    max_ns: u64,
    p50_ns: u64,
    p95_ns: u64,
    p99_ns: u64,
    histogram: Cow<'a, Histogram>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPolls {
    polls: u64,
    busy_ns: u64,
    waiting_ns: u64,
    longest_poll_ns: u64,
    wall_ns: u64,
    completed: u64,
    cancelled: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredNode {
    parent: Option<usize>,
    function: usize,
    calls: u64,
    self_ns: u64,
    cumulative_ns: u64,
    allocations: Option<Allocations>,
    samples: Option<Samples>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredLineTable<'a> {
    function: Cow<'a, str>,
    file: Cow<'a, str>,
    first_line: u32,
    calls: u64,
    total_ns: u64,
    is_async: bool,
    lines: Vec<StoredLine<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredLine<'a> {
    number: u32,
    hits: u64,
    time_ns: u64,
    waiting_ns: u64,
    allocated_bytes: Option<u64>,
    net_bytes: Option<i64>,
    source: Option<Cow<'a, str>>,
}

impl<'a> StoredProfile<'a> {
    pub(super) fn of(profile: &'a Profile) -> Self {
        Self {
            format: FORMAT.into(),
            version: VERSION,
            program: (&profile.program).into(),
            started_unix_ns: profile.started_unix_ns,
            duration_ns: nanoseconds(profile.duration),
            runnable_ns: profile.runnable_time.map(nanoseconds),
            delayed_ns: profile.delayed_time.map(nanoseconds),
            threads: profile.threads,
            folded_calls: profile.folded_calls,
            unrecorded_calls: profile.unrecorded_calls,
            overhead: profile.overhead,
            sampling: profile.sampling,
            functions: profile.functions.iter().map(StoredFunction::of).collect(),
            nodes: profile.nodes.iter().map(StoredNode::of).collect(),
            line_tables: profile
                .line_tables
                .iter()
                .map(StoredLineTable::of)
                .collect(),
        }
    }

    pub(super) fn restore(self) -> Profile {
        let Self {
            functions,
            nodes,
            line_tables,
            ..
        } = self;
        Profile {
            program: self.program.into_owned(),
            started_unix_ns: self.started_unix_ns,
            duration: Duration::from_nanos(self.duration_ns),
            runnable_time: self.runnable_ns.map(Duration::from_nanos),
            delayed_time: self.delayed_ns.map(Duration::from_nanos),
            functions: functions.into_iter().map(StoredFunction::restore).collect(),
            nodes: nodes.into_iter().map(StoredNode::restore).collect(),
            line_tables: line_tables
                .into_iter()
                .map(StoredLineTable::restore)
                .collect(),
            threads: self.threads,
            overhead: self.overhead,
            sampling: self.sampling,
            folded_calls: self.folded_calls,
            unrecorded_calls: self.unrecorded_calls,
        }
    }
}

impl<'a> StoredFunction<'a> {
    fn of(function: &'a Function) -> Self {
        Self {
            name: (&function.name).into(),
            kind: function.kind,
            file: (&function.file).into(),
            line: function.line,
            calls: function.calls,
            primitive_calls: function.primitive_calls,
            self_ns: nanoseconds(function.self_time),
            cumulative_ns: nanoseconds(function.cumulative),
            corrected_self_ns: nanoseconds(function.corrected_self),
            corrected_cumulative_ns: nanoseconds(function.corrected_cumulative),
            overhead_dominates: function.overhead_dominates,
            untimed: function.untimed,
            threads: function.threads,
            distribution: function.distribution.as_ref().map(StoredDistribution::of),
            allocations: function.allocations,
            polls: function.polls.as_ref().map(StoredPolls::of),
            samples: function.samples,
            arguments: function.arguments,
        }
    }

    fn restore(self) -> Function {
        Function {
            name: self.name.into_owned(),
            kind: self.kind,
            file: self.file.into_owned(),
            line: self.line,
            calls: self.calls,
            primitive_calls: self.primitive_calls,
            self_time: Duration::from_nanos(self.self_ns),
            cumulative: Duration::from_nanos(self.cumulative_ns),
            corrected_self: Duration::from_nanos(self.corrected_self_ns),
            corrected_cumulative: Duration::from_nanos(self.corrected_cumulative_ns),
            overhead_dominates: self.overhead_dominates,
            distribution: self.distribution.map(StoredDistribution::restore),
            allocations: self.allocations,
            threads: self.threads,
            polls: self.polls.map(StoredPolls::restore),
            samples: self.samples,
            arguments: self.arguments,
            untimed: self.untimed,
        }
    }
}

impl<'a> StoredDistribution<'a> {
    fn of(distribution: &'a Distribution) -> Self {
        Self {
            min_ns: nanoseconds(distribution.min),
            max_ns: nanoseconds(distribution.max),
            p50_ns: nanoseconds(distribution.p50),
            p95_ns: nanoseconds(distribution.p95),
            p99_ns: nanoseconds(distribution.p99),
            histogram: Cow::Borrowed(&distribution.histogram),
        }
    }

    fn restore(self) -> Distribution {
        Distribution {
            min: Duration::from_nanos(self.min_ns),
            max: Duration::from_nanos(self.max_ns),
            p50: Duration::from_nanos(self.p50_ns),
            p95: Duration::from_nanos(self.p95_ns),
            p99: Duration::from_nanos(self.p99_ns),
            histogram: self.histogram.into_owned(),
        }
    }
}

impl StoredPolls {
    fn of(polls: &Polls) -> Self {
        Self {
            polls: polls.polls,
            busy_ns: nanoseconds(polls.busy),
            waiting_ns: nanoseconds(polls.waiting),
            longest_poll_ns: nanoseconds(polls.longest_poll),
            wall_ns: nanoseconds(polls.wall),
            completed: polls.completed,
            cancelled: polls.cancelled,
        }
    }

    fn restore(self) -> Polls {
        Polls {
            polls: self.polls,
            busy: Duration::from_nanos(self.busy_ns),
            waiting: Duration::from_nanos(self.waiting_ns),
            longest_poll: Duration::from_nanos(self.longest_poll_ns),
            wall: Duration::from_nanos(self.wall_ns),
            completed: self.completed,
            cancelled: self.cancelled,
        }
    }
}

impl StoredNode {
    fn of(node: &Node) -> Self {
        Self {
            parent: node.parent,
            function: node.function,
            calls: node.calls,
            self_ns: nanoseconds(node.self_time),
            cumulative_ns: nanoseconds(node.cumulative),
            allocations: node.allocations,
            samples: node.samples,
        }
    }

    fn restore(self) -> Node {
        Node {
            parent: self.parent,
            function: self.function,
            calls: self.calls,
            self_time: Duration::from_nanos(self.self_ns),
            cumulative: Duration::from_nanos(self.cumulative_ns),
            allocations: self.allocations,
            samples: self.samples,
        }
    }
}

impl<'a> StoredLineTable<'a> {
    fn of(table: &'a LineTable) -> Self {
        Self {
            function: (&table.function).into(),
            file: (&table.file).into(),
            first_line: table.first_line,
            calls: table.calls,
            total_ns: nanoseconds(table.total),
            is_async: table.is_async,
            lines: table.lines.iter().map(StoredLine::of).collect(),
        }
    }

    fn restore(self) -> LineTable {
        LineTable {
            function: self.function.into_owned(),
            file: self.file.into_owned(),
            first_line: self.first_line,
            calls: self.calls,
            total: Duration::from_nanos(self.total_ns),
            is_async: self.is_async,
            lines: self.lines.into_iter().map(StoredLine::restore).collect(),
        }
    }
}

impl<'a> StoredLine<'a> {
    fn of(line: &'a Line) -> Self {
        Self {
            number: line.number,
            hits: line.hits,
            time_ns: nanoseconds(line.time),
            waiting_ns: nanoseconds(line.waiting),
            allocated_bytes: line.allocated_bytes,
            net_bytes: line.net_bytes,
            source: line.source.as_deref().map(Cow::Borrowed),
        }
    }

    fn restore(self) -> Line {
        Line {
            number: self.number,
            hits: self.hits,
            time: Duration::from_nanos(self.time_ns),
            waiting: Duration::from_nanos(self.waiting_ns),
            allocated_bytes: self.allocated_bytes,
            net_bytes: self.net_bytes,
            source: self.source.map(Cow::into_owned),
        }
    }
}
