//! Files as programs save them, with figures of our choice.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Writes it, and gives the path.
pub(super) fn written(folder: &TempDir, name: &str, value: &Value) -> String {
    let path = folder.path().join(name);
    fs::write(&path, value.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A place in a call tree: the place of its caller (0 is the root), its function, its calls, and its own time.
pub(super) type Call = (usize, &'static str, u64, u64);

/// A profile of a program that computed all of the time.
pub(super) fn profile(calls: &[Call]) -> Value {
    let mut names = vec!["(root)"];
    let mut nodes = vec![json!({
        "parent": null, "function": 0, "calls": 0, "self_ns": 0, "cumulative_ns": 0, "allocations": null, "samples": null,
    })];
    for (parent, name, calls, self_ns) in calls {
        let function = names
            .iter()
            .position(|other| other == name)
            .unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            });
        nodes.push(json!({
            "parent": parent, "function": function, "calls": calls, "self_ns": self_ns, "cumulative_ns": self_ns,
            "allocations": null, "samples": null,
        }));
    }
    for index in (1..nodes.len()).rev() {
        let parent = nodes[index]["parent"].as_u64().unwrap() as usize;
        let below = nodes[index]["cumulative_ns"].as_u64().unwrap();
        let sum = nodes[parent]["cumulative_ns"].as_u64().unwrap() + below;
        nodes[parent]["cumulative_ns"] = json!(sum);
    }
    let functions: Vec<Value> = (0..names.len())
        .map(|index| function(index, names[index], &nodes))
        .collect();
    let total: u64 = calls.iter().map(|call| call.3).sum();
    json!({
        "format": "tuneup-profile", "version": 1, "program": "app", "started_unix_ns": 1_700_000_000_000_000_000_u64,
        "duration_ns": total, "runnable_ns": total, "threads": 1, "folded_calls": 0, "unrecorded_calls": 0,
        "overhead": { "inside_ns": 0.0, "outside_ns": 0.0 }, "sampling": null,
        "functions": functions, "nodes": nodes, "line_tables": [],
    })
}

fn function(index: usize, name: &str, nodes: &[Value]) -> Value {
    let own = || nodes.iter().filter(|node| node["function"] == index);
    let sum = |field: &str| own().map(|node| node[field].as_u64().unwrap()).sum::<u64>();
    let (calls, self_ns, cumulative_ns) = (sum("calls"), sum("self_ns"), sum("cumulative_ns"));
    json!({
        "name": name, "kind": if index == 0 { "root" } else { "function" },
        "file": if index == 0 { "" } else { "src/main.rs" }, "line": 10 * index,
        "calls": calls, "primitive_calls": calls, "self_ns": self_ns, "cumulative_ns": cumulative_ns,
        "corrected_self_ns": self_ns, "corrected_cumulative_ns": cumulative_ns,
        "overhead_dominates": false, "untimed": false, "threads": 1,
        "distribution": null, "allocations": null, "polls": null, "samples": null,
    })
}

/// The function of this name, to be changed.
pub(super) fn function_of<'a>(profile: &'a mut Value, name: &str) -> &'a mut Value {
    let functions = profile["functions"].as_array_mut().unwrap();
    functions
        .iter_mut()
        .find(|function| function["name"] == name)
        .unwrap()
}

/// The times of calls that took these, in nanoseconds.
pub(super) fn distribution(times_ns: &[u64]) -> Value {
    let histogram: tuneup_measure::Histogram = times_ns.iter().copied().collect();
    let quantile = |q| histogram.quantile(q).unwrap();
    json!({
        "min_ns": times_ns.iter().min(), "max_ns": times_ns.iter().max(),
        "p50_ns": quantile(0.5), "p95_ns": quantile(0.95), "p99_ns": quantile(0.99),
        "histogram": serde_json::to_value(&histogram).unwrap(),
    })
}

