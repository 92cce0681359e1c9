//! Trees of real processes, watched from outside.

mod files;
mod load;
mod signals;

use std::process::Command;

use serde_json::Value;

use self::load::{disk_folder, load};
use crate::{
    complaint,
    skip::{leave_out, skip},
    tuneup,
};

/// What was told as JSON of a watched program, its exit code, and what it has printed.
struct Watched {
    told: Value,
    code: Option<i32>,
    printed: String,
}

impl Watched {
    /// Watches a line of shell in which `$LOAD` is the program of [`load`].
    fn of(interval: &str, line: &str) -> Self {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-tuneup"))
            .args(["monitor", "--interval", interval, "--format", "json"])
            .args(["--", "sh", "-c", line])
            .env("LOAD", load())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        Self {
            told: serde_json::from_str(&said)
                .unwrap_or_else(|error| panic!("{error} in what was said: {said}")),
            code: output.status.code(),
            printed: String::from_utf8(output.stdout).unwrap(),
        }
    }

    fn total(&self, name: &str) -> u64 {
        self.told["totals"][name].as_u64().unwrap()
    }

    fn peak(&self, metric: &str) -> f64 {
        self.told["metrics"][metric]["peak"].as_f64().unwrap()
    }

    fn sentences(&self) -> String {
        self.told["sentences"].to_string()
    }

    /// How many processes of this name were seen.
    fn processes_named(&self, name: &str) -> u64 {
        let programs = self.told["programs"].as_array().unwrap();
        let found = programs.iter().find(|program| program["name"] == name);
        found.map_or(0, |program| program["processes"].as_u64().unwrap())
    }
}

const MIB: u64 = 1 << 20;
const MS: u64 = 1_000_000;

#[test]
fn memory_of_a_program_is_seen_and_its_output_and_exit_code_are_kept() {
    let watched = Watched::of("50ms", "echo before; $LOAD hold 50 1500; exit 7");
    assert_eq!(watched.code, Some(7));
    assert_eq!(watched.printed, "before\n");
    for metric in ["rss_bytes", "pss_bytes"] {
        assert!(watched.peak(metric) >= (50 * MIB) as f64, "{metric}");
    }
    assert!(watched.total("largest_process_bytes") >= 50 * MIB);
    assert_eq!(watched.told["has_ended"], true);
    assert_eq!(watched.told["processes_left"], 0);
    assert!(watched.peak("processes") >= 2.0);
    assert!(watched.processes_named("load") == 1);
}

#[test]
fn what_is_over_at_once_keeps_its_exit_code_too() {
    for (line, expected) in [("exit 3", 3), ("kill -9 $$", 128 + 9)] {
        let watched = Watched::of("1s", line);
        assert_eq!(watched.code, Some(expected), "{line}");
        assert!(watched.total("cpu_ns") > 0, "it has begun at least");
    }
}

/// The kernel's own account of the tree is the oracle: `load` prints that of itself and its children.
#[test]
fn no_time_of_children_that_end_between_two_looks_is_lost() {
    let watched = Watched::of("30s", "exec $LOAD children 8 60");
    let account_ms: u64 = watched.printed.trim().parse().unwrap();
    let told_ms = watched.total("cpu_ns") / MS;
    assert!(account_ms >= 8 * 60, "{account_ms}");
    // Both are rounded to ticks, and the end of the process comes after it has printed.
    let difference = told_ms.abs_diff(account_ms);
    assert!(difference <= 100, "{told_ms} ms, and {account_ms} ms");
}

#[test]
fn time_of_children_that_nobody_waits_for_is_not_lost() {
    let ignoring = ["--ignore-signal=CHLD", "true"];
    let can_ignore = Command::new("env").args(ignoring).status();
    if !can_ignore.is_ok_and(|status| status.success()) {
        skip("env cannot ignore signals");
        return;
    }
    let line = "exec env --ignore-signal=CHLD $LOAD children 3 400";
    let watched = Watched::of("10ms", line);
    let account_ms: u64 = watched.printed.trim().parse().unwrap();
    assert!(
        account_ms < 400,
        "the kernel has forgotten it: {account_ms}"
    );
    let told_ms = watched.total("cpu_ns") / MS;
    assert!(told_ms >= 600, "{told_ms} ms");
}

#[test]
fn an_orphan_stays_in_the_tree() {
    // The shell between ends at once: nobody sees it as a parent. In a session of its own, a daemon has no group in common with anybody.
    let line = "sh -c '$LOAD hold 1 4000 >&- 2>&- & exit 0'; $LOAD hold 1 800";
    let watched = Watched::of("50ms", line);
    assert_eq!(watched.processes_named("load"), 2);
    assert_eq!(watched.told["processes_left"], 1);
    let said = watched.sentences();
    assert!(
        said.contains("1 process that it has started goes on"),
        "{said}"
    );
}

