//! What the numbers come to, in words.

use std::time::Duration;

use tuneup_measure::format_duration;
use tuneup_report::Unit;

use super::{NEAR, Summary, time};
use crate::monitor::{
    control_group::Trouble,
    metric::Metric,
    network::Source,
    record::{Closest, Program},
};

/// Waits below this share of the time are usual.
const WORTH_TELLING: f64 = 0.05;
/// So many programs are named.
const NAMED: usize = 3;

pub(super) fn sentences(summary: &Summary<'_>) -> Vec<String> {
    let record = summary.record;
    let mut sentences = vec![totals(summary)];
    sentences.extend(programs(&record.programs.by_time()));
    sentences.extend(nearness(summary));
    for trouble in &record.incidents.troubles {
        sentences.extend(troubles(trouble));
    }
    let in_groups: u64 = record
        .incidents
        .troubles
        .iter()
        .map(|it| it.oom_kills)
        .sum();
    if record.incidents.machine_oom_kills > in_groups {
        sentences.push(format!(
            "The kernel has killed {} for want of memory, somewhere on the machine; `dmesg` says which.",
            counted(record.incidents.machine_oom_kills - in_groups, "process", "processes"),
        ));
    }
    sentences.extend(stalls(summary));
    if record.denied > 0 {
        sentences.push(format!(
            "Disks, open files and shared memory of {} could not be read: watch as their user, or as root (CAP_SYS_PTRACE).",
            counted(record.denied as u64, "process", "processes"),
        ));
    }
    sentences.extend(left(summary));
    sentences.push(cost(summary));
    sentences
}

fn totals(summary: &Summary<'_>) -> String {
    let record = summary.record;
    let totals = record.totals;
    let bytes = |bytes: u64| Unit::Bytes.format(bytes as f64);
    let user_ns = totals.cpu_ns - totals.system_ns.min(totals.cpu_ns);
    let mut parts = vec![format!(
        "{} of processor time ({} in the kernel)",
        exact_time(totals.cpu_ns),
        exact_time(totals.cpu_ns - user_ns),
    )];
    if record.statistic(Metric::Written).peak().is_some() {
        parts.push(format!(
            "{} read from disks, {} written",
            bytes(totals.read_bytes),
            bytes(totals.written_bytes)
        ));
    }
    if record.source != Source::None {
        parts.push(format!(
            "{} received, {} sent",
            bytes(record.traffic.received_bytes),
            bytes(record.traffic.sent_bytes)
        ));
    }
    if record.largest_bytes > 0 {
        let largest = bytes(record.largest_bytes);
        parts.push(format!("{largest} of memory at most in one process"));
    }
    format!("In all: {}.", parts.join("; "))
}

fn exact_time(ns: u64) -> String {
    format_duration(Duration::from_nanos(ns))
}

/// Who used the processors, where it was not one alone.
fn programs(by_time: &[&Program]) -> Option<String> {
    if by_time.len() < 2 {
        return None;
    }
    let used = by_time.iter().filter(|program| program.cpu_ns > 0);
    let said: Vec<String> = used
        .take(NAMED)
        .map(|program| {
            let processes = counted(program.processes, "process", "processes");
            let time = exact_time(program.cpu_ns);
            format!("{} {time} ({processes})", program.name)
        })
        .collect();
    let said = said.join(", ");
    (!said.is_empty()).then(|| format!("Processor time by program, as far as it was seen: {said}."))
}