/// A snapshot, taken so many seconds after the first: sites with their live and allocated blocks of 100 bytes, and the temporary ones of those.
pub(super) fn snapshot(seconds: u64, sites: &[(&str, u64, u64, u64)]) -> Value {
    let blocks = |blocks: u64| json!([blocks as f64, (100 * blocks) as f64, 0.0, 0.0]);
    let functions: Vec<Value> = sites
        .iter()
        .map(|(name, ..)| json!([name, "src/main.rs", 7]))
        .collect();
    let calls: Vec<Value> = (0..sites.len())
        .map(|index| json!([1000 + index, [[index, 7]]]))
        .collect();
    let stacks: Vec<Value> = sites
        .iter()
        .enumerate()
        .map(|(index, (_, live, allocated, temporary))| {
            json!({
                "calls": [index], "scope": 0, "live": blocks(*live), "allocated": blocks(*allocated),
                "freed_blocks": (allocated - live) as f64, "lifetime_ns": 0.0, "temporary_blocks": *temporary as f64,
            })
        })
        .collect();
    json!({
        "format": "tuneup-snapshot", "version": 1, "program": "app",
        "taken_unix_ns": 1_700_000_000_000_000_000_u64 + seconds * 1_000_000_000,
        "elapsed_ns": (seconds + 1) * 1_000_000_000, "interval_bytes": 1, "samples": 0, "missed": 0, "trace_bytes": 0,
        "functions": functions, "calls": calls, "scopes": [], "stacks": stacks, "live": [],
    })
}

/// What a cache tells: lookups that hit and miss, and loads of a microsecond for each that missed.
pub(super) fn cache(hits: u64, misses: u64) -> Value {
    json!({
        "hits": hits, "misses": misses, "loads": misses, "load_failures": 0, "waits": 0, "stale_hits": 0,
        "load_time_ns": 1_000 * misses, "time_saved_ns": 1_000 * hits,
        "evicted": 0, "expired": 0, "replaced": 0, "removed": 0, "rejected": 0,
        "len": 100, "weight": 100, "capacity": 100,
        "recent": { "hits": 0, "misses": 0, "over_ns": 0 },
    })
}

/// A group of two cases of 1000 items, the first of which is a peer's; both take a microsecond.
pub(super) fn bench() -> Value {
    let case = |name: &str, peer: bool| {
        json!({
            "name": name, "peer": peer, "alternating_ns": 1_000.0, "heap": null, "complexity": null,
            "time": { "estimate_ns": 1_000.0, "low_ns": 990.0, "high_ns": 1_010.0, "median_ns": 1_000.0, "samples_ns": [1_000.0] },
            "ratio": null,
        })
    };
    let mut own = case("own", false);
    own["ratio"] = json!({ "to": "peer", "estimate": 1.0, "low": 0.99, "high": 1.01 });
    json!({
        "format": "tuneup-bench", "version": 1, "machine": "Test CPU", "commit": "0123456789ab",
        "unix_seconds": 1_760_000_000, "effort": "quick", "interrupted": false, "failures": [], "notes": [],
        "benches": [{
            "name": "text/words", "about": "counts words", "size": 1_000, "bytes": null, "items": 1_000,
            "cases": [case("peer", true), own], "figures": [],
        }],
    })
}

/// A pipeline of one stage of so many workers, which were busy for so long together; the others did nothing.
pub(super) fn pipeline(items: u64, workers: u64, busy_ns: u64, elapsed_ns: u64) -> Value {
    let stage = |name: &str, workers: u64, busy_ns: u64| {
        json!({
            "name": name, "is_async": false, "workers": workers, "items": items, "busy_ns": busy_ns,
            "starved_ns": 0, "blocked_ns": 0, "polling_ns": 0, "mean_queue_depth": 0.0, "most_queue_depth": 1,
        })
    };
    json!({
        "end": "completed", "elapsed_ns": elapsed_ns, "most_in_flight": 10, "source": stage("source", 1, 1_000),
        "stages": [stage("parse", workers, busy_ns)], "output": stage("output", 1, 1_000),
    })
}
