//! How a watch ends: by the process, by a signal, after a time; and what is seen of it on a terminal.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

use super::load::load;
use crate::{printed, terminal::Terminal};

fn kill(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// A line of shell, which is killed with the test, and with it all that it has started: what is left would hold the output of the tests open.
struct Shell(Child);

impl Shell {
    /// Returns when the line has printed one.
    fn start(line: &str) -> Self {
        let mut child = Command::new("sh")
            .args(["-c", line])
            .env("LOAD", load())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        read_line(&mut child);
        Self(child)
    }

    fn pid(&self) -> String {
        self.0.id().to_string()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
        let _ = self.0.wait();
    }
}

fn read_line(child: &mut Child) {
    let output = child.stdout.as_mut().unwrap();
    BufReader::new(output)
        .read_line(&mut String::new())
        .unwrap();
}

/// Starts a watch that is told as JSON.
fn watch(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_cargo-tuneup"))
        .args(["monitor", "--interval", "20ms", "--format", "json"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn told(text: &[u8]) -> Value {
    serde_json::from_slice(text)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(text)))
}

#[test]
fn a_process_that_ends_is_the_end_of_its_watch() {
    let shell = Shell::start("echo; $LOAD hold 5 3000 & sleep 0.5");
    let output = watch(&["--pid", &shell.pid()]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let told = told(&output.stdout);
    assert_eq!(told["has_ended"], true);
    assert_eq!(told["is_started"], false);
    // The parent of `load` is gone; the tree is not.
    assert_eq!(told["processes_left"], 1);
    let peak = told["metrics"]["rss_bytes"]["peak"].as_f64().unwrap();
    assert!(peak >= 5.0 * 1024.0 * 1024.0, "{peak}");
}

/// What it had used before is not the watch's.
#[test]
fn a_process_that_runs_is_watched_for_a_time() {
    let shell = Shell::start("$LOAD children 1 400; sleep 10");
    let text = printed(&[
        "monitor",
        "--pid",
        &shell.pid(),
        "--interval",
        "20ms",
        "--duration",
        "300ms",
        "--format",
        "json",
    ]);
    let told = told(text.as_bytes());
    assert_eq!(told["has_ended"], false);
    let cpu_ns = told["totals"]["cpu_ns"].as_u64().unwrap();
    assert!(cpu_ns < 200_000_000, "{cpu_ns}");
    assert_eq!(told["processes_left"], 2, "the shell and its sleep");
}

/// Waits until a watch has looked: only then does it know what to do with a signal.
fn wait_until_it_catches(child: &Child) {
    let caught = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let mask = u64::from_str_radix(mask.unwrap().trim(), 16).unwrap();
        mask & (1 << 14) != 0 && mask & (1 << 1) != 0
    };
    while !caught() {
        std::thread::yield_now();
    }
}

#[test]
fn a_signal_ends_the_watch_of_a_process_and_not_the_process() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut shell = Shell::start("echo; sleep 60");
        let watch = watch(&["--pid", &shell.pid()]);
        wait_until_it_catches(&watch);
        kill(&watch, signal);
        let output = watch.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(told(&output.stdout)["has_ended"], false);
        assert!(shell.0.try_wait().unwrap().is_none(), "it goes on");
    }
}

#[test]
fn what_is_to_end_a_watched_program_reaches_it() {
    let line = "trap 'exit 9' TERM; echo; while :; do sleep 0.05; done";
    let mut watch = watch(&["--", "sh", "-c", line]);
    read_line(&mut watch);
    kill(&watch, Signal::TERM);
    let output: Output = watch.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(9));
    assert_eq!(told(&output.stderr)["has_ended"], true);
}

/// The result is told when the time is over, before the program has ended; its exit code is waited for.
#[test]
fn a_program_goes_on_when_the_time_is_over() {
    let line = "read line; exit 5";
    let mut watch = Command::new(env!("CARGO_BIN_EXE_cargo-tuneup"))
        .args(["monitor", "--duration", "100ms", "--", "sh", "-c", line])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(watch.stderr.take().unwrap()).lines();
    let has_told = said.any(|line| line.unwrap().contains("Watching took "));
    assert!(has_told);
    assert!(watch.try_wait().unwrap().is_none());
    // Only now may it end.
    drop(watch.stdin.take());
    assert_eq!(watch.wait().unwrap().code(), Some(5));
}

/// The view stands at the bottom, what the program prints scrolls above it, and nothing is left of it at the end.
#[test]
fn in_a_terminal_the_view_stays_below_what_a_program_prints() {
    let program = env!("CARGO_BIN_EXE_cargo-tuneup");
    let script = "trap \"printf stopped; exit 6\" INT; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo line $i; done; while :; do sleep 0.1; done";
    let line = format!(
        "'{program}' monitor --interval 100ms -- sh -c '{script}'; echo it ended with $?; sleep 60"
    );
    let Some(terminal) = Terminal::run((100, 40), &line) else {
        return;
    };
    let screen = terminal.screen_with("busiest: ");
    let place = |text: &str| screen.lines().position(|line| line.contains(text));
    assert!(place("line 20") < place("memory (RSS)"), "{screen}");
    assert!(place("line 20").is_some(), "{screen}");
    // It is drawn anew, and once.
    let time = |screen: &str| {
        let title = screen.lines().find(|line| line.contains("…: "));
        title.map(str::to_owned)
    };
    let first = time(&screen);
    assert!(first.is_some(), "{screen}");
    let mut later = terminal.screen_with("busiest: ");
    while time(&later) == first {
        later = terminal.screen_with("busiest: ");
    }
    assert_eq!(later.matches("memory (RSS)").count(), 1, "{later}");
    terminal.press("C-c");
    terminal.screen_with("it ended with 6");
    let all = terminal.all();
    for expected in ["line 1\n", "line 20\n", "stopped\n", "In all: "] {
        assert!(all.contains(expected), "{expected}: {all}");
    }
    assert!(!all.contains("busiest: "), "the view is gone: {all}");
}

#[test]
fn in_a_terminal_the_watch_of_a_process_has_it_for_itself() {
    let shell = Shell::start("echo; sleep 60");
    let program = env!("CARGO_BIN_EXE_cargo-tuneup");
    let line = format!(
        "'{program}' monitor --interval 100ms --pid {}; echo it ended with $?; sleep 60",
        shell.pid()
    );
    // Too low for all of it: what has room is shown.
    let Some(terminal) = Terminal::run((60, 8), &line) else {
        return;
    };
    let screen = terminal.screen_with("memory (RSS)");
    assert!(screen.starts_with("sh ("), "{screen}");
    terminal.press("C-c");
    terminal.screen_with("it ended with 0");
    assert!(terminal.all().contains("In all: "));
}
