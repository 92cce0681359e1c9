use tuneup_report::Terminal;

use super::*;
use crate::monitor::{
    control_group::Trouble,
    limits::{Incidents, Limit},
    metric::Figures,
    network::Traffic,
    pressure::Stalls,
    process_tree::Identity,
    sampler::{ProcessSample, Sample},
    totals::Amounts,
};

const GIB: f64 = (1_u64 << 30) as f64;

fn subject(label: &str) -> Subject {
    Subject {
        label: label.to_owned(),
        pid: 7,
        is_started: true,
    }
}

/// A look after so many seconds, at a server that has this much memory.
fn sample(seconds: u64, memory_bytes: f64) -> Sample {
    let mut figures = Figures::default();
    figures.set(Metric::Cpu, Some(1.25));
    figures.set(Metric::Resident, Some(memory_bytes));
    figures.set(Metric::Swap, Some(0.0));
    figures.set(Metric::Received, Some(2048.0));
    figures.set(Metric::Processes, Some(1.0));
    let limit = |metric, name: &str, limit, used| Limit {
        metric,
        name: name.to_owned(),
        limit,
        used,
    };
    Sample {
        at: Duration::from_secs(seconds),
        span: Duration::from_secs(1),
        figures,
        totals: Amounts {
            cpu_ns: seconds * 1_250_000_000,
            system_ns: seconds * 250_000_000,
            ..Amounts::default()
        },
        traffic: Traffic {
            received_bytes: seconds * 2048,
            ..Traffic::default()
        },
        limits: vec![
            limit(Metric::Cpu, "the machine", 4.0, 1.25),
            limit(Metric::Resident, "the machine", 16.0 * GIB, memory_bytes),
            limit(Metric::Resident, "memory.max of /app", GIB, memory_bytes),
        ],
        processes: vec![ProcessSample {
            id: Identity { pid: 7, start: 1 },
            name: "server".to_owned(),
            cpu_ns: seconds * 1_250_000_000,
            peak_resident_bytes: memory_bytes as u64,
            is_running: true,
            is_older: false,
        }],
        denied: 0,
    }
}

fn record() -> Record {
    let mut record = Record::new();
    record.source = Source::Sockets;
    record.add(&sample(1, 0.25 * GIB));
    record.add(&sample(2, 0.875 * GIB));
    record.add(&sample(3, 0.5 * GIB));
    record
}

fn summary<'a>(subject: &'a Subject, record: &'a Record) -> Summary<'a> {
    Summary {
        subject,
        record,
        interval: Duration::from_secs(1),
        has_ended: true,
        cost: Duration::from_millis(3),
    }
}

#[test]
fn a_table_says_of_each_figure_which_limit_was_nearest() {
    let (subject, record) = (subject("server --port 80"), record());
    let table = summary(&subject, &record).table();
    assert_eq!(
        table.render(&Terminal::plain(100)),
        "\
server --port 80: 1 process in 3.0 s

                    mean         p95        peak       at    limit   share  set by
──────────────────────────────────────────────────────────────────────────────────────────────
CPU           1.25 cores  1.25 cores  1.25 cores  1.000 s  4 cores  31.2 %  the machine
memory (RSS)     555 MiB     896 MiB     896 MiB  2.000 s    1 GiB  87.5 %  memory.max of /app
TCP received     2 KiB/s     2 KiB/s     2 KiB/s  1.000 s        –       –
processes              1           1           1  1.000 s        –       –

TCP: at the sockets that the tree had open at a look; what was opened and closed between two is not
seen, nor is UDP
"
    );
}

#[test]
fn sentences_say_what_was_near_and_what_went_wrong() {
    let (subject, mut record) = (subject("server"), record());
    record.denied = 1;
    record.incidents = Incidents {
        troubles: vec![Trouble {
            group: "/app".to_owned(),
            periods: 40,
            throttled_periods: 30,
            throttled: Duration::from_millis(1_500),
            above_high: 1,
            at_limit: 2,
            oom_kills: 1,
        }],
        stalls: Some((
            Some("/app".to_owned()),
            Stalls {
                cpu: 0.5,
                memory: 0.01,
                io: 0.25,
            },
        )),
        machine_oom_kills: 2,
    };
    let said = summary(&subject, &record).sentences();
    let expected = [
        "In all: 3.750 s of processor time (750.0 ms in the kernel); 6 KiB received, 0 B sent; 896 MiB of memory at most in one process.",
        "Memory came to 87.5 % of its limit, at 2.0 s: 896 MiB of 1 GiB (memory.max of /app).",
        "The control group /app had used up its processor time in 30 of 40 periods, and waited 1.5 s for more: raise its cpu.max, or use fewer threads.",
        "The control group /app came above its memory.high 1 time, and was slowed down for that.",
        "The control group /app came to its limit of memory 2 times.",
        "The kernel has killed 1 process of the control group /app for want of memory: raise its limit, or use less.",
        "The kernel has killed 1 process for want of memory, somewhere on the machine; `dmesg` says which.",
        "In the control group /app, somebody had to wait for a processor 50.0 % of the time, for a disk 25.0 % of the time.",
        "Disks, open files and shared memory of 1 process could not be read: watch as their user, or as root (CAP_SYS_PTRACE).",
        "1 process that it has started goes on.",
        "Watching took 0.1 % of a core, in 3 looks.",
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_watch_of_which_nothing_is_known_is_told_too() {
    let (subject, record) = (subject("true"), Record::new());
    let summary = summary(&subject, &record);
    assert!(summary.table().is_empty());
    assert!(summary.json()["metrics"]["cpu_cores"].is_null());
    assert_eq!(summary.sentences().len(), 2);
}

#[test]
fn a_command_is_a_heading_of_one_line() {
    assert_eq!(subject("sh -c a\n  b").short(), "sh -c a b");
    let short = subject(&"ä".repeat(100)).short();
    assert_eq!(short.chars().count(), MOST_CHARACTERS + 1);
}

#[test]
fn times_are_as_long_as_they_must_be() {
    let said = |ms| time(Duration::from_millis(ms));
    assert_eq!(said(0), "0 ms");
    assert_eq!(said(999), "999 ms");
    assert_eq!(said(12_340), "12.3 s");
    assert_eq!(said(61_000), "1 min 1 s");
    assert_eq!(said(3_725_000), "1 h 2 min");
}
