//! The processes that a process has started.
//!
//! A process group would be simpler, and would take the program away from the terminal: an interrupt would end this process and leave
//! the program running.

use std::collections::BTreeSet;

use rustix::process::{Pid, Signal, kill_process};

/// So often one looks for processes that were started while the others were stopped.
const ROUNDS: usize = 16;

/// Stops a process and all that come from it, so that none starts another one, then ends all but the first, which its owner ends.
pub(super) fn end(first: u32) {
    let mut stopped = BTreeSet::new();
    let mut found = BTreeSet::from([first]);
    for _ in 0..ROUNDS {
        for process in found.difference(&stopped) {
            send(*process, Signal::STOP);
        }
        stopped.extend(&found);
        found = descendants(&stopped, &parents());
        if found.is_subset(&stopped) {
            break;
        }
    }
    for process in stopped.iter().filter(|process| **process != first) {
        send(*process, Signal::KILL);
    }
}

fn send(process: u32, signal: Signal) {
    let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // Who is gone already is what is wanted.
        let _ = kill_process(pid, signal);
    }
}

/// These processes and their children.
fn descendants(of: &BTreeSet<u32>, parents: &[(u32, u32)]) -> BTreeSet<u32> {
    let children = parents.iter().filter(|(_, parent)| of.contains(parent));
    of.iter()
        .copied()
        .chain(children.map(|(process, _)| *process))
        .collect()
}

/// All processes with their parents.
#[cfg(target_os = "linux")]
fn parents() -> Vec<(u32, u32)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let processes = names.filter_map(|name| name.parse().ok());
    processes
        .filter_map(|process| Some((process, parent_of(process)?)))
        .collect()
}

/// The name of a program, in parentheses, may have anything in it; behind it are the state and the parent.
#[cfg(target_os = "linux")]
fn parent_of(process: u32) -> Option<u32> {
    let text = std::fs::read(format!("/proc/{process}/stat")).ok()?;
    let text = String::from_utf8_lossy(&text);
    let (_, rest) = text.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// All processes with their parents.
#[cfg(not(target_os = "linux"))]
fn parents() -> Vec<(u32, u32)> {
    let listed = std::process::Command::new("ps")
        .args(["-A", "-o", "pid=,ppid="])
        .output();
    let text = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = text.unwrap_or_default();
    let pair = |line: &str| {
        let mut numbers = line.split_whitespace().map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    text.lines().filter_map(pair).collect()
}