#[test]
fn bytes_that_are_written_to_a_disk_are_counted() {
    let Some(folder) = disk_folder() else {
        return;
    };
    let file = folder.path().join("written");
    let line = format!("$LOAD write '{}' 10", file.display());
    let watched = Watched::of("30s", &line);
    assert_eq!(watched.code, Some(0));
    let written = watched.total("written_bytes");
    assert!(written >= 10 * MIB, "{written}");
    assert!(written < 11 * MIB, "and none twice: {written}");
}

#[test]
fn bytes_of_tcp_are_counted_at_both_ends() {
    let watched = Watched::of("50ms", "$LOAD talk 200000 1500");
    assert_eq!(watched.told["network"], "tcp_sockets");
    for direction in ["received_bytes", "sent_bytes"] {
        let bytes = watched.total(direction);
        assert!((200_000..210_000).contains(&bytes), "{direction}: {bytes}");
    }
}

#[test]
fn a_limit_of_a_process_is_told_with_its_use() {
    let watched = Watched::of("50ms", "ulimit -n 40; $LOAD files 30 1000");
    let limit = &watched.told["metrics"]["files"]["limit"];
    let name = limit["set_by"].as_str().unwrap();
    assert!(name.starts_with("RLIMIT_NOFILE of load ("), "{name}");
    assert_eq!(limit["limit"], 40.0);
    let used = limit["used"].as_f64().unwrap();
    assert!((30.0..=40.0).contains(&used), "{used}");
    let said = watched.sentences();
    assert!(said.contains("Open files came to "), "{said}");
}

#[test]
fn limits_of_the_machine_are_told() {
    let watched = Watched::of("50ms", "$LOAD hold 1 1200");
    for metric in ["cpu_cores", "rss_bytes", "threads"] {
        let limit = &watched.told["metrics"][metric]["limit"];
        assert!(limit["limit"].as_f64().unwrap() > 0.0, "{metric}");
        assert!(!limit["set_by"].as_str().unwrap().is_empty(), "{metric}");
    }
}

/// Against a real group, where this user may make one.
#[test]
fn a_limit_of_a_control_group_is_told() {
    let Some(group) = load::Group::of_ten_tasks() else {
        leave_out("this user may not make a control group that limits tasks");
        return;
    };
    let line = format!(
        "echo $$ > '{}/cgroup.procs'; $LOAD hold 1 1000",
        group.folder().display()
    );
    let watched = Watched::of("50ms", &line);
    let limit = &watched.told["metrics"]["threads"]["limit"];
    let name = limit["set_by"].as_str().unwrap();
    assert!(name.starts_with("pids.max of "), "{name}");
    assert!(name.ends_with(group.name()), "{name}");
    assert_eq!(limit["limit"], 10.0);
    assert_eq!(limit["used"], 2.0, "the shell, and what it has started");
}

#[test]
fn what_cannot_be_watched_is_named() {
    for (arguments, expected) in [
        (&["monitor"][..], "--pid"),
        (
            &["monitor", "--pid", "999999999"],
            "there is no process 999999999",
        ),
        (&["monitor", "--pid", "4294967295"], "there is no process"),
        (
            &["monitor", "--pid", "1", "--", "true"],
            "cannot be used with",
        ),
        (
            &["monitor", "--interval", "1ms", "--", "true"],
            "10ms or more",
        ),
        (
            &["monitor", "-o", "watch.txt", "--", "true"],
            ".html, .json, .csv or .md",
        ),
        (
            &["monitor", "-o", "no/such/a.html", "--", "true"],
            "`no/such` does not exist",
        ),
        (
            &["monitor", "--", "no-such-program"],
            "cannot start `no-such-program`",
        ),
    ] {
        let error = complaint(arguments);
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}

/// One that has ended, while its parent has not asked about it.
#[test]
fn a_process_that_has_ended_is_named() {
    let mut ended = Command::new("true").spawn().unwrap();
    let pid = ended.id().to_string();
    let stat = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    while !stat().contains(") Z ") {
        std::thread::yield_now();
    }
    let error = complaint(&["monitor", "--pid", &pid]);
    assert!(error.contains("has ended"), "{error}");
    ended.wait().unwrap();
}

#[test]
fn a_table_is_told_without_colours_where_there_is_no_terminal() {
    let output = tuneup(&["monitor", "--", "sh", "-c", "sleep 0.2"]);
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    for expected in ["memory (RSS)", "set by", "In all: ", "Watching took "] {
        assert!(said.contains(expected), "{said}");
    }
    assert!(!said.contains('\u{1b}'), "{said}");
}
