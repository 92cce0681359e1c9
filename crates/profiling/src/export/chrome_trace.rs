//! The trace event format of Chrome and Perfetto
//! (<https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>).

use std::path::Path;

use serde::Serialize;

use super::call_paths::{CallPaths, Quantity};
use super::format::refused;
use super::nanoseconds;
use crate::{Error, FunctionKind, Profile};

/// A sample has no length of its own; in a timeline of samples each has this.
const SAMPLE_NS: u64 = 1_000;
const PROCESS: u32 = 1;
const THREAD: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trace<'a> {
    display_time_unit: &'static str,
    other_data: OtherData<'a>,
    trace_events: Vec<Event<'a>>,
}

/// What a reader must know: such files mostly hold moments, and this one does not.
#[derive(Serialize)]
struct OtherData<'a> {
    program: &'a str,
    exporter: &'static str,
    note: &'static str,
}

#[derive(Serialize)]
#[serde(tag = "ph")]
enum Event<'a> {
    /// Says how the process or thread is called.
    #[serde(rename = "M")]
    Metadata {
        name: &'static str,
        pid: u32,
        tid: u32,
        args: Name<'a>,
    },
    /// Something that lasted; times are in microseconds.
    #[serde(rename = "X")]
    Complete {
        name: &'a str,
        cat: &'static str,
        ts: f64,
        dur: f64,
        pid: u32,
        tid: u32,
        args: Arguments<'a>,
    },
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
}

/// What a click on an event shows.
#[derive(Serialize)]
struct Arguments<'a> {
    calls: u64,
    self_ns: u64,
    cumulative_ns: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    allocated_blocks: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allocated_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples: Option<u64>,
    #[serde(skip_serializing_if = "str::is_empty")]
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

pub(super) fn encode(profile: &Profile, path: &Path) -> Result<Vec<u8>, Error> {
    let paths = CallPaths::of(profile);
    let (scale, note) = match paths.main_quantity() {
        Quantity::Samples => (
            SAMPLE_NS,
            "a call tree, added up over all calls and threads; not a recording of moments; one microsecond is one sample",
        ),
        _ => (
            1,
            "a call tree, added up over all calls and threads; not a recording of moments",
        ),
    };
    let mut events = vec![
        metadata("process_name", &profile.program),
        metadata("thread_name", "call tree, added up"),
    ];
    let totals = paths.totals(paths.main_quantity());
    let starts = starts(&paths, &totals);
    for index in 0..paths.nodes().len() {
        // Whatever is in the picture is within the threads themselves.
        if !paths.is_root(index) {
            let span = (
                starts[index].saturating_mul(scale),
                totals[index].saturating_mul(scale),
            );
            events.push(complete(profile, &paths, index, span));
        }
    }
    let trace = Trace {
        display_time_unit: "ns",
        other_data: OtherData {
            program: &profile.program,
            exporter: concat!("tuneup-profiling ", env!("CARGO_PKG_VERSION")),
            note,
        },
        trace_events: events,
    };
    serde_json::to_vec(&trace).map_err(|error| refused(path, error))
}

fn metadata<'a>(name: &'static str, value: &'a str) -> Event<'a> {
    Event::Metadata {
        name,
        pid: PROCESS,
        tid: THREAD,
        args: Name { name: value },
    }
}

/// When each node begins: where its caller does, after the nodes of the same caller before it.
fn starts(paths: &CallPaths<'_>, totals: &[u64]) -> Vec<u64> {
    let mut starts = Vec::with_capacity(totals.len());
    // Up to where each node is filled, and the timeline itself.
    let mut used = vec![0_u64; totals.len()];
    let mut used_by_roots = 0_u64;
    for (index, &total) in totals.iter().enumerate() {
        let (base, used) = match paths.parent(index) {
            Some(parent) => (starts[parent], &mut used[parent]),
            None => (0, &mut used_by_roots),
        };
        starts.push(u64::saturating_add(base, *used));
        *used = used.saturating_add(total);
    }
    starts
}

fn complete<'a>(
    profile: &'a Profile,
    paths: &CallPaths<'a>,
    index: usize,
    (start, length): (u64, u64),
) -> Event<'a> {
    let node = &profile.nodes[index];
    let function = profile.functions.get(node.function);
    Event::Complete {
        name: paths.name(index),
        cat: function.map_or("unknown", |function| category(function.kind)),
        ts: microseconds(start),
        dur: microseconds(length),
        pid: PROCESS,
        tid: THREAD,
        args: Arguments {
            calls: node.calls,
            self_ns: nanoseconds(node.self_time),
            cumulative_ns: nanoseconds(node.cumulative),
            allocated_blocks: node.allocations.map(|it| it.cumulative_blocks),
            allocated_bytes: node.allocations.map(|it| it.cumulative_bytes),
            samples: node.samples.map(|it| it.cumulative_wall),
            file: function.map_or("", |function| &function.file),
            line: function.map(|it| it.line).filter(|&line| line > 0),
        },
    }
}

fn category(kind: FunctionKind) -> &'static str {
    match kind {
        FunctionKind::Function => "function",
        FunctionKind::Async => "async",
        FunctionKind::Scope => "scope",
        FunctionKind::Native => "native",
        FunctionKind::Folded => "folded",
        FunctionKind::Root => "root",
    }
}

fn microseconds(ns: u64) -> f64 {
    ns as f64 / 1e3
}