fn nearness(summary: &Summary<'_>) -> Vec<String> {
    let record = summary.record;
    let tightest: Vec<&Closest> = Metric::ALL
        .into_iter()
        .filter_map(|metric| record.tightest(metric))
        .collect();
    let share_of = |closest: &Closest| Unit::Percent.format(closest.limit.share());
    let near: Vec<String> = tightest
        .iter()
        .filter(|closest| closest.limit.share() >= NEAR)
        .map(|closest| {
            let limit = &closest.limit;
            let unit = limit.metric.unit();
            sentence_begins(format!(
                "{} came to {} of its limit, at {}: {} of {} ({}).",
                name(limit.metric, summary),
                share_of(closest),
                time(closest.at),
                unit.format(limit.used),
                unit.format(limit.limit),
                limit.name,
            ))
        })
        .collect();
    if !near.is_empty() {
        return near;
    }
    let nearest = tightest
        .into_iter()
        .max_by(|left, right| left.limit.share().total_cmp(&right.limit.share()));
    nearest
        .map(|closest| {
            format!(
                "Nothing came near its limit; nearest was {}, at {} ({}).",
                name(closest.limit.metric, summary),
                share_of(closest),
                closest.limit.name,
            )
        })
        .into_iter()
        .collect()
}

fn sentence_begins(text: String) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}

fn name(metric: Metric, summary: &Summary<'_>) -> &'static str {
    match metric {
        Metric::Resident => "memory",
        metric => metric.name(summary.record.source),
    }
}

fn troubles(trouble: &Trouble) -> Vec<String> {
    let group = &trouble.group;
    let mut sentences = Vec::new();
    if trouble.throttled_periods > 0 {
        sentences.push(format!(
            "The control group {group} had used up its processor time in {} of {} periods, and waited {} for more: raise its cpu.max, or use fewer threads.",
            trouble.throttled_periods,
            trouble.periods,
            time(trouble.throttled),
        ));
    }
    if trouble.above_high > 0 {
        sentences.push(format!(
            "The control group {group} came above its memory.high {}, and was slowed down for that.",
            counted(trouble.above_high, "time", "times"),
        ));
    }
    if trouble.at_limit > 0 {
        sentences.push(format!(
            "The control group {group} came to its limit of memory {}.",
            counted(trouble.at_limit, "time", "times"),
        ));
    }
    if trouble.oom_kills > 0 {
        sentences.push(format!(
            "The kernel has killed {} of the control group {group} for want of memory: raise its limit, or use less.",
            counted(trouble.oom_kills, "process", "processes"),
        ));
    }
    sentences
}

fn stalls(summary: &Summary<'_>) -> Option<String> {
    let (group, stalls) = summary.record.incidents.stalls.as_ref()?;
    let waits = [
        ("a processor", stalls.cpu),
        ("memory", stalls.memory),
        ("a disk", stalls.io),
    ];
    let told: Vec<String> = waits
        .into_iter()
        .filter(|(_, share)| *share >= WORTH_TELLING)
        .map(|(what, share)| format!("{what} {} of the time", Unit::Percent.format(share)))
        .collect();
    let place = match group {
        None => "On the machine".to_owned(),
        Some(group) => format!("In the control group {group}"),
    };
    let told = told.join(", for ");
    (!told.is_empty()).then(|| format!("{place}, somebody had to wait for {told}."))
}

fn left(summary: &Summary<'_>) -> Option<String> {
    let (record, subject) = (summary.record, summary.subject);
    if !summary.has_ended || record.running == 0 {
        return None;
    }
    Some(match (record.running, subject.is_started) {
        (1, true) => "1 process that it has started goes on.".to_owned(),
        (1, false) => "1 process that descends from it goes on.".to_owned(),
        (count, true) => format!("{count} processes that it has started go on."),
        (count, false) => format!("{count} processes that descend from it go on."),
    })
}

fn cost(summary: &Summary<'_>) -> String {
    let record = summary.record;
    let share = summary.cost.as_secs_f64() / record.elapsed.as_secs_f64().max(1e-9);
    format!(
        "Watching took {} of a core, in {}.",
        Unit::Percent.format(share),
        counted(record.samples, "look", "looks"),
    )
}

fn counted(count: u64, one: &str, several: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{} {several}", Unit::Count.format(count as f64)),
    }
}
