//! All numbers of a watch, for a program.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Summary;
use crate::monitor::{
    metric::Metric,
    network::Source,
    record::{Bucket, Closest, Record},
};

pub(super) fn json(summary: &Summary<'_>) -> Value {
    let (record, subject) = (summary.record, summary.subject);
    json!({
        "subject": subject.label,
        "pid": subject.pid,
        "is_started": subject.is_started,
        "has_ended": summary.has_ended,
        "elapsed_ns": ns(record.elapsed),
        "interval_ns": ns(summary.interval),
        "samples": record.samples,
        "cost_ns": ns(summary.cost),
        "processes_seen": record.seen,
        "processes_left": record.running,
        "processes_denied": record.denied,
        "network": source(record.source),
        "totals": totals(record),
        "metrics": metrics(record),
        "limits": record.limits().into_iter().map(limit).collect::<Vec<_>>(),
        "incidents": incidents(record),
        "programs": programs(record),
        "sentences": summary.sentences(),
        "series": record.series.buckets().iter().map(bucket).collect::<Vec<_>>(),
    })
}

fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn source(source: Source) -> Value {
    match source {
        Source::Sockets => json!("tcp_sockets"),
        Source::Namespace => json!("network_namespace"),
        Source::None => Value::Null,
    }
}

fn totals(record: &Record) -> Value {
    let totals = record.totals;
    json!({
        "cpu_ns": totals.cpu_ns,
        "user_ns": totals.cpu_ns.saturating_sub(totals.system_ns),
        "system_ns": totals.system_ns.min(totals.cpu_ns),
        "read_bytes": totals.read_bytes,
        "written_bytes": totals.written_bytes,
        "received_bytes": record.traffic.received_bytes,
        "sent_bytes": record.traffic.sent_bytes,
        "minor_faults": totals.minor_faults,
        "major_faults": totals.major_faults,
        "largest_process_bytes": record.largest_bytes,
    })
}

/// By key; `null` for what could not be told.
fn metrics(record: &Record) -> Value {
    let metrics = Metric::ALL.map(|metric| {
        let statistic = record.statistic(metric);
        let told = statistic.peak().map(|(peak, at)| {
            json!({
                "mean": statistic.mean(),
                "p95": statistic.p95(),
                "peak": peak,
                "peak_at_ns": ns(at),
                "limit": record.tightest(metric).map(limit),
            })
        });
        (metric.key().to_owned(), told.unwrap_or(Value::Null))
    });
    Value::Object(Map::from_iter(metrics))
}

fn limit(closest: &Closest) -> Value {
    json!({
        "metric": closest.limit.metric.key(),
        "set_by": closest.limit.name,
        "limit": closest.limit.limit,
        "used": closest.limit.used,
        "share": closest.limit.share(),
        "at_ns": ns(closest.at),
    })
}

fn incidents(record: &Record) -> Value {
    let groups = record.incidents.troubles.iter().map(|trouble| {
        json!({
            "group": trouble.group,
            "periods": trouble.periods,
            "throttled_periods": trouble.throttled_periods,
            "throttled_ns": ns(trouble.throttled),
            "above_high": trouble.above_high,
            "at_limit": trouble.at_limit,
            "oom_kills": trouble.oom_kills,
        })
    });
    let stalls = record.incidents.stalls.as_ref().map(|(group, stalls)| {
        json!({ "group": group, "cpu": stalls.cpu, "memory": stalls.memory, "io": stalls.io })
    });
    json!({
        "groups": groups.collect::<Vec<_>>(),
        "stalls": stalls,
        "machine_oom_kills": record.incidents.machine_oom_kills,
    })
}

fn programs(record: &Record) -> Vec<Value> {
    let programs = record.programs.by_time().into_iter().map(|program| {
        json!({
            "name": program.name,
            "processes": program.processes,
            "cpu_ns": program.cpu_ns,
            "peak_bytes": program.peak_bytes,
        })
    });
    programs.collect()
}

fn bucket(bucket: &Bucket) -> Value {
    let spreads = Metric::ALL.into_iter().filter_map(|metric| {
        let spread = bucket.spread(metric)?;
        let numbers = json!([spread.min, spread.mean, spread.max]);
        Some((metric.key().to_owned(), numbers))
    });
    let mut object = Map::from_iter(spreads);
    object.insert("at_ns".to_owned(), json!(ns(bucket.at)));
    object.insert("for_ns".to_owned(), json!(ns(bucket.span)));
    Value::Object(object)
}
